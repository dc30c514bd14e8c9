//! Describe the fields of an experiment file, for the help: their meaning, their defaults, and what can stand there.
//!
//! What reads them stands in `parse.rs`, `arms.rs` and `read/`; tests hold names and defaults here to it.

use super::{Batching, Compare, METRICS, NetworkShape, Precision, Replication, Save, Stop};
use crate::loss::Loss;
use crate::tasks::in_words::in_words;
use crate::tasks::{Augment, RandomSplit, Scale, Split, Task};
use crate::update::{Duration, Recipe};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// The fields of an experiment file. `task` and `arms` are all that must be there.
#[derive(JsonSchema)]
#[schemars(rename = "Experiment", deny_unknown_fields)]
#[allow(dead_code)] // it only describes
pub(crate) struct ExperimentFields {
    /// Name of the results folder; left out, the name of the file.
    name: Option<String>,
    /// What is learned. `creditlab tasks NAME` tells the options of a task.
    #[schemars(schema_with = "a_task")]
    task: Task,
    /// Shares of the samples; the test part is the same for all seeds. `Fixed(validation: 0.1, held_out: Drawn)`, where the task
    /// has a test set, is the default there (`Last`: the last training samples validate). `Folds(5)`, or
    /// `Folds(file: "folds.csv")`: seed s holds out fold s.
    #[schemars(default = "random_split")]
    split: Split,
    /// How numbers are changed before the network sees them: `Standard` or `MinMax(low: 0, high: 1)`, fitted on the training part
    /// (or, leaking, `Standard(fitted_on: All)`); inputs also `UnitLength`, each sample divided by its
    /// length, and `Channels(mean: [0.1307], sd: [0.3081])`, for the channels of images; classes: `Levels(low: 0.1, high: 0.9)`.
    #[schemars(default)]
    scale: Scale,
    /// Share of the training part whose label is another class, drawn for each seed; validation and test part stay clean.
    #[schemars(default)]
    label_noise: f64,
    /// How the images of training batches are changed, anew in each epoch: `(shift: 4, mirror: true)` moves each by up to 4 pixels
    /// and mirrors every second one, by chance. Measurements see images as they are.
    #[schemars(default)]
    augment: Augment,
    /// The layers; inputs and outputs are the task's. Short: `[64, 64]`. A list has a value for each layer, and one value holds
    /// for all.
    #[schemars(default)]
    network: NetworkShape,
    /// What is minimised: `CrossEntropy` of logits. `HalfSquares` is the default for tasks with values, `LogisticCrossEntropy` for
    /// those with a single output, and for values from 0 to 1; also `Squares`. Each is of one example, summed over outputs, or
    /// `(over: Mean)`.
    #[schemars(default = "cross_entropy")]
    loss: Loss,
    /// How updates become changes of the weights. An option that is left out of `Sgd(..)` is 0, `learning_rate` must be given.
    #[schemars(default)]
    optimizer: Recipe,
    /// How an epoch is cut into batches. Short: `32`. Also `size: Full`, `order: AsGiven`, `last: Drop`.
    #[schemars(default)]
    batch: Batching,
    /// When training ends: also `Steps(5000)`, or `Early(patience: 5, at_most: Epochs(100))`, after so many measurements without a
    /// lower validation loss.
    #[schemars(default)]
    stop: Stop,
    /// How long the network stands still at first while rules adapt what they own.
    #[schemars(default = "no_time")]
    warm_up: Duration,
    /// The numbers of all runs: in single precision, or `F64`.
    #[schemars(default)]
    precision: Precision,
    /// What each arm runs with: the seeds 0 to 9; or a list, `[3, 5, 8]`. With `Folds`, one seed for each fold.
    #[schemars(schema_with = "seeds", default = "ten")]
    seeds: u64,
    /// How often (or `at: [Steps(1), Epochs(2)]`, `at: LogSpaced(per_decade: 3)`), the rules that proposals are compared with, the
    /// samples they are compared on, how many proposals are drawn to judge rules that draw random numbers, and which metrics are
    /// written. The beginning and the end are always measured.
    #[schemars(default)]
    measure: MeasureFields,
    /// What to write besides the tables: `weights`, as safetensors, at moments such as `[Steps(0), Every(Epochs(5)), Best, End]`;
    /// `predictions`, for every sample, at `[Best, End]`. `Best` is at the lowest validation loss. Where the input is an image, the
    /// last weights make the figure `weights`.
    #[schemars(default)]
    save: Save,
    /// How the values in `Tune([..])` are chosen, by the validation part.
    tune: Option<Tune>,
    /// Which arm the others are compared with, seed by seed, by paired tests; written to `comparisons.csv`.
    compare: Option<Compare>,
    /// Published values that the runs are held to, with the bounds that were fixed beforehand: `creditlab replicate` judges by them.
    replication: Option<Replication>,
    /// What is compared: a list of rules, each with its default options or with some in brackets, or of arms
    /// `(rule: .., ..)` with settings of their own. `creditlab rules` lists the rules.
    arms: Vec<ArmFields>,
}

