//! Put measured values into the one order that files have, however runs were scheduled.

use super::MetricRow;
use std::cmp::Ordering;

/// `none`, `layer1` .. `layerL` by number, `hidden`, `all`; any other text after these.
fn layer(layer: &str) -> (u8, u64, &str) {
    let number = layer.strip_prefix("layer").and_then(|digits| digits.parse().ok());
    match (layer, number) {
        (_, Some(number)) => (1, number, ""),
        ("none", _) => (0, 0, ""),
        ("hidden", _) => (2, 0, ""),
        ("all", _) => (3, 0, ""),
        _ => (4, 0, layer),
    }
}

/// Sorts rows by arm, seed and step as numbers, split, metric, rule, layer and reference, and leaves out those whose value
/// is not finite: an absent value has no row.
pub fn in_file_order(mut rows: Vec<MetricRow>) -> Vec<MetricRow> {
    rows.retain(|row| row.value.is_finite());
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    rows
}

/// What rows of `metrics.csv` are sorted by.
fn key(row: &MetricRow) -> impl Ord + '_ {
    let MetricRow {
        arm,
        seed,
        step,
        split,
        metric,
        rule,
        reference,
        ..
    } = row;
    (arm, seed, step, split, metric, rule, layer(&row.layer), reference)
}

/// What is measured, whatever run it is of. Sorted as rows of `summary.csv` are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Series {
    /// On which part of the data.
    pub split: String,
    /// What is measured.
    pub metric: String,
    /// Whose proposal or prediction.
    pub rule: String,
    /// At which layer.
    pub layer: String,
    /// Against which rule.
    pub reference: String,
}

impl Series {
    /// That of a row.
    pub fn of(row: &MetricRow) -> Self {
        Self {
            split: row.split.clone(),
            metric: row.metric.clone(),
            rule: row.rule.clone(),
            layer: row.layer.clone(),
            reference: row.reference.clone(),
        }
    }

    fn key(&self) -> impl Ord + '_ {
        (
            &self.split,
            &self.metric,
            &self.rule,
            layer(&self.layer),
            &self.reference,
        )
    }
}

impl Ord for Series {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Series {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::made_up::value;

    #[test]
    fn layers_follow_the_network_not_the_alphabet() {
        let sorted = ["none", "layer1", "layer2", "layer10", "hidden", "all"];
        let mut layers = ["all", "layer10", "none", "hidden", "layer2", "layer1"];
        layers.sort_by_key(|name| layer(name));
        assert_eq!(layers, sorted);
        layers.sort();
        assert_ne!(layers, sorted, "the alphabet would not do");
    }

    #[test]
    fn steps_and_seeds_are_numbers_and_absent_values_have_no_row() {
        let row = |seed, step, number| value("a", seed, step, "loss", number);
        let rows = in_file_order(vec![
            row(10, 0, 1.0),
            row(9, 100, 2.0),
            row(9, 20, f64::NAN),
            row(9, 30, 3.0),
        ]);
        assert_eq!(
            rows.iter().map(|r| (r.seed, r.step)).collect::<Vec<_>>(),
            [(9, 30), (9, 100), (10, 0)]
        );
    }
}
