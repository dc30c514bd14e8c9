//! Keep finished runs under a key of all that determines them, so that a second call runs only what is missing.

use super::Outcome;
use crate::cost::Cost;
use crate::digest::sha256;
use crate::experiment::{Arm, Plan};
use crate::linalg::NUMERICS_VERSION;
use crate::results::{Error, MetricRow, RunRow, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder, within a results folder, of finished runs.
pub const FOLDER: &str = ".runs";

#[derive(Serialize, Deserialize)]
struct Kept {
    task: String,
    state_per_weight: f64,
    cost: Cost,
    samples: u64,
    run: RunRow,
    metrics: Vec<MetricRow>,
    /// Checksums of the files of weights, by name.
    weights: BTreeMap<String, String>,
}

/// Finished runs of one results folder.
pub struct Store {
    folder: PathBuf,
    task: String,
}

impl Store {
    /// The finished runs in `results`; nothing is created yet.
    pub fn new(results: &Path, plan: &Plan) -> Self {
        Self {
            folder: results.join(FOLDER),
            task: plan.task_text(),
        }
    }

    /// Whether there are finished runs, and every one of them is of another task: a folder of some other experiment.
    pub fn is_foreign(&self) -> bool {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return false;
        };
        let tasks: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some(read(&entry.path())?.task))
            .collect();
        !tasks.is_empty() && tasks.iter().all(|task| *task != self.task)
    }

    /// The run, if it is finished and its weights are in their folder. Its rows carry the arm's present name. A damaged file
    /// counts as no run.
    pub fn load(&self, key: &str, arm: &str, weights_folder: &Path) -> Option<Outcome> {
        let Kept {
            state_per_weight,
            cost,
            samples,
            mut run,
            mut metrics,
            weights,
            ..
        } = read(&self.folder.join(key))?;
        if checksums(weights_folder).ok()? != weights {
            return None;
        }
        run.arm = arm.to_string();
        metrics.iter_mut().for_each(|row| row.arm = arm.to_string());
        Some(Outcome {
            run,
            metrics,
            weights: Vec::new(),
            state_per_weight,
            cost,
            samples,
        })
    }

    /// Keeps a finished run, whose weights have been written to their folder.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self, key: &str, outcome: &Outcome, weights_folder: &Path) -> Result<(), Error> {
        let kept = Kept {
            task: self.task.clone(),
            state_per_weight: outcome.state_per_weight,
            cost: outcome.cost,
            samples: outcome.samples,
            run: outcome.run.clone(),
            metrics: outcome.metrics.clone(),
            weights: checksums(weights_folder)?,
        };
        let mut bytes = serde_json::to_vec(&kept).expect("finite numbers and text");
        bytes.extend(format!("\n{}", sha256(&bytes)).into_bytes());
        files::place(&self.folder.join(key), &bytes)
    }
}

/// Reads a finished run; the last line is the checksum of what stands before it.
fn read(path: &Path) -> Option<Kept> {
    let bytes = fs::read(path).ok()?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n')?;
    let (body, checksum) = (&bytes[..end], &bytes[end + 1..]);
    (sha256(body).as_bytes() == checksum).then(|| serde_json::from_slice(body).ok())?
}

/// Checksums of the files in a folder, by name; none if there is no folder.
fn checksums(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut sums = BTreeMap::new();
    if !folder.exists() {
        return Ok(sums);
    }
    for entry in fs::read_dir(folder).map_err(Error::io("read the folder", folder))? {
        let entry = entry.map_err(Error::io("read the folder", folder))?;
        let path = entry.path();
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        sums.insert(entry.file_name().to_string_lossy().into_owned(), sha256(&bytes));
    }
    Ok(sums)
}

/// The key of a run: a digest of its effective arm, seed, task, split, precision, data and the numerics version.
pub fn key(plan: &Plan, arm: &Arm, seed: u64, checksum: &str) -> String {
    let parts = [
        format!("numerics {NUMERICS_VERSION}"),
        format!("seed {seed}"),
        format!("task {}", plan.task_text()),
        format!("split {:?}", plan.split),
        format!("scale {:?}", plan.scale),
        format!("label noise {:?}", plan.label_noise),
        format!("precision {:?}", plan.precision),
        format!("data {checksum}"),
        arm.fingerprint.clone(),
    ];
    sha256(parts.join("\n").as_bytes())
}
