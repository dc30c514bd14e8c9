//! Check how values that stand for several make arms and trials.

use super::{message, plan};
use crate::experiment::{Criterion, Plan, Stop, Tuning};
use insta::assert_snapshot;

fn labels(plan: &Plan) -> Vec<&str> {
    plan.arms.iter().map(|arm| arm.label.as_str()).collect()
}

#[test]
fn each_makes_one_arm_per_value_and_several_multiply() {
    let plan = plan(
        "(task: Xor, arms: [
        (rule: FeedbackAlignment(feedback: (scale: Each([0.5, 2]))), batch: Each([8, 16])),
        Backprop,
    ])",
    );
    assert_eq!(
        labels(&plan),
        [
            "FeedbackAlignment rule.feedback.scale=0.5 batch.size=8",
            "FeedbackAlignment rule.feedback.scale=0.5 batch.size=16",
            "FeedbackAlignment rule.feedback.scale=2.0 batch.size=8",
            "FeedbackAlignment rule.feedback.scale=2.0 batch.size=16",
            "Backprop",
        ]
    );
    assert_eq!(
        plan.arms[3].slug,
        "feedback-alignment-rule.feedback.scale-2.0-batch.size-16"
    );
    assert_eq!(plan.paths, ["rule.feedback.scale", "batch.size"]);
}

#[test]
fn each_in_the_experiment_holds_for_every_arm_that_does_not_replace_it() {
    let plan = plan(
        "(task: Xor, optimizer: Sgd(learning_rate: Each([0.1, 0.2])), arms: [
        Backprop,
        (rule: OutputOnly, optimizer: Sgd(learning_rate: 0.3)),
    ])",
    );
    assert_eq!(
        labels(&plan),
        [
            "Backprop optimizer.learning_rate=0.1",
            "Backprop optimizer.learning_rate=0.2",
            "OutputOnly"
        ]
    );
}

#[test]
fn a_label_on_an_arm_with_each_is_a_prefix() {
    let plan = plan(
        r#"(task: Xor, arms: [
        (label: "wide", rule: Each([Backprop, FeedbackAlignment]), network: (hidden: [Each([32, 64])])),
        (label: "plain", rule: Backprop),
    ])"#,
    );
    assert_eq!(
        labels(&plan),
        [
            "wide Backprop network.hidden=[32]",
            "wide Backprop network.hidden=[64]",
            "wide FeedbackAlignment network.hidden=[32]",
            "wide FeedbackAlignment network.hidden=[64]",
            "plain",
        ]
    );
}

const TUNED: &str = "(task: Digits, tune: (seeds: 2), arms: [
    (rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.3, 0.1]), momentum: Tune([0.0, 0.9]))),
    (rule: FeedbackAlignment(feedback: (scale: Tune([0.5, 1]))), optimizer: Sgd(learning_rate: Tune([0.3, 0.1]))),
    (rule: OutputOnly, optimizer: Sgd(learning_rate: 0.05)),
])";

#[test]
fn tune_makes_trials_and_leaves_names_alone() {
    let plan = plan(TUNED);
    assert_eq!(labels(&plan), ["Backprop", "FeedbackAlignment", "OutputOnly"]);
    let trials: Vec<_> = plan.arms.iter().map(|arm| arm.trials.len()).collect();
    assert_eq!(trials, [4, 4, 0]);
    let taken: Vec<_> = plan.arms[1].trials[2]
        .taken
        .iter()
        .map(|(path, text)| format!("{path}={text}"))
        .collect();
    assert_eq!(taken, ["rule.feedback.scale=1", "optimizer.learning_rate=0.3"]);
    assert_eq!(
        plan.tuning,
        Some(Tuning {
            by: Criterion::Accuracy,
            seeds: 2
        })
    );
}

