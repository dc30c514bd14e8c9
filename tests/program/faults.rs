//! Let numbers and disks fail: a diverged run is a result, and what cannot be written is named.

use crate::support::{Lab, difference, errors};
use creditlab::experiment::Plan;
use creditlab::notation::Document;
use creditlab::results::Status;
use creditlab::rules::{self, Bind};
use creditlab::runner::{Outcome, Run};
use creditlab::tasks::{DataSet, Inputs, Parts, Samples, Targets};
use std::fs;

/// Carries out seed 0 of the first arm on samples of ours, all of which train.
fn run<T: Bind>(spec: &str, data: &DataSet) -> Outcome {
    let document = Document::parse("a.ron", spec).unwrap_or_else(|fault| panic!("{fault}"));
    let plan = Plan::parse(&document, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"));
    let parts = Parts {
        train: (0..data.samples().training).collect(),
        validation: Vec::new(),
        test: Vec::new(),
    };
    let run = Run::<T>::new(&plan.arms[0], 0, data, &parts).unwrap_or_else(|refusal| panic!("{refusal}"));
    run.finish(&()).expect("nobody interrupts")
}

fn ending(outcome: &Outcome) -> (Status, Option<u64>, u64) {
    (outcome.run.status, outcome.run.diverged_step, outcome.run.steps)
}

const DIVERGING: &str = "(task: LinearTeacher(inputs: 4, outputs: 2, samples: 40, test: 20), \
     network: (hidden: [5], activation: Identity), stop: Epochs(3), batch: 8, seeds: 2, ";

#[test]
fn diverged_runs_are_recorded_and_the_others_go_on() {
    let wild = "(label: \"wild\", rule: Backprop, optimizer: Sgd(learning_rate: 1e6))";
    let calm = "(label: \"calm\", rule: Backprop, optimizer: Sgd(learning_rate: 0.01))";
    let lab = Lab::new(&format!("{DIVERGING} arms: [{calm}, {wild}])"));
    let said = lab.succeed("run a.ron");
    assert!(said.contains("2 of 4 runs diverged"), "{said}");
    let runs = lab.table("results/a/runs.csv");
    assert_eq!(runs.texts("status"), ["finished", "finished", "diverged", "diverged"]);
    let diverged = runs.select("arm=wild");
    assert_eq!(diverged.texts("diverged_step"), diverged.texts("steps"));
    assert!(diverged.numbers("steps").iter().all(|step| (1.0..15.0).contains(step)));
    assert_eq!(diverged.distinct("final_train_loss"), [""]);
    assert_eq!(diverged.distinct("best_step"), [""]);
    let summary = lab.table("results/a/summary.csv");
    assert_eq!(summary.distinct("arm"), ["calm"]);
    assert!(lab.path("results/a/figures/convergence.png").exists());
    // the same for every number of threads, and the other runs are what they are alone
    lab.succeed("run a.ron --quiet --threads 1 --out one");
    assert_eq!(difference(&lab.tree("one/a"), &lab.tree("results/a")), None);
    lab.write("b.ron", &format!("{DIVERGING} arms: [{calm}])"));
    lab.succeed("run b.ron --quiet");
    assert_eq!(runs.select("arm=calm"), lab.table("results/b/runs.csv"));
    // kept like any other result
    assert!(errors(&lab.run("run a.ron")).contains("all 4 runs are kept"));
}

#[test]
fn a_summary_counts_the_diverged_runs_of_an_arm() {
    // Between the two limits some seeds diverge and others do not: the first weights decide.
    let rates = ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0", "1.2", "1.5"];
    let arms: Vec<_> = rates
        .map(|rate| format!("(label: \"r{rate}\", rule: Backprop, optimizer: Sgd(learning_rate: {rate}))"))
        .to_vec();
    let spec = format!("{DIVERGING} arms: [{}])", arms.join(", "))
        .replace("seeds: 2", "seeds: 8")
        .replace("Epochs(3)", "Epochs(20)");
    let lab = Lab::new(&spec);
    lab.succeed("run a.ron --quiet");
    let (runs, summary) = (lab.table("results/a/runs.csv"), lab.table("results/a/summary.csv"));
    let mut both = 0;
    for rate in rates {
        let arm = format!("arm=r{rate}");
        let diverged = runs.select(&format!("{arm} status=diverged")).rows.len();
        let rows = summary.select(&format!("{arm} metric=loss split=test at=final"));
        let expected = if diverged == 8 { vec![] } else { vec![diverged as f64] };
        assert_eq!(rows.numbers("diverged"), expected, "{arm}");
        assert!(rows.numbers("n").iter().all(|n| n + diverged as f64 == 8.0));
        both += usize::from((1..8).contains(&diverged));
    }
    assert!(both > 0, "{:?}", runs.texts("status"));
}

#[test]
fn an_experiment_whose_runs_all_diverge_is_done() {
    let lab = Lab::new(&format!(
        "{DIVERGING} optimizer: Sgd(learning_rate: 1e30), save: (weights: [End]), arms: [Backprop, FeedbackAlignment])"
    ));
    let said = lab.succeed("run a.ron");
    assert!(
        said.contains("4 of 4 runs diverged") && said.contains("no finished run"),
        "{said}"
    );
    assert_eq!(lab.table("results/a/runs.csv").distinct("status"), ["diverged"]);
    assert!(lab.table("results/a/summary.csv").rows.is_empty());
    assert!(
        lab.table("results/a/metrics.csv")
            .select("step=0 metric=loss split=train")
            .rows
            .len()
            == 4
    );
    // they never came to their end, so no weights were due, and still they are kept
    assert!(errors(&lab.run("run a.ron")).contains("all 4 runs are kept"));
    lab.succeed("report results/a");
}

/// One input of 1, one output, target 0, no bias: `w` becomes `(1 - rate) w` with each step.
fn one_weight() -> DataSet {
    let targets = Targets::Values {
        values: vec![0.0],
        outputs: 1,
    };
    DataSet::new(Inputs::Numbers(vec![1.0]), 1, targets, Samples::without_test(1))
}

fn one_weight_spec(every: u64) -> String {
    format!(
        "(task: LinearTeacher(inputs: 1, outputs: 1), network: (hidden: [], bias: false), batch: 1, stop: Steps(200), \
         optimizer: Sgd(learning_rate: 1e6), measure: (every: Steps({every}), against: []), arms: [Backprop])"
    )
}

#[test]
fn divergence_has_the_exact_step_however_often_is_measured() {
    // After k steps the weight is about 1e(6k) w0 and the loss half its square, 1e(12k): too large for a number after 4 steps
    // in single precision (3e38) and after 26 in double (2e308), for every first weight between 0.01 and 10. The weight itself
    // would overflow later, after 7 and 52.
    for every in [1, 3, 1000] {
        let single = run::<f32>(&one_weight_spec(every), &one_weight());
        assert_eq!(
            ending(&single),
            (Status::Diverged, Some(4), 4),
            "measured every {every}"
        );
        let double = run::<f64>(&one_weight_spec(every), &one_weight());
        assert_eq!(
            ending(&double),
            (Status::Diverged, Some(26), 26),
            "measured every {every}"
        );
    }
}

#[test]
fn infinite_weights_are_divergence_even_where_units_saturate() {
    // Feedback of 1e30 times a rate of 1e9 is too large for a hidden weight, but tanh hides it: the loss is finite.
    let spec = "(task: LinearTeacher(inputs: 1, outputs: 1), network: (hidden: [1], bias: false), batch: 1, stop: Steps(1), \
         optimizer: Sgd(learning_rate: 1e9), measure: (against: []), \
         arms: [FeedbackAlignment(feedback: (distribution: Normal, scale: 1e30))])";
    assert_eq!(
        ending(&run::<f32>(spec, &one_weight())),
        (Status::Finished, None, 1),
        "a target of 0 and an error of 0"
    );
    let targets = Targets::Values {
        values: vec![5.0],
        outputs: 1,
    };
    let data = DataSet::new(Inputs::Numbers(vec![1.0]), 1, targets, Samples::without_test(1));
    assert_eq!(ending(&run::<f32>(spec, &data)), (Status::Diverged, Some(1), 1));
    assert_eq!(
        ending(&run::<f64>(spec, &data)),
        (Status::Finished, None, 1),
        "double precision holds 1e39"
    );
}

/// Ten samples, of which number 6 has `value` in place of its second input or of its first target.
fn spoiled(value: f64, classes: bool, in_target: bool) -> DataSet {
    let mut inputs: Vec<f64> = (0..20).map(|i| f64::from(i % 7) / 7.0).collect();
    let mut values: Vec<f64> = (0..20).map(|i| f64::from(i % 3)).collect();
    if in_target {
        values[12] = value;
    } else {
        inputs[13] = value;
    }
    let targets = if classes {
        Targets::Classes {
            labels: (0..10).map(|i| i % 2).collect(),
            names: vec!["a".into(), "b".into()],
        }
    } else {
        Targets::Values { values, outputs: 2 }
    };
    DataSet::new(Inputs::Numbers(inputs), 2, targets, Samples::without_test(10))
}

#[test]
fn what_is_no_number_ends_a_run_at_the_step_that_meets_it() {
    let spec = |task: &str, rule: &str, batch: usize, every: usize| {
        let network = match rule {
            "Burstprop" => "(hidden: [4, 3], activation: Logistic, output: Logistic)",
            _ => "[4, 3]",
        };
        format!(
            "(task: {task}, network: {network}, batch: (size: {batch}, order: AsGiven), stop: Epochs(2), \
             optimizer: Sgd(learning_rate: 0.01), measure: (every: Steps({every})), arms: [{rule}])"
        )
    };
    let mut runs = 0;
    for entry in rules::builtin().entries() {
        let classes = ["ForwardForward", "SignalPropagation", "CounterCurrent"].contains(&entry.name);
        let task = if classes {
            "Xor"
        } else {
            "LinearTeacher(inputs: 2, outputs: 2)"
        };
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for in_target in [false, true] {
                if classes && in_target {
                    continue;
                }
                let data = spoiled(value, classes, in_target);
                // sample 6 is in batch 6 of single samples, and in batch 2 of threes
                for (batch, step) in [(1, 6), (3, 2)] {
                    for every in [1, 1000] {
                        let spec = spec(task, entry.name, batch, every);
                        let expected = (Status::Diverged, Some(step), step);
                        let what = format!("{} {value} {in_target} {batch} {every}", entry.name);
                        assert_eq!(ending(&run::<f32>(&spec, &data)), expected, "{what}");
                        assert_eq!(ending(&run::<f64>(&spec, &data)), expected, "{what}");
                        runs += 2;
                    }
                }
            }
        }
        let healthy = spoiled(0.5, classes, false);
        assert_eq!(
            run::<f32>(&spec(task, entry.name, 1, 1), &healthy).run.status,
            Status::Finished,
            "{}",
            entry.name
        );
    }
    assert!(runs >= 11 * 48, "{runs} runs");
}

