//! Say which file of a result could not be written or read, where in it, and what to do.

use crate::arrays;
use crate::notation::Fault;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why a file of a result could not be written or read.
#[derive(Debug)]
pub enum Error {
    /// The file system refused.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as in "cannot *read*".
        action: &'static str,
        /// The reason.
        source: io::Error,
    },
    /// A CSV file does not hold what its columns promise.
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
    Arrays {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// `experiment.ron` does not say what an experiment can.
    Experiment(Fault),
    /// Something in a results folder is a link, or in place of a file what is none.
    NotPlain(PathBuf, &'static str),
    /// The path of a results folder no longer leads to the folder that was opened.
    Replaced(PathBuf),
    /// The tables of a result are not those that its manifest tells of, or do not fit each other.
    Unfit {
        /// The results folder.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl Error {
    /// For `map_err`: the file system refused `action` on `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            path: path.to_owned(),
            action,
            source,
        }
    }

    /// The arrays of `path` could not be read or stored.
    pub(super) fn arrays(path: &Path, error: arrays::ArraysError) -> Error {
        match error {
            arrays::ArraysError::Io(source) => Self::io("read", path)(source),
            arrays::ArraysError::Damaged(problem) => Error::Arrays {
                path: path.to_owned(),
                problem,
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { path, action, source } => {
                write!(f, "cannot {action} {}: {source}", path.display())?;
                if *action == "read" && source.kind() == io::ErrorKind::NotFound {
                    write!(f, "; give the folder of one result, such as results/quickstart")?;
                }
                Ok(())
            }
            Error::Table {
                path,
                line,
                column,
                problem,
            } => {
                write!(f, "{}:{line}: ", path.display())?;
                if let Some(column) = column {
                    write!(f, "column `{column}`: ")?;
                }
                write!(f, "{problem}; restore the file or let `creditlab run` write it again")
            }
            Error::Experiment(fault) => fault.fmt(f),
            Error::NotPlain(path, kind) => write!(
                f,
                "{} is {kind}; nothing is read, written or removed through it: remove it, or give another folder with --out",
                path.display()
            ),
            Error::Replaced(path) => write!(
                f,
                "the results folder {} was deleted, moved or replaced while the program worked in it; what is there now was not \
                 touched: start again",
                path.display()
            ),
            Error::Unfit { folder, problem } => write!(
                f,
                "{}: {problem}; run the experiment again, which takes its finished runs from this folder",
                folder.display()
            ),
            Error::Arrays { path, problem } => write!(f, "{}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