#[test]
fn the_chosen_trial_fills_the_arm_in() {
    let plan = plan(TUNED);
    let settled = plan.settled(&[3, 1]);
    assert_eq!(labels(&settled), labels(&plan));
    assert!(settled.arms.iter().all(|arm| arm.trials.is_empty()));
    assert_eq!(settled.arms[0].settings.optimizer.optimizer.learning_rate(), 0.1);
    assert_eq!(settled.arms[0].fingerprint, plan.arms[0].trials[3].fingerprint);
    assert_eq!(
        settled.paths,
        ["rule.feedback.scale", "optimizer.learning_rate", "optimizer.momentum"]
    );
    let values: Vec<_> = settled.arms[1].values.iter().map(Option::as_deref).collect();
    assert_eq!(values, [Some("0.5"), Some("0.1"), Some("0.0")]);
    // tuned paths have a column even where all arms end with the same value
    let same = super::plan("(task: Digits, arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.3, 0.1])))])");
    assert_eq!(same.settled(&[1]).paths, ["optimizer.learning_rate"]);
}

#[test]
fn what_is_tuned_is_written_as_it_was_read() {
    let first = plan(TUNED);
    let second = plan(&first.text);
    assert_eq!(second.text, first.text);
    assert_eq!(labels(&second), labels(&first));
    for (a, b) in first.arms.iter().zip(&second.arms) {
        let fingerprints = |arm: &crate::experiment::Arm| -> Vec<_> {
            arm.trials.iter().map(|trial| trial.fingerprint.clone()).collect()
        };
        assert_eq!(fingerprints(a), fingerprints(b));
    }
    assert_snapshot!(first.text, @r#"
    (
        name: "x",
        task: Digits(target: Given),
        split: Random(validation: 0.1, test: 0.2, seed: 0, stratified: false),
        scale: (inputs: AsIs, targets: AsIs),
        label_noise: 0.0,
        precision: F32,
        seeds: 10,
        tune: (by: "accuracy", seeds: 2),
        network: (hidden: [64, 64], activation: Tanh, output: Identity, init: LeCun(gain: 1.0, distribution: Normal), bias: true, bias_init: Zeros, dropout: 0.0),
        loss: CrossEntropy(over: Sum),
        batch: (size: 32, order: Shuffled, last: Keep),
        stop: Epochs(20),
        warm_up: Epochs(0),
        measure: (every: Epochs(1), against: [Backprop], probe: 256, draws: 0, metrics: ["default"]),
        save: (weights: [], predictions: []),
        arms: [
            (label: "Backprop", rule: Backprop, shadows: [], optimizer: Sgd(learning_rate: Tune([0.3, 0.1]), momentum: Tune([0.0, 0.9]))),
            (label: "FeedbackAlignment", rule: FeedbackAlignment(feedback: (scale: Tune([0.5, 1]))), shadows: [], optimizer: Sgd(learning_rate: Tune([0.3, 0.1]))),
            (label: "OutputOnly", rule: OutputOnly, shadows: [], optimizer: Sgd(learning_rate: 0.05, momentum: 0.0, decay: 0.0, l2: 0.0)),
        ],
    )
    "#);
}

#[test]
fn a_trial_trains_as_its_arm_does_but_is_measured_at_its_end() {
    let plan = plan(
        "(task: Digits, measure: (every: Steps(1)), arms: [
        (rule: Backprop, shadows: [OutputOnly], optimizer: Sgd(learning_rate: Tune([0.3, 0.1]))),
        (rule: Backprop, optimizer: Sgd(learning_rate: 1), stop: Early(at_most: Epochs(3))),
    ])",
    );
    let arm = plan.arms[0].on_trial(&plan.arms[0].trials[1]);
    assert!(arm.shadows.is_empty() && arm.settings.measure.against.is_empty());
    assert!(!arm.settings.measure.when.due(9, 100).at(50));
    assert_eq!(arm.settings.optimizer.optimizer.learning_rate(), 0.1);
    assert_eq!(
        plan.arms[1].settings.stop,
        Stop::Early {
            patience: 5,
            at_most: crate::experiment::Duration::Epochs(3)
        }
    );
}