#[test]
fn tiny_data_and_no_training_have_defined_results() {
    let lab = Lab::new(
        "(task: Xor(samples: 1, test: 2), network: [3], batch: (size: 1000, last: Drop), stop: Epochs(3), seeds: 2, \
         arms: [Backprop, ForwardForward, OutputOnly])",
    );
    lab.write(
        "none.ron",
        "(task: Xor(samples: 40, test: 2), network: [3], stop: Epochs(0), seeds: 2, arms: [Backprop])",
    );
    lab.write(
        "steps.ron",
        "(task: Xor(samples: 40, test: 2), network: [3], stop: Steps(0), seeds: 2, arms: [Backprop])",
    );
    lab.succeed("run a.ron none.ron steps.ron --quiet");
    let runs = lab.table("results/a/runs.csv");
    assert_eq!(
        (runs.distinct("status"), runs.distinct("steps")),
        (vec!["finished"], vec!["3"])
    );
    assert_eq!(
        runs.distinct("final_validation_loss"),
        [""],
        "there is no validation part"
    );
    for name in ["none", "steps"] {
        let runs = lab.table(&format!("results/{name}/runs.csv"));
        assert_eq!(
            (runs.distinct("status"), runs.distinct("steps")),
            (vec!["finished"], vec!["0"])
        );
        assert_eq!(runs.distinct("epochs"), ["0.0"]);
        let metrics = lab.table(&format!("results/{name}/metrics.csv"));
        assert_eq!(metrics.distinct("step"), ["0"]);
        assert_eq!(
            metrics.select("metric=loss split=train seed=1").rows.len(),
            1,
            "measured once"
        );
    }
    assert_eq!(
        lab.table("results/none/metrics.csv"),
        lab.table("results/steps/metrics.csv")
    );
}

