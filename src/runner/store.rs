//! Keep finished runs under a key of all that determines them, so that a second call runs only what is missing.

use super::Outcome;
use super::keeping::Keeper;
use crate::cost::Cost;
use crate::digest::{sha256, sha256_of};
use crate::experiment::{Arm, Plan};
use crate::linalg::NUMERICS_VERSION;
use crate::results::{
    Description, EntryKind, Folder, MetricRow, ResultsError, RunRow, Saved, checkpoints, names, predictions,
};
use crate::tasks::{DataSet, Parts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Between two checkpoints, where nothing else is asked for.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);

/// Far above any record of a run.
const LARGEST: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// What the file is called; older versions did not write it, and their records are not taken.
    key: Option<String>,
    task: String,
    state_per_weight: f64,
    cost: Cost,
    samples: u64,
    run: RunRow,
    metrics: Vec<MetricRow>,
    weights: Checksums,
    /// Checksum of the file of predictions, where there is one.
    #[serde(default)]
    predictions: Option<String>,
}

/// Checksums of files of weights, by name.
type Checksums = BTreeMap<String, String>;

/// A kept run that has weights.
struct Weighted {
    key: String,
    arm: String,
    seed: u64,
    weights: Checksums,
}

/// Finished runs of one results folder.
pub struct Store<'a> {
    folder: Folder,
    plan: &'a Plan,
    data: &'a DataSet,
    /// Between two checkpoints of a run under way; without, none are written.
    pub checkpoint_every: Option<Duration>,
    /// As RON.
    task: String,
    /// Kept runs that had weights when these first had to make room.
    owners: OnceLock<Vec<Weighted>>,
    /// The keys of runs that the tables will show: their weights need no place aside.
    wanted: Mutex<BTreeSet<String>>,
}

impl<'a> Store<'a> {
    /// The finished runs of `plan` in `folder`; nothing is created yet.
    pub fn new(folder: Folder, plan: &'a Plan, data: &'a DataSet) -> Self {
        Self {
            folder,
            plan,
            data,
            checkpoint_every: Some(CHECKPOINT_EVERY),
            task: plan.task_text(),
            owners: OnceLock::new(),
            wanted: Mutex::default(),
        }
    }

    /// The results folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The key of a run: a digest of its effective arm, seed, task, split, what is done to the data, precision, data and the numerics version.
    pub fn key(&self, arm: &Arm, seed: u64) -> String {
        let plan = self.plan;
        let mut parts = vec![
            format!("numerics {NUMERICS_VERSION}"),
            format!("seed {seed}"),
            format!("task {}", self.task),
            format!("split {:?}", plan.split),
            format!("scale {:?}", plan.scale),
            format!("label noise {:?}", plan.label_noise),
            format!("precision {:?}", plan.precision),
            format!("data {}", self.data.checksum()),
            arm.fingerprint.to_string(),
        ];
        // what came later is in the key where it is asked for alone, so that earlier runs keep theirs
        if !plan.augment.is_none() {
            parts.push(format!("augment {:?}", plan.augment));
        }
        sha256(parts.join("\n").as_bytes())
    }

