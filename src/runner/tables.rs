//! Leave the result files of an experiment in its folder: tables, predictions, and the manifest that tells what they are.

use super::pool::Tuned;
use super::rows::{Gathering, runs_in_file_order};
use super::store::{Store, predictions_of};
use super::times::TimesOfRuns;
use super::{Observer, Outcome, Overview, RunError};
use crate::experiment::Plan;
use crate::linalg::{self, NUMERICS_VERSION};
use crate::results::manifest::{Contents, FileContent, Manifest};
use crate::results::names::{
    self, COMPARISONS, EXPERIMENT, FIGURES_FOLDER, MANIFEST, METRICS_TABLE, PREDICTIONS, REPORT, RUNS_TABLE, TABLES,
};
use crate::results::{self, EntryKind, Folder, ResultsError, TableFile, files, predictions};
use crate::rules::GuestOrigin;
use crate::tasks::DataSet;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How and where the runs were made; the only file with times in it.
#[derive(Serialize)]
struct Provenance<'a> {
    creditlab: &'a str,
    state: &'a str,
    commit: Option<&'a str>,
    compiler: &'a str,
    target: String,
    simd: &'a str,
    numerics_version: u32,
    threads: usize,
    started_unix_seconds: u64,
    seconds: f64,
    runs: usize,
    runs_carried_out: usize,
    task: String,
    data_sha256: &'a str,
    /// What the classes are called, from class 0 on; absent where targets are values.
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<&'a [String]>,
    /// Rules from outside, and what their bits depend on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    guests: BTreeMap<&'static str, GuestOrigin>,
    paths_relative_to: String,
    contents: &'a Contents,
    times_of_runs: &'a TimesOfRuns<'a>,
}

/// So many runs are written before the observer is asked again; what is written of tables is lost if they are not finished.
const RUNS_AT_A_TIME: usize = 1000;

/// What is needed to write the result files of runs that are kept.
pub struct Writing<'a> {
    pub store: &'a Store<'a>,
    pub data: &'a DataSet,
    pub observer: &'a dyn Observer,
    /// When the session was opened.
    pub started: (SystemTime, Instant),
    /// Number of runs that were not kept from earlier.
    pub carried_out: usize,
}

impl Writing<'_> {
    /// Writes `experiment.ron`, `arms.csv`, `runs.csv`, `metrics.csv`, `summary.csv` and, where something was tuned or compared,
    /// `tuning.csv` and `comparisons.csv`, and at last `manifest.json`, which tells what they are. Figures and page of other tables, weights
    /// of runs that the tables do not show, and tables of earlier calls are removed. One run at a time is in memory.
    ///
    /// # Errors
    /// If the file system refuses, a kept run can no longer be read, or the observer interrupts.
    pub fn write(&self, tuned: Tuned) -> Result<(Overview, Vec<String>), RunError> {
        let (store, folder, plan) = (self.store, self.store.folder(), &tuned.plan);
        let mut gathering = Gathering::new(plan, self.data);
        let mut times = TimesOfRuns::new(plan, store);
        let mut runs = TableFile::begin(folder, RUNS_TABLE)?;
        let mut metrics = TableFile::begin(folder, METRICS_TABLE)?;
        for (i, (arm, seed)) in (1..).zip(runs_in_file_order(plan)) {
            let outcome = self.outcome(plan, arm, seed)?;
            runs.add(&outcome.run)?;
            outcome.metrics.iter().try_for_each(|row| metrics.add(row))?;
            gathering.add(arm, &outcome);
            times.set(arm, seed, outcome.seconds);
            if i % RUNS_AT_A_TIME == 0 && self.observer.interrupted() {
                return Err(interrupted(plan));
            }
        }
        times.fill()?;
        let (overview, warnings) = gathering.end(tuned.choices, self.data);
        let tables = [(RUNS_TABLE, runs.end()?), (METRICS_TABLE, metrics.end()?)];
        let small = overview.files();
        let of_small = small.iter().map(|(name, bytes)| (*name, FileContent::of(name, bytes)));
        let of_tables = tables.iter().map(|(name, table)| (*name, table.content.clone()));
        let told = of_small
            .chain(of_tables)
            .map(|(name, content)| (name.to_owned(), content));
        let mut contents: Contents = told.collect();
        if !are_told(&contents, folder, &[EXPERIMENT, COMPARISONS, PREDICTIONS]) {
            files::clear(folder, |name| name.starts_with(&format!("{FIGURES_FOLDER}/")))?;
        }
        // what is asked for of predictions stands in the experiment too
        if !are_told(&contents, folder, &[PREDICTIONS]) {
            folder.remove(REPORT)?;
        }
        for (_, table) in tables {
            table.place()?;
        }
        for (name, bytes) in &small {
            folder.place(name, bytes)?;
        }
        write_predictions(plan, self.data, store)?;
        if let Some(content) = FileContent::in_folder(folder, PREDICTIONS)? {
            contents.insert(PREDICTIONS.to_owned(), content);
        }
        for name in TABLES.into_iter().filter(|name| !contents.contains_key(*name)) {
            folder.remove(name)?;
        }
        put_aside_weights(plan, store)?;
        folder.remove_if_empty(names::CHECKPOINTS)?;
        folder.remove(names::UNDER_WAY)?;
        self.write_manifest(plan, &contents, &times)?;
        Ok((overview, warnings))
    }

    /// A kept run, its rows in file order.
    fn outcome(&self, plan: &Plan, arm: usize, seed: usize) -> Result<Outcome, RunError> {
        let (arm, seed) = (&plan.arms[arm], plan.seeds[seed]);
        let mut outcome = self.store.outcome(arm, seed).ok_or_else(|| {
            RunError::Results(ResultsError::Unfit {
                folder: self.store.folder().path().to_owned(),
                problem: format!(
                    "the finished run of {}, seed {seed}, can no longer be read from it",
                    arm.label
                ),
            })
        })?;
        outcome.metrics = results::in_file_order(outcome.metrics);
        Ok(outcome)
    }

    fn write_manifest(&self, plan: &Plan, contents: &Contents, times: &TimesOfRuns<'_>) -> Result<(), ResultsError> {
        let (started, clock) = self.started;
        let provenance = Provenance {
            creditlab: env!("CARGO_PKG_VERSION"),
            state: "finished",
            commit: option_env!("CREDITLAB_COMMIT"),
            compiler: env!("CREDITLAB_COMPILER"),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            simd: linalg::simd().expect("products were made"),
            numerics_version: NUMERICS_VERSION,
            threads: rayon::current_num_threads(),
            started_unix_seconds: started.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
            seconds: clock.elapsed().as_secs_f64(),
            runs: plan.arms.len() * plan.seeds.len(),
            runs_carried_out: self.carried_out,
            task: plan.task_text(),
            data_sha256: self.data.checksum(),
            classes: self.data.class_names(),
            guests: guests(plan),
            paths_relative_to: self.store.folder().way_to(&plan.folder).display().to_string(),
            contents,
            times_of_runs: times,
        };
        self.store.folder().place_by(MANIFEST, |mut file| {
            serde_json::to_writer_pretty(&mut file, &provenance)?;
            file.write_all(b"\n")
        })
    }
}

