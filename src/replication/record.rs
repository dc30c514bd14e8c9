//! Keep what became of each claim: `replications.csv`, from which the table for readers is made.

use super::ClaimVerdict;
use crate::experiment::Replication;
use crate::results::manifest::Manifest;
use crate::results::{self, Folder, ResultsError, Row};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Whether a claim is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// The mean lies within the bounds.
    Pass,
    /// It does not, or a run diverged, or there is no value.
    Fail,
    /// Nothing is held to it.
    Reported,
}

/// What became of one claim: a row of `replications.csv`. Errors and accuracies are in percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// The experiment file, without `.ron`.
    pub experiment: String,
    /// Who published the values.
    pub source: String,
    /// What the claim is of.
    pub what: String,
    /// The published value.
    pub published: Option<f64>,
    /// The bounds of the mean.
    pub at_least: Option<f64>,
    /// See [`VerdictRow::at_least`].
    pub at_most: Option<f64>,
    /// The mean over seeds.
    pub mean: Option<f64>,
    /// Its 95 % interval.
    pub ci_low: Option<f64>,
    /// See [`VerdictRow::ci_low`].
    pub ci_high: Option<f64>,
    /// Seeds that count.
    pub n: u64,
    /// Runs that diverged.
    pub diverged: u64,
    /// Whether it is met.
    pub judgement: Judgement,
    /// The day on which the program judged results that were started on it: `2026-11-29`.
    pub date: String,
    /// The program's commit; empty where it is not known.
    pub commit: String,
    /// What the runs took of one core, in seconds.
    pub seconds: f64,
    /// What the command line changed of the file.
    pub changes: String,
}

impl Row for VerdictRow {
    const HEADER: &'static str = "experiment,source,what,published,at_least,at_most,mean,ci_low,ci_high,n,diverged,judgement,\
         date,commit,seconds,changes";
}

/// A replication whose results have been judged.
pub struct Judged<'a> {
    /// The experiment file, without `.ron`.
    pub experiment: &'a str,
    /// What it is held to.
    pub replication: &'a Replication,
    /// Of its theory, then of its claims.
    pub verdicts: &'a [ClaimVerdict],
    /// What the command line changed of the file, empty for nothing.
    pub changes: &'a str,
}

/// All that has been judged so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplicationRecord(pub Vec<VerdictRow>);

impl ReplicationRecord {
    /// Reads it; empty where there is no file yet.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        match path.exists() {
            true => results::read(path).map(Self),
            false => Ok(Self::default()),
        }
    }

    /// What became of the claims of an experiment.
    pub fn of(&self, experiment: &str) -> impl Iterator<Item = &VerdictRow> {
        self.0.iter().filter(move |row| row.experiment == experiment)
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        results::encode(&self.0)
    }

    /// Puts what has been judged in the place of what was said of the same experiment, experiments in the order of their names.
    ///
    /// # Errors
    /// The manifest of the result is missing or damaged.
    pub fn put(&mut self, judged: &Judged<'_>, folder: &Folder) -> Result<(), ResultsError> {
        let manifest = Manifest::read(folder)?;
        let started = manifest.as_ref().and_then(|m| m.number("started_unix_seconds"));
        let commit = manifest.as_ref().and_then(|m| m.text("commit").map(str::to_owned));
        let row = |verdict: &ClaimVerdict| VerdictRow {
            experiment: judged.experiment.to_owned(),
            source: judged.replication.source.clone(),
            what: verdict.what.clone(),
            published: verdict.published,
            at_least: verdict.at_least,
            at_most: verdict.at_most,
            mean: verdict.mean,
            ci_low: verdict.interval.map(|interval| interval.low),
            ci_high: verdict.interval.map(|interval| interval.high),
            n: verdict.n,
            diverged: verdict.diverged,
            judgement: verdict.judgement,
            date: started.map(day).unwrap_or_default(),
            commit: commit.clone().unwrap_or_default(),
            seconds: manifest.as_ref().map_or(0.0, seconds),
            changes: judged.changes.to_owned(),
        };
        self.0.retain(|row| row.experiment != judged.experiment);
        self.0.extend(judged.verdicts.iter().map(row));
        self.0.sort_by(|a, b| a.experiment.cmp(&b.experiment));
        Ok(())
    }
}

/// `2026-11-29`.
fn day(unix_seconds: u64) -> String {
    let moment = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(unix_seconds)).to_string();
    moment.split('T').next().unwrap_or_default().to_owned()
}

/// What all runs took of one core.
fn seconds(manifest: &Manifest) -> f64 {
    let times = manifest.times_of_runs();
    times.iter().map(|time| time.seconds).sum()
}
