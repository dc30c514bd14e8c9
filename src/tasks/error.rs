//! Say what is wrong with a task or its data: where, why, and what helps.

use crate::refusal::Refusal;
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Data that the fault lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataPlace {
    /// A file.
    File(PathBuf),
    /// A data set that was not found, by the name of its folder.
    DataSet(&'static str),
}

/// Why a task cannot be had, and what the user can do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TaskError {
    /// A field of the experiment, such as `task.inputs`; the reason is a sentence of its own.
    #[error("{}: {}\nhelp: {}", .0.option, .0.reason, .0.remedy)]
    Refused(#[from] Refusal),
    /// The data.
    #[error("{place}: {reason}\nhelp: {remedy}")]
    Data {
        /// Where the fault lies.
        place: DataPlace,
        /// What is wrong there.
        reason: String,
        /// What helps.
        remedy: String,
    },
}

impl TaskError {
    /// A fault in a file.
    pub(super) fn file(path: &Path, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Data {
            place: DataPlace::File(path.to_path_buf()),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// A fault in a field of the experiment.
    pub(super) fn field(path: &str, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Refusal::new(path, reason, remedy).into()
    }
}

impl fmt::Display for DataPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::DataSet(name) => write!(f, "data set `{name}`"),
        }
    }
}
