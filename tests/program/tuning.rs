//! Check that tuning chooses by validation among runs of its own, leaves every trial, and continues like any run.

use crate::support;
use crate::support::{Lab, difference};

const SPEC: &str =
    "(task: Xor(samples: 60, test: 40, noise: 0.1), split: Fixed(validation: 0.3), network: [6], batch: 8,
    stop: Epochs(6), seeds: 3, tune: (seeds: 2), arms: [
    (rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.001, 0.3, 1e-6]))),
    (rule: FeedbackAlignment(feedback: (scale: Tune([1, 0.5, 2]))), optimizer: Sgd(learning_rate: 0.3)),
    (rule: OutputOnly, optimizer: Sgd(learning_rate: 0.3)),
])";

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn the_best_mean_on_validation_is_chosen_and_every_trial_is_written() {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    let tuning = lab.table("results/a/tuning.csv");
    assert_eq!(
        tuning.header,
        [
            "arm", "trial", "path", "setting", "seed", "metric", "split", "value", "chosen"
        ]
    );
    assert_eq!(tuning.rows.len(), 2 * 3 * 2);
    assert_eq!(
        tuning.distinct("arm"),
        ["backprop", "feedback-alignment"],
        "the third arm is untuned"
    );
    assert_eq!(tuning.distinct("seed"), ["1000000", "1000001"]);
    assert_eq!(
        (tuning.distinct("metric"), tuning.distinct("split")),
        (vec!["accuracy"], vec!["validation"])
    );
    let arms = lab.table("results/a/arms.csv");
    for (arm, path) in [
        ("backprop", "optimizer.learning_rate"),
        ("feedback-alignment", "rule.feedback.scale"),
    ] {
        let trial = |i: usize| tuning.select(&format!("arm={arm} trial={i}"));
        let means: Vec<_> = (1..=3).map(|i| mean(&trial(i).numbers("value"))).collect();
        let best = (0..3).fold(0, |best, i| if means[i] > means[best] { i } else { best });
        let chosen = tuning.select(&format!("arm={arm} chosen=true"));
        assert_eq!(chosen.distinct("trial"), [(best + 1).to_string()], "{means:?}");
        let setting: f64 = chosen.texts("setting")[0].parse().unwrap();
        assert_eq!(arms.select(&format!("arm={arm}")).number(path), setting);
    }
    // the weakest rate is there to show that the choice matters
    assert_ne!(tuning.select("arm=backprop chosen=true").distinct("setting"), ["1e-6"]);
}

/// The reported runs are those of an experiment that says the chosen values outright.
#[test]
fn the_chosen_values_run_as_if_they_had_been_written() {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    let arms = lab.table("results/a/arms.csv");
    let rate = arms.select("arm=backprop").number("optimizer.learning_rate");
    let scale = arms.select("arm=feedback-alignment").number("rule.feedback.scale");
    let plain = SPEC
        .replace("Tune([0.001, 0.3, 1e-6])", &format!("{rate:?}"))
        .replace("Tune([1, 0.5, 2])", &format!("{scale:?}"))
        .replace("tune: (seeds: 2),", "");
    lab.write("plain.ron", &plain);
    lab.succeed("run plain.ron --quiet --no-figures");
    for table in ["metrics.csv", "runs.csv", "summary.csv"] {
        assert_eq!(
            lab.table(&format!("results/a/{table}")),
            lab.table(&format!("results/plain/{table}")),
            "{table}"
        );
    }
    assert!(!lab.path("results/plain/tuning.csv").exists());
    // the same folder without tuning: nothing of it is left
    lab.write("a.ron", &plain);
    lab.succeed("run a.ron --quiet --no-figures");
    assert!(!lab.path("results/a/tuning.csv").exists());
}

#[test]
fn more_seeds_keep_the_trials_and_threads_decide_nothing() {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --threads 1 --out one");
    lab.succeed("run a.ron --quiet --threads 3 --out three");
    assert_eq!(difference(&lab.tree("one/a"), &lab.tree("three/a")), None);
    let again = lab.run("run a.ron --seeds 4 --no-figures --out one");
    let said = support::errors(&again);
    assert!(
        said.contains("a (tuning): all 12 runs are kept from an earlier call"),
        "{said}"
    );
    assert!(said.contains("9 of 12 runs are kept"), "{said}");
    assert_eq!(lab.table("one/a/tuning.csv"), lab.table("three/a/tuning.csv"));
}

#[test]
fn a_value_at_the_end_of_its_list_is_pointed_out() {
    let lab = Lab::new(&SPEC.replace("[0.001, 0.3, 1e-6]", "[0.3, 1e-6, 1e-7]"));
    let said = support::errors(&lab.run("run a.ron --no-figures"));
    assert!(
        said.contains("warning: Backprop: the chosen optimizer.learning_rate = 0.3 is the largest of its list; a better one may lie beyond"),
        "{said}"
    );
    assert!(!support::errors(&lab.run("run a.ron --no-figures --quiet")).contains("warning"));
}

#[test]
fn a_trial_that_diverges_is_never_chosen() {
    let lab = Lab::new(
        &SPEC
            .replace("[0.001, 0.3, 1e-6]", "[1e300, 0.3, 1e-6]")
            .replace(
                "task: Xor",
                "precision: F64, network: (hidden: [6], activation: Relu), task: Xor",
            )
            .replace("network: [6], ", ""),
    );
    lab.succeed("run a.ron --quiet --no-figures");
    let diverged = lab.table("results/a/tuning.csv").select("arm=backprop trial=1");
    assert_eq!(diverged.texts("value"), ["", ""]);
    assert_eq!(diverged.distinct("chosen"), ["false"]);
}
