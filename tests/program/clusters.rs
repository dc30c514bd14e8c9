//! Hand parts of an experiment to whatever starts them, and look on.

use crate::support::{Lab, difference, errors};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

const SPEC: &str = "(
    task: Xor(samples: 60, test: 20), network: [6], batch: 8, stop: Steps(20), seeds: 3,
    arms: [
        Backprop,
        NodePerturbation,
        (label: \"wild\", rule: Backprop, network: (hidden: [6], activation: Identity), optimizer: Sgd(learning_rate: 1e30)),
    ],
)";

/// A shell in the lab that finds the program.
fn shell(lab: &Lab, program: &str, arguments: &[&str]) -> Command {
    let folder = Path::new(env!("CARGO_BIN_EXE_creditlab")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(lab.path("")).env("PATH", path);
    command
}

#[test]
fn lines_of_jobs_are_carried_out_by_any_shell_and_merge() {
    let whole = Lab::new(SPEC);
    whole.succeed("run a.ron --quiet --seeds 2 --set batch=10");
    let lab = Lab::new(SPEC);
    let output = lab.run("jobs a.ron --parts 3 --seeds 2 --set batch=10");
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(
        lines.lines().next(),
        Some("creditlab run a.ron --seeds 2 --set 'batch=10' --out results --shard 1/3 --quiet")
    );
    let said = errors(&output);
    let merge = said.strip_prefix("then: ").unwrap_or_else(|| panic!("{said}"));
    for line in lines.lines().chain([merge.trim()]) {
        let done = shell(&lab, "sh", &["-c", line]).output().unwrap();
        assert!(done.status.success(), "{line}: {}", errors(&done));
    }
    assert_eq!(difference(&whole.tree("results/a"), &lab.tree("results/a")), None);
}

#[test]
fn gnu_parallel_and_xargs_carry_lines_of_jobs_out() {
    let whole = Lab::new(SPEC);
    whole.succeed("run a.ron --quiet");
    for engine in ["parallel -j 2", "xargs -P 2 -I{} sh -c '{}'"] {
        let name = engine.split(' ').next().unwrap();
        if Command::new(name).arg("--version").output().is_err() {
            println!("skipped: {name} is not installed");
            continue;
        }
        let lab = Lab::new(SPEC);
        let text =
            format!("creditlab jobs a.ron --parts 4 2> /dev/null | {engine} && creditlab merge results/a.shard-*-of-4");
        let done = shell(&lab, "sh", &["-c", &text]).output().unwrap();
        assert!(done.status.success(), "{engine}: {}", errors(&done));
        assert_eq!(
            difference(&whole.tree("results/a"), &lab.tree("results/a")),
            None,
            "{engine}"
        );
    }
}

#[test]
fn words_that_a_shell_would_take_apart_are_quoted() {
    let lab = Lab::new(SPEC);
    lab.write("my spec.ron", SPEC);
    let mut command = lab.command("jobs --parts 1 --set");
    command.args(["task=Xor(samples: 5)", "my spec.ron"]);
    let lines = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(
        lines.starts_with("creditlab run 'my spec.ron' --set 'task=Xor(samples: 5)' --out results "),
        "{lines}"
    );
}

/// What Slurm makes of it, `tests/cluster/slurm.sh` shows.
#[test]
fn the_script_for_slurm_is_one_that_shells_read() {
    for (spec, jobs) in [
        (SPEC.to_owned(), 2),
        (
            SPEC.replacen(
                "arms:",
                "tune: (seeds: 1), optimizer: Sgd(learning_rate: Tune([0.1, 0.2])), arms:",
                1,
            ),
            4,
        ),
    ] {
        let lab = Lab::new(&spec);
        let script =
            lab.succeed("slurm a.ron --array 8 --time 01:00:00 --cpus 2 --sbatch=--partition=short --out my-out");
        lab.write("a.sh", &script);
        let read = shell(&lab, "sh", &["-n", "a.sh"]).output().unwrap();
        assert!(read.status.success(), "{}", errors(&read));
        // so short an experiment is worth one task
        for part in [
            "--array=1-1 --time=01:00:00 --cpus-per-task=2",
            "--requeue --signal=B:TERM@120 --open-mode=append",
            "--shard \"$SLURM_ARRAY_TASK_ID/1\"",
            "--partition=short",
        ] {
            assert!(script.contains(part), "{part}: {script}");
        }
        // stand-ins for Slurm: each job gets a number, and its script is kept
        lab.write(
            "sbatch",
            "#!/bin/sh\nn=$(ls job-* 2> /dev/null | wc -l)\necho \"$@\" > job-$n\ncat >> job-$n\necho $n\n",
        );
        let submit = "chmod +x sbatch; PATH=.:$PATH sh a.sh";
        let done = shell(&lab, "sh", &["-c", submit]).output().unwrap();
        assert!(done.status.success(), "{}", errors(&done));
        assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), (jobs - 1).to_string());
        for i in 0..jobs {
            let text = std::fs::read_to_string(lab.path(&format!("job-{i}"))).unwrap();
            let (options, body) = text.split_once('\n').unwrap();
            lab.write("job.sh", body);
            let read = shell(&lab, "bash", &["-n", "job.sh"]).output().unwrap();
            assert!(read.status.success(), "{}", errors(&read));
            let after = match i {
                1 | 3 => format!("--dependency=afterany:{}", i - 1),
                2 => "--dependency=afterok:1 --kill-on-invalid-dep=yes".into(),
                _ => String::new(),
            };
            assert!(options.contains(&after), "{options}");
        }
    }
}

#[test]
fn a_watch_tells_how_far_runs_are_and_changes_nothing() {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    let before = lab.tree("results/a");
    let said = lab.succeed("watch results/a --plain");
    assert_eq!(said, "a: 9 of 9 runs have ended, 3 diverged; its tables are written\n");
    assert_eq!(difference(&before, &lab.tree("results/a")), None);
    // parts of one experiment are counted together
    for part in 1..=2 {
        lab.succeed(&format!("run a.ron --shard {part}/2 --out parts --quiet"));
    }
    let said = lab.succeed("watch parts/a.shard-1-of-2 parts/a.shard-2-of-2 --plain");
    assert_eq!(
        said,
        "a: 9 of 9 runs have ended, 3 diverged; its tables are not written\n"
    );
    let said = lab.fail("watch nowhere", 2);
    assert!(said.contains("nowhere"), "{said}");
}

#[test]
fn ten_who_watch_do_not_disturb_it() {
    let long = SPEC
        .replace("Steps(20)", "Steps(20000)")
        .replace("seeds: 3", "seeds: 4");
    let whole = Lab::new(&long);
    whole.succeed("run a.ron --quiet --no-figures");
    let lab = Lab::new(&long);
    let child = lab.start("run a.ron --quiet --no-figures --checkpoint 20ms");
    assert!(lab.wait_for("results/a/.runs/.experiment"));
    let watchers: Vec<_> = (0..10).map(|_| lab.start("watch results/a --plain")).collect();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    for mut watcher in watchers {
        let mut first = String::new();
        BufReader::new(watcher.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        assert!(
            first.starts_with("a: ") && first.contains(" of 12 runs have ended"),
            "{first}"
        );
        let _ = watcher.kill();
        watcher.wait().unwrap();
    }
    assert_eq!(difference(&whole.tree("results/a"), &lab.tree("results/a")), None);
}
