//! Carry out many runs: in parallel, continuing where an earlier call ended, and leave the result files.

use super::opening::{empty, has_manifest, is_ours, not_promised};
use super::{Observer, Outcome, changes, run, store, store::Store};
use crate::experiment::{Arm, Plan, Precision};
use crate::results::manifest::Manifest;
use crate::results::{self, Description, EntryKind as Kind, Folder, Lock, Saved, files, names, predictions};
use crate::rules::Refusal;
use crate::tasks::{DataSet, TaskError};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use std::{fmt, fs, io};

/// Why runs were not carried out.
#[derive(Debug)]
pub enum Error {
    /// A results file could not be written.
    Results(results::ResultsError),
    /// The file system refused the results folder.
    Io(PathBuf, io::Error),
    /// The split leaves nothing to train on, or samples of a run's own do not fit.
    Task(TaskError),
    /// A rule refused, although the plan had been checked.
    Refused(Refusal),
    /// Another process is at work in the folder.
    Busy(PathBuf),
    /// The folder holds runs of another experiment.
    Foreign(PathBuf),
    /// The folder holds files that no experiment made.
    NotResults(PathBuf),
    /// The observer asked to end; so many runs of so many are kept.
    Interrupted {
        /// Finished runs.
        finished: usize,
        /// All runs of the plan.
        total: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Results(error) => error.fmt(f),
            Self::Io(path, error) => write!(f, "cannot use the results folder {}: {error}", path.display()),
            Self::Task(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Busy(path) => write!(
                f,
                "another process is running an experiment in {}; wait until it ends, or give this one another `name`",
                path.display()
            ),
            Self::Foreign(path) => write!(
                f,
                "{} holds the results of another experiment; give this one another `name`, or replace them with --fresh",
                path.display()
            ),
            Self::NotResults(path) => write!(
                f,
                "{} holds files that are no results (a results folder has a {} of this program); give this experiment another \
                 `name`, or another folder with --out",
                path.display(),
                names::MANIFEST
            ),
            Self::Interrupted { finished, total } => {
                write!(
                    f,
                    "interrupted; {finished} of {total} runs are kept, and the same command continues with the rest"
                )
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<results::ResultsError> for Error {
    fn from(error: results::ResultsError) -> Self {
        Self::Results(error)
    }
}

/// Runs of arms with the same seeds each, and what those that are finished have left.
pub struct Runs {
    arms: Vec<Arm>,
    seeds: Vec<u64>,
    /// Each arm's runs, in the order of the seeds, arm by arm.
    outcomes: Vec<Option<Outcome>>,
}

impl Runs {
    /// Number of runs that are finished, and of all.
    pub fn progress(&self) -> (usize, usize) {
        (self.outcomes.iter().flatten().count(), self.outcomes.len())
    }

    fn run(&self, i: usize) -> (&Arm, u64) {
        (&self.arms[i / self.seeds.len()], self.seeds[i % self.seeds.len()])
    }

    fn missing(&self) -> Vec<usize> {
        (0..self.outcomes.len())
            .filter(|i| self.outcomes[*i].is_none())
            .collect()
    }

    /// What finished runs have left, arm by arm.
    pub fn outcomes(self) -> Vec<Outcome> {
        self.outcomes.into_iter().flatten().collect()
    }
}

/// A results folder at work: it alone may change the folder while it lives.
pub struct Session<'a> {
    plan: &'a Plan,
    data: &'a DataSet,
    folder: Arc<Folder>,
    store: Store,
    notices: Vec<String>,
    /// Held while the session lives.
    _lock: Lock,
}

impl<'a> Session<'a> {
    /// Opens the results folder, alone. With `fresh` all that the program writes there is removed first, and nothing else.
    ///
    /// # Errors
    /// If another process holds the folder, or it holds another experiment's runs, or anything but results, or links in place of
    /// results, or the file system refuses.
    pub fn open(plan: &'a Plan, data: &'a DataSet, path: &Path, fresh: bool) -> Result<Self, Error> {
        let io = |error| Error::Io(path.to_owned(), error);
        fs::create_dir_all(path).map_err(io)?;
        let folder = Arc::new(Folder::open(path).map_err(|error| match error {
            results::ResultsError::Io { source, .. } => io(source),
            error => Error::Results(error),
        })?);
        let store = Store::new(&folder, plan);
        if !is_ours(&folder, &store)? {
            return Err(Error::NotResults(path.to_owned()));
        }
        files::refuse_links(&folder)?;
        let lock = folder.lock()?.ok_or_else(|| Error::Busy(path.to_owned()))?;
        let mut notices = not_promised(&folder, &lock)?;
        if fresh || !has_manifest(&folder)? {
            Manifest::begin(&folder)?;
        }
        if fresh {
            notices.extend(empty(&folder)?);
        }
        files::clear(&folder, |name| {
            name.rsplit('/').next().is_some_and(names::is_unfinished)
        })?;
        if store.is_foreign()? {
            return Err(Error::Foreign(path.to_owned()));
        }
        let session = Self {
            plan,
            data,
            folder,
            store,
            notices,
            _lock: lock,
        };
        Ok(session)
    }

    /// The results folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What a user should know of the folder: what was removed, and what its file system cannot do.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// What the tables that are there show and those of this plan will not, and how many finished runs they leave out: a
    /// sentence, or nothing where nothing is left out.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn replaced(&self) -> Result<Option<String>, Error> {
        let changes = changes::of_tables(&self.folder, self.plan, self.data)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let possible = self.possible_keys();
        let kept = self.store.keys()?;
        let hidden = kept.iter().filter(|key| !possible.contains(*key)).count();
        Ok((hidden > 0).then(|| changes::sentence(self.folder.path(), &changes, hidden)))
    }

    /// The keys of all runs that this plan may come to, whatever is chosen in tuning.
    fn possible_keys(&self) -> BTreeSet<String> {
        let plan = self.plan;
        let key = |arm: &Arm, seed| store::key(plan, arm, seed, self.data.checksum());
        let mut keys = BTreeSet::new();
        for arm in &plan.arms {
            keys.extend(plan.seeds.iter().map(|seed| key(arm, *seed)));
            for trial in &arm.trials {
                let (settled, on_trial) = (arm.settled(trial), arm.on_trial(trial));
                keys.extend(plan.seeds.iter().map(|seed| key(&settled, *seed)));
                let seeds = plan.tuning.iter().flat_map(|tuning| tuning.seeds());
                keys.extend(seeds.map(|seed| key(&on_trial, seed)));
            }
        }
        keys
    }

    /// Puts the weights of runs that `shown` leaves out where kept runs are; removes those of runs that are not kept.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn put_aside_weights(&self, shown: impl Fn(&str, u64) -> bool) -> Result<(), Error> {
        let arms = self.folders(names::WEIGHTS_FOLDER)?;
        for arm in arms
            .iter()
            .filter(|arm| names::is_made(&format!("{}/{arm}", names::WEIGHTS_FOLDER)))
        {
            let of_arm = format!("{}/{arm}", names::WEIGHTS_FOLDER);
            for seed in self.folders(&of_arm)?.iter().filter_map(|seed| seed.parse().ok()) {
                if !shown(arm, seed) {
                    self.store.put_aside(arm, seed, &weights_folder(arm, seed))?;
                }
            }
            self.folder.remove_if_empty(&of_arm)?;
        }
        Ok(self.folder.remove_if_empty(names::WEIGHTS_FOLDER)?)
    }

    /// The folders in a folder, if that is one.
    fn folders(&self, at: &str) -> Result<Vec<String>, Error> {
        let is_folder = |(name, kind): (String, Kind)| (kind == Kind::Folder).then_some(name);
        let top = self.folder.entries("")?.into_iter().filter_map(is_folder);
        if !top.into_iter().any(|name| at.split('/').next() == Some(&name)) {
            return Ok(Vec::new());
        }
        Ok(self.folder.entries(at)?.into_iter().filter_map(is_folder).collect())
    }

    /// The trials of all arms that are tuned, in the order of the plan.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn trials(&self) -> Result<Runs, Error> {
        let of_arm = |arm: &'a Arm| arm.trials.iter().map(|trial| arm.on_trial(trial));
        let seeds = self.plan.tuning.map(|tuning| tuning.seeds().collect());
        self.look_up(
            self.plan.arms.iter().flat_map(of_arm).collect(),
            seeds.unwrap_or_default(),
        )
    }

