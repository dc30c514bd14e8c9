//! Say why runs were not carried out.

use crate::notation::Fault;
use crate::results::{self, names};
use crate::rules::Refusal;
use crate::tasks::TaskError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why runs were not carried out.
#[derive(Debug, Error)]
pub enum RunError {
    /// A results file could not be written.
    #[error(transparent)]
    Results(#[from] results::ResultsError),
    /// The file system refused the results folder.
    #[error("cannot use the results folder {}: {}{}", .0.display(), .1, results::remedy("use", .1))]
    Io(PathBuf, #[source] io::Error),
    /// The data are not there, or are wrong.
    #[error(transparent)]
    Data(Fault),
    /// There is too little memory.
    #[error("{0}")]
    Memory(String),
    /// The split leaves nothing to train on, or samples of a run's own do not fit.
    #[error(transparent)]
    Task(TaskError),
    /// A rule refused, although the plan had been checked.
    #[error(transparent)]
    Refused(Refusal),
    /// The folder holds runs of another experiment.
    #[error(
        "{} holds the results of another experiment; give this one another `name`, or replace them with --fresh", .0.display()
    )]
    Foreign(PathBuf),
    /// The folder holds files that no experiment made.
    #[error(
        "{} holds files that are no results (a results folder has a {} of this program); give this experiment another `name`, or \
         another folder with --out", .0.display(), names::MANIFEST
    )]
    NotResults(PathBuf),
    /// The folder is no part of the experiment, and why.
    #[error("{} cannot be merged: {}; name the folders that `run --shard` made of one experiment", .0.display(), .1)]
    NoPart(PathBuf, String),
    /// The observer asked to end; so many runs of so many are kept.
    #[error("interrupted; {finished} of {total} runs are kept, and the same command continues with the rest")]
    Interrupted {
        /// Finished runs.
        finished: usize,
        /// All runs of the plan.
        total: usize,
    },
    /// The observer asked to end, and no folder keeps what was finished.
    #[error("interrupted before all runs were finished")]
    Stopped,
}
