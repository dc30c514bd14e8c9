//! Keep finished runs under a key of all that determines them, so that a second call runs only what is missing.

use super::Outcome;
use super::keeping::Keeper;
use super::kept::{Checksums, Kept, LARGEST};
use crate::digest::{sha256, sha256_of};
use crate::experiment::{Arm, Plan};
use crate::linalg::NUMERICS_VERSION;
use crate::results::{Description, EntryKind, Folder, ResultsError, Saved, Segments, checkpoints, names, predictions};
use crate::tasks::{DataSet, Parts};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Between two checkpoints, where nothing else is asked for.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);

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
    segments: Mutex<Segments>,
    /// As RON.
    task: String,
    /// Kept runs that had weights when these first had to make room.
    owners: OnceLock<Vec<Weighted>>,
    /// The keys of runs that the tables will show: their weights need no place aside.
    wanted: Mutex<BTreeSet<String>>,
}

impl<'a> Store<'a> {
    /// The finished runs of `plan` in `folder`; nothing is created yet, and [`Store::look`] has not been called.
    pub fn new(folder: Folder, plan: &'a Plan, data: &'a DataSet) -> Self {
        Self {
            folder,
            plan,
            data,
            checkpoint_every: Some(CHECKPOINT_EVERY),
            segments: Mutex::default(),
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

    /// Looks for the runs kept: nobody else may add any.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn look(&self) -> Result<(), ResultsError> {
        *self.segments() = Segments::find(&self.folder)?;
        Ok(())
    }

    fn segments(&self) -> MutexGuard<'_, Segments> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of the runs kept, in alphabetical order.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn keys(&self) -> Result<BTreeSet<String>, ResultsError> {
        let mut keys: BTreeSet<String> = self.segments().keys().cloned().collect();
        let entries = self.folder.entries(names::RUNS)?.into_iter();
        let files = entries.filter(|(name, kind)| *kind == EntryKind::File && names::is_key(name));
        keys.extend(files.map(|(name, _)| name));
        Ok(keys)
    }

    /// Whether any run is kept: then this program made the folder.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn has_any(&self) -> Result<bool, ResultsError> {
        self.look()?;
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
    /// A damaged file counts as no run, and so does the record of another run.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn load(&self, arm: &Arm, seed: u64) -> Result<Option<Outcome>, ResultsError> {
        let key = &self.key(arm, seed);
        self.wanted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone());
        let Some(kept) = self.record(key) else {
            return Ok(None);
        };
        if self.checksum(&predictions_of(key))? != kept.predictions {
            return Ok(None);
        }
        if !self.bring_weights(key, &kept.weights, &arm.slug, seed)? {
            return Ok(None);
        }
        Ok(kept.ending().map(|outcome| outcome.renamed(&arm.slug)))
    }

    /// What the record of a run says, if there is one; its rows carry the arm's present name.
    pub fn outcome(&self, arm: &Arm, seed: u64) -> Option<Outcome> {
        let outcome = self.record(&self.key(arm, seed))?.outcome()?;
        Some(outcome.renamed(&arm.slug))
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

    /// Keeps a finished run, its weights and predictions in files of their own; the outcome then no longer has these and its rows.
    /// `data` are the samples as it saw them.
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
        self.save(&key, outcome, &folder)?;
        outcome.metrics = Vec::new();
        Ok(())
    }

    fn save(&self, key: &str, outcome: &Outcome, weights_folder: &str) -> Result<(), ResultsError> {
        let weights = self.checksums(weights_folder)?;
        let kept = Kept::new(key, &self.task, outcome, weights, self.checksum(&predictions_of(key))?);
        self.segments().add(&self.folder, key, &kept.encode())?;
        self.clear(&aside(key))
    }

    /// Brings the finished runs to the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub fn flush(&self) -> Result<(), ResultsError> {
        self.segments().flush(&self.folder)
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

    /// Whether a run is kept.
    pub fn has(&self, arm: &Arm, seed: u64) -> bool {
        self.record(&self.key(arm, seed)).is_some()
    }

    /// Takes over a run that another store has kept, unless it is here; tells whether it was taken. Its weights are put aside, where
    /// [`Store::load`] finds them.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn adopt(&self, other: &Self, key: &String) -> Result<bool, ResultsError> {
        if self.record(key).is_some() {
            return Ok(false);
        }
        let Some(kept) = other.record(key) else {
            return Ok(false);
        };
        let present = names::weights_folder(&kept.run.arm, kept.run.seed);
        let places = [aside(key), present];
        for place in places.iter().filter(|_| !kept.weights.is_empty()) {
            if other.checksums(place)? == kept.weights {
                for name in kept.weights.keys() {
                    self.copy(other, &format!("{place}/{name}"), &format!("{}/{name}", aside(key)))?;
                }
                break;
            }
        }
        if kept.predictions.is_some() {
            self.copy(other, &predictions_of(key), &predictions_of(key))?;
        }
        self.segments().add(&self.folder, key, &kept.encode())?;
        Ok(true)
    }

    /// Brings a file of another store's folder into this one's; one that is not there is not brought.
    fn copy(&self, other: &Self, from: &str, to: &str) -> Result<(), ResultsError> {
        match other.folder.file(from)? {
            Some(mut file) => self.folder.place_by(to, |out| std::io::copy(&mut file, out).map(drop)),
            None => Ok(()),
        }
    }

    /// What is kept under a key, if it is of that run.
    fn record(&self, key: &String) -> Option<Kept> {
        self.read(key).filter(|kept| kept.key.as_ref() == Some(key))
    }

    /// Reads a finished run: its record, or its file where an earlier version has kept it.
    fn read(&self, key: &str) -> Option<Kept> {
        let record = self.segments().read(&self.folder, key);
        record.and_then(|body| Kept::decode(&body)).or_else(|| {
            let bytes = self.folder.read(&format!("{}/{key}", names::RUNS), LARGEST).ok()??;
            Kept::decode_file(&bytes)
        })
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
