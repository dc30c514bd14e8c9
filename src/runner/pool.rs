//! Carry out the runs of an experiment in parallel: trials, the choice among them, and what is then reported.

use super::keeping::Keeper;
use super::rows::{Gathering, Results, runs_in_file_order};
use super::run::Pause;
use super::store::Store;
use super::{Choices, Observer, Outcome, Run, RunError, Stage, Tried, choose};
use crate::experiment::{Arm, Plan, Precision};
use crate::linalg::Crew;
use crate::results::{ResultsError, WINDOW, in_file_order};
use crate::rules::Bind;
use crate::tasks::{DataFolders, DataSet, Parts};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::Thread;
use std::time::Instant;

/// Carries out an experiment on rayon's current thread pool, and returns what its tables would say. Threads that find no run left help
/// inside the others until all have ended: experiments are best carried out one after the other, or in pools of their own. Data are
/// looked for where the command line looks. No file is written: what `save` asks for is left out, and a [`Session`](super::Session) keeps results.
///
/// # Errors
/// There is too little memory, the data are not there or wrong, or the observer has interrupted the runs.
pub fn run(plan: &Plan, observer: &dyn Observer) -> Result<Results, RunError> {
    if let Some(reason) = plan.lacks_memory(rayon::current_num_threads()) {
        return Err(RunError::Memory(reason));
    }
    let data = &plan.load(&DataFolders::standard(None)).map_err(RunError::Data)?;
    let pool = Pool {
        plan,
        data,
        store: None,
    };
    let chosen = pool.tune(observer)?;
    let (plan, choices) = (&chosen.plan, chosen.choices);
    let done = pool.stage(false, &all(&plan.arms, &plan.seeds), observer, |outcome| outcome)?;
    let mut outcomes: Vec<Option<Outcome>> = done.ended.into_iter().map(Some).collect();
    let (mut gathering, mut runs, mut metrics) = (Gathering::new(plan, data), Vec::new(), Vec::new());
    for (arm, seed) in runs_in_file_order(plan) {
        let outcome = outcomes[arm * plan.seeds.len() + seed].take();
        let mut outcome = outcome.expect("every run comes once");
        outcome.metrics = in_file_order(outcome.metrics);
        gathering.add(arm, &outcome);
        runs.push(outcome.run);
        metrics.append(&mut outcome.metrics);
    }
    let (overview, warnings) = gathering.end(choices, data);
    warnings.iter().for_each(|warning| observer.warns(warning));
    Ok(Results {
        overview,
        runs,
        metrics,
    })
}

/// The runs of an experiment, which are looked up and kept in a store, or only carried out.
pub struct Pool<'a> {
    pub plan: &'a Plan,
    pub data: &'a DataSet,
    pub store: Option<&'a Store<'a>>,
}

/// What tuning has come to.
pub struct Tuned {
    /// With one trial chosen for each tuned arm.
    pub plan: Plan,
    pub choices: Choices,
    /// Number of trials that were not kept from earlier.
    pub carried_out: usize,
}

/// What is left of the runs of a stage.
pub struct Done<O> {
    /// What was made of each, arm by arm, seed by seed.
    pub ended: Vec<O>,
    /// Number of runs that were not kept from earlier.
    pub carried_out: usize,
}

/// All runs of some arms, arm by arm, seed by seed.
pub fn all<'a>(arms: &'a [Arm], seeds: &[u64]) -> Vec<(&'a Arm, u64)> {
    let of_arm = |arm| seeds.iter().map(move |seed| (arm, *seed));
    arms.iter().flat_map(of_arm).collect()
}

