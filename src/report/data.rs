//! Read what figures are drawn from, and bring it into curves: means over seeds along training.

use super::curve::{Curve, Point, RunCurve};
use super::first_layer::FirstLayer;
use super::style::Paper;
use super::{quantities, spread};
use crate::metrics::{self, ACCURACY, FEEDBACK_ANGLE, GRADIENT_ANGLE, GRADIENT_COSINE, LOSS, Metric};
use crate::results::{
    self, ArmRow, ArmTable, At, Edge, Folder, MetricRow, Prediction, Question, ResultsError, RunRow, Status,
    SummaryRow, TuningRow,
};
use crate::stats::{self, Interval, LEVEL};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// A figure of more arms could neither be printed nor read.
const MOST_ARMS: usize = 40;

/// An arm and its runs.
pub struct ArmRuns {
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

impl ArmRuns {
    /// All its runs.
    pub fn runs(&self) -> usize {
        self.finished.len() + self.diverged
    }

    /// Whether the rule's own prediction counts.
    pub fn predicts_itself(&self) -> bool {
        self.row.prediction == Prediction::Own
    }
}

/// Which quantity a curve shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Quantity {
    metric: String,
    split: String,
    layer: String,
    reference: String,
}

/// Seeds and values of the runs at each epoch. Epochs are not negative, so their bits sort as they do.
type ValuesByEpoch = BTreeMap<u64, Vec<(u64, f64)>>;

/// All that figures are drawn from.
pub struct Data {
    /// In the order of `arms.csv`.
    pub arms: Vec<ArmRuns>,
    /// By quantity and place of the arm.
    values: BTreeMap<Quantity, BTreeMap<usize, ValuesByEpoch>>,
    /// The rows of `summary.csv` at the end of training.
    summary: Vec<SummaryRow>,
    /// Most runs of an arm that curves hold behind their means: none on paper.
    pub runs_behind: usize,
    /// What figures are drawn for.
    pub paper: Paper,
    /// By place of the arm: what looks at the image in its first finished run, where weights are there and the input is one.
    pub first_layers: BTreeMap<usize, FirstLayer>,
}

/// Whether a number is one, and small enough to reckon with on an axis; others are as good as absent.
pub fn is_drawable(value: f64) -> bool {
    value.abs() <= 1e300
}

/// A mean, and the interval of it where there is one.
pub type MeanAndInterval = (f64, Option<(f64, f64)>);

/// What is drawn along training where nothing else is asked for.
pub const CURVES: [Metric; 4] = [LOSS, ACCURACY, GRADIENT_ANGLE, FEEDBACK_ANGLE];

impl Data {
    /// Reads the CSV files of a result, of `metrics.csv` what these metrics have along training, and the weights that runs left.
    pub fn read(results: &Folder, curves: &[Metric]) -> Result<Self, ResultsError> {
        let folder = results.path();
        let mut arms: Vec<ArmRuns> = ArmTable::read(&folder.join("arms.csv"))?
            .rows
            .into_iter()
            .map(ArmRuns::new)
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
        if path.try_exists().map_err(ResultsError::io("read", &path))? {
            let rows: Vec<TuningRow> = results::read(&path)?;
            let tuned: BTreeSet<&str> = rows.iter().map(|row| &*row.arm).collect();
            let edges = results::edges(&rows);
            for arm in &mut arms {
                let is_tuned = tuned.contains(&*arm.row.arm);
                let of_arm = edges.iter().filter(|edge| edge.arm == arm.row.arm);
                arm.edges = of_arm.map(Edge::to_string).collect();
                arm.tuned = Some(is_tuned);
                if !is_tuned {
                    arm.row.label += " (untuned)";
                }
            }
        }
        let values = read_values(&folder.join("metrics.csv"), curves, &arms, &places)?;
        let drawable = arms.iter().enumerate().take(MOST_ARMS);
        let mut first_layers = BTreeMap::new();
        for (place, arm) in drawable {
            if let Some(run) = arm.finished.first() {
                first_layers.extend(FirstLayer::of(results, run)?.map(|layer| (place, layer)));
            }
        }
        Ok(Self {
            arms,
            values,
            summary,
            runs_behind: 0,
            paper: Paper::JOURNAL,
            first_layers,
        })
    }

