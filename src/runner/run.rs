//! Carry out one run: one arm with one seed, a pure function of the two.

use super::batches::Batches;
use super::measuring::Measuring;
use super::record::Record;
use super::{Batch, Diverged, Observer, Outcome, Owner, RuleFailure, Seating, Training};
use crate::arrays::Array;
use crate::experiment::{Arm, Due};
use crate::random::Purpose;
use crate::results::Status;
use crate::rules::{self, Bind, Refusal, Rule};
use crate::tasks::{DataSet, Parts};
use std::time::{Duration, Instant};

/// Why a run pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// It has finished or diverged.
    Over,
    /// The observer interrupts it.
    Interrupted,
    /// It was to pause.
    Due,
    /// A rule cannot go on: see [`Run::failure`].
    Failed,
}

/// What became of a step that was to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Advance {
    /// It was taken.
    On,
    /// The run has finished or diverged.
    Over,
    /// The observer interrupted what comes before it.
    Interrupted,
    /// A rule cannot go on.
    Failed,
}

/// A run under way. All that it still does follows from arm, seed, data, and what a checkpoint has to save: the arrays that
/// [`Training::visit`] shows, the training's `step` and `cost`, and the record.
pub struct Run<'a, T: Bind> {
    pub(super) arm: &'a Arm,
    seating: Seating<'a>,
    /// Steps of an epoch.
    pub(super) epoch: u64,
    /// Steps of the warm-up.
    warm_up: u64,
    /// When to measure.
    due: Due,
    pub(super) training: Training<T>,
    pub(super) measuring: Measuring<'a, T>,
    pub(super) record: Record,
    batches: Batches<'a>,
    batch: Batch<T>,
    /// Changes that had been applied before the last advance.
    advanced_from: u64,
}

impl<'a, T: Bind> Run<'a, T> {
    /// The network, the rules and the batches of a run, before its first step.
    ///
    /// # Errors
    /// The refusal of a rule; plans that have been checked have none.
    pub fn new(arm: &'a Arm, seed: u64, data: &'a DataSet, parts: &'a Parts) -> Result<Self, Refusal> {
        let settings = &arm.settings;
        let seating = Seating::new(&arm.rule, &arm.shadows, &settings.measure.against);
        let epoch = settings.batch.steps_per_epoch(parts.train.len());
        let (warm_up, end) = (settings.warm_up.steps(epoch), settings.stop.at_most().steps(epoch));
        let mut training = start(arm, &seating, seed, data, parts.train.len(), epoch)?;
        let mut record = Record::new(arm, seed, end);
        record.outcome.run.multiply_adds = (warm_up == 0).then_some(0);
        record.outcome.state_per_weight = state_size(&mut training) as f64 / training.network.parameters() as f64;
        Ok(Self {
            arm,
            epoch,
            warm_up,
            due: settings.measure.when.due(epoch, end),
            measuring: Measuring::new(&arm.slug, data, parts, &seating, settings, &training),
            record,
            batches: Batches::new(settings.batch, seed, data, parts),
            batch: Batch::default(),
            advanced_from: 0,
            seating,
            training,
        })
    }

    /// Goes on to the end. `None` if the observer interrupts it, or a guest among its rules cannot go on.
    pub fn finish(mut self, observer: &dyn Observer) -> Option<Outcome> {
        match self.go_on(observer, None) {
            Pause::Over => Some(self.into_outcome()),
            _ => None,
        }
    }

    /// Goes on until it is over, the observer interrupts it, or a moment has come and a step been taken.
    pub(super) fn go_on(&mut self, observer: &dyn Observer, due: Option<Instant>) -> Pause {
        loop {
            if observer.interrupted() {
                return Pause::Interrupted;
            }
            let before = self.training.step;
            let advanced = self.advance_under(observer);
            if self.training.step > before {
                observer.advanced(1);
            }
            match advanced {
                Advance::On => {}
                Advance::Over => return Pause::Over,
                Advance::Interrupted => return Pause::Interrupted,
                Advance::Failed => return Pause::Failed,
            }
            if due.is_some_and(|due| Instant::now() >= due) {
                return Pause::Due;
            }
        }
    }

    /// Takes one step, of the warm-up or of training, before which it measures and saves what is due. Tells whether the run goes on,
    /// or has finished or diverged.
    pub fn advance(&mut self) -> bool {
        self.advance_under(&()) == Advance::On
    }

