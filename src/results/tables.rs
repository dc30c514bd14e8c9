//! Define the rows of `arms.csv`, `runs.csv`, `metrics.csv` and `summary.csv`, column for column.

use super::ResultsError;
use super::table::{self, Row, RowReader};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One measured value: a row of `metrics.csv`. A value that does not exist has no row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// The arm's slug.
    pub arm: String,
    /// The run's seed.
    pub seed: u64,
    /// Changes applied so far; 0 is before training.
    pub step: u64,
    /// `step` over the steps of an epoch.
    pub epoch: f64,
    /// `train`, `validation`, `test`, `probe` for proposals, `none` for weights.
    pub split: String,
    /// What was measured.
    pub metric: String,
    /// Whose proposal or prediction it is; `none` for what belongs to the network.
    pub rule: String,
    /// `none`, `layer1` (nearest the input) .. `layerL`, `hidden` or `all`.
    pub layer: String,
    /// The other rule of a pair, or `none`.
    pub reference: String,
    /// The value: a finite number.
    pub value: f64,
}

impl MetricRow {
    /// The arm and the seed of its run.
    pub fn run(&self) -> (&str, u64) {
        (&self.arm, self.seed)
    }
}

impl Row for MetricRow {
    const HEADER: &'static str = "arm,seed,step,epoch,split,metric,rule,layer,reference,value";
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It took all its steps.
    Finished,
    /// A proposal, a loss or a weight was no longer finite.
    Diverged,
}

/// Loss and accuracy on one part of the data, of the rule's own prediction where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mean loss per example.
    pub loss: Option<f64>,
    /// Share of examples told right, 0 to 1; absent for value targets.
    pub accuracy: Option<f64>,
}

/// Scores on the parts of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// On the whole training part.
    pub train: Score,
    /// On the validation part.
    pub validation: Score,
    /// On the test part.
    pub test: Score,
}

/// One run: a row of `runs.csv`, sorted by arm and seed. Where a value does not exist, the cell is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// The arm's slug.
    pub arm: String,
    /// The run's seed.
    pub seed: u64,
    /// How it ended.
    pub status: Status,
    /// The step that found the first number that was not finite.
    pub diverged_step: Option<u64>,
    /// Changes applied.
    pub steps: u64,
    /// `steps` over the steps of an epoch.
    pub epochs: f64,
    /// The measured step with the lowest validation loss.
    pub best_step: Option<u64>,
    /// Multiply-adds spent on training.
    pub multiply_adds: Option<u64>,
    /// At the last measured step: the columns `final_*`.
    pub last: Scores,
    /// At `best_step`: the columns `best_*`.
    pub best: Scores,
}

impl RunRow {
    /// Its arm and its seed.
    pub fn key(&self) -> (&str, u64) {
        (&self.arm, self.seed)
    }
}

impl Row for RunRow {
    const HEADER: &'static str = "arm,seed,status,diverged_step,steps,epochs,best_step,multiply_adds,final_train_loss,\
         final_train_accuracy,final_validation_loss,final_validation_accuracy,final_test_loss,\
         final_test_accuracy,best_train_loss,best_train_accuracy,best_validation_loss,\
         best_validation_accuracy,best_test_loss,best_test_accuracy";
}

/// The moment of a run that a statistic speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// The last measured step.
    Final,
    /// The measured step with the lowest validation loss.
    BestValidation,
}

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Student's t, 95 %.
    T95,
    /// Bias-corrected and accelerated bootstrap, 95 %.
    Bca95,
}

/// Statistics of one value over the seeds of an arm: a row of `summary.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    /// The arm's slug.
    pub arm: String,
    /// What was measured.
    pub metric: String,
    /// On which part of the data.
    pub split: String,
    /// Whose proposal or prediction.
    pub rule: String,
    /// At which layer.
    pub layer: String,
    /// Against which rule.
    pub reference: String,
    /// When.
    pub at: At,
    /// Finished runs that have the value.
    pub n: u64,
    /// Diverged runs of the arm; they enter no statistic.
    pub diverged: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (divisor n - 1); empty for one run.
    pub sd: Option<f64>,
    /// Lower end of the interval of the mean; empty for one run.
    pub ci_low: Option<f64>,
    /// Upper end of the interval of the mean; empty for one run.
    pub ci_high: Option<f64>,
    /// The interval's method; empty for one run.
    pub interval: Option<IntervalMethod>,
    /// Median.
    pub median: f64,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
}

impl Row for SummaryRow {
    const HEADER: &'static str =
        "arm,metric,split,rule,layer,reference,at,n,diverged,mean,sd,ci_low,ci_high,interval,median,min,max";
}

/// Which prediction of an arm counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// The network's forward pass.
    Forward,
    /// The rule's own way.
    Own,
}

/// One arm: a row of `arms.csv`. What is not known is an empty cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmRow {
    /// The slug, unique in the experiment.
    pub arm: String,
    /// Free text for figures.
    pub label: String,
    /// The rule's name in RON files.
    pub rule: String,
    /// Which prediction counts.
    pub prediction: Prediction,
    /// Trained numbers of the network.
    pub parameters: Option<u64>,
    /// Multiply-adds of one training step per sample.
    pub multiply_adds_per_sample: Option<f64>,
    /// Forward passes per sample.
    pub forward_passes_per_sample: Option<f64>,
    /// Random numbers drawn per sample.
    pub random_numbers_per_sample: Option<f64>,
    /// Numbers the rule owns, per weight of the network.
    pub state_per_weight: Option<f64>,
    /// The value at each of [`ArmTable::paths`], in their order; `None` where the arm has no such path.
    #[serde(default)] // no path, no column
    pub settings: Vec<Option<String>>,
}

/// `arms.csv`: fixed columns, then one for each path of the spec in which arms differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArmTable {
    /// The paths in which arms differ, such as `optimizer.learning_rate`.
    pub paths: Vec<String>,
    /// The arms, in the experiment's order. Figures give colours in this order.
    pub rows: Vec<ArmRow>,
}

impl ArmTable {
    /// The columns that are always there.
    pub const HEADER: &'static str = "arm,label,rule,prediction,parameters,multiply_adds_per_sample,forward_passes_per_sample,\
         random_numbers_per_sample,state_per_weight";

    /// The bytes of the file.
    ///
    /// # Panics
    /// If an arm has more or fewer settings than there are paths.
    pub fn encode(&self) -> Vec<u8> {
        let header = Self::HEADER.split(',').chain(self.paths.iter().map(String::as_str));
        table::encode_under(header, &self.rows)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// As [`super::rows`]; the fixed columns must come first.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        let (reader, header) = table::open(path)?;
        let (mut columns, fixed) = (header.iter(), Self::HEADER.split(','));
        if !columns.by_ref().take(fixed.clone().count()).eq(fixed) {
            let problem = format!("the first columns must be `{}`", Self::HEADER);
            return Err(ResultsError::Table {
                path: path.to_owned(),
                line: 1,
                column: None,
                problem,
            });
        }
        let paths = columns.map(str::to_owned).collect();
        let rows = RowReader::new(path, reader, header).collect::<Result<_, _>>()?;
        Ok(Self { paths, rows })
    }
}
