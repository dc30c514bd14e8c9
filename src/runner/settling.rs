//! Say which relaxations ended far from rest.

use super::Outcome;
use crate::experiment::{Arm, NamedRule, Plan};
use crate::metrics;

/// The largest `residual` that passes for rest.
const REST: f64 = 0.01;

/// The residuals at the last measurements of runs, gathered run by run.
#[derive(Default)]
pub struct Residuals(Vec<Relaxation>);

/// Those of one rule of an arm.
struct Relaxation {
    arm: String,
    rule: String,
    sum: f64,
    runs: usize,
}

impl Residuals {
    /// Adds a run.
    pub fn add(&mut self, outcome: &Outcome) {
        let arm = &outcome.run.arm;
        let rows = outcome.metrics.iter();
        let residuals = || rows.clone().filter(|row| row.metric == metrics::RESIDUAL.name);
        let Some(last) = residuals().map(|row| row.step).max() else {
            return;
        };
        for row in residuals().filter(|row| row.step == last) {
            let place = self.0.iter().rposition(|one| (&one.arm, &one.rule) == (arm, &row.rule));
            let place = place.unwrap_or_else(|| {
                let (arm, rule) = (arm.clone(), row.rule.clone());
                let (sum, runs) = (0.0, 0);
                self.0.push(Relaxation { arm, rule, sum, runs });
                self.0.len() - 1
            });
            self.0[place].sum += row.value;
            self.0[place].runs += 1;
        }
    }

    /// A warning for each rule whose relaxation ended far from rest, in the mean over the runs that have a residual, with the rule's
    /// own remedy.
    pub fn warnings(&self, plan: &Plan) -> Vec<String> {
        plan.arms.iter().flat_map(|arm| self.of_arm(arm)).collect()
    }

    fn of_arm(&self, arm: &Arm) -> Vec<String> {
        let rules = std::iter::once(&arm.rule).chain(&arm.shadows);
        let warning = |NamedRule { label, rule }: &NamedRule| {
            let remedy = rule.settles()?;
            let one = self.0.iter().find(|one| (&one.arm, &one.rule) == (&arm.slug, label))?;
            let mean = one.sum / one.runs as f64;
            let of = match *label == arm.label {
                true => String::new(),
                false => format!(" of {label}"),
            };
            (mean > REST).then(|| {
                format!(
                    "{}: the relaxation{of} ends far from rest, with a mean `residual` of {mean:.2} at the end of training; {remedy}",
                    arm.label
                )
            })
        };
        rules.filter_map(warning).collect()
    }
}
