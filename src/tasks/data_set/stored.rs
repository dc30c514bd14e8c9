//! Hold what is stored of a task's samples, the same for all runs.

use crate::digest::hexadecimal;
use crate::tasks::{Kind, Samples};
use sha2::{Digest, Sha256};

/// Inputs of all samples, `n_in × samples`, column-major.
///
/// Pixels stay bytes and are divided when a batch is filled: one exactly rounded division in the run's own precision, so that
/// a run in `f32` sees the nearest `f32` to `pixel / 255` and a run in `f64` the nearest `f64`, in an eighth of the memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Whole numbers from 0 to 255, each to be divided by `divisor`.
    Bytes {
        /// `n_in × samples`.
        values: Vec<u8>,
        /// What an input is divided by.
        divisor: u8,
    },
    /// Numbers, rounded to the run's precision when a batch is filled.
    Numbers(Vec<f64>),
}

/// What the network should answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One of several classes; the target of an output unit is 1 for the sample's class and 0 for others.
    Classes {
        /// A sample's class, counted from 0.
        labels: Vec<u32>,
        /// What the classes are called.
        names: Vec<String>,
    },
    /// One of two classes, told by one output unit whose target is 0 or 1.
    Single {
        /// A sample's class, 0 or 1.
        labels: Vec<u32>,
        /// What the classes are called.
        names: [String; 2],
    },
    /// Numbers, `outputs × samples`, column-major.
    Values {
        /// The numbers.
        values: Vec<f64>,
        /// Numbers a sample.
        outputs: usize,
    },
    /// The inputs themselves, scaled as they are.
    Inputs,
}

impl Targets {
    /// Classes called by their numbers, from 0.
    pub(in crate::tasks) fn numbered(labels: Vec<u32>, classes: usize) -> Self {
        let names = (0..classes).map(|class| class.to_string()).collect();
        Self::Classes { labels, names }
    }

    /// The class of every sample; absent for values.
    pub(super) fn labels(&self) -> Option<&[u32]> {
        match self {
            Self::Classes { labels, .. } | Self::Single { labels, .. } => Some(labels),
            Self::Values { .. } | Self::Inputs => None,
        }
    }

    /// What the classes are called; absent for values.
    pub(super) fn class_names(&self) -> Option<&[String]> {
        match self {
            Self::Classes { names, .. } => Some(names),
            Self::Single { names, .. } => Some(names),
            Self::Values { .. } | Self::Inputs => None,
        }
    }
}

/// Samples as they are stored, before anything is scaled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StoredSamples {
    pub inputs: Inputs,
    /// Inputs a sample.
    pub n_in: usize,
    pub targets: Targets,
}

impl StoredSamples {
    /// So many samples with `n_in` inputs each.
    ///
    /// # Panics
    /// If the lengths do not fit, a label has no class, or a sample has nothing in it.
    pub fn new(inputs: Inputs, n_in: usize, targets: Targets, count: u32) -> Self {
        let count = count as usize;
        assert!(n_in > 0, "a sample has inputs");
        let input_count = match &inputs {
            Inputs::Bytes { values, divisor } => {
                assert!(*divisor > 0, "inputs cannot be divided by 0");
                values.len()
            }
            Inputs::Numbers(values) => values.len(),
        };
        assert_eq!(input_count, n_in * count, "inputs are {n_in} x {count}");
        let (target_count, outputs) = match &targets {
            Targets::Classes { labels, .. } | Targets::Single { labels, .. } => (labels.len(), 1),
            Targets::Values { values, outputs } => (values.len(), *outputs),
            Targets::Inputs => (input_count, n_in),
        };
        assert!(outputs > 0, "a target has at least one number");
        assert_eq!(target_count, outputs * count, "targets are {outputs} x {count}");
        let classes = targets.class_names().map_or(0, <[String]>::len);
        let mut labels = targets.labels().unwrap_or_default().iter();
        assert!(
            labels.all(|&label| (label as usize) < classes),
            "every label has a class"
        );
        Self { inputs, n_in, targets }
    }

    /// What the network answers, and with how many units.
    pub fn kind(&self) -> Kind {
        match &self.targets {
            Targets::Classes { names, .. } => Kind::Classes(names.len()),
            Targets::Single { .. } => Kind::Single,
            Targets::Values { outputs, .. } => Kind::Values(*outputs),
            Targets::Inputs => Kind::Values(self.n_in),
        }
    }

    /// SHA-256 of a line that says what follows, the inputs and the targets; numbers are little-endian.
    pub fn checksum(&self, samples: Samples) -> String {
        let mut sha = Sha256::new();
        let Samples { training, test } = samples;
        sha.update(format!("inputs {}, training {training}, test {test}, ", self.n_in));
        match &self.inputs {
            Inputs::Bytes { divisor, .. } => sha.update(format!("bytes / {divisor}, ")),
            Inputs::Numbers(_) => sha.update("numbers, "),
        }
        match &self.targets {
            Targets::Classes { names, .. } => sha.update(format!("classes {names:?}\n")),
            Targets::Single { names, .. } => sha.update(format!("single {names:?}\n")),
            Targets::Values { outputs, .. } => sha.update(format!("values {outputs}\n")),
            Targets::Inputs => sha.update("inputs\n"),
        }
        match &self.inputs {
            Inputs::Bytes { values, .. } => sha.update(values),
            Inputs::Numbers(values) => values.iter().for_each(|value| sha.update(value.to_le_bytes())),
        }
        match &self.targets {
            Targets::Classes { labels, .. } | Targets::Single { labels, .. } => {
                labels.iter().for_each(|label| sha.update(label.to_le_bytes()));
            }
            Targets::Values { values, .. } => values.iter().for_each(|value| sha.update(value.to_le_bytes())),
            Targets::Inputs => {}
        }
        hexadecimal(&sha.finalize())
    }
}
