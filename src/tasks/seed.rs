//! Say which samples of a synthetic task runs have.

use super::in_words::{in_words, value_or_name};

/// What the samples of a task are drawn from: `seed: 0`, or `seed: PerRun`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// All runs of an experiment have the same samples.
    Fixed(u64),
    /// A run with seed s has the samples that `seed: s` stands for: each seed its own, the same for all arms, made when the run
    /// begins.
    PerRun,
}

impl Default for Seed {
    fn default() -> Self {
        Self::Fixed(0)
    }
}

impl Seed {
    /// The number behind the samples; where each run has its own, that of the run with seed 0.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Fixed(seed) => seed,
            Self::PerRun => 0,
        }
    }
}

in_words!(Seed, "a whole number, or `PerRun`");
value_or_name!(Seed, Fixed(u64) by visit_u64, PerRun, "a whole number or `PerRun`");
