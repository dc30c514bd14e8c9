//! Read what figures are drawn from, and bring it into curves: means over seeds along training.

use super::finals::interval_of;
use super::rows::Value;
use crate::results::{self, ArmRow, ArmTable, At, Edge, MetricRow, Prediction, RunRow, Status, SummaryRow, TuningRow};
use crate::stats::{self, Interval};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// The level of every interval drawn.
pub const LEVEL: f64 = 0.95;
/// A figure of more arms could neither be printed nor read.
const MOST_ARMS: usize = 40;

/// An arm and its runs.
pub struct Arm {
    /// Its row of `arms.csv`.
    pub row: ArmRow,
    /// Finished runs, in the order of `runs.csv`.
    pub finished: Vec<RunRow>,
    /// How many runs diverged.
    pub diverged: usize,
    /// Whether settings were tuned; `None` where the experiment tuned nothing.
    pub tuned: Option<bool>,
    /// Numbers that were chosen at an end of their list.
    pub edges: Vec<String>,
}

impl Arm {
    /// All its runs.
    pub fn runs(&self) -> usize {
        self.finished.len() + self.diverged
    }
}

/// The mean over seeds at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When.
    pub epoch: f64,
    /// How many runs have a value.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The interval of the mean; `None` for one run.
    pub band: Option<Interval>,
}

/// One quantity of one arm along training.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The arm's place in `arms.csv`.
    pub arm: usize,
    /// By epoch; never empty.
    pub points: Vec<Point>,
}

/// Which quantity a curve shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Quantity {
    metric: String,
    split: String,
    layer: String,
    reference: String,
}

/// Values of the runs at each epoch. Epochs are not negative, so their bits sort as they do.
type Values = BTreeMap<u64, Vec<f64>>;

/// All that figures are drawn from.
pub struct Data {
    /// In the order of `arms.csv`.
    pub arms: Vec<Arm>,
    /// By quantity and place of the arm.
    values: BTreeMap<Quantity, BTreeMap<usize, Values>>,
    /// The rows of `summary.csv` at the end of training.
    summary: Vec<SummaryRow>,
}

/// Whether a number is one, and small enough to reckon with on an axis; others are as good as absent.
pub fn is_drawable(value: f64) -> bool {
    value.abs() <= 1e300
}

const SCORES: [&str; 4] = ["loss", "accuracy", "own_loss", "own_accuracy"];
const ANGLES: [&str; 2] = ["gradient_angle", "feedback_angle"];

impl Data {
    /// Reads the CSV files of a result.
    pub fn read(folder: &Path) -> Result<Self, results::Error> {
        let mut arms: Vec<Arm> = ArmTable::read(&folder.join("arms.csv"))?
            .rows
            .into_iter()
            .map(Arm::new)
            .collect();
        let places: BTreeMap<String, usize> = arms
            .iter()
            .enumerate()
            .map(|(place, arm)| (arm.row.arm.clone(), place))
            .collect();
        let path = folder.join("runs.csv");
        for (line, run) in (2..).zip(results::rows::<RunRow>(&path)?) {
            let run = run?;
            let place = place_of(&run.arm, &places, &path, line)?;
            match run.status {
                Status::Finished => arms[place].finished.push(run),
                Status::Diverged => arms[place].diverged += 1,
            }
        }
        let summary = results::read(&folder.join("summary.csv"))?;
        let path = folder.join("tuning.csv");
        if path.try_exists().map_err(results::Error::io("read", &path))? {
            let rows: Vec<TuningRow> = results::read(&path)?;
            let tuned: BTreeSet<&str> = rows.iter().map(|row| row.arm.as_str()).collect();
            let edges = results::edges(&rows);
            for arm in &mut arms {
                let is_tuned = tuned.contains(&*arm.row.arm);
                arm.edges = edges
                    .iter()
                    .filter(|edge| edge.arm == arm.row.arm)
                    .map(Edge::to_string)
                    .collect();
                arm.tuned = Some(is_tuned);
                if !is_tuned {
                    arm.row.label += " (untuned)";
                }
            }
        }
        let values = read_values(&folder.join("metrics.csv"), &arms, &places)?;
        Ok(Self { arms, values, summary })
    }

    /// The arms, by place, that a sheet has room for.
    pub fn drawable(&self) -> Range<usize> {
        0..self.arms.len().min(MOST_ARMS)
    }

    /// Curves of a quantity, by arm. An arm without values is absent.
    pub fn curves(&self, metric: &str, split: &str, layer: &str, reference: &str) -> Vec<Curve> {
        let [metric, split, layer, reference] = [metric, split, layer, reference].map(str::to_owned);
        let quantity = Quantity {
            metric,
            split,
            layer,
            reference,
        };
        let arms = self.values.get(&quantity).into_iter().flatten();
        let arms = arms.filter(|(arm, _)| self.drawable().contains(arm));
        arms.map(|(&arm, values)| Curve {
            arm,
            points: points(values),
        })
        .filter(|curve| !curve.points.is_empty())
        .collect()
    }

