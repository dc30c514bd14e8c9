//! Say which rows of tables speak for an arm: whose rule they are of, and whether of its own prediction.

use super::{ArmRow, At, MetricRow, Prediction, SummaryRow};
use crate::metrics::{Metric, of_own, own};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The rule that others are compared with where nothing else is said.
pub const USUAL_REFERENCE: &str = "Backprop";

/// Values of an arm by seed.
pub type ValuesBySeed = BTreeMap<u64, f64>;

/// Which value of a run is meant.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Its metric.
    pub metric: &'a str,
    /// On which part of the data.
    pub split: &'a str,
    /// At which layers, if the metric has layers.
    pub layer: &'a str,
    /// Against which rule, if it has a reference.
    pub reference: &'a str,
    /// When.
    pub at: At,
}

impl Prediction {
    /// What tables call a metric where this prediction counts: a score is of the rule's own one, or of the forward pass.
    pub fn metric(self, asked: &str) -> Cow<'_, str> {
        let is_score = Metric::named(asked).is_some_and(Metric::is_score);
        match self {
            Self::Own if is_score && of_own(asked).is_none() => own(asked).into(),
            _ => asked.into(),
        }
    }
}

impl ArmRow {
    /// Whether a row of this metric and rule speaks for the arm where it is asked for a metric.
    pub fn speaks(&self, asked: &str, metric: &str, rule: &str) -> bool {
        (rule == "none" || rule == self.rule) && metric == self.prediction.metric(asked)
    }
}

impl<'a> Question<'a> {
    /// Over all layers where the metric has layers, against [`USUAL_REFERENCE`] where it has a reference.
    pub fn new(metric: &'a str, split: &'a str, at: At) -> Self {
        Self {
            metric,
            split,
            layer: "all",
            reference: USUAL_REFERENCE,
            at,
        }
    }

    /// The answer of each finished run of an arm; `moments` are those of [`at_moments`](super::at_moments).
    pub fn values(&self, arm: &ArmRow, moments: &[(&MetricRow, At)]) -> ValuesBySeed {
        let answers = |(row, at): &&(&MetricRow, At)| {
            *at == self.at
                && row.arm == arm.arm
                && self.is_on(&row.split, &row.layer, &row.reference)
                && arm.speaks(self.metric, &row.metric, &row.rule)
        };
        let rows = moments.iter().filter(answers);
        rows.map(|(row, _)| (row.seed, row.value)).collect()
    }

    /// The answer over the finished runs of an arm.
    pub fn statistics<'r>(&self, arm: &ArmRow, summary: &'r [SummaryRow]) -> Option<&'r SummaryRow> {
        summary.iter().find(|row| {
            row.at == self.at
                && row.arm == arm.arm
                && self.is_on(&row.split, &row.layer, &row.reference)
                && arm.speaks(self.metric, &row.metric, &row.rule)
        })
    }

    fn is_on(&self, split: &str, layer: &str, reference: &str) -> bool {
        split == self.split
            && (layer == "none" || layer == self.layer)
            && (reference == "none" || reference == self.reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::made_up::{arm, value};

    #[test]
    fn an_arm_speaks_by_its_own_rule_and_by_the_prediction_that_counts() {
        let rows = [
            value("a", 0, 1, "accuracy", 0.1),
            value("a", 0, 1, "own_accuracy", 0.2),
            value("b", 0, 1, "accuracy", 0.3),
            MetricRow {
                rule: "Shadow".into(),
                ..value("a", 0, 1, "own_accuracy", 0.4)
            },
        ];
        let said = |metric: &str, prediction| {
            let moments: Vec<_> = rows.iter().map(|row| (row, At::Final)).collect();
            let values = Question::new(metric, "test", At::Final).values(&arm("a", prediction), &moments);
            values.into_values().collect::<Vec<_>>()
        };
        assert_eq!(said("accuracy", Prediction::Forward), [0.1]);
        assert_eq!(said("accuracy", Prediction::Own), [0.2]);
        // whoever asks for it gets it
        assert_eq!(said("own_accuracy", Prediction::Own), [0.2]);
        assert!(said("loss", Prediction::Own).is_empty());
    }

    #[test]
    fn layers_and_references_are_those_asked_for_where_there_are_any() {
        let layer = |layer: &str, reference: &str, number| MetricRow {
            layer: layer.into(),
            reference: reference.into(),
            rule: "Rule".into(),
            ..value("a", 0, 1, "gradient_angle", number)
        };
        let rows = [
            layer("all", "Backprop", 10.0),
            layer("hidden", "Backprop", 20.0),
            layer("all", "Other", 30.0),
        ];
        let moments: Vec<_> = rows.iter().map(|row| (row, At::Final)).collect();
        let usual = Question::new("gradient_angle", "test", At::Final);
        let said = |question: Question<'_>| question.values(&arm("a", Prediction::Own), &moments)[&0];
        assert_eq!(said(usual), 10.0);
        assert_eq!(
            said(Question {
                layer: "hidden",
                ..usual
            }),
            20.0
        );
        assert_eq!(
            said(Question {
                reference: "Other",
                ..usual
            }),
            30.0
        );
    }
}