const SHORT: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 2, \
     save: (weights: [End]), arms: [Backprop, OutputOnly])";

#[test]
#[cfg(target_os = "linux")]
fn a_results_path_that_cannot_be_is_named_in_one_line() {
    let lab = Lab::new(SHORT);
    lab.write("file", "");
    fs::create_dir(lab.path("taken")).unwrap();
    lab.write("taken/a", "");
    std::os::unix::fs::symlink("loop", lab.path("loop")).unwrap();
    std::os::unix::fs::symlink("nowhere/at/all", lab.path("dangling")).unwrap();
    let long = "x".repeat(300);
    let deep = vec!["x".repeat(200); 25].join("/");
    for out in [
        "file",
        "file/below",
        "taken",
        "loop",
        "dangling",
        "/proc/none",
        "/dev/full",
        &long,
        &deep,
    ] {
        let message = lab.fail(&format!("run a.ron --out {out}"), 1);
        assert_eq!(message.lines().count(), 1, "{message}");
        let path = format!("cannot use the results folder {out}/a: ");
        assert!(message.starts_with(&format!("error: {path}")), "{message}");
    }
    // missing parents are made
    lab.succeed("run a.ron --quiet --no-figures --out one/two/three");
}

#[test]
fn a_folder_in_place_of_a_table_is_named() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet");
    let whole = lab.tree("results/a");
    fs::remove_file(lab.path("results/a/metrics.csv")).unwrap();
    fs::create_dir_all(lab.path("results/a/metrics.csv/inside")).unwrap();
    let message = lab.fail("run a.ron --quiet", 1);
    assert!(message.contains("results/a/metrics.csv: Is a directory"), "{message}");
    fs::remove_dir_all(lab.path("results/a/metrics.csv")).unwrap();
    lab.succeed("run a.ron --quiet");
    assert_eq!(difference(&whole, &lab.tree("results/a")), None);
}