    /// The keys of the runs kept, in alphabetical order.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn keys(&self) -> Result<Vec<String>, ResultsError> {
        let entries = self.folder.entries(names::RUNS)?.into_iter();
        let names = entries.filter(|(name, kind)| *kind == EntryKind::File && names::is_key(name));
        Ok(names.map(|(name, _)| name).collect())
    }

    /// Whether any run is kept: then this program made the folder.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn has_any(&self) -> Result<bool, ResultsError> {
        Ok(self.keys()?.iter().any(|key| self.read(key).is_some()))
    }

    /// Whether there are finished runs, and every one of them is of another task: a folder of some other experiment.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn is_foreign(&self) -> Result<bool, ResultsError> {
        let mut others = false;
        for kept in self.keys()?.iter().filter_map(|key| self.read(key)) {
            if kept.task == self.task {
                return Ok(false);
            }
            others = true;
        }
        Ok(others)
    }

    /// The run, if it is finished and its weights are there: in their folder, to which they are brought if they had been put aside.
    /// Its rows carry the arm's present name. A damaged file counts as no run, and so does the record of another run.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn load(&self, arm: &Arm, seed: u64) -> Result<Option<Outcome>, ResultsError> {
        let key = &self.key(arm, seed);
        self.wanted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone());
        let Some(kept) = self.read(key).filter(|kept| kept.key.as_ref() == Some(key)) else {
            return Ok(None);
        };
        if self.checksum(&predictions_of(key))? != kept.predictions {
            return Ok(None);
        }
        if !self.bring_weights(key, &kept.weights, &arm.slug, seed)? {
            return Ok(None);
        }
        let Kept {
            state_per_weight,
            cost,
            samples,
            run,
            metrics,
            ..
        } = kept;
        let mut outcome = Outcome {
            run,
            metrics,
            weights: Vec::new(),
            predictions: Vec::new(),
            seconds: None,
            state_per_weight,
            cost,
            samples,
        };
        outcome.rename(&arm.slug);
        Ok(Some(outcome))
    }

    /// The keys of runs that have checkpoints: an earlier call began them.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn begun(&self) -> Result<BTreeSet<String>, ResultsError> {
        checkpoints::keys(&self.folder)
    }

    /// The checkpoints of a run, where `begun` are the keys of those that have any.
    pub fn keeper(&self, arm: &Arm, seed: u64, begun: &BTreeSet<String>) -> Keeper<'_> {
        let key = self.key(arm, seed);
        let (title, has_any) = (format!("{}, seed {seed},", arm.label), begun.contains(&key));
        Keeper::new(&self.folder, key, title, self.checkpoint_every, has_any)
    }

    /// Keeps a finished run; its weights and predictions, which the outcome then no longer has, in files of their own. `data` are
    /// the samples as it saw them.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn keep(&self, arm: &Arm, outcome: &mut Outcome, data: &DataSet, parts: &Parts) -> Result<(), ResultsError> {
        let seed = outcome.run.seed;
        let (key, folder) = (self.key(arm, seed), names::weights_folder(&arm.slug, seed));
        self.put_aside(&arm.slug, seed)?;
        for (step, arrays) in std::mem::take(&mut outcome.weights) {
            let description = Description::new(self.plan, arm, seed, step, data);
            let file = format!("{folder}/{}", names::weights_file(step));
            Saved::place(&self.folder, &file, &arrays, &description)?;
        }
        let predicted = std::mem::take(&mut outcome.predictions);
        let file = predictions_of(&key);
        match predicted.is_empty() {
            true => self.folder.remove(&file)?,
            false => {
                let bytes = predictions::encode(seed, &predicted, data, parts);
                self.folder.place(&file, &bytes)?;
            }
        }
        self.save(&key, outcome, &folder)
    }

    fn save(&self, key: &str, outcome: &Outcome, weights_folder: &str) -> Result<(), ResultsError> {
        let kept = Kept {
            key: Some(key.to_owned()),
            task: self.task.clone(),
            state_per_weight: outcome.state_per_weight,
            cost: outcome.cost,
            samples: outcome.samples,
            run: outcome.run.clone(),
            metrics: outcome.metrics.clone(),
            weights: self.checksums(weights_folder)?,
            predictions: self.checksum(&predictions_of(key))?,
        };
        let mut bytes = serde_json::to_vec(&kept).expect("finite numbers and text");
        bytes.extend(format!("\n{}", sha256(&bytes)).into_bytes());
        self.folder.place(&format!("{}/{key}", names::RUNS), &bytes)?;
        self.clear(&aside(key))
    }

    /// Makes room in a folder of weights: those of a run that is kept go to a place of their own, others are removed.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn put_aside(&self, arm: &str, seed: u64) -> Result<(), ResultsError> {
        let weights_folder = &names::weights_folder(arm, seed);
        let weights = self.checksums(weights_folder)?;
        if weights.is_empty() {
            return Ok(());
        }
        let owners = self.owners.get_or_init(|| self.owners());
        let is_wanted = |key: &String| self.wanted.lock().unwrap_or_else(PoisonError::into_inner).contains(key);
        for owner in owners {
            let is_owner = (&*owner.arm, owner.seed, &owner.weights) == (arm, seed, &weights);
            if is_owner && !is_wanted(&owner.key) && self.checksums(&aside(&owner.key))?.is_empty() {
                return self.transfer(&weights, weights_folder, &aside(&owner.key));
            }
        }
        self.clear(weights_folder)
    }

    fn owners(&self) -> Vec<Weighted> {
        let read = |key: String| {
            let Kept { run, weights, .. } = self.read(&key)?;
            let (arm, seed) = (run.arm, run.seed);
            (!weights.is_empty()).then_some(Weighted {
                key,
                arm,
                seed,
                weights,
            })
        };
        // what cannot be read owns nothing
        let keys = self.keys().unwrap_or_default();
        keys.into_iter().filter_map(read).collect()
    }

    /// Whether exactly these weights are in their folder, or could be brought there.
    fn bring_weights(&self, key: &str, weights: &Checksums, arm: &str, seed: u64) -> Result<bool, ResultsError> {
        let weights_folder = &names::weights_folder(arm, seed);
        if self.checksums(weights_folder)? == *weights {
            return Ok(true);
        }
        if weights.is_empty() || self.checksums(&aside(key))? != *weights {
            return Ok(false);
        }
        self.put_aside(arm, seed)?;
        self.transfer(weights, &aside(key), weights_folder)?;
        Ok(true)
    }

    fn transfer(&self, weights: &Checksums, from: &str, to: &str) -> Result<(), ResultsError> {
        for name in weights.keys() {
            self.folder.rename(&format!("{from}/{name}"), &format!("{to}/{name}"))?;
        }
        self.folder.remove_if_empty(from)
    }

    fn clear(&self, weights_folder: &str) -> Result<(), ResultsError> {
        for name in self.checksums(weights_folder)?.keys() {
            self.folder.remove(&format!("{weights_folder}/{name}"))?;
        }
        self.folder.remove_if_empty(weights_folder)
    }

    /// Checksums of the weights in a folder, by name; none if there is no folder.
    fn checksums(&self, folder: &str) -> Result<Checksums, ResultsError> {
        let mut sums = Checksums::new();
        for (name, _) in self.folder.entries(folder)? {
            let path = format!("{folder}/{name}");
            if !names::is_written(&path) {
                continue;
            }
            if let Some(sum) = self.checksum(&path)? {
                sums.insert(name, sum);
            }
        }
        Ok(sums)
    }

    /// The checksum of a file, if there is one.
    fn checksum(&self, name: &str) -> Result<Option<String>, ResultsError> {
        let sum = |file| sha256_of(file).map_err(ResultsError::io("read", &self.folder.path().join(name)));
        self.folder.file(name)?.map(sum).transpose()
    }

    /// Reads a finished run; the last line is the checksum of what stands before it.
    fn read(&self, key: &str) -> Option<Kept> {
        let bytes = self.folder.read(&format!("{}/{key}", names::RUNS), LARGEST).ok()??;
        let end = bytes.iter().rposition(|byte| *byte == b'\n')?;
        let (body, checksum) = (&bytes[..end], &bytes[end + 1..]);
        (sha256(body).as_bytes() == checksum).then(|| serde_json::from_slice(body).ok())?
    }
}

/// Where the predictions of a kept run are, as [`crate::results::predictions::encode`] makes them.
pub fn predictions_of(key: &str) -> String {
    format!("{}/{key}", names::KEPT_PREDICTIONS)
}

/// Where weights of a kept run are while the tables do not show it.
fn aside(key: &str) -> String {
    format!("{}/{key}", names::PUT_ASIDE)
}
