//! Define what an arm is run with, once every default has been filled in.

use super::NetworkShape;
use super::fingerprint::Fingerprint;
use crate::linalg::Scalar;
use crate::loss::Loss;
use crate::metrics::Choice;
use crate::rules::Rule;
use crate::update::{Duration, Recipe};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// When training ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Stop {
    /// After so many passes through the training part.
    Epochs(u64),
    /// After so many changes.
    Steps(u64),
    /// Once the validation loss has not fallen below its lowest value for so many measurements in a row. The weights are then
    /// the last ones; the best moment is reported beside it.
    Early {
        /// Measurements without a new lowest validation loss; 1 or more.
        #[serde(default = "Stop::default_patience")]
        patience: u64,
        /// When training ends in any case.
        #[serde(default = "Stop::default_at_most")]
        at_most: Duration,
    },
}

impl Default for Stop {
    fn default() -> Self {
        Self::Epochs(20)
    }
}

impl Stop {
    fn default_patience() -> u64 {
        5
    }

    fn default_at_most() -> Duration {
        Duration::Epochs(100)
    }

    /// The latest end.
    pub fn at_most(self) -> Duration {
        match self {
            Self::Epochs(epochs) => Duration::Epochs(epochs),
            Self::Steps(steps) => Duration::Steps(steps),
            Self::Early { at_most, .. } => at_most,
        }
    }

    /// Measurements without a new lowest validation loss that end training; `None` where it does not end early.
    pub fn patience(self) -> Option<u64> {
        match self {
            Self::Early { patience, .. } => Some(patience),
            Self::Epochs(_) | Self::Steps(_) => None,
        }
    }
}

/// How many samples make a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BatchSize {
    /// The whole training part.
    Full,
    /// This many; written as a number.
    #[serde(untagged)]
    Samples(usize),
}

/// In which order an epoch shows the training part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Order {
    /// In an order drawn anew for each epoch.
    #[default]
    Shuffled,
    /// As the training part stands.
    AsGiven,
}

/// What becomes of a last batch that is not full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LastBatch {
    /// It is used.
    #[default]
    Keep,
    /// It is left out.
    Drop,
}

/// How an epoch is cut into batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Batch")]
#[schemars(default, deny_unknown_fields)]
pub struct Batching {
    /// Samples per batch: a number, or the whole training part.
    pub size: BatchSize,
    /// In which order an epoch shows the training part.
    pub order: Order,
    /// What becomes of a last batch that is not full.
    pub last: LastBatch,
}

impl Default for Batching {
    fn default() -> Self {
        Self {
            size: BatchSize::Samples(32),
            order: Order::Shuffled,
            last: LastBatch::Keep,
        }
    }
}

impl Batching {
    /// Samples of a full batch: never more than the `training` there are.
    pub fn samples(&self, training: usize) -> usize {
        match self.size {
            BatchSize::Samples(size) => size.min(training),
            BatchSize::Full => training,
        }
    }

    /// Steps of an epoch.
    pub fn steps_per_epoch(&self, training: usize) -> u64 {
        let size = self.samples(training);
        match self.last {
            LastBatch::Keep => training.div_ceil(size) as u64,
            LastBatch::Drop => (training / size) as u64,
        }
    }
}

/// A rule in a list: what columns call it, and what it is.
#[derive(Clone)]
pub struct NamedRule {
    /// The label, else the rule's name.
    pub label: String,
    /// The rule.
    pub rule: Rule,
}

impl NamedRule {
    /// Called as the rule is.
    pub fn of(rule: Rule) -> Self {
        Self {
            label: rule.name().into(),
            rule,
        }
    }
}

/// When to measure; step 0 and the last step always are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// At regular distances; written `every: Epochs(1)`.
    Every(Duration),
    /// At these moments; written `at: [Steps(1), Steps(10), Epochs(1)]`.
    At(Vec<Duration>),
    /// At the steps `10^(k / per_decade)`, rounded, for `k = 0, 1, ..`; written `at: LogSpaced(per_decade: 3)`.
    LogSpaced(u32),
}

impl When {
    /// The steps to measure at, in a run of at most `end` steps.
    pub fn due(&self, steps_per_epoch: u64, end: u64) -> Due {
        let due = |every, steps| Due { every, steps, end };
        match self {
            Self::Every(every) => due(Some(every.steps(steps_per_epoch).max(1)), BTreeSet::new()),
            Self::At(moments) => {
                let steps = moments.iter().map(|moment| moment.steps(steps_per_epoch));
                due(None, steps.collect())
            }
            Self::LogSpaced(per_decade) => {
                let decade = std::f64::consts::LN_10 / f64::from(*per_decade);
                let step = |k: u32| Scalar::exp(f64::from(k) * decade).round() as u64;
                due(None, (0..).map(step).take_while(|step| *step <= end).collect())
            }
        }
    }
}

