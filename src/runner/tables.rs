//! Leave the tables of an experiment: arms, runs, metrics, summary, and the manifest.

use super::pool::Error;
use super::{Choices, Outcome, Session, store};
use crate::cost::Cost;
use crate::experiment::{Arm, Plan};
use crate::linalg::NUMERICS_VERSION;
use crate::results::manifest::{Contents, FileContent as Content, Manifest as Written};
use crate::results::names::{COMPARISONS, EXPERIMENT, FIGURES_FOLDER, MANIFEST, PREDICTIONS, TABLES, TUNING};
use crate::results::{
    self, ArmRow, ArmTable, Folder, MetricRow, Prediction, RunRow, comparisons, encode, files, in_file_order,
    predictions, summary,
};
use crate::tasks::DataSet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How and where the runs were made; the only file with times in it.
#[derive(Serialize)]
struct Manifest<'a> {
    creditlab: &'a str,
    state: &'a str,
    commit: Option<&'a str>,
    compiler: &'a str,
    target: String,
    processor_features: Vec<&'a str>,
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
    times_of_runs: Vec<Time>,
}

/// How long a run took, on its one core. Of runs kept from an earlier call it is what that call's manifest said, if it was written.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Time {
    arm: String,
    seed: u64,
    /// Of the run; a run of the same name with other settings has another key.
    key: String,
    seconds: f64,
}

/// What the manifest says of this call.
pub struct Call {
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub elapsed: Duration,
    /// Worker threads.
    pub threads: usize,
    /// Runs carried out by this call; the others were kept from earlier ones.
    pub carried_out: usize,
}

/// Writes `experiment.ron`, `arms.csv`, `runs.csv`, `metrics.csv`, `summary.csv` and, where something was tuned or compared,
/// `tuning.csv` and `comparisons.csv`, and at last `manifest.json`, which tells what they are. Figures of other tables, weights of
/// runs that the tables do not show, and tables of earlier calls are removed.
///
/// # Errors
/// If the file system refuses.
pub fn write(
    plan: &Plan,
    data: &DataSet,
    choices: &Choices,
    outcomes: Vec<Outcome>,
    call: &Call,
    session: &Session<'_>,
) -> Result<(), Error> {
    let folder = session.folder();
    let runs = outcomes.len();
    let times = times(plan, data, &outcomes, folder);
    let shown: BTreeSet<(String, u64)> = outcomes
        .iter()
        .map(|outcome| (outcome.run.arm.clone(), outcome.run.seed))
        .collect();
    let tables = tables(plan, data, choices, outcomes);
    let mut contents: Contents = tables
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), Content::of(name, bytes)))
        .collect();
    if !are_drawn_from(&contents, folder)? {
        files::clear(folder, |name| name.starts_with(&format!("{FIGURES_FOLDER}/")))?;
    }
    for (name, bytes) in &tables {
        folder.place(name, bytes)?;
    }
    write_predictions(plan, data, folder)?;
    if let Some(content) = Content::in_folder(folder, PREDICTIONS)? {
        contents.insert(PREDICTIONS.to_owned(), content);
    }
    for name in TABLES.into_iter().filter(|name| !contents.contains_key(*name)) {
        folder.remove(name)?;
    }
    session.put_aside_weights(|arm, seed| shown.contains(&(arm.to_owned(), seed)))?;
    folder.place(MANIFEST, &manifest(plan, data, runs, call, &contents, times))?;
    Ok(())
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
    let before = Written::read(folder)
        .ok()
        .flatten()
        .and_then(|manifest| manifest.contents());
    Ok(before.is_some_and(|before| drawn(before) == drawn(contents.clone())))
}

/// The tables and `experiment.ron`, by name.
fn tables(plan: &Plan, data: &DataSet, choices: &Choices, outcomes: Vec<Outcome>) -> Vec<(&'static str, Vec<u8>)> {
    let arms = arms(plan, data, &outcomes);
    let mut runs: Vec<RunRow> = Vec::with_capacity(outcomes.len());
    let mut metrics: Vec<MetricRow> = Vec::new();
    for outcome in outcomes {
        runs.push(outcome.run);
        metrics.extend(outcome.metrics);
    }
    runs.sort_by(|a, b| (&a.arm, a.seed).cmp(&(&b.arm, b.seed)));
    let metrics = in_file_order(metrics);
    let mut tables = vec![
        (EXPERIMENT, plan.text.clone().into_bytes()),
        ("arms.csv", arms.encode()),
        ("runs.csv", encode(&runs)),
        ("metrics.csv", encode(&metrics)),
        ("summary.csv", encode(&summary(&metrics, &runs))),
    ];
    if let Some(compare) = &plan.compare {
        tables.push((COMPARISONS, encode(&comparisons(compare, &arms.rows, &metrics, &runs))));
    }
    if !choices.rows.is_empty() {
        tables.push((TUNING, encode(&choices.rows)));
    }
    tables
}