#[test]
fn each_without_a_list() {
    assert_snapshot!(message("(task: Xor, batch: Each(8), arms: [Backprop])"), @r"
    error: `Each` needs a list of values: `Each([.., ..])`
     --> experiments/x.ron:1:20
      |
    1 | (task: Xor, batch: Each(8), arms: [Backprop])
      |                    ^^^^^^^
    ");
}

#[test]
fn each_where_arms_share_the_field() {
    assert_snapshot!(message("(task: Xor(samples: Each([8, 16])), arms: [Backprop])"), @r"
    error: `Each` cannot stand in `task`
     --> experiments/x.ron:1:21
      |
    1 | (task: Xor(samples: Each([8, 16])), arms: [Backprop])
      |                     ^^^^^^^^^^^^^
      |
      = help: all arms share it: make an experiment file for each value
    ");
}

#[test]
fn mistakes_in_a_value_of_a_list() {
    assert_snapshot!(
        message("(\n    task: Xor,\n    arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.1,\n        -0.3])))],\n)"),
        @r"
    error: `learning_rate` must be positive
     --> experiments/x.ron:4:9
      |
    4 |         -0.3])))],
      |         ^^^^ is -0.3
    "
    );
}

#[test]
fn unequal_numbers_of_trials() {
    assert_snapshot!(
        message("(task: Digits, arms: [
    (rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.3, 0.1]))),
    (rule: OutputOnly, optimizer: Sgd(learning_rate: Tune([0.3, 0.1, 0.03]))),
])"),
        @r"
    error: this arm has 3 trials, another one 2
     --> experiments/x.ron:3:54
      |
    2 |     (rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.3, 0.1]))),
      |                                                    ---------------- 2 trials
    3 |     (rule: OutputOnly, optimizer: Sgd(learning_rate: Tune([0.3, 0.1, 0.03]))),
      |                                                      ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give every tuned arm the same number of values, or the comparison is not fair
    "
    );
}

#[test]
fn tuning_without_a_validation_part() {
    assert_snapshot!(
        message("(task: Digits, split: Random(validation: 0), arms: [(rule: Backprop, batch: Tune([8, 16]))])"),
        @r"
    error: `Tune` needs a validation part
     --> experiments/x.ron:1:77
      |
    1 | (task: Digits, split: Random(validation: 0), arms: [(rule: Backprop, batch: Tune([8, 16]))])
      |                                                                             ^^^^^^^^^^^^^
      |
      = help: give the split one, such as `validation: 0.1`
    "
    );
}