impl Pool<'_> {
    /// Carries out the trials that are missing, if anything is tuned, and chooses.
    pub fn tune(&self, observer: &dyn Observer) -> Result<Tuned, RunError> {
        let mut tried = Done {
            ended: Vec::new(),
            carried_out: 0,
        };
        if let Some(tuning) = &self.plan.tuning {
            let arms = self.plan.arms_on_trial();
            let seeds: Vec<u64> = tuning.seeds().collect();
            let trials = all(&arms, &seeds);
            tried = self.stage(true, &trials, observer, |outcome| Tried::of(&outcome, tuning.by))?;
        }
        let choices = choose(self.plan, &tried.ended);
        choices.warnings.iter().for_each(|warning| observer.warns(warning));
        Ok(Tuned {
            plan: self.plan.settled(&choices.chosen),
            choices,
            carried_out: tried.carried_out,
        })
    }

    /// Carries out what is missing of runs in whose arms nothing is left to tune; of each outcome stays what `made` makes of it. With a
    /// store an outcome has lost its rows, weights and predictions by then.
    pub fn stage<O: Send>(
        &self,
        tuning: bool,
        runs: &[(&Arm, u64)],
        observer: &dyn Observer,
        made: impl Fn(Outcome) -> O + Sync,
    ) -> Result<Done<O>, RunError> {
        let kept = |(arm, seed): &(&Arm, u64)| -> Result<Option<O>, RunError> {
            let loaded = self.store.map_or(Ok(None), |store| store.load(arm, *seed))?;
            Ok(loaded.map(&made))
        };
        let mut ended = runs.iter().map(kept).collect::<Result<Vec<_>, _>>()?;
        let missing: Vec<usize> = (0..runs.len()).filter(|i| ended[*i].is_none()).collect();
        let begun = self.begun(runs, &missing)?;
        observer.begins(&Stage {
            tuning,
            runs: runs.len(),
            kept: runs.len() - missing.len(),
            begun: begun.len(),
            steps: missing.iter().map(|i| self.steps(runs[*i].0)).sum(),
        });
        let failures = Mutex::new(Vec::new());
        let one = |job: usize| match self.one(runs[missing[job]], &begun, observer) {
            // the others have nothing to do with it
            Err(RunError::Rule(failure)) => {
                failures.lock().expect("nothing fails while it is held").push(failure);
                Ok(None)
            }
            ended => Ok(ended?.map(&made)),
        };
        let ran = self.flushing(|| {
            together(missing.len(), |job| match observer.interrupted() {
                true => Ok(None),
                false => one(job),
            })
        });
        observer.ends();
        for (i, outcome) in missing.iter().zip(ran?) {
            ended[*i] = outcome;
        }
        let (total, ended) = (runs.len(), ended.into_iter().flatten().collect::<Vec<_>>());
        let failures = failures.into_inner().expect("nothing fails while it is held");
        match (ended.len(), self.store) {
            (finished, _) if !failures.is_empty() => Err(RunError::Rules {
                failures,
                finished,
                total,
            }),
            (finished, Some(_)) if finished < total => Err(RunError::Interrupted { finished, total }),
            (finished, None) if finished < total => Err(RunError::Stopped),
            _ => Ok(Done {
                ended,
                carried_out: missing.len(),
            }),
        }
    }

    /// Carries something out while what it keeps is brought to the disk now and then, and at the end.
    fn flushing<O>(&self, carry_out: impl FnOnce() -> Result<O, RunError>) -> Result<O, RunError> {
        let Some(store) = self.store else {
            return carry_out();
        };
        let over = AtomicBool::new(false);
        let now_and_then = || {
            while !over.load(Relaxed) {
                std::thread::park_timeout(WINDOW);
                store.flush()?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let flusher = scope.spawn(now_and_then);
            let done = Ended(&over, flusher.thread());
            let carried_out = carry_out();
            drop(done);
            let flushed: Result<(), ResultsError> = flusher.join().expect("it does not panic");
            let flushed = flushed.and_then(|()| store.flush());
            let carried_out = carried_out?;
            flushed?;
            Ok(carried_out)
        })
    }

    /// Steps that a run takes at most, if it does not diverge.
    fn steps(&self, arm: &Arm) -> u64 {
        let train = self.plan.sizes.train as usize;
        let settings = &arm.settings;
        settings.stop.at_most().steps(settings.batch.steps_per_epoch(train))
    }

    /// The keys of missing runs that an earlier call began. What it began and finished needs no checkpoint any more.
    fn begun(&self, runs: &[(&Arm, u64)], missing: &[usize]) -> Result<BTreeSet<String>, RunError> {
        let Some(store) = self.store else {
            return Ok(BTreeSet::new());
        };
        let all = store.begun()?;
        if all.is_empty() {
            return Ok(all);
        }
        let mut of_missing = BTreeSet::new();
        for (i, (arm, seed)) in runs.iter().enumerate() {
            let key = store.key(arm, *seed);
            match missing.binary_search(&i) {
                _ if !all.contains(&key) => {}
                Err(_) => store.keeper(arm, *seed, &all).remove()?,
                Ok(_) => _ = of_missing.insert(key),
            }
        }
        Ok(of_missing)
    }

    /// One run, which is kept as soon as it ends; nothing if it is interrupted. `begun` are the keys of those that have checkpoints.
    fn one(
        &self,
        (arm, seed): (&Arm, u64),
        begun: &BTreeSet<String>,
        observer: &dyn Observer,
    ) -> Result<Option<Outcome>, RunError> {
        let clock = Instant::now();
        let (parts, data) = self.plan.of_run(self.data, seed).map_err(RunError::Task)?;
        let mut keeper = self.store.map(|store| store.keeper(arm, seed, begun));
        let outcome = match self.plan.precision {
            Precision::F32 => run_in::<f32>(arm, seed, &data, &parts, keeper.as_mut(), observer),
            Precision::F64 => run_in::<f64>(arm, seed, &data, &parts, keeper.as_mut(), observer),
        };
        let Some(mut outcome) = outcome? else {
            return Ok(None);
        };
        outcome.seconds.get_or_insert_with(|| clock.elapsed().as_secs_f64());
        if let (Some(store), Some(keeper)) = (self.store, keeper) {
            store.keep(arm, &mut outcome, &data, &parts)?;
            if keeper.has_any() {
                store.flush()?;
                keeper.remove()?;
            }
        }
        Ok(Some(outcome))
    }
}

