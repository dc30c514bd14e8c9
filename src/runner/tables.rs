//! Leave the tables of an experiment: arms, runs, metrics, summary, and the manifest.

use super::pool::Error;
use super::{Choices, Outcome};
use crate::cost::Cost;
use crate::experiment::{Arm, Plan};
use crate::linalg::NUMERICS_VERSION;
use crate::results::{
    ArmRow, ArmTable, MetricRow, Prediction, RunRow, encode, files, in_file_order, summary, write_comparisons,
};
use crate::tasks::DataSet;
use serde::Serialize;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Every trial of arms that were tuned.
const TUNING: &str = "tuning.csv";

/// How and where the runs were made; the only file with times in it.
#[derive(Serialize)]
struct Manifest<'a> {
    creditlab: &'a str,
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

/// Writes `experiment.ron`, `arms.csv`, `runs.csv`, `metrics.csv`, `summary.csv`, `manifest.json` and, where something was
/// tuned or compared, `tuning.csv` and `comparisons.csv` to `folder`.
///
/// # Errors
/// If the file system refuses.
pub fn write(
    plan: &Plan,
    data: &DataSet,
    choices: &Choices,
    outcomes: Vec<Outcome>,
    call: &Call,
    folder: &Path,
) -> Result<(), Error> {
    let put = |name: &str, bytes: &[u8]| files::place(&folder.join(name), bytes);
    put("experiment.ron", plan.text.as_bytes())?;
    let arms = arms(plan, data, &outcomes);
    put("arms.csv", &arms.encode())?;
    put("manifest.json", &manifest(plan, data, outcomes.len(), call))?;
    let mut runs: Vec<RunRow> = Vec::with_capacity(outcomes.len());
    let mut metrics: Vec<MetricRow> = Vec::new();
    for outcome in outcomes {
        runs.push(outcome.run);
        metrics.extend(outcome.metrics);
    }
    runs.sort_by(|a, b| (&a.arm, a.seed).cmp(&(&b.arm, b.seed)));
    put("runs.csv", &encode(&runs))?;
    let metrics = in_file_order(metrics);
    put("metrics.csv", &encode(&metrics))?;
    put("summary.csv", &encode(&summary(&metrics, &runs)))?;
    write_comparisons(folder, plan.compare.as_ref(), &arms.rows, &metrics, &runs)?;
    if choices.rows.is_empty() {
        return Ok(files::remove(&folder.join(TUNING))?);
    }
    Ok(put(TUNING, &encode(&choices.rows))?)
}

fn arms(plan: &Plan, data: &DataSet, outcomes: &[Outcome]) -> ArmTable {
    let row = |(arm, outcomes): (&Arm, &[Outcome])| {
        let network = arm
            .settings
            .network
            .build::<f32>(data.inputs(), data.kind().outputs(), 0);
        let own = arm.rule.rule.predicts();
        // one pass of one sample takes a multiply-add for each weight
        let weights: usize = network.layers.iter().map(|layer| layer.weight.len()).sum();
        let samples: u64 = outcomes.iter().map(|outcome| outcome.samples).sum();
        let mut cost = Cost::default();
        outcomes.iter().for_each(|outcome| cost += outcome.cost);
        let per_sample = |total: u64| (samples > 0).then(|| total as f64 / samples as f64);
        ArmRow {
            arm: arm.slug.clone(),
            label: arm.label.clone(),
            rule: arm.rule.label.clone(),
            prediction: if own { Prediction::Own } else { Prediction::Forward },
            parameters: Some(network.parameters() as u64),
            multiply_adds_per_sample: per_sample(cost.multiply_adds),
            forward_passes_per_sample: per_sample(cost.upward).map(|upward| upward / weights as f64),
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

fn manifest(plan: &Plan, data: &DataSet, runs: usize, call: &Call) -> Vec<u8> {
    let manifest = Manifest {
        creditlab: env!("CARGO_PKG_VERSION"),
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
    };
    let mut text = serde_json::to_string_pretty(&manifest).expect("plain data");
    text.push('\n');
    text.into_bytes()
}
