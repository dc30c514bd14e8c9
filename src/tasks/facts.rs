//! Hold what is known of a task before its data are loaded.

use super::{FixedSplit, RandomSplit, Split};
use crate::network::Map;

/// What is known of a task before its data are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Inputs a sample.
    pub inputs: usize,
    /// Their channels, rows and columns; absent where they are a plain row of numbers.
    pub image: Option<Map>,
    /// What the network answers.
    pub kind: Kind,
    /// How many samples there are; a [`Split`] says how many of them an epoch has ([`Split::sizes`]).
    pub samples: Samples,
    /// Memory that the loaded samples take, nearly. All runs share it, whatever their precision.
    pub bytes: u64,
    /// Whether targets are the inputs themselves.
    pub reconstructs: bool,
    /// Whether training samples are fresh in every epoch.
    pub streams: bool,
}

impl Facts {
    /// Facts of stored samples with targets of their own.
    pub(super) const fn new(inputs: usize, kind: Kind, samples: Samples, bytes: u64) -> Self {
        Self {
            inputs,
            image: None,
            kind,
            samples,
            bytes,
            reconstructs: false,
            streams: false,
        }
    }

    /// The same of samples that are images.
    pub(super) fn shaped(self, image: impl Into<Option<Map>>) -> Self {
        let image = image.into();
        Self { image, ..self }
    }

    /// How samples are split where the experiment does not say: by the source's own test set if it has one, else at random.
    /// A stream needs no validation part to be kept from training, and has one only where it is asked for.
    pub fn default_split(&self) -> Split {
        match (self.samples.test > 0, self.streams) {
            (_, true) => Split::Fixed(FixedSplit {
                validation: 0.0,
                ..FixedSplit::default()
            }),
            (true, _) => Split::Fixed(FixedSplit::default()),
            _ => Split::Random(RandomSplit::default()),
        }
    }
}

/// What the network answers, and with how many units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of so many classes, a unit each.
    Classes(usize),
    /// One of two classes, told by one unit and the threshold 0.5.
    Single,
    /// So many numbers.
    Values(usize),
}

impl Kind {
    /// Output units.
    pub fn outputs(self) -> usize {
        match self {
            Kind::Classes(n) | Kind::Values(n) => n,
            Kind::Single => 1,
        }
    }
}

/// How many samples a source has. Samples are numbered from 0, those for training first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples {
    /// For training and validation, and for test where the source has no test set.
    pub training: u32,
    /// In the source's own test set; 0 where it has none.
    pub test: u32,
}

impl Samples {
    /// So many for training and for test.
    pub const fn new(training: u32, test: u32) -> Self {
        Self { training, test }
    }

    /// Samples of a source that has no test set of its own.
    pub const fn without_test(training: u32) -> Self {
        Self::new(training, 0)
    }

    /// Samples of a part for training and, where there is one, of another for test.
    pub(super) fn of_parts(mut counts: impl Iterator<Item = u32>) -> Self {
        let mut next = || counts.next().unwrap_or(0);
        Self::new(next(), next())
    }

    /// All samples.
    pub const fn total(self) -> u32 {
        self.training + self.test
    }
}