/// Ends the thread that waits for it, however what it waits for ends.
struct Ended<'a>(&'a AtomicBool, &'a Thread);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
        self.1.unpark();
    }
}

/// Carries out jobs on all threads of rayon's current pool, in order; threads for which there is none, or none any more, help inside
/// those under way. After a failure no other is begun.
fn together<O: Send>(jobs: usize, carry_out: impl Fn(usize) -> Result<O, RunError> + Sync) -> Result<Vec<O>, RunError> {
    let threads = rayon::current_num_threads();
    let crew = Crew::new(threads, jobs);
    let (failed, ended) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let one = |job| {
        if failed.load(Relaxed) {
            return;
        }
        let outcome = carry_out(job);
        failed.fetch_or(outcome.is_err(), Relaxed);
        ended
            .lock()
            .expect("nothing fails while it is held")
            .push((job, outcome));
    };
    rayon::scope(|scope| (0..threads).for_each(|_| scope.spawn(|_| crew.join(one))));
    let mut ended = ended.into_inner().expect("nothing fails while it is held");
    ended.sort_by_key(|(job, _)| *job);
    ended.into_iter().map(|(_, outcome)| outcome).collect()
}

fn run_in<T: Bind>(
    arm: &Arm,
    seed: u64,
    data: &DataSet,
    parts: &Parts,
    keeper: Option<&mut Keeper<'_>>,
    observer: &dyn Observer,
) -> Result<Option<Outcome>, RunError> {
    let start = || Run::<T>::new(arm, seed, data, parts).map_err(RunError::Refused);
    match keeper {
        Some(keeper) => keeper.carry_out(start, observer),
        None => {
            let mut run = start()?;
            match run.go_on(observer, None) {
                Pause::Over => Ok(Some(run.into_outcome())),
                _ => run.failure().map_or(Ok(None), |failure| Err(RunError::Rule(failure))),
            }
        }
    }
}
