//! Leave the result files of an experiment in its folder: tables, predictions, and the manifest that tells what they are.

use super::store::{Store, predictions_of};
use super::{Outcome, Results, RunError, pool::Done};
use crate::experiment::{Arm, Plan};
use crate::linalg::{self, NUMERICS_VERSION};
use crate::results::manifest::{Contents, FileContent, Manifest, TimeOfRun};
use crate::results::names::{self, COMPARISONS, EXPERIMENT, FIGURES_FOLDER, MANIFEST, PREDICTIONS, TABLES};
use crate::results::{self, EntryKind, Folder, files, predictions};
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
    paths_relative_to: String,
    contents: &'a Contents,
    times_of_runs: Vec<TimeOfRun>,
}

/// Writes `experiment.ron`, `arms.csv`, `runs.csv`, `metrics.csv`, `summary.csv` and, where something was tuned or compared,
/// `tuning.csv` and `comparisons.csv`, and at last `manifest.json`, which tells what they are. Figures of other tables, weights of
/// runs that the tables do not show, and tables of earlier calls are removed.
///
/// # Errors
/// If the file system refuses.
pub fn write(
    done: Done,
    data: &DataSet,
    store: &Store<'_>,
    (started, clock): (SystemTime, Instant),
) -> Result<Results, RunError> {
    let folder = store.folder();
    let times = times(&done.plan, &done.outcomes, store);
    let carried_out = done.carried_out;
    let results = Results::new(done, data);
    let tables = results.files();
    let mut contents: Contents = tables
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), FileContent::of(name, bytes)))
        .collect();
    if !are_drawn_from(&contents, folder)? {
        files::clear(folder, |name| name.starts_with(&format!("{FIGURES_FOLDER}/")))?;
    }
    for (name, bytes) in &tables {
        folder.place(name, bytes)?;
    }
    write_predictions(&results.plan, data, store)?;
    if let Some(content) = FileContent::in_folder(folder, PREDICTIONS)? {
        contents.insert(PREDICTIONS.to_owned(), content);
    }
    for name in TABLES.into_iter().filter(|name| !contents.contains_key(*name)) {
        folder.remove(name)?;
    }
    put_aside_weights(&results, store)?;
    folder.remove_if_empty(names::CHECKPOINTS)?;
    let plan = &results.plan;
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
        runs: results.runs.len(),
        runs_carried_out: carried_out,
        task: plan.task_text(),
        data_sha256: data.checksum(),
        classes: data.class_names(),
        paths_relative_to: plan.folder.display().to_string(),
        contents: &contents,
        times_of_runs: times,
    };
    let mut text = serde_json::to_string_pretty(&provenance).expect("plain data");
    text.push('\n');
    folder.place(MANIFEST, text.as_bytes())?;
    Ok(results)
}

/// Whether the figures in a folder, if there are any, were drawn from these tables.
fn are_drawn_from(contents: &Contents, folder: &Folder) -> Result<bool, results::ResultsError> {
    let drawn = |contents: Contents| -> Contents {
        let tables = contents.into_iter();
        tables
            .filter(|(name, _)| ![EXPERIMENT, COMPARISONS, PREDICTIONS].contains(&&**name))
            .collect()
    };
    // a damaged manifest tells nothing
    let before = Manifest::read(folder)
        .ok()
        .flatten()
        .and_then(|manifest| manifest.contents());
    Ok(before.is_some_and(|before| drawn(before) == drawn(contents.clone())))
}

/// Joins the predictions that runs were asked for, sorted by arm and seed; those of runs that diverged are not there.
fn write_predictions(plan: &Plan, data: &DataSet, store: &Store<'_>) -> Result<(), results::ResultsError> {
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
fn put_aside_weights(results: &Results, store: &Store<'_>) -> Result<(), results::ResultsError> {
    let folder = store.folder();
    let shown: BTreeSet<(&str, u64)> = results.runs.iter().map(|run| (&*run.arm, run.seed)).collect();
    for arm in folders(folder, names::WEIGHTS_FOLDER)? {
        let of_arm = format!("{}/{arm}", names::WEIGHTS_FOLDER);
        if !names::is_made(&of_arm) {
            continue;
        }
        let seeds = folders(folder, &of_arm)?.into_iter();
        for seed in seeds.filter_map(|seed| seed.parse().ok()) {
            if !shown.contains(&(&arm, seed)) {
                store.put_aside(&arm, seed)?;
            }
        }
        folder.remove_if_empty(&of_arm)?;
    }
    folder.remove_if_empty(names::WEIGHTS_FOLDER)
}

/// The folders in a folder, if that is one.
fn folders(folder: &Folder, at: &str) -> Result<Vec<String>, results::ResultsError> {
    let is_folder = |(name, kind): (String, EntryKind)| (kind == EntryKind::Folder).then_some(name);
    let top = folder.entries("")?.into_iter().filter_map(is_folder);
    if !top.into_iter().any(|name| at.split('/').next() == Some(&name)) {
        return Ok(Vec::new());
    }
    Ok(folder.entries(at)?.into_iter().filter_map(is_folder).collect())
}

/// The times of all runs that are known, in the order of the plan.
fn times(plan: &Plan, outcomes: &[Outcome], store: &Store<'_>) -> Vec<TimeOfRun> {
    // a damaged manifest tells nothing
    let before = Manifest::read(store.folder()).ok().flatten();
    let before = before.map(|before| before.times_of_runs()).unwrap_or_default();
    let known: BTreeMap<String, f64> = before.into_iter().map(|time| (time.key, time.seconds)).collect();
    let runs = plan
        .arms
        .iter()
        .flat_map(|arm| plan.seeds.iter().map(move |seed| (arm, *seed)));
    let time = |((arm, seed), outcome): ((&Arm, u64), &Outcome)| {
        let key = store.key(arm, seed);
        let seconds = outcome.seconds.or_else(|| known.get(&key).copied())?;
        Some(TimeOfRun {
            arm: arm.slug.clone(),
            seed,
            key,
            seconds,
        })
    };
    runs.zip(outcomes).filter_map(time).collect()
}
