//! Compute from the tables of a result what its figures must show.

use creditlab::results::{self, ArmRow, ArmTable, At, MetricRow, Prediction, RunRow, Score, Status, SummaryRow};
use creditlab::stats;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A mean and its interval.
pub type Value = (f64, Option<(f64, f64)>);

/// The arms that a figure has room for.
const MOST_ARMS: usize = 40;

/// The tables of a result.
pub struct Tables {
    pub arms: Vec<ArmRow>,
    pub runs: Vec<RunRow>,
    pub metrics: Vec<MetricRow>,
    pub summary: Vec<SummaryRow>,
}

impl Tables {
    pub fn read(folder: &Path) -> Self {
        Self {
            arms: ArmTable::read(&folder.join("arms.csv")).unwrap().rows,
            runs: results::read(&folder.join("runs.csv")).unwrap(),
            metrics: results::read(&folder.join("metrics.csv")).unwrap(),
            summary: results::read(&folder.join("summary.csv")).unwrap(),
        }
    }

    fn name(&self, arm: usize, score: &str) -> String {
        match self.arms[arm].prediction {
            Prediction::Own => format!("own_{score}"),
            Prediction::Forward => score.to_owned(),
        }
    }

    /// By arm: epoch, mean and interval, of a score on the test part.
    pub fn scores(&self, score: &str) -> BTreeMap<usize, Vec<(f64, Value)>> {
        let factor = if score == "accuracy" { 100.0 } else { 1.0 };
        self.curves(factor, |arm, row| {
            row.metric == self.name(arm, score) && row.split == "test"
        })
    }

    /// By arm: epoch, mean and interval, of a metric of a layer.
    pub fn layer(&self, metric: &str, layer: &str) -> BTreeMap<usize, Vec<(f64, Value)>> {
        self.curves(1.0, |_, row| row.metric == metric && row.layer == layer)
    }

    fn curves(&self, factor: f64, is_shown: impl Fn(usize, &MetricRow) -> bool) -> BTreeMap<usize, Vec<(f64, Value)>> {
        let finished: BTreeSet<(&str, u64)> = self
            .runs
            .iter()
            .filter(|run| run.status == Status::Finished)
            .map(|run| (&*run.arm, run.seed))
            .collect();
        let mut curves = BTreeMap::new();
        for (arm, row) in self.arms.iter().enumerate().take(MOST_ARMS) {
            let mut samples: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
            let of_arm = self.metrics.iter().filter(|metric| metric.arm == row.arm);
            for metric in of_arm.filter(|metric| is_shown(arm, metric) && metric.value.is_finite()) {
                if finished.contains(&(&*metric.arm, metric.seed)) {
                    samples.entry(metric.step).or_default().push(metric.value);
                }
            }
            let epoch = |step| self.metrics.iter().find(|metric| metric.step == step).unwrap().epoch;
            let points: Vec<(f64, Value)> = samples
                .into_iter()
                .map(|(step, sample)| {
                    let interval = stats::t_interval(&sample, 0.95);
                    let interval = interval.map(|interval| (interval.low * factor, interval.high * factor));
                    (epoch(step), (stats::mean(&sample).unwrap() * factor, interval))
                })
                .collect();
            if !points.is_empty() {
                curves.insert(arm, points);
            }
        }
        curves
    }

    /// By arm: mean and interval of a score on the test part at the end.
    pub fn finals(&self, score: &str) -> BTreeMap<usize, Value> {
        let factor = if score == "accuracy" { 100.0 } else { 1.0 };
        self.summaries(factor, |arm, row| {
            row.metric == self.name(arm, score) && row.split == "test"
        })
    }

    /// By arm: mean and interval of the angle of all hidden layers at the end.
    pub fn final_angles(&self) -> BTreeMap<usize, Value> {
        self.summaries(1.0, |_, row| row.metric == "gradient_angle" && row.layer == "hidden")
    }

    fn summaries(&self, factor: f64, is_shown: impl Fn(usize, &SummaryRow) -> bool) -> BTreeMap<usize, Value> {
        let of_arm = |(arm, named): (usize, &ArmRow)| {
            let mut rows = self
                .summary
                .iter()
                .filter(|row| row.arm == named.arm && row.at == At::Final);
            let row = rows.find(|row| is_shown(arm, row))?;
            let interval = row.ci_low.zip(row.ci_high);
            Some((
                arm,
                (
                    row.mean * factor,
                    interval.map(|(low, high)| (low * factor, high * factor)),
                ),
            ))
        };
        self.arms
            .iter()
            .enumerate()
            .take(MOST_ARMS)
            .filter_map(of_arm)
            .collect()
    }

    /// By arm: the values of finished runs at the end.
    pub fn seeds(&self, score: &str) -> BTreeMap<usize, Vec<f64>> {
        let value = |of: Score| match score {
            "accuracy" => of.accuracy.map(|share| 100.0 * share),
            _ => of.loss,
        };
        let of_arm = |arm: &ArmRow| -> Vec<f64> {
            let runs = self
                .runs
                .iter()
                .filter(|run| run.arm == arm.arm && run.status == Status::Finished);
            runs.filter_map(|run| value(run.last.test))
                .filter(|x| x.is_finite())
                .collect()
        };
        let arms = self.arms.iter().enumerate().take(MOST_ARMS);
        arms.map(|(place, arm)| (place, of_arm(arm))).collect()
    }

    /// By arm: the mean number of multiply-adds.
    pub fn work(&self) -> BTreeMap<usize, Value> {
        let of_arm = |(place, arm): (usize, &ArmRow)| {
            let runs = self
                .runs
                .iter()
                .filter(|run| run.arm == arm.arm && run.status == Status::Finished);
            let counts: Vec<f64> = runs.filter_map(|run| Some(run.multiply_adds? as f64)).collect();
            Some((place, (stats::mean(&counts)?, None)))
        };
        self.arms
            .iter()
            .enumerate()
            .take(MOST_ARMS)
            .filter_map(of_arm)
            .collect()
    }
}