/// The steps to measure at.
#[derive(Clone, Debug)]
pub struct Due {
    every: Option<u64>,
    steps: BTreeSet<u64>,
    end: u64,
}

impl Due {
    /// Whether to measure at this step; step 0 and the last one are always due.
    pub fn at(&self, step: u64) -> bool {
        step == 0
            || step == self.end
            || self.every.is_some_and(|every| step.is_multiple_of(every))
            || self.steps.contains(&step)
    }

    /// How many moments that are in a run that takes all its steps.
    pub fn count(&self) -> u64 {
        let again = self.every.map_or(1, |every| self.end / every + 1);
        let is_again = |step: u64| step == 0 || self.every.is_some_and(|every| step.is_multiple_of(every));
        let others = self.steps.iter().copied().filter(|step| *step < self.end);
        let others = others.chain([self.end]).filter(|step| !is_again(*step));
        again + others.count() as u64
    }
}

/// When and what to measure.
#[derive(Clone)]
pub struct Measure {
    /// When.
    pub when: When,
    /// The references of gradient metrics.
    pub against: Vec<NamedRule>,
    /// Samples in the probe batch; the whole training part where it has fewer.
    pub probe: usize,
    /// Proposals that are drawn to judge rules as estimators of the gradient; 0: they are not judged.
    pub draws: u32,
    /// What is written of all that is measured.
    pub metrics: Choice,
}

/// A moment of training at which weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Moment {
    /// After this many changes of the weights; 0 is the start.
    Steps(u64),
    /// Again and again after so long.
    Every(Duration),
    /// At the measurement with the lowest validation loss, of a run that finishes: `best_step` in `runs.csv`.
    Best,
    /// After the last change.
    End,
}

/// A moment of a run that finishes at which predictions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Moment")]
pub enum Answering {
    /// At the measurement with the lowest validation loss.
    Best,
    /// After the last change.
    End,
}

/// What to write besides the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct Save {
    /// At which moments the weights are written, and what the rule owns with them: see `docs/reference/results.md` for the files and their arrays.
    pub weights: Vec<Moment>,
    /// When to write what is predicted for every sample.
    pub predictions: Vec<Answering>,
}

/// Everything an arm may say for itself, with all defaults filled in.
#[derive(Clone)]
pub struct Settings {
    /// The network.
    pub network: NetworkShape,
    /// What is minimised.
    pub loss: Loss,
    /// How proposals become changes.
    pub optimizer: Recipe,
    /// How epochs are cut.
    pub batch: Batching,
    /// When training ends.
    pub stop: Stop,
    /// How long the network stands still at first, while rules adapt what they own.
    pub warm_up: Duration,
    /// When and what to measure.
    pub measure: Measure,
    /// What to write besides the tables.
    pub save: Save,
}

/// An arm of an experiment: a rule, its shadows, and what they are run with.
#[derive(Clone)]
pub struct Arm {
    /// What files call it; unique.
    pub slug: String,
    /// What figures call it.
    pub label: String,
    /// The rule that trains.
    pub rule: NamedRule,
    /// Rules that propose on its weights and adapt to its changes.
    pub shadows: Vec<NamedRule>,
    /// What it is run with.
    pub settings: Settings,
    /// What paths in its rules' options are relative to: the folder of the experiment file.
    pub folder: PathBuf,
    /// The arm's values of the paths in which arms differ, in the order of the plan's `paths`; `None` where a path does not apply.
    pub values: Vec<Option<String>>,
    /// What determines its runs.
    pub fingerprint: Fingerprint,
    /// The settings that the validation part is to choose from, if this arm is tuned; before that, the arm is its first trial.
    pub trials: Vec<Trial>,
    /// Fields as the file has them, with `Tune([..])` in them; what is tuned has no one value to write out.
    pub(super) tuned_fields: Vec<(String, String)>,
}

impl Arm {
    /// All that propose in its runs: the rule, its shadows, the references.
    pub fn rules(&self) -> impl Iterator<Item = &NamedRule> {
        let others = self.shadows.iter().chain(&self.settings.measure.against);
        std::iter::once(&self.rule).chain(others)
    }
}

/// One way of filling in what an arm leaves to tuning.
#[derive(Clone)]
pub struct Trial {
    /// Paths and what stands there in this trial.
    pub taken: Vec<(String, String)>,
    /// The rule.
    pub rule: NamedRule,
    /// What it is run with.
    pub settings: Settings,
    /// As [`Arm::fingerprint`].
    pub fingerprint: Fingerprint,
}
