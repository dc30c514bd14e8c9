//! Say how long something lasts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A span of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Duration {
    /// So many passes through the training part.
    Epochs(u64),
    /// So many changes of the weights, one for each batch.
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