    /// The layers that values are of, network and all together apart, by name.
    pub fn layers(&self) -> BTreeSet<String> {
        let layers = self.values.keys().map(|quantity| quantity.layer.clone());
        layers.filter(|layer| layer != "none").collect()
    }

    /// Leaves out the values of other layers.
    pub fn keep_layers(&mut self, keep: impl Fn(&str) -> bool) {
        self.values
            .retain(|quantity, _| quantity.layer == "none" || keep(&quantity.layer));
    }

    /// Keeps the arms at these places, in this order.
    pub fn rearrange(&mut self, order: &[usize]) {
        let mut arms: Vec<Option<ArmRuns>> = std::mem::take(&mut self.arms).into_iter().map(Some).collect();
        self.arms = order.iter().filter_map(|place| arms[*place].take()).collect();
        self.move_values(|place| order.iter().position(|old| *old == place));
    }

    /// Gives arms the places and labels that they have among these; of those that are not here there are no runs and no values.
    pub fn spread_over(&mut self, all: &[ArmRow]) {
        let mut arms = std::mem::take(&mut self.arms);
        let places: Vec<Option<usize>> = arms
            .iter()
            .map(|arm| all.iter().position(|row| row.arm == arm.row.arm))
            .collect();
        self.move_values(|place| places[place]);
        self.arms = all
            .iter()
            .map(|row| {
                let own = arms.iter().position(|arm| arm.row.arm == row.arm);
                let mut arm = own.map_or_else(|| ArmRuns::new(row.clone()), |place| arms.swap_remove(place));
                arm.row.label.clone_from(&row.label);
                arm
            })
            .collect();
    }

    /// Puts what belongs to arms in other places; what has none is left out.
    fn move_values(&mut self, moved: impl Fn(usize) -> Option<usize>) {
        for values in self.values.values_mut() {
            let old = std::mem::take(values);
            values.extend(
                old.into_iter()
                    .filter_map(|(place, values)| Some((moved(place)?, values))),
            );
        }
        let old = std::mem::take(&mut self.first_layers);
        let old = old
            .into_iter()
            .filter_map(|(place, layer)| Some((moved(place)?, layer)));
        self.first_layers.extend(old);
    }

    /// The arms, by place, that a sheet has room for.
    pub fn drawable(&self) -> Range<usize> {
        0..self.arms.len().min(MOST_ARMS)
    }

    /// Curves of a quantity, by arm. An arm without values is absent.
    pub fn curves(&self, metric: &Metric, split: &str, layer: &str, reference: &str) -> Vec<Curve> {
        let factor = quantities::factor(metric);
        let [metric, split, layer, reference] = [metric.name, split, layer, reference].map(str::to_owned);
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
            points: points(values, factor),
            runs: runs(values, factor, self.runs_behind),
        })
        .filter(|curve| !curve.points.is_empty())
        .collect()
    }

    /// Layers and references for which a metric has values, in no order of the network.
    pub fn pairs(&self, metric: &Metric) -> BTreeSet<(String, String)> {
        let of_metric = self.values.keys().filter(|quantity| quantity.metric == metric.name);
        of_metric
            .map(|quantity| (quantity.layer.clone(), quantity.reference.clone()))
            .collect()
    }

    /// The mean of a score on a split at the end of training, with its interval, in the unit of figures.
    pub fn final_score(&self, arm: usize, score: &Metric, split: &str) -> Option<MeanAndInterval> {
        let row = self.final_statistics(arm, score, split)?;
        Some(mean_and_interval(row, quantities::factor(score)))
    }

    /// Statistics of a score on a split at the end of training.
    pub fn final_statistics(&self, arm: usize, score: &Metric, split: &str) -> Option<&SummaryRow> {
        self.answer(arm, Question::new(score.name, split, At::Final))
    }

    /// Angles between the update of each arm's own rule and a reference's at the end of training, by place of the arm.
    pub fn final_angles(&self, layer: &str, reference: &str) -> BTreeMap<usize, MeanAndInterval> {
        let question = Question {
            layer,
            reference,
            ..Question::new(GRADIENT_ANGLE.name, GRADIENT_ANGLE.split(), At::Final)
        };
        let of_arm = |arm| Some((arm, mean_and_interval(self.answer(arm, question)?, 1.0)));
        self.drawable().filter_map(of_arm).collect()
    }

    /// Cosines between the updates of an arm's rules at the end of training.
    pub fn final_cosines(&self, arm: &str) -> impl Iterator<Item = &SummaryRow> {
        let cosine = |row: &SummaryRow| row.at == At::Final && row.metric == GRADIENT_COSINE.name;
        self.summary.iter().filter(move |row| row.arm == arm && cosine(row))
    }

    fn answer(&self, arm: usize, question: Question<'_>) -> Option<&SummaryRow> {
        let row = question.statistics(&self.arms[arm].row, &self.summary);
        row.filter(|row| is_drawable(row.mean))
    }
}