    /// Curves of `loss` or `accuracy` on a split: of the rule's own prediction for arms that predict in their own way.
    pub fn scores(&self, score: &str, split: &str) -> Vec<Curve> {
        let mut curves = self.curves(score, split, "none", "none");
        curves.retain(|curve| !self.predicts_itself(curve.arm));
        let own = self.curves(&format!("own_{score}"), split, "none", "none");
        curves.extend(own.into_iter().filter(|curve| self.predicts_itself(curve.arm)));
        curves.sort_by_key(|curve| curve.arm);
        curves
    }

    /// Layers and references for which a metric has values, in no order of the network.
    pub fn pairs(&self, metric: &str) -> BTreeSet<(String, String)> {
        let of_metric = self.values.keys().filter(|quantity| quantity.metric == metric);
        of_metric
            .map(|quantity| (quantity.layer.clone(), quantity.reference.clone()))
            .collect()
    }

    /// The split that a metric was measured on.
    pub fn split_of(&self, metric: &str) -> Option<&str> {
        self.values
            .keys()
            .find(|quantity| quantity.metric == metric)
            .map(|quantity| &*quantity.split)
    }

    /// Statistics of `loss` or `accuracy` on a split at the end of training.
    pub fn final_statistics(&self, arm: usize, score: &str, split: &str) -> Option<&SummaryRow> {
        let metric = if self.predicts_itself(arm) {
            format!("own_{score}")
        } else {
            score.to_owned()
        };
        self.summary.iter().find(|row| {
            row.arm == self.arms[arm].row.arm
                && row.at == At::Final
                && row.metric == metric
                && row.split == split
                && (row.rule == "none" || row.rule == self.arms[arm].row.rule)
                && is_drawable(row.mean)
        })
    }

    /// Angles between the update of each arm's own rule and a reference's at the end of training: place of the arm, mean, interval.
    pub fn final_angles(&self, layer: &str, reference: &str) -> impl Iterator<Item = (usize, Value)> {
        self.drawable().filter_map(move |place| {
            let arm = &self.arms[place].row;
            let row = self.summary.iter().find(|row| {
                row.arm == arm.arm
                    && row.at == At::Final
                    && row.metric == "gradient_angle"
                    && row.rule == arm.rule
                    && row.layer == layer
                    && row.reference == reference
                    && is_drawable(row.mean)
            })?;
            Some((place, (row.mean, interval_of(row, 1.0))))
        })
    }

    /// Cosines between the updates of an arm's rules at the end of training.
    pub fn final_cosines(&self, arm: &str) -> impl Iterator<Item = &SummaryRow> {
        let cosine = |row: &SummaryRow| row.at == At::Final && row.metric == "gradient_cosine";
        self.summary.iter().filter(move |row| row.arm == arm && cosine(row))
    }

    /// Whether the rule's own prediction counts.
    pub fn predicts_itself(&self, arm: usize) -> bool {
        self.arms[arm].row.prediction == Prediction::Own
    }
}

impl Arm {
    fn new(row: ArmRow) -> Self {
        Self {
            row,
            finished: Vec::new(),
            diverged: 0,
            tuned: None,
            edges: Vec::new(),
        }
    }
}

/// Keeps the values of finished runs that a figure shows; the table is read once, row by row.
fn read_values(
    path: &Path,
    arms: &[Arm],
    places: &BTreeMap<String, usize>,
) -> Result<BTreeMap<Quantity, BTreeMap<usize, Values>>, results::Error> {
    let finished: Vec<BTreeSet<u64>> = arms
        .iter()
        .map(|arm| arm.finished.iter().map(|run| run.seed).collect())
        .collect();
    let mut values: BTreeMap<Quantity, BTreeMap<usize, Values>> = BTreeMap::new();
    for (line, row) in (2..).zip(results::rows::<MetricRow>(path)?) {
        let MetricRow {
            arm,
            seed,
            epoch,
            split,
            metric,
            rule,
            layer,
            reference,
            value,
            ..
        } = row?;
        let shown = SCORES.contains(&&*metric) || ANGLES.contains(&&*metric);
        if !shown {
            continue;
        }
        let place = place_of(&arm, places, path, line)?;
        let own = rule == "none" || rule == arms[place].row.rule;
        if own && is_drawable(value) && epoch >= 0.0 && finished[place].contains(&seed) {
            let quantity = Quantity {
                metric,
                split,
                layer,
                reference,
            };
            let curve = values.entry(quantity).or_default().entry(place).or_default();
            curve.entry(epoch.to_bits()).or_default().push(value);
        }
    }
    Ok(values)
}

fn place_of(arm: &str, places: &BTreeMap<String, usize>, path: &Path, line: u64) -> Result<usize, results::Error> {
    places.get(arm).copied().ok_or_else(|| results::Error::Table {
        path: path.to_owned(),
        line,
        column: Some("arm".to_owned()),
        problem: format!("`{arm}` is not an arm of arms.csv"),
    })
}

fn points(values: &Values) -> Vec<Point> {
    values
        .iter()
        .filter_map(|(&epoch, sample)| {
            let epoch = f64::from_bits(epoch);
            Some(Point {
                epoch,
                n: sample.len(),
                mean: stats::mean(sample).filter(|mean| is_drawable(*mean))?,
                band: stats::t_interval(sample, LEVEL).filter(|band| is_drawable(band.low) && is_drawable(band.high)),
            })
        })
        .collect()
}
