//! Make rows of tables up for tests.

use super::{ArmRow, MetricRow, Prediction, RunRow, Scores, Status};

/// An arm of the rule `Rule`.
pub fn arm(name: &str, prediction: Prediction) -> ArmRow {
    ArmRow {
        arm: name.into(),
        label: name.into(),
        rule: "Rule".into(),
        prediction,
        parameters: None,
        multiply_adds_per_sample: None,
        forward_passes_per_sample: None,
        random_numbers_per_sample: None,
        state_per_weight: None,
        settings: Vec::new(),
    }
}

/// A value on the test part, of `Rule` if it is of a rule's own prediction.
pub fn value(arm: &str, seed: u64, step: u64, metric: &str, value: f64) -> MetricRow {
    MetricRow {
        arm: arm.into(),
        seed,
        step,
        epoch: 0.0,
        split: "test".into(),
        metric: metric.into(),
        rule: if metric.starts_with("own") { "Rule" } else { "none" }.into(),
        layer: "none".into(),
        reference: "none".into(),
        value,
    }
}

/// A run of so many steps.
pub fn run(arm: &str, seed: u64, status: Status, best_step: Option<u64>, steps: u64) -> RunRow {
    RunRow {
        arm: arm.into(),
        seed,
        status,
        diverged_step: None,
        steps,
        epochs: 1.0,
        best_step,
        multiply_adds: None,
        last: Scores::default(),
        best: Scores::default(),
    }
}
