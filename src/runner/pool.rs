//! Carry out many runs: in parallel, continuing where an earlier call ended, and leave the result files.

use super::{Observer, Outcome, run, store, store::Store};
use crate::experiment::{Arm, Plan, Precision};
use crate::results::{self, files, weights};
use crate::rules::Refusal;
use crate::tasks::{DataSet, TaskError};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// The file, within a results folder, whose lock the process at work there holds.
const LOCK: &str = ".lock";

/// Why runs were not carried out.
#[derive(Debug)]
pub enum Error {
    /// A results file could not be written.
    Results(results::Error),
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
                "{} holds files that are no results; give this experiment another `name`, or another folder with --out",
                path.display()
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

impl From<results::Error> for Error {
    fn from(error: results::Error) -> Self {
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
    folder: PathBuf,
    store: Store,
    /// Held while the session lives; the system frees it if the process dies.
    _lock: File,
}

impl<'a> Session<'a> {
    /// Opens the results folder, alone. With `fresh` it is emptied first.
    ///
    /// # Errors
    /// If another process holds the folder, or it holds another experiment's runs, or anything but results, or the file system
    /// refuses.
    pub fn open(plan: &'a Plan, data: &'a DataSet, folder: &Path, fresh: bool) -> Result<Self, Error> {
        let io = |error| Error::Io(folder.to_owned(), error);
        fs::create_dir_all(folder).map_err(io)?;
        if !is_ours(folder).map_err(io)? {
            return Err(Error::NotResults(folder.to_owned()));
        }
        let lock = File::create(folder.join(LOCK)).map_err(io)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::Busy(folder.to_owned()),
            TryLockError::Error(error) => io(error),
        })?;
        if fresh {
            empty(folder).map_err(io)?;
        }
        files::clear_unfinished(folder)?;
        let store = Store::new(folder, plan);
        if store.is_foreign() {
            return Err(Error::Foreign(folder.to_owned()));
        }
        Ok(Self {
            plan,
            data,
            folder: folder.to_owned(),
            store,
            _lock: lock,
        })
    }

    /// The trials of all arms that are tuned, in the order of the plan.
    pub fn trials(&self) -> Runs {
        let of_arm = |arm: &'a Arm| arm.trials.iter().map(|trial| arm.on_trial(trial));
        let seeds = self.plan.tuning.map(|tuning| tuning.seeds().collect());
        self.look_up(
            self.plan.arms.iter().flat_map(of_arm).collect(),
            seeds.unwrap_or_default(),
        )
    }

    /// The runs of arms in which nothing is left to tune, with the plan's seeds.
    pub fn runs(&self, arms: &[Arm]) -> Runs {
        self.look_up(arms.to_vec(), self.plan.seeds.clone())
    }

    /// Looks which runs the folder already holds.
    fn look_up(&self, arms: Vec<Arm>, seeds: Vec<u64>) -> Runs {
        let mut runs = Runs {
            outcomes: vec![None; arms.len() * seeds.len()],
            arms,
            seeds,
        };
        for i in 0..runs.outcomes.len() {
            let (arm, seed) = runs.run(i);
            runs.outcomes[i] = self.kept(arm, seed);
        }
        runs
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

    fn kept(&self, arm: &Arm, seed: u64) -> Option<Outcome> {
        let key = store::key(self.plan, arm, seed, self.data.checksum());
        self.store.load(&key, &arm.slug, &self.weights_folder(arm, seed))
    }

    /// Runs of trials keep no weights, so their folder is empty or another run's.
    fn weights_folder(&self, arm: &Arm, seed: u64) -> PathBuf {
        self.folder.join("weights").join(&arm.slug).join(seed.to_string())
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
        let (parts, data) = self.plan.of_run(self.data, seed).map_err(Error::Task)?;
        let outcome = match self.plan.precision {
            Precision::F32 => run::<f32>(arm, seed, &data, &parts, observer),
            Precision::F64 => run::<f64>(arm, seed, &data, &parts, observer),
        };
        let Some(mut outcome) = outcome.map_err(Error::Refused)? else {
            return Ok(None);
        };
        let folder = self.weights_folder(arm, seed);
        remove(&folder)?;
        for (step, arrays) in std::mem::take(&mut outcome.weights) {
            weights::save(&folder.join(format!("step-{step}.safetensors")), &arrays)?;
        }
        let key = store::key(self.plan, arm, seed, self.data.checksum());
        self.store.save(&key, &outcome, &folder)?;
        Ok(Some(outcome))
    }
}

/// Whether a folder is empty or holds what every results folder holds from its first moment, or what a copied one still holds.
fn is_ours(folder: &Path) -> io::Result<bool> {
    let entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    let ours = |entry: &fs::DirEntry| entry.file_name() == LOCK || entry.file_name() == "experiment.ron";
    Ok(entries.is_empty() || entries.iter().any(ours))
}

/// Removes a folder, if it is there, with the weights of an earlier run of the same name.
fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::Io(folder.to_owned(), error)),
        _ => Ok(()),
    }
}

/// Removes everything in a results folder but the lock.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