    /// As [`Run::advance`], unless the observer interrupts a long measurement: then nothing has happened.
    fn advance_under(&mut self, observer: &dyn Observer) -> Advance {
        if self.record.ended {
            return Advance::Over;
        }
        self.advanced_from = self.training.step;
        let went = match self.record.warmed < self.warm_up {
            true => self.warm_up().map(|()| Advance::On),
            false => self.train(observer),
        };
        // whatever numbers it left are not the rule's
        if self.training.failure().is_some() {
            return Advance::Failed;
        }
        let status = match went {
            Ok(Advance::Over) => Status::Finished,
            Ok(advance) => return advance,
            Err(Diverged { .. }) => Status::Diverged,
        };
        self.record.end(status, self.training.step, self.epoch);
        Advance::Over
    }

    /// Why a rule cannot go on, if so.
    pub(super) fn failure(&self) -> Option<RuleFailure> {
        self.training.failure().map(|(seat, reason)| RuleFailure {
            rule: self.seating.rules[seat].label.clone(),
            arm: self.arm.label.clone(),
            seed: self.training.seed,
            step: self.advanced_from,
            reason: reason.to_owned(),
        })
    }

    /// Steps of the warm-up, and of training, that were taken.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.record.warmed, self.training.step)
    }

    /// Takes steps until so many have been taken, or its last one; nothing is measured or saved.
    pub(super) fn go_to(&mut self, step: u64) -> Result<(), Diverged> {
        while self.record.warmed < self.warm_up {
            self.warm_up()?;
        }
        while self.training.step < step.min(self.record.last_step) {
            self.step()?;
        }
        Ok(())
    }

    /// The batch that the next step is taken on.
    pub(super) fn next_batch(&mut self) -> &Batch<T> {
        self.batches.fill(Purpose::Order, self.training.step, &mut self.batch);
        &self.batch
    }

    /// Multiply-adds of the whole run, should it take all its steps: what one step, and one of the warm-up, is counted to cost.
    /// Measuring is not counted.
    pub fn work(mut self) -> u64 {
        if self.warm_up > 0 {
            self.batches.fill(Purpose::WarmUpOrder, 0, &mut self.batch);
            // one that diverges has cost what it has cost
            let _ = self.training.warm_up(0, &self.batch);
        }
        let warm_up = std::mem::take(&mut self.training.cost).multiply_adds;
        let _ = self.step();
        let step = self.training.cost.multiply_adds;
        let (steps, total) = (self.record.last_step, self.warm_up.saturating_mul(warm_up));
        total.saturating_add(steps.saturating_mul(step))
    }

    /// How long the whole run takes on this thread, as the second of two steps tells; the warm-up passes for as many steps, and
    /// measuring for none.
    pub fn forecast(mut self) -> Duration {
        // one that diverges takes as long
        let _ = self.step();
        let clock = Instant::now();
        let _ = self.step();
        let steps = self.record.last_step + self.warm_up;
        clock.elapsed().mul_f64(steps as f64)
    }

    /// What is left of it.
    pub(super) fn into_outcome(self) -> Outcome {
        self.record.outcome
    }

    /// A step in which the network stands still.
    fn warm_up(&mut self) -> Result<(), Diverged> {
        let step = self.record.warmed;
        self.batches.fill(Purpose::WarmUpOrder, step, &mut self.batch);
        self.training.warm_up(step, &self.batch)?;
        self.record.warmed += 1;
        if self.record.warmed == self.warm_up {
            self.record.warm_up = std::mem::take(&mut self.training.cost).multiply_adds;
            self.record.spent(self.training.cost);
        }
        Ok(())
    }

    /// Looks at the present moment, and takes a step unless it is the last.
    fn train(&mut self, observer: &dyn Observer) -> Result<Advance, Diverged> {
        let step = self.training.step;
        if self.due.at(step) && !self.measure(observer)? {
            return Ok(Advance::Interrupted);
        }
        let last = step == self.record.last_step;
        self.save(last);
        if last {
            return Ok(Advance::Over);
        }
        self.step()?;
        Ok(Advance::On)
    }

    /// Tells whether it was done; where the observer interrupts it, nothing of it is left.
    fn measure(&mut self, observer: &dyn Observer) -> Result<bool, Diverged> {
        let step = self.training.step;
        let running = self.record.running.mean();
        let rows = &mut self.record.outcome.metrics;
        let (before, moment) = (rows.len(), (self.epoch, step == self.record.last_step));
        let scores = self
            .measuring
            .measure(&mut self.training, moment, running, rows, observer);
        let Some(scores) = scores else {
            rows.truncate(before);
            return Ok(false);
        };
        if self.record.measured(step, scores) {
            self.save_best();
        }
        let patience = self.arm.settings.stop.patience();
        if patience.is_some_and(|patience| self.record.since_best >= patience) {
            self.record.last_step = step;
        }
        // before the end it is the next step that decides, so that measuring more often changes nothing
        if step == self.record.last_step && scores.train.loss.is_none() {
            return Err(Diverged { step });
        }
        Ok(true)
    }

    fn step(&mut self) -> Result<(), Diverged> {
        let step = self.training.step;
        if step.is_multiple_of(self.epoch) {
            self.record.running = Default::default();
        }
        self.batches.fill(Purpose::Order, step, &mut self.batch);
        self.training.forward(&self.batch)?;
        self.record.running.add(&self.training, &self.batch)?;
        self.training.learn(&self.batch)?;
        self.record.spent(self.training.cost);
        self.record.outcome.samples += self.batch.samples.len() as u64;
        Ok(())
    }

    /// What files hold of the run at this moment, under the names that they use: the network, the trainer's arrays, the shadows'.
    pub(super) fn arrays(&mut self) -> Vec<Array> {
        let rules = self.seating.rules.iter().enumerate();
        let prefixes: Vec<_> = rules.map(|(seat, rule)| rules::prefix(seat, &rule.label)).collect();
        let mut arrays = Vec::new();
        self.training.visit(|owner, name, shape, values| {
            let prefix = match owner {
                Owner::Network => "",
                Owner::Optimizer => return,
                Owner::Rule(seat) => &prefixes[seat],
            };
            arrays.push(Array::new(format!("{prefix}{name}"), shape, values));
        });
        arrays
    }
}

