//! Use the program as a new user does: commands, messages and exit statuses.

use crate::support::{Lab, difference, errors};
use std::process::Stdio;

const SMALL: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 2, \
     arms: [Backprop, (label: \"slow\", rule: FeedbackAlignment, optimizer: Sgd(learning_rate: 0.01))])";

#[test]
fn check_prints_the_plan_and_runs_nothing() {
    let lab = Lab::new(SMALL);
    let plan = lab.succeed("check a.ron --threads 3");
    for part in [
        "36 training, 4 validation, 20 test samples",
        "seeds      2 (0, 1)",
        "runs       4 in F32",
        "Backprop  backprop",
        "slow      slow",
        "22 parameters, 4 steps of 32",
        "optimizer.learning_rate = 0.01",
        "on 3 threads",
    ] {
        assert!(plan.contains(part), "{part}:\n{plan}");
    }
    assert!(!plan.contains("about 0 MB"), "{plan}");
    assert!(!lab.path("results").exists());
}

#[test]
fn a_rule_without_what_it_builds_on_is_warned_of() {
    let spec = |decay: &str| {
        let optimizer = format!("Sgd(learning_rate: 0.01, decay: {decay})");
        format!("(task: Xor, network: [4], optimizer: {optimizer}, stop: Steps(1), seeds: 1, arms: [KolenPollack])")
    };
    let lab = Lab::new(&spec("0.0"));
    let warning = "warning: KolenPollack: without the optimizer's `decay`";
    assert!(errors(&lab.run("run a.ron")).contains(warning));
    assert!(errors(&lab.run("run a.ron --quiet")).is_empty());
    lab.write("a.ron", &spec("0.01"));
    assert!(!errors(&lab.run("run a.ron --out other")).contains("warning"));
}

/// Said after the run, with the remedy, and the remedy helps.
#[test]
fn a_relaxation_that_has_not_settled_is_warned_of() {
    let spec = |schedule: &str| {
        format!(
            "(task: Xor(samples: 100, test: 20), network: [4, 3], stop: Steps(3), seeds: 2, \
             arms: [PredictiveCoding(schedule: {schedule})])"
        )
    };
    let lab = Lab::new(&spec("Equilibrium()"));
    let said = errors(&lab.run("run a.ron --fresh --no-figures"));
    let warning = "warning: PredictiveCoding: the relaxation ends far from rest, with a mean `residual` of 0.";
    assert!(said.contains(warning), "{said}");
    let remedy = "use `schedule: Equilibrium(tolerance: 1e-6, at_most: 500)`, or more `steps`";
    assert!(said.contains(remedy), "{said}");
    lab.write("a.ron", &spec("Equilibrium(tolerance: 1e-6, at_most: 500)"));
    let said = errors(&lab.run("run a.ron --fresh --no-figures"));
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn run_says_what_it_did_and_quiet_says_nothing() {
    // so many samples that every part has both classes, of which `run` would warn otherwise
    let lab = Lab::new(&SMALL.replace("samples: 40", "samples: 100"));
    let output = lab.run("run a.ron");
    let (said, progress) = (String::from_utf8(output.stdout.clone()).unwrap(), errors(&output));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(progress, "a: 4 runs, 24 steps\n");
    for part in [
        "a: 4 runs in ",
        "Backprop  ",
        "% test accuracy, n = 2\n",
        "figures/convergence.png",
        "results/a/report.html",
        "tables in results/a",
    ] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    let again = lab.run("run a.ron");
    assert_eq!(errors(&again), "a: all 4 runs are kept from an earlier call\n");
    for arguments in ["run a.ron --quiet", "run a.ron --quiet --fresh"] {
        let output = lab.run(arguments);
        assert!(output.status.success());
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{arguments}: {}",
            errors(&output)
        );
    }
}

#[test]
fn report_draws_the_same_figures_again() {
    let lab = Lab::new(SMALL);
    lab.succeed("run a.ron --quiet");
    let before = lab.tree("results/a");
    assert!(before.keys().any(|name| name.ends_with(".svg")) && before.contains_key("report.html"));
    std::fs::remove_dir_all(lab.path("results/a/figures")).unwrap();
    lab.write("results/a/report.html", "an old page");
    let said = lab.succeed("report results/a");
    assert!(
        said.contains("results/a/figures/convergence.svg") && said.contains("results/a/report.html"),
        "{said}"
    );
    assert_eq!(difference(&before, &lab.tree("results/a")), None);
    let message = lab.fail("report results", 2);
    assert!(message.contains("results: it holds no results"), "{message}");
    lab.write("results/a/runs.csv", "arm,seed\nbackprop,0\n");
    let message = lab.fail("report results/a", 1);
    assert!(message.contains("runs.csv holds 1 in place of the "), "{message}");
    // where nothing tells of the rows, the columns are looked at
    std::fs::remove_file(lab.path("results/a/manifest.json")).unwrap();
    let message = lab.fail("report results/a", 1);
    assert!(message.contains("runs.csv:1: the columns must be"), "{message}");
}

#[test]
fn rules_are_listed_and_told_of() {
    let lab = Lab::new(SMALL);
    let list = lab.succeed("rules");
    for rule in ["Backprop ", "ForwardForward ", "SunsAndPlanets "] {
        assert!(list.contains(rule), "{list}");
    }
    let one = lab.succeed("rules KolenPollack");
    for part in ["source ", "update ", "options ", "weight transport"] {
        assert!(one.contains(part), "{one}");
    }
    // options are explained, alternatives and all
    let one = lab.succeed("rules SignSymmetry");
    for part in [
        "magnitude: Uniform",
        "    FixedRandom\n",
        "drawn anew for each batch",
        "scale: 1.0   (number)",
    ] {
        assert!(one.contains(part), "{part}: {one}");
    }
    let message = lab.fail("rules KolenPolack", 2);
    assert!(
        message.contains("`KolenPolack`") && message.contains("did you mean `KolenPollack`"),
        "{message}"
    );
}

#[test]
fn wrong_input_ends_with_2_and_says_what_to_do() {
    let lab = Lab::new(SMALL);
    lab.write("wrong.ron", &SMALL.replace("network", "netwerk"));
    std::fs::create_dir(lab.path("folder")).unwrap();
    for (arguments, parts) in [
        (
            "run nothere.ron",
            ["nothere.ron: there is no such file", "experiments/quickstart.ron"],
        ),
        (
            "check nothere.ron",
            ["nothere.ron: there is no such file", "experiments/quickstart.ron"],
        ),
        ("run folder", ["folder: this is a folder", "name an experiment file"]),
        ("run wrong.ron", ["wrong.ron:1", "`network`"]),
        ("run a.ron --threads 0", ["'0' for '--threads <N>'", "1..=1024"]),
        ("run", ["<SPEC>...", "Usage"]),
        ("rnu a.ron", ["'rnu'", "Usage"]),
    ] {
        let message = lab.fail(arguments, 2);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{arguments}: {message}"
        );
        assert!(message.starts_with("error"), "{arguments}: {message}");
    }
    assert!(!lab.path("results").exists(), "nothing was begun");
    // the second file is read before the first is run
    lab.fail("run a.ron wrong.ron", 2);
    assert!(!lab.path("results").exists(), "nothing was begun");
}

#[test]
fn several_experiments_run_one_after_the_other_but_never_in_one_folder() {
    let lab = Lab::new(SMALL);
    lab.write("b.ron", SMALL);
    lab.succeed("run a.ron b.ron --quiet --no-figures");
    assert_eq!(lab.table("results/a/runs.csv"), lab.table("results/b/runs.csv"));
    lab.write("c.ron", &SMALL.replace("(task", "(name: \"a\", task"));
    for arguments in ["run a.ron c.ron", "check a.ron c.ron", "run a.ron a.ron"] {
        let message = lab.fail(arguments, 2);
        assert!(
            message.contains("called `a`") && message.contains("`name`"),
            "{arguments}: {message}"
        );
    }
}

#[test]
fn tasks_and_options_are_listed_and_explained() {
    let lab = Lab::new(SMALL);
    let list = lab.succeed("tasks");
    for task in ["Digits ", "NonlinearTeacher ", "Csv "] {
        assert!(list.contains(task), "{list}");
    }
    let one = lab.succeed("tasks Csv");
    for part in [
        "path   (text; must be given)",
        "header: Detect   (`true`, `false` or `Detect`)",
        "delimiter: ','",
        "Values\n",
    ] {
        assert!(one.contains(part), "{part}: {one}");
    }
    let message = lab.fail("tasks Digit", 2);
    assert!(
        message.contains("no task is called `Digit`; did you mean `Digits`?"),
        "{message}"
    );

    let list = lab.succeed("options");
    for field in ["task   (", "stop: Epochs(20)", "warm_up: Epochs(0)", "arms   ("] {
        assert!(list.contains(field), "{field}: {list}");
    }
    let one = lab.succeed("options optimizer.AdamW");
    for part in [
        "beta1: 0.9   (number)",
        "decay   (number; must be given)",
        "Outside(number)",
        "WarmUp(",
    ] {
        assert!(one.contains(part), "{part}: {one}");
    }
    let message = lab.fail("options learning_rate", 2);
    assert!(message.contains("there is `optimizer.Sgd.learning_rate`"), "{message}");
    let message = lab.fail("options rule.feedback", 2);
    assert!(message.contains("`creditlab rules NAME` explains"), "{message}");
    assert!(
        lab.succeed("options")
            .lines()
            .chain(one.lines())
            .all(|line| line.chars().count() <= 100)
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let lab = Lab::new(SMALL);
    for arguments in [
        "check a.ron",
        "rules",
        "rules Backprop",
        "run a.ron",
        "report results/a",
    ] {
        let mut child = lab.start(arguments);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {}", errors(&output));
        assert!(!errors(&output).contains("panicked"), "{arguments}");
    }
    // nobody reads what is said on the way
    let mut child = lab.start("run a.ron --fresh");
    drop(child.stderr.take());
    assert!(child.wait_with_output().unwrap().status.success());
    let mut child = lab.start("run nothere.ron");
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_standard_output_is_a_failure_with_a_message() {
    let lab = Lab::new(SMALL);
    for arguments in ["check a.ron", "rules", "run a.ron"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = lab
            .command(arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let message = errors(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {message}");
        assert!(
            message.contains("error: cannot write to standard output: No space left"),
            "{message}"
        );
    }
    // the results are there all the same
    lab.succeed("report results/a");
}
