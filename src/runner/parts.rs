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
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
                None => {
                    let run = (&self.arms[i / seeds], self.seeds[i % seeds]);
                    of_first_step(plan, data, run, |run| run.work(), |run| run.work())?
                }
            });
        }
        Ok(works)
    }
}

/// What a function finds of a run before its first step, in the precision of the plan.
fn of_first_step<O>(
    plan: &Plan,
    data: &DataSet,
    (arm, seed): (&Arm, u64),
    of_f32: fn(Run<'_, f32>) -> O,
    of_f64: fn(Run<'_, f64>) -> O,
) -> Result<O, RunError> {
    let (parts, data) = plan.of_run(data, seed).map_err(RunError::Task)?;
    let found = match plan.precision {
        Precision::F32 => Run::new(arm, seed, &data, &parts).map(of_f32),
        Precision::F64 => Run::new(arm, seed, &data, &parts).map(of_f64),
    };
    found.map_err(RunError::Refused)
}

/// Seconds that all runs of a plan, trials among them, take on one core of this machine, as two steps of each arm tell; measuring is
/// left out.
///
/// # Errors
/// Samples of a run's own do not fit.
pub fn forecast(plan: &Plan, data: &DataSet) -> Result<f64, RunError> {
    let seconds = |arms: &[Arm], seeds: &[u64]| -> Result<f64, RunError> {
        let mut sum = 0.0;
        for arm in arms {
            let time = of_first_step(plan, data, (arm, seeds[0]), |run| run.forecast(), |run| run.forecast())?;
            sum += time.as_secs_f64() * seeds.len() as f64;
        }
        Ok(sum)
    };
    let trials = match &plan.tuning {
        Some(tuning) => seconds(&plan.arms_on_trial(), &tuning.seeds().collect::<Vec<_>>())?,
        None => 0.0,
    };
    Ok(seconds(&plan.arms, &plan.seeds)? + trials)
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

    /// Takes over what is kept of this experiment in other results folders; says how many runs these are.
    ///
    /// # Errors
    /// A folder holds no results, those of another experiment, or a process is at work in it; or the file system refuses.
    pub fn adopt(&self, parts: &[PathBuf]) -> Result<usize, RunError> {
        let possible = self.possible_keys();
        let mut taken = 0;
        for part in parts {
            taken += self.adopt_one(part, &possible)?;
        }
        Ok(taken)
    }

    fn adopt_one(&self, path: &Path, possible: &BTreeSet<String>) -> Result<usize, RunError> {
        let no_part = |reason: String| Err(RunError::NoPart(path.to_owned(), reason));
        let folder = Folder::open(path)?;
        let is_ours = Manifest::read(&folder)?.is_some_and(|manifest| manifest.is_ours());
        let document = results::experiment(&folder)?;
        let Some(document) = document.filter(|_| is_ours) else {
            return no_part("it is no results folder".into());
        };
        let _lock = folder.lock_to_read()?;
        let plan = Document::parse_of_any_size(names::EXPERIMENT, self.plan.text.as_str());
        let changes = plan.map_or_else(|_| Vec::new(), |plan| experiment::changes(&plan, &document));
        if !changes.is_empty() {
            return no_part(format!("it is of another experiment ({})", changes.join(", ")));
        }
        let part = Store::new(folder, self.plan, self.data);
        part.look()?;
        let keys = part.keys()?;
        if !keys.is_empty() && keys.is_disjoint(possible) {
            return no_part(
                "its runs are not those of this program, with other data or another numerics version".into(),
            );
        }
        let mut taken = 0;
        for key in keys.intersection(possible) {
            taken += usize::from(self.store.adopt(&part, key)?);
        }
        self.store.flush()?;
        Ok(taken)
    }

    /// The stage that the experiment has come to in this folder.
    pub fn standing(&self) -> StageStanding {
        StageStanding::of(self.plan, Some(&self.store))
    }
}