/// The training of a run; a batch of the training part's `samples` and an epoch are as its arm says.
fn start<T: Bind>(
    arm: &Arm,
    seating: &Seating<'_>,
    seed: u64,
    data: &DataSet,
    samples: usize,
    epoch: u64,
) -> Result<Training<T>, Refusal> {
    let settings = &arm.settings;
    let network = settings.network.build(data, data.kind().outputs(), seed);
    let rules: Vec<Rule> = seating.rules.iter().map(|rule| rule.rule.clone()).collect();
    let (optimizer, batch) = (settings.optimizer.in_steps(epoch), settings.batch.samples(samples));
    let started = Training::new_in(&arm.folder, seed, network, settings.loss, optimizer, batch, &rules);
    let mut training = started.map_err(|(_, refusal)| refusal)?;
    // what a shadow without a state proposes at a step goes nowhere: a run reads proposals only where it measures
    for seat in &mut training.seats[1..] {
        seat.takes_part = false;
        seat.learner.visit(&mut |_, _, _| seat.takes_part = true);
    }
    if let Some(file) = settings.network.file() {
        let seats = training.seats.iter_mut().zip(&seating.rules).enumerate();
        for (i, (seat, rule)) in seats.filter(|(_, (_, rule))| rule.rule.files().is_empty()) {
            let filled = rules::fill(&mut *seat.learner, file, &rules::prefix(i, &rule.label));
            filled.map_err(|problem| Refusal::new("", format!("`{}` {problem}", file.path()), "start again"))?;
        }
    }
    Ok(training)
}

/// Numbers that the trainer's rule owns.
fn state_size<T: Bind>(training: &mut Training<T>) -> usize {
    let mut count = 0;
    training.visit(|owner, _, _, values| {
        if owner == Owner::Rule(0) {
            count += values.len();
        }
    });
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Plan;
    use crate::rules::builtin;
    use crate::tasks::DataFolders;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Asks to end after so many looks.
    struct Impatient(AtomicU64);

    impl Observer for Impatient {
        fn interrupted(&self) -> bool {
            self.0.fetch_sub(1, Ordering::Relaxed) <= 1
        }
    }

    /// The draws of one measurement may take hours: they end when they are asked to, and nothing is left of the measurement.
    #[test]
    fn a_measurement_that_is_interrupted_leaves_nothing_and_is_made_again() {
        let text = "(task: Xor(samples: 40, test: 10), network: [4], batch: 8, stop: Steps(12), seeds: 1, measure: (draws: 50), \
            arms: [NodePerturbation])";
        let plan = Plan::from_text(text, &builtin()).unwrap_or_else(|fault| panic!("{fault}"));
        let data = plan
            .load(&DataFolders::none())
            .unwrap_or_else(|fault| panic!("{fault}"));
        let (parts, data) = plan.of_run(&data, 0).unwrap();
        let start = || Run::<f32>::new(&plan.arms[0], 0, &data, &parts).unwrap();
        let whole = start().finish(&()).unwrap();
        let mut run = start();
        // a look before the step, and one for each draw
        assert_eq!(run.go_on(&Impatient(20.into()), None), Pause::Interrupted);
        assert_eq!((run.position(), run.record.outcome.metrics.len()), ((0, 0), 0));
        let outcome = run.finish(&()).unwrap();
        assert_eq!((outcome.run, outcome.metrics), (whole.run, whole.metrics));
    }
}
