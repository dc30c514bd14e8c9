//! Say how long something lasts.

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
            Self::Epochs(epochs) => epochs.saturating_mul(steps_per_epoch),
            Self::Steps(steps) => steps,
        }
    }
}
