//! Carry out a part of an experiment in a results folder of its own, and join what parts have kept.

use super::pool::{Pool, all};
use super::session::Session;
use super::store::Store;
use super::{Observer, Run, RunError, Shard, Tried, choose};
use crate::experiment::{self, Arm, Plan, Precision};
use crate::notation::Document;
use crate::results::manifest::Manifest;
use crate::results::{self, Folder, names};
use crate::tasks::DataSet;
use std::path::Path;

/// The stage that an experiment has come to: its trials until none is missing, then its runs.
pub struct StageStanding {
    /// Whether it is that of the trials.
    pub tuning: bool,
    arms: Vec<Arm>,
    seeds: Vec<u64>,
    /// By place among all runs of the stage.
    missing: Vec<usize>,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartDone {
    /// Whether its runs are trials.
    pub tuning: bool,
    /// Number of its runs.
    pub runs: usize,
    /// Number of runs of all parts.
    pub of: usize,
}

impl StageStanding {
    /// As a store tells; without one nothing has been done.
    fn of(plan: &Plan, store: Option<&Store<'_>>) -> Self {
        let Some(tuning) = &plan.tuning else {
            return Self::of_runs(plan, store);
        };
        let (arms, seeds) = (plan.arms_on_trial(), tuning.seeds().collect::<Vec<_>>());
        let tried = |(arm, seed): &(&Arm, u64)| Some(Tried::of(&store?.outcome(arm, *seed)?, tuning.by));
        let tried: Vec<Option<Tried>> = all(&arms, &seeds).iter().map(tried).collect();
        let missing: Vec<usize> = (0..tried.len()).filter(|i| tried[*i].is_none()).collect();
        if missing.is_empty() {
            let tried: Vec<Tried> = tried.into_iter().flatten().collect();
            return Self::of_runs(&plan.settled(&choose(plan, &tried).chosen), store);
        }
        Self {
            tuning: true,
            arms,
            seeds,
            missing,
        }
    }

    fn of_runs(plan: &Plan, store: Option<&Store<'_>>) -> Self {
        let is_missing = |(arm, seed): (&Arm, u64)| store.is_none_or(|store| !store.has(arm, seed));
        let runs = all(&plan.arms, &plan.seeds).into_iter().enumerate();
        Self {
            tuning: false,
            missing: runs.filter(|(_, run)| is_missing(*run)).map(|(i, _)| i).collect(),
            arms: plan.arms.clone(),
            seeds: plan.seeds.clone(),
        }
    }

    /// Number of runs of the stage.
    pub fn total(&self) -> usize {
        self.arms.len() * self.seeds.len()
    }

    /// The runs of it that are missing.
    pub fn missing(&self) -> Vec<(&Arm, u64)> {
        let seeds = self.seeds.len();
        let run = |i: &usize| (&self.arms[i / seeds], self.seeds[i % seeds]);
        self.missing.iter().map(run).collect()
    }