#[test]
fn tuning_what_does_not_change_learning() {
    assert_snapshot!(message("(task: Digits, arms: [(rule: Backprop, measure: (probe: Tune([8, 16])))])"), @r"
    error: `Tune` cannot stand in `measure`
     --> experiments/x.ron:1:57
      |
    1 | (task: Digits, arms: [(rule: Backprop, measure: (probe: Tune([8, 16])))])
      |                                                         ^^^^^^^^^^^^^ it does not change what is learned
      |
      = help: `Each([..])` makes one arm per value
    ");
}

#[test]
fn tuning_the_rule() {
    assert_snapshot!(message("(task: Digits, arms: [(rule: Tune([Backprop, OutputOnly]))])"), @r"
    error: `Tune` cannot choose between rules
     --> experiments/x.ron:1:46
      |
    1 | (task: Digits, arms: [(rule: Tune([Backprop, OutputOnly]))])
      |                                              ^^^^^^^^^^
      |
      = help: `Each([..])` makes one arm per rule
    ");
}

#[test]
fn tuning_by_something_else() {
    assert_snapshot!(
        message(r#"(task: Digits, tune: (by: "precision"), arms: [(rule: Backprop, batch: Tune([8, 16]))])"#),
        @r#"
    error: trials cannot be judged by `precision`
     --> experiments/x.ron:1:27
      |
    1 | (task: Digits, tune: (by: "precision"), arms: [(rule: Backprop, batch: Tune([8, 16]))])
      |                           ^^^^^^^^^^^ expected "accuracy" or "loss"
    "#
    );
}

#[test]
fn tuning_seeds_that_are_reported() {
    assert_snapshot!(
        message("(task: Digits, seeds: [1, 1000002], arms: [(rule: Backprop, batch: Tune([8, 16]))])"),
        @r"
    error: seed 1000002 is one that tuning uses
     --> experiments/x.ron:1:23
      |
    1 | (task: Digits, seeds: [1, 1000002], arms: [(rule: Backprop, batch: Tune([8, 16]))])
      |                       ^^^^^^^^^^^^
      |
      = help: choose seeds below 1,000,000
    "
    );
}

#[test]
fn equal_arms_of_each() {
    assert_snapshot!(message("(task: Xor, batch: Each([8, 8]), arms: [Backprop])"), @r"
    error: `8` is in this list twice
     --> experiments/x.ron:1:29
      |
    1 | (task: Xor, batch: Each([8, 8]), arms: [Backprop])
      |                          -  ^
      |                          |
      |                          the first
      |
      = help: leave one of them out
    ");
}

#[test]
fn early_stopping_without_a_validation_part() {
    assert_snapshot!(message("(task: Xor, split: Fixed(validation: 0), stop: Early(), arms: [Backprop])"), @r"
    error: `Early` needs a validation part
     --> experiments/x.ron:1:48
      |
    1 | (task: Xor, split: Fixed(validation: 0), stop: Early(), arms: [Backprop])
      |                                                ^^^^^^^
      |
      = help: give the split one, such as `validation: 0.1`
    ");
}

#[test]
fn two_ways_to_say_when_to_measure() {
    assert_snapshot!(
        message("(task: Xor, measure: (every: Epochs(1), at: [Steps(3)]), arms: [Backprop])"),
        @r"
    error: `every` has no effect
     --> experiments/x.ron:1:23
      |
    1 | (task: Xor, measure: (every: Epochs(1), at: [Steps(3)]), arms: [Backprop])
      |                       ^^^^^             -- this says when to measure
      |
      = help: leave one of them out
    "
    );
}

#[test]
fn measuring_after_the_end() {
    assert_snapshot!(message("(task: Xor, stop: Steps(5), measure: (at: [Steps(3), Steps(6)]), arms: [Backprop])"), @r"
    error: training ends before this moment
     --> experiments/x.ron:1:54
      |
    1 | (task: Xor, stop: Steps(5), measure: (at: [Steps(3), Steps(6)]), arms: [Backprop])
      |                                                      ^^^^^^^^ the last step is 5
    ");
}

#[test]
fn measuring_twice_at_one_moment() {
    assert_snapshot!(message("(task: Xor, measure: (at: [Steps(3), Steps(3)]), arms: [Backprop])"), @r"
    error: the same moment is named twice
     --> experiments/x.ron:1:38
      |
    1 | (task: Xor, measure: (at: [Steps(3), Steps(3)]), arms: [Backprop])
      |                            --------  ^^^^^^^^
      |                            |
      |                            first named here
      |
      = help: leave one of them out
    ");
}

#[test]
fn log_spaced_steps() {
    let plan = plan("(task: Xor, stop: Steps(1000), measure: (at: LogSpaced(per_decade: 2)), arms: [Backprop])");
    let due = plan.arms[0].settings.measure.when.due(7, 1000);
    let steps: Vec<_> = (0..=1000).filter(|step| due.at(*step)).collect();
    // 10^(k/2), rounded
    assert_eq!(steps, [0, 1, 3, 10, 32, 100, 316, 1000]);
    assert!(plan.text.contains("measure: (at: LogSpaced(per_decade: 2), "));
}

#[test]
fn arms_that_differ_in_what_one_leaves_out() {
    let plan = plan(
        "(task: Xor, arms: [
        Backprop,
        (rule: Backprop, optimizer: Sgd(learning_rate: 0.1, momentum: 0.9, clip: 1)),
    ])",
    );
    assert_eq!(labels(&plan), ["Backprop", "Backprop optimizer.clip=1.0"]);
    assert_eq!(plan.paths, ["optimizer.clip"]);
}
