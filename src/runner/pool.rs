//! Carry out the runs of an experiment in parallel: trials, the choice among them, and what is then reported.

use super::store::Store;
use super::{Choices, Observer, Outcome, Results, Run, RunError, Stage, choose, unsettled};
use crate::experiment::{Arm, Plan, Precision};
use crate::rules::Bind;
use crate::tasks::{DataFolders, DataSet, Parts};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::time::Instant;

/// Carries out an experiment on rayon's current thread pool, and returns what its tables would say. Its data are looked for where
/// the command line looks. No file is written: what `save` asks for is left out, and a [`Session`](super::Session) keeps results.
///
/// # Errors
/// There is too little memory, the data are not there or wrong, or the observer has interrupted the runs.
pub fn run(plan: &Plan, observer: &dyn Observer) -> Result<Results, RunError> {
    if let Some(reason) = plan.lacks_memory(rayon::current_num_threads()) {
        return Err(RunError::Memory(reason));
    }
    let data = &plan.load(&DataFolders::standard(None)).map_err(RunError::Data)?;
    let store = None;
    let done = Pool { plan, data, store }.carry_out(observer)?;
    Ok(Results::new(done, data))
}

/// The runs of an experiment, which are looked up and kept in a store, or only carried out.
pub struct Pool<'a> {
    pub plan: &'a Plan,
    pub data: &'a DataSet,
    pub store: Option<&'a Store<'a>>,
}

/// What is left when all runs are finished.
pub struct Done {
    /// With one trial chosen for each tuned arm.
    pub plan: Plan,
    pub choices: Choices,
    /// Arm by arm, seed by seed.
    pub outcomes: Vec<Outcome>,
    /// Number of runs, trials among them, that were not kept from earlier.
    pub carried_out: usize,
}

/// Runs of arms with the same seeds each, and what those that are finished have left.
struct Runs {
    arms: Vec<Arm>,
    seeds: Vec<u64>,
    /// Each arm's runs, in the order of the seeds, arm by arm.
    outcomes: Vec<Option<Outcome>>,
}

impl Runs {
    fn run(&self, i: usize) -> (&Arm, u64) {
        (&self.arms[i / self.seeds.len()], self.seeds[i % self.seeds.len()])
    }

    fn missing(&self) -> Vec<usize> {
        let all = 0..self.outcomes.len();
        all.filter(|i| self.outcomes[*i].is_none()).collect()
    }
}

impl Pool<'_> {
    /// Carries out what is missing, and chooses.
    pub fn carry_out(&self, observer: &dyn Observer) -> Result<Done, RunError> {
        let mut carried_out = 0;
        let mut trials = Vec::new();
        if let Some(tuning) = &self.plan.tuning {
            let of_arm = |arm: &Arm| arm.trials.iter().map(|trial| arm.on_trial(trial)).collect::<Vec<_>>();
            let arms = self.plan.arms.iter().flat_map(of_arm).collect();
            trials = self.stage(true, arms, tuning.seeds().collect(), observer, &mut carried_out)?;
        }
        let choices = choose(self.plan, &trials);
        choices.warnings.iter().for_each(|warning| observer.warns(warning));
        let plan = self.plan.settled(&choices.chosen);
        let outcomes = self.stage(false, plan.arms.clone(), plan.seeds.clone(), observer, &mut carried_out)?;
        for warning in unsettled(&plan, &outcomes) {
            observer.warns(&warning);
        }
        Ok(Done {
            plan,
            choices,
            outcomes,
            carried_out,
        })
    }

    /// The outcomes of arms in which nothing is left to tune: those that are kept, and those that are missing, carried out.
    fn stage(
        &self,
        tuning: bool,
        arms: Vec<Arm>,
        seeds: Vec<u64>,
        observer: &dyn Observer,
        carried_out: &mut usize,
    ) -> Result<Vec<Outcome>, RunError> {
        let mut runs = Runs {
            outcomes: vec![None; arms.len() * seeds.len()],
            arms,
            seeds,
        };
        for i in 0..runs.outcomes.len() {
            let (arm, seed) = runs.run(i);
            runs.outcomes[i] = self.store.map_or(Ok(None), |store| store.load(arm, seed))?;
        }
        let (total, missing) = (runs.outcomes.len(), runs.missing());
        observer.begins(&Stage {
            tuning,
            runs: total,
            kept: total - missing.len(),
            steps: missing.iter().map(|i| self.steps(runs.run(*i).0)).sum(),
        });
        let one = |i: &usize| -> Result<(usize, Option<Outcome>), RunError> {
            if observer.interrupted() {
                return Ok((*i, None));
            }
            let (arm, seed) = runs.run(*i);
            Ok((*i, self.one(arm, seed, observer)?))
        };
        let ran: Result<Vec<_>, _> = missing.par_iter().with_max_len(1).map(one).collect();
        observer.ends();
        for (i, outcome) in ran? {
            runs.outcomes[i] = outcome;
        }
        let outcomes: Vec<_> = runs.outcomes.into_iter().flatten().collect();
        match (outcomes.len(), self.store) {
            (finished, Some(_)) if finished < total => Err(RunError::Interrupted { finished, total }),
            (finished, None) if finished < total => Err(RunError::Stopped),
            _ => {
                *carried_out += missing.len();
                Ok(outcomes)
            }
        }
    }

    /// Steps that a run takes at most, if it does not diverge.
    fn steps(&self, arm: &Arm) -> u64 {
        let train = self.plan.sizes.train as usize;
        let settings = &arm.settings;
        settings.stop.at_most().steps(settings.batch.steps_per_epoch(train))
    }

    /// One run, which is kept as soon as it ends; nothing if it is interrupted.
    fn one(&self, arm: &Arm, seed: u64, observer: &dyn Observer) -> Result<Option<Outcome>, RunError> {
        let clock = Instant::now();
        let (parts, data) = self.plan.of_run(self.data, seed).map_err(RunError::Task)?;
        let outcome = match self.plan.precision {
            Precision::F32 => run_in::<f32>(arm, seed, &data, &parts, observer),
            Precision::F64 => run_in::<f64>(arm, seed, &data, &parts, observer),
        };
        let Some(mut outcome) = outcome? else {
            return Ok(None);
        };
        outcome.seconds = Some(clock.elapsed().as_secs_f64());
        if let Some(store) = self.store {
            store.keep(arm, &mut outcome, &data, &parts)?;
        }
        Ok(Some(outcome))
    }
}

fn run_in<T: Bind>(
    arm: &Arm,
    seed: u64,
    data: &DataSet,
    parts: &Parts,
    observer: &dyn Observer,
) -> Result<Option<Outcome>, RunError> {
    let run = Run::<T>::new(arm, seed, data, parts).map_err(RunError::Refused)?;
    Ok(run.finish(observer))
}