/// Joins the predictions that runs were asked for, sorted by arm and seed; those of runs that diverged are not there.
fn write_predictions(plan: &Plan, data: &DataSet, folder: &Folder) -> Result<(), Error> {
    let mut runs = Vec::new();
    for arm in plan.arms.iter().filter(|arm| !arm.settings.save.predictions.is_empty()) {
        for seed in &plan.seeds {
            let rows = store::predictions(&store::key(plan, arm, *seed, data.checksum()));
            let is_there = folder.file(&rows)?.is_some();
            runs.extend(is_there.then_some((&*arm.slug, *seed, rows)));
        }
    }
    runs.sort();
    let runs: Vec<_> = runs.into_iter().map(|(arm, _, rows)| (arm, rows)).collect();
    Ok(predictions::join(folder, data, &runs)?)
}

/// The times of all runs that are known, in the order of the plan.
fn times(plan: &Plan, data: &DataSet, outcomes: &[Outcome], folder: &Folder) -> Vec<Time> {
    // a damaged manifest tells nothing
    let before = Written::read(folder).ok().flatten();
    let before: Vec<Time> = before
        .and_then(|before| before.list("times_of_runs"))
        .unwrap_or_default();
    let known: BTreeMap<String, f64> = before.into_iter().map(|time| (time.key, time.seconds)).collect();
    let runs = plan
        .arms
        .iter()
        .flat_map(|arm| plan.seeds.iter().map(move |seed| (arm, *seed)));
    let time = |((arm, seed), outcome): ((&Arm, u64), &Outcome)| {
        let key = store::key(plan, arm, seed, data.checksum());
        let seconds = outcome.seconds.or_else(|| known.get(&key).copied())?;
        Some(Time {
            arm: arm.slug.clone(),
            seed,
            key,
            seconds,
        })
    };
    runs.zip(outcomes).filter_map(time).collect()
}

fn arms(plan: &Plan, data: &DataSet, outcomes: &[Outcome]) -> ArmTable {
    let row = |(arm, outcomes): (&Arm, &[Outcome])| {
        let (inputs, outputs) = (data.inputs(), data.kind().outputs());
        let network = &arm.settings.network;
        let own = arm.rule.rule.predicts();
        let pass = network.multiply_adds(inputs, outputs);
        let samples: u64 = outcomes.iter().map(|outcome| outcome.samples).sum();
        let mut cost = Cost::default();
        outcomes.iter().for_each(|outcome| cost += outcome.cost);
        let per_sample = |total: u64| (samples > 0).then(|| total as f64 / samples as f64);
        ArmRow {
            arm: arm.slug.clone(),
            label: arm.label.clone(),
            rule: arm.rule.label.clone(),
            prediction: if own { Prediction::Own } else { Prediction::Forward },
            parameters: Some(network.parameters(inputs, outputs) as u64),
            multiply_adds_per_sample: per_sample(cost.multiply_adds),
            forward_passes_per_sample: per_sample(cost.upward).map(|upward| upward / pass as f64),
            random_numbers_per_sample: per_sample(cost.random_numbers),
            state_per_weight: outcomes.first().map(|outcome| outcome.state_per_weight),
            settings: arm.values.clone(),
        }
    };
    let runs_of_arms = outcomes.chunks(plan.seeds.len());
    ArmTable {
        paths: plan.paths.clone(),
        rows: plan.arms.iter().zip(runs_of_arms).map(row).collect(),
    }
}

fn manifest(plan: &Plan, data: &DataSet, runs: usize, call: &Call, contents: &Contents, times: Vec<Time>) -> Vec<u8> {
    let manifest = Manifest {
        creditlab: env!("CARGO_PKG_VERSION"),
        state: "finished",
        commit: option_env!("CREDITLAB_COMMIT"),
        compiler: env!("CREDITLAB_COMPILER"),
        target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        processor_features: crate::linalg::processor_features(),
        numerics_version: NUMERICS_VERSION,
        threads: call.threads,
        started_unix_seconds: call.started.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
        seconds: call.elapsed.as_secs_f64(),
        runs,
        runs_carried_out: call.carried_out,
        task: plan.task_text(),
        data_sha256: data.checksum(),
        classes: data.class_names(),
        paths_relative_to: plan.folder.display().to_string(),
        contents,
        times_of_runs: times,
    };
    let mut text = serde_json::to_string_pretty(&manifest).expect("plain data");
    text.push('\n');
    text.into_bytes()
}
