//! Let a results folder be a stranger's, a link, replaced or deleted: nothing is touched that the program did not write.
#![cfg(unix)]

use crate::support::{Lab, difference, errors, wait};
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

const SHORT: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 2, \
     save: (weights: [Steps(0), End]), arms: [Backprop, OutputOnly])";

/// Runs that take a while each, one after another.
const MANY: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Steps(1000), seeds: 3000, \
     measure: (every: Steps(1000)), save: (weights: [End]), arms: [Backprop])";

/// Everything below a folder of the lab that is no link.
fn all(lab: &Lab, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(lab.path(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(name);
            } else if kind.is_file() {
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

#[test]
fn a_link_inside_results_is_refused_and_what_it_leads_to_stays() {
    for name in [
        ".lock",
        ".runs",
        "figures",
        "weights",
        "weights/backprop",
        "weights/backprop/0",
        "metrics.csv",
        "manifest.json",
        "report.html",
    ] {
        let lab = Lab::new(SHORT);
        lab.succeed("run a.ron --quiet");
        // what is there could be taken for a result
        fs::create_dir(lab.path("outside")).unwrap();
        let (own, outside) = (lab.path("results/a").join(name), lab.path("outside/target"));
        fs::rename(&own, &outside).unwrap();
        if name == ".lock" {
            fs::write(&outside, "somebody's words").unwrap();
        }
        symlink(&outside, &own).unwrap();
        let before = all(&lab, ".");
        for options in ["", " --fresh", " --set optimizer.learning_rate=0.2 --no-figures"] {
            let message = lab.fail(&format!("run a.ron --quiet{options}"), 1);
            let expected = format!(
                "error: results/a/{name} is a symbolic link; nothing is read, written or removed through it: remove it, or give \
                 another folder with --out\n"
            );
            assert_eq!(message, expected, "{name}{options}");
            assert_eq!(all(&lab, "."), before, "{name}{options}");
        }
    }
}

#[test]
fn a_pipe_inside_results_is_refused_without_waiting() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    fs::remove_file(lab.path("results/a/runs.csv")).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(lab.path("results/a/runs.csv"))
        .status();
    assert!(pipe.unwrap().success());
    for command in [
        "run a.ron --quiet",
        "report results/a",
        "compare results/a --metric loss",
    ] {
        let message = lab.fail(command, 1);
        assert!(
            message.contains("results/a/runs.csv is no plain file; nothing is read"),
            "{message}"
        );
    }
}

/// Starts many runs and waits until some are kept.
fn at_work(lab: &Lab) -> std::process::Child {
    let child = lab.start("run a.ron --threads 1 --quiet");
    let kept = || lab.records("results/a").len();
    assert!(wait(Duration::from_secs(30), || kept() >= 4));
    child
}

#[test]
fn a_results_folder_that_is_replaced_while_runs_go_on_ends_them_and_nothing_is_written_elsewhere() {
    let lab = Lab::new(MANY);
    let child = at_work(&lab);
    fs::create_dir_all(lab.path("outside/weights/backprop/499")).unwrap();
    lab.write("outside/weights/backprop/499/thesis.tex", "all of it");
    lab.write(
        "outside/weights/backprop/499/step-9.safetensors",
        "weights of another program",
    );
    let before = all(&lab, "outside");
    fs::rename(lab.path("results/a"), lab.path("moved")).unwrap();
    symlink(lab.path("outside"), lab.path("results/a")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(errors(&output), @"error: the results folder results/a was deleted, moved or replaced while the program worked in it; what is there now was not touched: start again");
    assert_eq!(all(&lab, "outside"), before);
    assert!(all(&lab, "moved").keys().all(|name| !name.contains("unfinished")));
    // in its place again, what is finished is kept
    fs::remove_file(lab.path("results/a")).unwrap();
    fs::rename(lab.path("moved"), lab.path("results/a")).unwrap();
    let output = lab.run("run a.ron --no-figures --seeds 2");
    assert!(errors(&output).contains("all 2 runs are kept"), "{}", errors(&output));
}

#[test]
fn a_results_folder_that_is_deleted_while_runs_go_on_is_not_made_again() {
    let lab = Lab::new(MANY);
    let child = at_work(&lab);
    // as `rm -r` does it, at once; what the program still writes there meanwhile is removed too
    fs::rename(lab.path("results/a"), lab.path("gone")).unwrap();
    let removed = || fs::remove_dir_all(lab.path("gone")).is_ok();
    assert!(wait(Duration::from_secs(30), removed));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors(&output).starts_with("error: the results folder results/a was deleted, moved or replaced"),
        "{}",
        errors(&output)
    );
    assert_eq!(fs::read_dir(lab.path("results")).unwrap().count(), 0, "no debris");
}

/// A study keeps its own `experiment.ron`, its data and its history in the folder that `--out` and the name lead to.
#[test]
fn a_study_of_ones_own_is_no_results_folder() {
    for file in ["experiment.ron", ".lock", "manifest.json", "metrics.csv"] {
        let lab = Lab::new(SHORT);
        fs::create_dir_all(lab.path("a/.git")).unwrap();
        lab.write("a/data.csv", "1,2,3\n");
        lab.write("a/.git/HEAD", "ref: refs/heads/main\n");
        let text = if file == "manifest.json" {
            "{\"name\": \"an extension\"}"
        } else {
            "(task: Iris)"
        };
        lab.write(&format!("a/{file}"), text);
        let before = all(&lab, "a");
        for options in ["", " --fresh"] {
            let message = lab.fail(&format!("run a.ron --out .{options}"), 2);
            assert_eq!(
                message,
                "error: ./a holds files that are no results (a results folder has a manifest.json of this program); give this \
                 experiment another `name`, or another folder with --out\n",
                "{file}"
            );
            assert_eq!(all(&lab, "a"), before, "{file}");
        }
    }
    // nothing but a lock that is not ours
    let lab = Lab::new(SHORT);
    fs::create_dir(lab.path("a")).unwrap();
    lab.write("a/.lock", "held by somebody");
    lab.fail("run a.ron --out .", 2);
    assert_eq!(fs::read(lab.path("a/.lock")).unwrap(), b"held by somebody");
}

/// A process that was killed before it had written anything leaves a lock, or that and an unfinished file.
#[test]
fn a_run_that_was_killed_at_its_very_start_goes_on() {
    for files in [&[".lock"][..], &[".lock", ".unfinished-7-0"], &[".unfinished-7-0"]] {
        let lab = Lab::new(SHORT);
        fs::create_dir_all(lab.path("results/a")).unwrap();
        files
            .iter()
            .for_each(|file| lab.write(&format!("results/a/{file}"), ""));
        lab.succeed("run a.ron --quiet --no-figures");
        lab.succeed("run a.ron --quiet --no-figures --out whole");
        assert_eq!(difference(&lab.tree("whole/a"), &lab.tree("results/a")), None);
    }
}

#[test]
fn fresh_removes_what_the_program_writes_and_says_what_else_there_is() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet");
    let foreign = [
        ("notes.txt", "read this"),
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".git/arms.csv", "not a table"),
        ("figures/mine.svg", "<svg/>"),
        ("weights/backprop/0/notes.txt", "good ones"),
        (".runs/notes.txt", "kept"),
    ];
    fs::create_dir(lab.path("results/a/.git")).unwrap();
    foreign
        .iter()
        .for_each(|(name, text)| lab.write(&format!("results/a/{name}"), text));
    let output = lab.run("run a.ron --fresh --no-figures");
    assert!(output.status.success());
    let said = errors(&output);
    assert!(said.contains("a: 4 runs, "), "{said}");
    assert_snapshot!(said.lines().next().unwrap(), @"--fresh: removed from results/a: .runs, arms.csv, experiment.ron, figures (12 files), metrics.csv, report.html, runs.csv, summary.csv, weights (8 files); not of this program, and kept: .git, .runs/notes.txt, figures/mine.svg, notes.txt, weights/backprop/0/notes.txt");
    for (name, text) in foreign {
        assert_eq!(
            fs::read(lab.path("results/a").join(name)).unwrap(),
            text.as_bytes(),
            "{name}"
        );
    }
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let mut tree = lab.tree("results/a");
    foreign.iter().for_each(|(name, _)| _ = tree.remove(*name));
    assert_eq!(difference(&lab.tree("whole/a"), &tree), None);
}