    /// The runs of arms in which nothing is left to tune, with the plan's seeds.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn runs(&self, arms: &[Arm]) -> Result<Runs, Error> {
        self.look_up(arms.to_vec(), self.plan.seeds.clone())
    }

    /// Looks which runs the folder already holds.
    fn look_up(&self, arms: Vec<Arm>, seeds: Vec<u64>) -> Result<Runs, Error> {
        let mut runs = Runs {
            outcomes: vec![None; arms.len() * seeds.len()],
            arms,
            seeds,
        };
        for i in 0..runs.outcomes.len() {
            let (arm, seed) = runs.run(i);
            runs.outcomes[i] = self.kept(arm, seed)?;
        }
        Ok(runs)
    }

    /// Steps that the missing runs will take at most, if none diverges.
    pub fn missing_steps(&self, runs: &Runs) -> u64 {
        let train = self.plan.sizes.train as usize;
        let steps = |i: usize| {
            let settings = &runs.run(i).0.settings;
            settings.stop.at_most().steps(settings.batch.steps_per_epoch(train))
        };
        runs.missing().into_iter().map(steps).sum()
    }

    fn kept(&self, arm: &Arm, seed: u64) -> Result<Option<Outcome>, Error> {
        let key = store::key(self.plan, arm, seed, self.data.checksum());
        Ok(self.store.load(&key, &arm.slug, &weights_folder(&arm.slug, seed))?)
    }

    /// Carries out the missing runs in parallel on rayon's current thread pool; each is kept as soon as it ends.
    ///
    /// # Errors
    /// The first failure, or [`Error::Interrupted`]; what was finished is kept.
    pub fn run(&self, runs: &mut Runs, observer: &dyn Observer) -> Result<(), Error> {
        let one = |i: &usize| -> Result<(usize, Option<Outcome>), Error> {
            if observer.interrupted() {
                return Ok((*i, None));
            }
            let (arm, seed) = runs.run(*i);
            Ok((*i, self.carry_out(arm, seed, observer)?))
        };
        let outcomes = runs
            .missing()
            .par_iter()
            .with_max_len(1)
            .map(one)
            .collect::<Result<Vec<_>, _>>()?;
        for (i, outcome) in outcomes {
            runs.outcomes[i] = outcome;
        }
        match runs.progress() {
            (finished, total) if finished < total => Err(Error::Interrupted { finished, total }),
            _ => Ok(()),
        }
    }

    fn carry_out(&self, arm: &Arm, seed: u64, observer: &dyn Observer) -> Result<Option<Outcome>, Error> {
        let clock = Instant::now();
        let (parts, data) = self.plan.of_run(self.data, seed).map_err(Error::Task)?;
        let outcome = match self.plan.precision {
            Precision::F32 => run::<f32>(arm, seed, &data, &parts, observer),
            Precision::F64 => run::<f64>(arm, seed, &data, &parts, observer),
        };
        let Some(mut outcome) = outcome.map_err(Error::Refused)? else {
            return Ok(None);
        };
        outcome.seconds = Some(clock.elapsed().as_secs_f64());
        let folder = weights_folder(&arm.slug, seed);
        self.store.put_aside(&arm.slug, seed, &folder)?;
        for (step, arrays) in std::mem::take(&mut outcome.weights) {
            let description = Description::new(self.plan, arm, seed, step, &data);
            Saved::place(
                &self.folder,
                &format!("{folder}/step-{step}.safetensors"),
                &arrays,
                &description,
            )?;
        }
        let key = store::key(self.plan, arm, seed, self.data.checksum());
        let predicted = std::mem::take(&mut outcome.predictions);
        let kept = store::predictions(&key);
        match predicted.is_empty() {
            true => self.folder.remove(&kept)?,
            false => self
                .folder
                .place(&kept, &predictions::encode(seed, &predicted, &data, &parts))?,
        }
        self.store.save(&key, &outcome, &folder)?;
        Ok(Some(outcome))
    }
}

/// Where the weights of a run are. Runs of trials keep none, so their folder is empty.
fn weights_folder(arm: &str, seed: u64) -> String {
    format!("{}/{arm}/{seed}", names::WEIGHTS_FOLDER)
}