impl ArmRuns {
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

/// Keeps the values of these metrics of finished runs; the table is read once, row by row.
fn read_values(
    path: &Path,
    curves: &[Metric],
    arms: &[ArmRuns],
    places: &BTreeMap<String, usize>,
) -> Result<BTreeMap<Quantity, BTreeMap<usize, ValuesByEpoch>>, ResultsError> {
    let finished: Vec<BTreeSet<u64>> = arms
        .iter()
        .map(|arm| arm.finished.iter().map(|run| run.seed).collect())
        .collect();
    let mut values: BTreeMap<Quantity, BTreeMap<usize, ValuesByEpoch>> = BTreeMap::new();
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
        let asked = metrics::of_own(&metric).unwrap_or(&metric);
        let Some(asked) = curves.iter().find(|drawn| drawn.name == asked) else {
            continue;
        };
        let place = place_of(&arm, places, path, line)?;
        let speaks = arms[place].row.speaks(asked.name, &metric, &rule);
        if speaks && is_drawable(value) && epoch >= 0.0 && finished[place].contains(&seed) {
            let quantity = Quantity {
                metric: asked.name.to_owned(),
                split,
                layer,
                reference,
            };
            let curve = values.entry(quantity).or_default().entry(place).or_default();
            curve.entry(epoch.to_bits()).or_default().push((seed, value));
        }
    }
    Ok(values)
}

fn place_of(arm: &str, places: &BTreeMap<String, usize>, path: &Path, line: u64) -> Result<usize, ResultsError> {
    places.get(arm).copied().ok_or_else(|| ResultsError::Table {
        path: path.to_owned(),
        line,
        column: Some("arm".to_owned()),
        problem: format!("`{arm}` is not an arm of arms.csv"),
    })
}

fn points(values: &ValuesByEpoch, factor: f64) -> Vec<Point> {
    values
        .iter()
        .filter_map(|(&epoch, sample)| {
            let sample: Vec<f64> = sample.iter().map(|(_, value)| *value).collect();
            Some(Point {
                epoch: f64::from_bits(epoch),
                n: sample.len(),
                mean: factor * stats::mean(&sample).filter(|mean| is_drawable(*mean))?,
                band: stats::t_interval(&sample, LEVEL)
                    .filter(|band| is_drawable(band.low) && is_drawable(band.high))
                    .map(|Interval { low, high }| Interval {
                        low: factor * low,
                        high: factor * high,
                    }),
            })
        })
        .collect()
}

/// At most so many runs, evenly spread over the seeds.
fn runs(values: &ValuesByEpoch, factor: f64, most: usize) -> Vec<RunCurve> {
    let mut runs: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for (&epoch, sample) in values {
        for &(seed, value) in sample {
            let points = runs.entry(seed).or_default();
            points.push((f64::from_bits(epoch), factor * value));
        }
    }
    let runs: Vec<_> = runs
        .into_iter()
        .map(|(seed, points)| RunCurve { seed, points })
        .collect();
    spread::evenly(runs.len(), most)
        .map(|place| runs[place].clone())
        .collect()
}

/// Of a row, times a factor; without an interval that cannot be drawn.
fn mean_and_interval(row: &SummaryRow, factor: f64) -> MeanAndInterval {
    let ends = row.ci_low.zip(row.ci_high);
    let ends = ends.filter(|(low, high)| is_drawable(*low) && is_drawable(*high));
    (factor * row.mean, ends.map(|(low, high)| (factor * low, factor * high)))
}