    /// Multiply-adds of each run that is missing; those of an arm are counted in one of them.
    fn works(&self, plan: &Plan, data: &DataSet) -> Result<Vec<u64>, RunError> {
        let seeds = self.seeds.len();
        let mut works: Vec<u64> = Vec::new();
        for (place, i) in self.missing.iter().enumerate() {
            let before = place
                .checked_sub(1)
                .filter(|before| self.missing[*before] / seeds == i / seeds);
            works.push(match before {
                Some(before) => works[before],
                None => work(plan, data, &self.arms[i / seeds], self.seeds[i % seeds])?,
            });
        }
        Ok(works)
    }
}

fn work(plan: &Plan, data: &DataSet, arm: &Arm, seed: u64) -> Result<u64, RunError> {
    let (parts, data) = plan.of_run(data, seed).map_err(RunError::Task)?;
    let work = match plan.precision {
        Precision::F32 => Run::<f32>::new(arm, seed, &data, &parts).map(Run::work),
        Precision::F64 => Run::<f64>::new(arm, seed, &data, &parts).map(Run::work),
    };
    work.map_err(RunError::Refused)
}

/// Seconds that all runs of a plan, trials among them, take on one core of this machine, as two steps of each arm tell; measuring is
/// left out.
///
/// # Errors
/// Samples of a run's own do not fit.
pub fn forecast(plan: &Plan, data: &DataSet) -> Result<f64, RunError> {
    let seconds = |arm: &Arm, seed: u64| {
        let (parts, data) = plan.of_run(data, seed).map_err(RunError::Task)?;
        let time = match plan.precision {
            Precision::F32 => Run::<f32>::new(arm, seed, &data, &parts).map(Run::forecast),
            Precision::F64 => Run::<f64>::new(arm, seed, &data, &parts).map(Run::forecast),
        };
        time.map(|time| time.as_secs_f64()).map_err(RunError::Refused)
    };
    let mut all = 0.0;
    for arm in &plan.arms {
        all += seconds(arm, plan.seeds[0])? * plan.seeds.len() as f64;
    }
    for (tuning, arm) in plan
        .tuning
        .iter()
        .flat_map(|tuning| plan.arms_on_trial().into_iter().map(move |arm| (tuning, arm)))
    {
        let seeds: Vec<u64> = tuning.seeds().collect();
        all += seconds(&arm, seeds[0])? * seeds.len() as f64;
    }
    Ok(all)
}

impl Session<'_> {
    /// Carries out one part of what is missing in the results folder `whole`, of which nothing is changed, and keeps it in this one:
    /// trials while any are missing there, runs then. No table is written.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn run_shard(&self, shard: Shard, whole: &Path, observer: &dyn Observer) -> Result<PartDone, RunError> {
        let whole = match whole.is_dir() {
            true => {
                let store = Store::new(Folder::open(whole)?, self.plan, self.data);
                store.look()?;
                Some(store)
            }
            false => None,
        };
        let standing = StageStanding::of(self.plan, whole.as_ref());
        let missing = standing.missing();
        let works = standing.works(self.plan, self.data)?;
        let mine: Vec<_> = shard.takes(&works).into_iter().map(|i| missing[i]).collect();
        self.folder().place(names::EXPERIMENT, self.plan.text.as_bytes())?;
        let pool = Pool {
            plan: self.plan,
            data: self.data,
            store: Some(&self.store),
        };
        pool.stage(standing.tuning, &mine, observer, drop)?;
        Ok(PartDone {
            tuning: standing.tuning,
            runs: mine.len(),
            of: missing.len(),
        })
    }

    /// Takes over what is kept of this experiment in another results folder; says how many runs these are.
    ///
    /// # Errors
    /// The folder holds no results, those of another experiment, or a process is at work in it; or the file system refuses.
    pub fn adopt(&self, path: &Path) -> Result<usize, RunError> {
        let folder = Folder::open(path)?;
        let is_ours = Manifest::read(&folder)?.is_some_and(|manifest| manifest.is_ours());
        let document = results::experiment(&folder)?;
        let Some(document) = document.filter(|_| is_ours) else {
            return Err(RunError::NoPart(path.to_owned(), "it is no results folder".into()));
        };
        let _lock = folder.lock_to_read()?;
        let plan = Document::parse_of_any_size(names::EXPERIMENT, self.plan.text.as_str());
        let changes = plan.map_or_else(|_| Vec::new(), |plan| experiment::changes(&plan, &document));
        if !changes.is_empty() {
            let reason = format!("it is of another experiment ({})", changes.join(", "));
            return Err(RunError::NoPart(path.to_owned(), reason));
        }
        let part = Store::new(folder, self.plan, self.data);
        part.look()?;
        let (possible, mut taken, mut others) = (self.possible_keys(), 0, 0);
        for key in part.keys()? {
            match possible.contains(&key) {
                true => taken += usize::from(self.store.adopt(&part, &key)?),
                false => others += 1,
            }
        }
        self.store.flush()?;
        if taken == 0 && others > 0 && part.keys()?.is_disjoint(&possible) {
            let reason = "its runs are not those of this program, with other data or another numerics version".into();
            return Err(RunError::NoPart(path.to_owned(), reason));
        }
        Ok(taken)
    }

    /// The stage that the experiment has come to in this folder.
    pub fn standing(&self) -> StageStanding {
        StageStanding::of(self.plan, Some(&self.store))
    }
}