/// A rule and what it is run with. A bare rule, such as `Backprop`, is short for `(rule: Backprop)`. Settings replace the
/// experiment's whole.
#[derive(JsonSchema)]
#[schemars(rename = "Arm", deny_unknown_fields)]
#[allow(dead_code)] // it only describes
struct ArmFields {
    /// What figures call it; left out, the rule's name with what tells it from other arms.
    label: Option<String>,
    /// What trains the network. `creditlab rules NAME` tells the options of a rule.
    rule: RuleInWords,
    /// Further rules that propose on the weights of the arm, and learn what they own, without changing the network.
    #[schemars(default = "no_rules")]
    shadows: Vec<RuleInWords>,
    /// In place of the experiment's `network`.
    #[schemars(schema_with = "as_above")]
    network: Option<()>,
    /// In place of the experiment's `loss`.
    #[schemars(schema_with = "as_above")]
    loss: Option<()>,
    /// In place of the experiment's `optimizer`.
    #[schemars(schema_with = "as_above")]
    optimizer: Option<()>,
    /// In place of the experiment's `batch`.
    #[schemars(schema_with = "as_above")]
    batch: Option<()>,
    /// In place of the experiment's `stop`.
    #[schemars(schema_with = "as_above")]
    stop: Option<()>,
    /// In place of the experiment's `warm_up`.
    #[schemars(schema_with = "as_above")]
    warm_up: Option<()>,
    /// In place of the experiment's `measure`.
    #[schemars(schema_with = "as_above")]
    measure: Option<()>,
    /// In place of the experiment's `save`.
    #[schemars(schema_with = "as_above")]
    save: Option<()>,
}

/// When and what to measure.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Measure", default, deny_unknown_fields)]
struct MeasureFields {
    /// The distance of measurements, at least one step.
    every: Duration,
    /// Moments to measure at, in place of `every`.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<MeasuredMoments>,
    /// The rules that proposals are compared with, on the same weights and samples.
    against: Vec<RuleInWords>,
    /// Samples of the training part that proposals are compared on, the same ones all through a run; the whole training part
    /// where it has fewer.
    probe: usize,
    /// How many proposals are drawn at each measurement to judge rules that draw random numbers, as estimators of the gradient;
    /// 0 for none, else at least 2.
    draws: u32,
    /// What is written of all that is measured: `"default"` for what is written without it, and names of metrics, such as
    /// `"accuracy"`, `"balanced_accuracy"`, `"class_accuracy"`, `"top_accuracy(5)"` or `"r2"`.
    metrics: Vec<String>,
}

impl Default for MeasureFields {
    fn default() -> Self {
        Self {
            every: Duration::Epochs(1),
            at: None,
            against: vec![RuleInWords("Backprop")],
            probe: 256,
            draws: 0,
            metrics: vec!["default".into()],
        }
    }
}

/// Moments to measure at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Moments")]
#[allow(dead_code)] // it only describes
enum MeasuredMoments {
    /// At the steps `10^(k / per_decade)`, rounded, for `k = 0, 1, ..`.
    LogSpaced {
        /// Moments for each tenfold of steps, from 1 to 1000.
        #[schemars(default = "three")]
        per_decade: u32,
    },
    /// A list of moments, such as `[Steps(1), Steps(10), Epochs(1)]`.
    #[serde(untagged)]
    Listed(Vec<Duration>),
}

/// How the values in `Tune([..])` are chosen.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)] // it only describes
struct Tune {
    /// What trials are judged by, on the validation part at the end of training: the highest mean accuracy, or the lowest mean
    /// loss, which is the default for tasks with values.
    #[schemars(schema_with = "criterion", default = "accuracy")]
    by: String,
    /// Runs of each trial, with the seeds 1,000,000, 1,000,001 and so on, which no other run may have.
    #[schemars(default = "three")]
    seeds: u64,
}

/// A learning rule with its options.
#[derive(Serialize)]
struct RuleInWords(&'static str);

in_words!(RuleInWords, "a rule, such as `Backprop`");

/// A value described in words.
fn form(words: impl Into<String>) -> Schema {
    json_schema!({ "x-form": words.into() })
}

fn a_task(_: &mut SchemaGenerator) -> Schema {
    form("a task, such as `Digits`")
}

fn as_above(_: &mut SchemaGenerator) -> Schema {
    form("as there")
}

fn seeds(_: &mut SchemaGenerator) -> Schema {
    form("a whole number, or a list such as `[3, 5, 8]`")
}

fn criterion(_: &mut SchemaGenerator) -> Schema {
    form("`\"accuracy\"` or `\"loss\"`")
}

pub(super) fn metrics(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = METRICS.iter().map(|metric| format!("`\"{}\"`", metric.name)).collect();
    form(format!("a list of {}", names.join(", ")))
}

pub(super) fn slug(_: &mut SchemaGenerator) -> Schema {
    form("the name of an arm in files, or its label, in quotes")
}

fn random_split() -> Split {
    Split::Random(RandomSplit::default())
}

fn cross_entropy() -> Loss {
    Loss::CROSS_ENTROPY
}

fn no_time() -> Duration {
    Duration::Epochs(0)
}

fn ten() -> u64 {
    10
}

fn three() -> u32 {
    3
}

fn accuracy() -> &'static str {
    "\"accuracy\""
}

fn no_rules() -> Vec<RuleInWords> {
    Vec::new()
}