/// Runs the program with files of at most so many blocks of 512 or 1024 bytes, and no signal for larger ones.
#[cfg(target_os = "linux")]
fn with_small_files(lab: &Lab, blocks: u32, arguments: &str) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_creditlab");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {arguments}");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).current_dir(lab.path("")).output().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_named_and_the_next_call_continues() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --out whole");
    let whole = lab.tree("whole/a");
    let mut messages = Vec::new();
    for blocks in [0, 1, 2, 4, 8, 16, 32, 64, 128] {
        let out = format!("limit{blocks}");
        let output = with_small_files(&lab, blocks, &format!("run a.ron --quiet --threads 1 --out {out}"));
        let message = errors(&output);
        assert!(!message.contains("panicked"), "{message}");
        if !output.status.success() {
            assert_eq!(output.status.code(), Some(1), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
            assert!(
                message.starts_with("error: cannot write ") && message.contains(&out),
                "{message}"
            );
            assert!(!message.contains("unfinished"), "{message}");
            let left: Vec<_> = walk(&lab.path(&out))
                .into_iter()
                .filter(|name| name.contains("unfinished"))
                .collect();
            assert!(left.is_empty(), "{left:?}");
            messages.push(message);
        }
        lab.succeed(&format!("run a.ron --quiet --out {out}"));
        assert_eq!(
            difference(&whole, &lab.tree(&format!("{out}/a"))),
            None,
            "{blocks} blocks"
        );
    }
    assert!(messages.len() >= 3, "{messages:?}");
}

#[cfg(target_os = "linux")]
fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        names.push(path.display().to_string());
        if path.is_dir() {
            names.extend(walk(&path));
        }
    }
    names
}

#[test]
#[cfg(target_os = "linux")]
fn the_first_failure_ends_the_session() {
    // twenty runs of which none can be kept: the second must not be begun
    let many = SHORT
        .replace("seeds: 2", "seeds: 20")
        .replace("Epochs(2)", "Steps(100000), measure: (every: Steps(100000))");
    let lab = Lab::new(&many);
    let clock = std::time::Instant::now();
    lab.write(
        "one.ron",
        &many
            .replace("seeds: 20", "seeds: 1")
            .replace("[Backprop, OutputOnly]", "[Backprop]"),
    );
    lab.succeed("run one.ron --quiet --no-figures --threads 1");
    let one = clock.elapsed();
    let clock = std::time::Instant::now();
    let output = with_small_files(&lab, 0, "run a.ron --quiet --threads 1");
    assert_eq!(output.status.code(), Some(1));
    assert!(clock.elapsed() < one * 10, "{:?} for {one:?}", clock.elapsed());
}
