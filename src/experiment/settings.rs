//! Define what an arm is run with, once every default has been filled in.

use super::NetworkShape;
use crate::loss::Loss;
use crate::rules::Rule;
use crate::update::Optimizer;
use serde::{Deserialize, Serialize};

/// A span of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Duration {
    /// Passes through the training part.
    Epochs(u64),
    /// Changes.
    Steps(u64),
}

impl Duration {
    /// In steps.
    pub fn steps(self, steps_per_epoch: u64) -> u64 {
        match self {
            Self::Epochs(epochs) => epochs * steps_per_epoch,
            Self::Steps(steps) => steps,
        }
    }
}

/// How many samples make a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchSize {
    /// This many; written as a number.
    Samples(usize),
    /// The whole training part.
    Full,
}

/// In which order an epoch shows the training part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Drawn anew for each epoch.
    #[default]
    Shuffled,
    /// As the training part stands.
    AsGiven,
}

/// What becomes of a last batch that is not full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LastBatch {
    /// It is used.
    #[default]
    Keep,
    /// It is left out.
    Drop,
}

/// How an epoch is cut into batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Samples per batch.
    pub size: BatchSize,
    /// Their order.
    pub order: Order,
    /// The last, smaller one.
    pub last: LastBatch,
}

impl Batch {
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

/// When and what to measure.
#[derive(Clone)]
pub struct Measure {
    /// Between measurements; step 0 and the last step are always measured.
    pub every: Duration,
    /// The references of gradient metrics.
    pub against: Vec<NamedRule>,
    /// Samples in the probe batch; the whole training part where it has fewer.
    pub probe: usize,
    /// Proposals that are drawn to judge rules as estimators of the gradient; 0: they are not judged.
    pub draws: u32,
}

/// A moment of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// After this many changes.
    Steps(u64),
    /// After the last change.
    End,
}

/// What to write besides the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Save {
    /// When to write the weights.
    pub weights: Vec<Moment>,
}

/// Everything an arm may say for itself, with all defaults filled in.
#[derive(Clone)]
pub struct Settings {
    /// The network.
    pub network: NetworkShape,
    /// What is minimised.
    pub loss: Loss,
    /// How proposals become changes.
    pub optimizer: Optimizer,
    /// How epochs are cut.
    pub batch: Batch,
    /// When training ends.
    pub stop: Duration,
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
    /// The arm's values of the paths in which arms differ, in the order of the plan's `paths`; `None` where a path does not apply.
    pub values: Vec<Option<String>>,
    /// Everything that determines the arm's runs but seed, task, split, precision and data, as text: equal texts, equal runs.
    pub fingerprint: String,
}