#[test]
fn other_settings_say_what_they_replace_and_how_to_keep_both() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    let before = lab.tree("results/a");
    let first_lines = |arguments: &str| {
        let output = lab.run(arguments);
        assert!(output.status.success(), "{}", errors(&output));
        errors(&output).lines().take(2).collect::<Vec<_>>().join("\n")
    };
    let slower = "run a.ron --no-figures --set optimizer.learning_rate=0.01";
    assert_snapshot!(first_lines(slower), @r"
    warning: the tables in results/a are replaced: optimizer.learning_rate 0.1 -> 0.01; 4 finished runs are kept and not shown
    help: to keep both, give this experiment another folder with --out, or another `name`
    ");
    assert_ne!(difference(&before, &lab.tree("results/a")), None);
    // the same once more replaces nothing
    assert!(!first_lines(slower).contains("replaced"));
    // what was kept is kept with its weights
    let back = errors(&lab.run("run a.ron --no-figures"));
    assert!(
        back.contains("learning_rate 0.01 -> 0.1") && back.contains("all 4 runs are kept"),
        "{back}"
    );
    let mut now = lab.tree("results/a");
    now.retain(|name, _| !name.starts_with(".runs/"));
    let mut then = before;
    then.retain(|name, _| !name.starts_with(".runs/"));
    assert_eq!(difference(&then, &now), None);
    // arms and seeds that are added replace nothing
    lab.write(
        "a.ron",
        &SHORT
            .replace("seeds: 2", "seeds: 3")
            .replace("[Backprop,", "[KolenPollack, Backprop,"),
    );
    let added = errors(&lab.run("run a.ron --no-figures"));
    assert!(
        !added.contains("replaced") && added.contains("4 of 9 runs are kept"),
        "{added}"
    );
    lab.write(
        "a.ron",
        &SHORT.replace(", OutputOnly]", "]").replace("seeds: 2", "seeds: [1]"),
    );
    assert_snapshot!(first_lines("run a.ron --no-figures"), @r"
    warning: the tables in results/a are replaced: seeds 3 -> [1], no arm `KolenPollack`, no arm `OutputOnly`; 12 finished runs are kept and not shown
    help: to keep both, give this experiment another folder with --out, or another `name`
    ");
}

/// After a run the folder holds what its tables say; kept runs are aside.
#[test]
fn nothing_is_left_of_arms_and_seeds_and_tables_that_are_gone() {
    let lab = Lab::new(&SHORT.replace("arms:", "compare: (to: \"backprop\", metrics: [\"accuracy\"]), arms:"));
    lab.succeed("run a.ron --quiet");
    let are_there = |names: &[&str]| names.iter().all(|name| lab.path("results/a").join(name).exists());
    assert!(are_there(&["figures/final.svg", "report.html", "comparisons.csv"]));
    // the same once more without figures: those that are there are still true
    lab.succeed("run a.ron --quiet --no-figures");
    assert!(are_there(&["figures/final.svg", "report.html"]));
    lab.write(
        "a.ron",
        &SHORT.replace("Backprop, ", "").replace("seeds: 2", "seeds: [1]"),
    );
    lab.succeed("run a.ron --quiet --no-figures");
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let without_runs = |results: &str| {
        let mut tree = lab.tree(results);
        tree.retain(|name, _| !name.starts_with(".runs/"));
        tree
    };
    let (left, whole) = (without_runs("results/a"), without_runs("whole/a"));
    assert_eq!(left.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
    assert_eq!(difference(&left, &whole), None);
    assert!(!lab.path("results/a/weights/backprop").exists());
    assert!(!lab.path("results/a/weights/output-only/0").exists());
    assert!(!lab.path("results/a/figures").exists());
}
