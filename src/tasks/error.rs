//! Say what is wrong with a task or its data: where, why, and what helps.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where the fault lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// In a field of the experiment, named by its path: `task.inputs`.
    Field(&'static str),
    /// In a data set that was not found, by the name of its folder.
    DataSet(&'static str),
}

/// Why a task cannot be had, and what the user can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// Where the fault lies.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
    /// What helps.
    pub remedy: String,
}

impl TaskError {
    /// A fault in a file.
    pub(super) fn file(path: &Path, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            place: Place::File(path.to_path_buf()),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// A fault in a field of the experiment.
    pub(super) fn field(path: &'static str, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            place: Place::Field(path),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => write!(f, "{}", path.display()),
            Place::Field(path) => write!(f, "{path}"),
            Place::DataSet(name) => write!(f, "data set `{name}`"),
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\nhelp: {}", self.place, self.reason, self.remedy)
    }
}

impl std::error::Error for TaskError {}
