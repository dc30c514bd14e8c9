//! Say which relaxations ended far from rest.

use super::Outcome;
use crate::experiment::{NamedRule, Plan};
use crate::metrics;

/// The largest `residual` that passes for rest.
const REST: f64 = 0.01;

/// A warning for each rule whose relaxation ended far from rest at the last measurement of its runs, in the mean over those that
/// have one, with the rule's own remedy.
pub fn unsettled(plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
    let mut warnings = Vec::new();
    for arm in &plan.arms {
        for NamedRule { label, rule } in std::iter::once(&arm.rule).chain(&arm.shadows) {
            let Some(remedy) = rule.settles() else { continue };
            let runs = outcomes.iter().filter(|outcome| outcome.run.arm == arm.slug);
            let last: Vec<f64> = runs.filter_map(|outcome| last_residual(outcome, label)).collect();
            let mean = last.iter().sum::<f64>() / last.len() as f64;
            if mean > REST {
                let of = if *label == arm.label {
                    String::new()
                } else {
                    format!(" of {label}")
                };
                warnings.push(format!(
                    "{}: the relaxation{of} ends far from rest, with a mean `residual` of {mean:.2} at the end of training; {remedy}",
                    arm.label
                ));
            }
        }
    }
    warnings
}

fn last_residual(outcome: &Outcome, rule: &str) -> Option<f64> {
    let rows = outcome.metrics.iter();
    let of_rule = rows.filter(|row| row.metric == metrics::RESIDUAL.name && row.rule == rule);
    of_rule.max_by_key(|row| row.step).map(|row| row.value)
}
