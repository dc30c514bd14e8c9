//! Tell where samples come from and what was done to them, so that others can be treated alike.

use super::{DataSet, Inputs, Targets};
use crate::tasks::scale::Fitted;
use std::sync::Arc;

/// What the columns of a table are called that inputs and targets were read from: by its first line, or else by their numbers from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNames {
    /// For each input.
    pub inputs: Vec<String>,
    /// For each column of targets; none where targets are the inputs.
    pub targets: Vec<String>,
}

impl DataSet {
    /// What the columns are called, where the samples were read from a table.
    pub fn columns(&self) -> Option<&ColumnNames> {
        self.columns.as_deref()
    }

    /// The same samples from a table with these columns.
    pub(in crate::tasks) fn with_columns(self, columns: ColumnNames) -> Self {
        Self {
            columns: Some(Arc::new(columns)),
            ..self
        }
    }

    /// How samples are scaled; absent if they stay as they are.
    pub fn fitted(&self) -> Option<&Fitted> {
        self.fitted.as_deref()
    }

    /// What inputs that are stored as bytes are divided by.
    pub fn divisor(&self) -> Option<u8> {
        match &self.content.inputs {
            Inputs::Bytes { divisor, .. } => Some(*divisor),
            Inputs::Numbers(_) => None,
        }
    }

    /// Whether the targets are the inputs themselves.
    pub fn reconstructs(&self) -> bool {
        self.content.targets == Targets::Inputs
    }
}
