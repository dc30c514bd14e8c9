//! Tell where samples come from and what was done to them, so that others can be treated alike.

use super::{DataSet, Inputs, Targets};
use crate::tasks::scale::Fitted;

impl DataSet {
    /// How samples are scaled; absent if they stay as they are.
    pub fn fitted(&self) -> Option<&Fitted> {
        self.fitted.as_deref()
    }

    /// What inputs that are stored as bytes are divided by.
    pub fn divisor(&self) -> Option<u8> {
        match &self.stored.inputs {
            Inputs::Bytes { divisor, .. } => Some(*divisor),
            Inputs::Numbers(_) => None,
        }
    }

    /// Whether the targets are the inputs themselves.
    pub fn reconstructs(&self) -> bool {
        self.stored.targets == Targets::Inputs
    }
}