/// The rules of a plan that are not of this program, by name.
fn guests(plan: &Plan) -> BTreeMap<&'static str, GuestOrigin> {
    let rules = plan.arms.iter().flat_map(|arm| arm.rules());
    rules
        .filter_map(|rule| Some((rule.rule.name(), rule.rule.origin()?)))
        .collect()
}

/// All runs are finished and kept; the tables are not written.
fn interrupted(plan: &Plan) -> RunError {
    let total = plan.arms.len() * plan.seeds.len();
    RunError::Interrupted { finished: total, total }
}

/// Whether the manifest in a folder tells of these files, but for some of them: what was made of the others is still true.
fn are_told(contents: &Contents, folder: &Folder, but: &[&str]) -> bool {
    let others = |contents: &Contents| -> Contents {
        let files = contents.iter().filter(|(name, _)| !but.contains(&&***name));
        files.map(|(name, content)| (name.clone(), content.clone())).collect()
    };
    // a damaged manifest tells nothing
    let before = Manifest::read(folder).ok().flatten();
    let before = before.and_then(|manifest| manifest.contents());
    before.is_some_and(|before| others(&before) == others(contents))
}

/// Joins the predictions that runs were asked for, sorted by arm and seed; those of runs that diverged are not there.
fn write_predictions(plan: &Plan, data: &DataSet, store: &Store<'_>) -> Result<(), ResultsError> {
    let mut runs = Vec::new();
    for arm in plan.arms.iter().filter(|arm| !arm.settings.save.predictions.is_empty()) {
        for seed in &plan.seeds {
            let rows = predictions_of(&store.key(arm, *seed));
            let is_there = store.folder().file(&rows)?.is_some();
            runs.extend(is_there.then_some((&*arm.slug, *seed, rows)));
        }
    }
    runs.sort();
    let runs: Vec<_> = runs.into_iter().map(|(arm, _, rows)| (arm, rows)).collect();
    predictions::join(store.folder(), data, &runs)
}

/// Puts the weights of runs that the tables leave out where kept runs are; removes those of runs that are not kept.
fn put_aside_weights(plan: &Plan, store: &Store<'_>) -> Result<(), ResultsError> {
    let folder = store.folder();
    let (arms, seeds): (BTreeSet<&str>, BTreeSet<u64>) = (
        plan.arms.iter().map(|arm| &*arm.slug).collect(),
        plan.seeds.iter().copied().collect(),
    );
    let is_shown = |arm: &str, seed| arms.contains(arm) && seeds.contains(&seed);
    for arm in folders(folder, names::WEIGHTS_FOLDER)? {
        let of_arm = format!("{}/{arm}", names::WEIGHTS_FOLDER);
        if !names::is_made(&of_arm) {
            continue;
        }
        let found = folders(folder, &of_arm)?.into_iter();
        for seed in found.filter_map(|seed| seed.parse().ok()) {
            if !is_shown(&arm, seed) {
                store.put_aside(&arm, seed)?;
            }
        }
        folder.remove_if_empty(&of_arm)?;
    }
    folder.remove_if_empty(names::WEIGHTS_FOLDER)
}

/// The folders in a folder, if that is one.
fn folders(folder: &Folder, at: &str) -> Result<Vec<String>, ResultsError> {
    let is_folder = |(name, kind): (String, EntryKind)| (kind == EntryKind::Folder).then_some(name);
    let top = folder.entries("")?.into_iter().filter_map(is_folder);
    if !top.into_iter().any(|name| at.split('/').next() == Some(&name)) {
        return Ok(Vec::new());
    }
    Ok(folder.entries(at)?.into_iter().filter_map(is_folder).collect())
}
