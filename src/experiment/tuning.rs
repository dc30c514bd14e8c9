//! Say how the validation part chooses among the trials of an arm.

use std::fmt;
use std::ops::Range;

/// Seeds of trials begin here, so that choosing sees no run that is reported.
pub const FIRST_SEED: u64 = 1_000_000;

/// What trials are judged by: the validation part at the end of training, of the rule's own prediction where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// The higher the better.
    Accuracy,
    /// The lower the better.
    Loss,
}

/// As files have it.
impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accuracy => "accuracy",
            Self::Loss => "loss",
        })
    }
}

/// How to choose among trials: by the mean over seeds of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// What is compared.
    pub by: Criterion,
    /// Runs of each trial, with the seeds 1,000,000, 1,000,001, ...
    pub seeds: u64,
}

impl Tuning {
    /// The seeds of every trial.
    pub fn seeds(&self) -> Range<u64> {
        FIRST_SEED..FIRST_SEED + self.seeds
    }
}
