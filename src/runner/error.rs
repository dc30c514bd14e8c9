//! Say why runs were not carried out.

use crate::notation::Fault;
use crate::results::{self, names};
use crate::rules::Refusal;
use crate::tasks::TaskError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a run was ended by one of its rules, a guest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{rule}` cannot go on in the run of `{arm}` with seed {seed}, at step {step}: {reason}")]
pub struct RuleFailure {
    /// The rule, as its arm calls it.
    pub rule: String,
    /// The arm's label.
    pub arm: String,
    /// The run's seed.
    pub seed: u64,
    /// Number of changes applied before.
    pub step: u64,
    /// What the rule says.
    pub reason: String,
}

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
    /// A rule could not go on.
    #[error(transparent)]
    Rule(#[from] RuleFailure),
    /// Rules could not go on in some runs; so many runs of so many are kept.
    #[error(
        "{}\n{finished} of {total} runs are kept; correct the rule, and the same command carries out the rest",
        lines(failures)
    )]
    Rules {
        /// In the order in which they ended.
        failures: Vec<RuleFailure>,
        /// Finished runs.
        finished: usize,
        /// All runs of the plan, or of its tuning.
        total: usize,
    },
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

/// One below the other.
fn lines(failures: &[RuleFailure]) -> String {
    let lines: Vec<String> = failures.iter().map(RuleFailure::to_string).collect();
    lines.join("\n")
}
