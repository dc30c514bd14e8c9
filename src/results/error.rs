//! Say which file of a result could not be written or read, where in it, and what to do.

use crate::arrays;
use crate::notation::Fault;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a file of a result could not be written or read.
#[derive(Debug, Error)]
pub enum ResultsError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}{}", path.display(), remedy(action, source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as in "cannot *read*".
        action: &'static str,
        /// The reason.
        source: io::Error,
    },
    /// A CSV file does not hold what its columns promise.
    #[error(
        "{}:{line}: {}{problem}; restore the file or let `creditlab run` write it again",
        path.display(),
        column.as_ref().map_or_else(String::new, |column| format!("column `{column}`: "))
    )]
    Table {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column's name, where one field is to blame.
        column: Option<String>,
        /// What is wrong.
        problem: String,
    },
    /// A file of arrays is damaged, or arrays cannot be stored.
    #[error("{}: {problem}", path.display())]
    Arrays {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// `experiment.ron` does not say what an experiment can.
    #[error("{0}")]
    Experiment(Fault),
    /// Something in a results folder is a link, or in place of a file what is none.
    #[error(
        "{} is {}; nothing is read, written or removed through it: remove it, or give another folder with --out",
        .0.display(),
        .1
    )]
    NotPlain(PathBuf, &'static str),
    /// Another process is at work in a results folder: which one, where the system tells.
    #[error(
        "another process{} is at work in {}; wait until it ends, or use another folder",
        .1.map_or_else(String::new, |process| format!(" ({process})")),
        .0.display()
    )]
    Busy(PathBuf, Option<u32>),
    /// The path of a results folder no longer leads to the folder that was opened.
    #[error(
        "the results folder {} was deleted, moved or replaced while the program worked in it; what is there now was not \
         touched: start again",
        .0.display()
    )]
    Replaced(PathBuf),
    /// The tables of a result are not those that its manifest tells of, or do not fit each other.
    #[error(
        "{}: {problem}; run the experiment again, which takes its finished runs from this folder",
        folder.display()
    )]
    Unfit {
        /// The results folder.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl ResultsError {
    /// For `map_err`: the file system refused `action` on `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            action,
            source,
        }
    }

    /// The arrays of `path` could not be read or stored.
    pub(super) fn arrays(path: &Path, error: arrays::ArraysError) -> Self {
        match error {
            arrays::ArraysError::Io(source) => Self::io("read", path)(source),
            arrays::ArraysError::Damaged(problem) => Self::Arrays {
                path: path.to_owned(),
                problem,
            },
        }
    }
}

/// What to do where a file to be read is not there, or nothing can be written.
pub(crate) fn remedy(action: &str, source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound if action == "read" => "; give the folder of one result, such as results/quickstart",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room, and start the same command again: what is finished is kept"
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied if action != "read" => {
            "; give a folder that can be written to with --out"
        }
        _ => "",
    }
}
