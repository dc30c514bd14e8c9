//! Keep an experiment in a results folder: continue where an earlier call ended, and leave the result files.

use super::opening::{empty, has_manifest, is_ours, not_promised};
use super::pool::{Pool, all};
use super::tables::Writing;
use super::{Observer, Overview, RunError, changes, store::Store};
use crate::experiment::{Arm, Plan};
use crate::results::manifest::Manifest;
use crate::results::{self, Folder, Lock, ResultsError, files, names};
use crate::tasks::DataSet;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// A results folder at work: it alone may change the folder while it lives.
pub struct Session<'a> {
    pub(super) plan: &'a Plan,
    pub(super) data: &'a DataSet,
    pub(super) store: Store<'a>,
    notices: Vec<String>,
    started: (SystemTime, Instant),
    /// Held while the session lives.
    _lock: Lock,
}

impl<'a> Session<'a> {
    /// Opens the results folder, alone. With `fresh` all that the program writes there is removed first, and nothing else.
    ///
    /// # Errors
    /// If another process holds the folder, or it holds another experiment's runs, or anything but results, or links in place of
    /// results, or the file system refuses.
    pub fn open(plan: &'a Plan, data: &'a DataSet, path: &Path, fresh: bool) -> Result<Self, RunError> {
        let started = (SystemTime::now(), Instant::now());
        let io = |error| RunError::Io(path.to_owned(), error);
        fs::create_dir_all(path).map_err(io)?;
        let folder = Folder::open(path).map_err(|error| match error {
            results::ResultsError::Io { source, .. } => io(source),
            error => RunError::Results(error),
        })?;
        let store = Store::new(folder, plan, data);
        let folder = store.folder();
        if !is_ours(folder, &store)? {
            return Err(RunError::NotResults(path.to_owned()));
        }
        files::refuse_links(folder)?;
        let lock = folder.lock()?;
        let mut notices = not_promised(folder, &lock)?;
        if fresh || !has_manifest(folder)? {
            Manifest::begin(folder, &folder.way_to(&plan.folder))?;
        }
        if fresh {
            notices.extend(empty(folder)?);
        }
        files::clear(folder, |name| name.rsplit('/').next().is_some_and(names::is_unfinished))?;
        store.look()?;
        if store.is_foreign()? {
            return Err(RunError::Foreign(path.to_owned()));
        }
        Ok(Self {
            plan,
            data,
            store,
            notices,
            started,
            _lock: lock,
        })
    }

    /// The results folder.
    pub fn folder(&self) -> &Folder {
        self.store.folder()
    }

    /// Runs under way are written down so often; never, without. Where nothing is said, every minute.
    pub fn checkpoint_every(&mut self, every: Option<Duration>) {
        self.store.checkpoint_every = every;
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
    pub fn replaced(&self) -> Result<Option<String>, RunError> {
        let changes = changes::of_tables(self.folder(), self.plan, self.data)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let possible = self.possible_keys();
        let kept = self.store.keys()?;
        let hidden = kept.iter().filter(|key| !possible.contains(*key)).count();
        Ok((hidden > 0).then(|| changes::sentence(self.folder().path(), &changes, hidden)))
    }

    /// The keys of all runs that this plan may come to, whatever is chosen in tuning.
    pub(super) fn possible_keys(&self) -> BTreeSet<String> {
        let plan = self.plan;
        let key = |arm: &Arm, seed| self.store.key(arm, seed);
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

    /// Carries out the runs that are missing, in parallel on rayon's current thread pool, each kept as soon as it ends. Then writes
    /// all result files but figures, from what is kept.
    ///
    /// # Errors
    /// The first failure, or [`RunError::Interrupted`]; what was finished is kept.
    pub fn run(&self, observer: &dyn Observer) -> Result<Overview, RunError> {
        let pool = Pool {
            plan: self.plan,
            data: self.data,
            store: Some(&self.store),
        };
        self.begin()?;
        let tuned = pool.tune(observer)?;
        let plan = &tuned.plan;
        let done = pool.stage(false, &all(&plan.arms, &plan.seeds), observer, drop)?;
        let carried_out = tuned.carried_out + done.carried_out;
        let (overview, warnings) = Writing {
            store: &self.store,
            data: self.data,
            observer,
            started: self.started,
            carried_out,
        }
        .write(tuned)?;
        warnings.iter().for_each(|warning| observer.warns(warning));
        Ok(overview)
    }

    /// Says which experiment's runs are under way, for those who look on.
    pub(super) fn begin(&self) -> Result<(), ResultsError> {
        self.folder().place(names::UNDER_WAY, self.plan.text.as_bytes())
    }
}
