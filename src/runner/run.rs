//! Carry out one run: one arm with one seed, a pure function of the two.

use super::batches::Batches;
use super::measuring::Measuring;
use super::saving::Saving;
use super::{Diverged, Seating, Training};
use crate::cost::Cost;
use crate::experiment::Arm;
use crate::metrics::{Evaluation, correct};
use crate::random::Purpose;
use crate::results::{MetricRow, Predicted, RunRow, Scores, Status, weights::Array};
use crate::rules::{self, Precision, Refusal, Rule};
use crate::tasks::{DataSet, Parts};

/// What is watched while a run goes on.
pub trait Observer: Sync {
    /// So many more steps have been taken.
    fn advanced(&self, steps: u64);
    /// Whether to end as soon as possible.
    fn interrupted(&self) -> bool;
}

/// What a run leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its row of `runs.csv`.
    pub run: RunRow,
    /// Its rows of `metrics.csv`, unsorted.
    pub metrics: Vec<MetricRow>,
    /// Arrays to be kept, with the step they were taken at.
    pub weights: Vec<(u64, Vec<Array>)>,
    /// Predictions to be kept.
    pub predictions: Vec<Predicted>,
    /// How long it took; not known of a run that was kept from an earlier call.
    pub seconds: Option<f64>,
    /// Numbers that the rule owns, per weight of the network.
    pub state_per_weight: f64,
    /// What the steps cost; those of the warm-up are not counted here.
    pub cost: Cost,
    /// Samples that these steps saw.
    pub samples: u64,
}

/// The network, the rules and the batches of a run, before its first step; `batch` is in samples, `epoch` in steps.
///
/// # Errors
/// The first rule that cannot work here, by its place among trainer, shadows and references, with its refusal.
pub fn start<T: Precision>(
    arm: &Arm,
    seating: &Seating<'_>,
    seed: u64,
    inputs: usize,
    outputs: usize,
    batch: usize,
    epoch: u64,
) -> Result<Training<T>, (usize, Refusal)> {
    let network = arm.settings.network.build(inputs, outputs, seed);
    let rules: Vec<Rule> = seating.rules.iter().map(|rule| rule.rule.clone()).collect();
    let optimizer = arm.settings.optimizer.in_steps(epoch);
    let mut training = Training::new_in(&arm.folder, seed, network, arm.settings.loss, optimizer, batch, &rules)?;
    if let Some(file) = arm.settings.network.file() {
        let seats = training.seats.iter_mut().zip(&seating.rules).enumerate();
        for (i, (seat, rule)) in seats.filter(|(_, (_, rule))| rule.rule.files().is_empty()) {
            let filled = rules::fill(&mut *seat.learner, file, &rules::prefix(i, &rule.label));
            filled.map_err(|problem| {
                (
                    i,
                    Refusal::new("", format!("`{}` {problem}", file.path()), "start again"),
                )
            })?;
        }
    }
    Ok(training)
}

/// Carries out a run. `None` if the observer interrupted it.
///
/// # Errors
/// The refusal of a rule; plans that have been checked have none.
pub fn run<T: Precision>(
    arm: &Arm,
    seed: u64,
    data: &DataSet,
    parts: &Parts,
    observer: &dyn Observer,
) -> Result<Option<Outcome>, Refusal> {
    let settings = &arm.settings;
    let seating = Seating::new(&arm.rule, &arm.shadows, &settings.measure.against);
    let size = settings.batch.samples(parts.train.len());
    let outputs = data.kind().outputs();
    let epoch = settings.batch.steps_per_epoch(parts.train.len());
    let started = start::<T>(arm, &seating, seed, data.inputs(), outputs, size, epoch);
    let mut training = started.map_err(|(_, refusal)| refusal)?;
    let mut measuring = Measuring::new(&arm.slug, data, parts, &seating, settings, &training);
    let mut end = settings.stop.at_most().steps(epoch);
    let due = settings.measure.when.due(epoch, end);
    let mut record = Record::new(arm, seed);
    let mut batches = Batches::new(settings.batch, parts);
    let state = state_size(&mut training) as f64;
    record.outcome.state_per_weight = state / training.network.parameters() as f64;

    for step in 0..settings.warm_up.steps(epoch) {
        if observer.interrupted() {
            return Ok(None);
        }
        batches.fill(
            data,
            step / epoch,
            step % epoch,
            seed,
            Purpose::WarmUpOrder,
            &mut training,
        );
        if let Err(diverged) = training.warm_up(step) {
            return Ok(Some(record.diverged(diverged, epoch)));
        }
    }
    let warm_up = std::mem::take(&mut training.cost).multiply_adds;
    record.spent(warm_up, &training);
    let mut saving = Saving::new(&settings.save, epoch, &seating);
    let mut running = Running::default();
    loop {
        let step = training.step;
        if due.at(step) {
            let scores = measuring.measure(&mut training, epoch, running.mean(), &mut record.outcome.metrics);
            if record.measured(step, scores) {
                saving.best(&mut training, &mut measuring);
            }
            if settings
                .stop
                .patience()
                .is_some_and(|patience| record.since_best >= patience)
            {
                end = step;
            }
            // before the end it is the next step that decides, so that measuring more often changes nothing
            if step == end && scores.train.loss.is_none() {
                saving.diverge(&mut record.outcome);
                return Ok(Some(record.diverged(Diverged { step }, epoch)));
            }
        }
        saving.step(&mut training, &mut measuring, step == end);
        if step == end {
            saving.finish(&mut record.outcome);
            return Ok(Some(record.finished(step, epoch)));
        }
        if observer.interrupted() {
            return Ok(None);
        }
        if step.is_multiple_of(epoch) {
            running = Running::default();
        }
        batches.fill(data, step / epoch, step % epoch, seed, Purpose::Order, &mut training);
        let taken = training
            .forward()
            .and_then(|()| running.add(&training))
            .and_then(|()| training.learn());
        if let Err(diverged) = taken {
            saving.diverge(&mut record.outcome);
            return Ok(Some(record.diverged(diverged, epoch)));
        }
        record.spent(warm_up, &training);
        record.outcome.samples += training.samples.len() as u64;
        observer.advanced(1);
    }
}

/// `running_loss`, `running_accuracy`: means over the samples of the epoch so far, each before the change it caused.
#[derive(Default)]
struct Running {
    loss: f64,
    right: usize,
    samples: usize,
}

impl Running {
    fn add<T: Precision>(&mut self, training: &Training<T>) -> Result<(), Diverged> {
        let output = training.trace.output();
        let loss = training.loss.total(output, &training.targets);
        if !loss.is_finite() {
            return Err(Diverged { step: training.step });
        }
        self.loss += loss;
        self.right += correct(output, &training.targets);
        self.samples += training.samples.len();
        Ok(())
    }

    fn mean(&self) -> Option<Evaluation> {
        let samples = self.samples as f64;
        let mean = Evaluation {
            loss: self.loss / samples,
            accuracy: self.right as f64 / samples,
        };
        (self.samples > 0).then_some(mean)
    }
}

/// The outcome as it grows.
struct Record {
    outcome: Outcome,
    last: Scores,
    best: Option<(u64, Scores)>,
    /// Measurements since the best one.
    since_best: u64,
}

impl Record {
    fn new(arm: &Arm, seed: u64) -> Self {
        let run = RunRow {
            arm: arm.slug.clone(),
            seed,
            status: Status::Finished,
            diverged_step: None,
            steps: 0,
            epochs: 0.0,
            best_step: None,
            multiply_adds: None,
            last: Scores::default(),
            best: Scores::default(),
        };
        let outcome = Outcome {
            run,
            metrics: Vec::new(),
            weights: Vec::new(),
            predictions: Vec::new(),
            seconds: None,
            state_per_weight: 0.0,
            cost: Cost::default(),
            samples: 0,
        };
        Self {
            outcome,
            last: Scores::default(),
            best: None,
            since_best: 0,
        }
    }

    /// A step, or the warm-up, has been completed.
    fn spent<T: Precision>(&mut self, warm_up: u64, training: &Training<T>) {
        self.outcome.cost = training.cost;
        self.outcome.run.multiply_adds = Some(warm_up + training.cost.multiply_adds);
    }

    /// Whether it is the best measurement so far.
    fn measured(&mut self, step: u64, scores: Scores) -> bool {
        self.last = scores;
        self.since_best += 1;
        let Some(loss) = scores.validation.loss else {
            return false;
        };
        let better = |(_, best): &(u64, Scores)| best.validation.loss.is_none_or(|best| loss < best);
        let best = self.best.as_ref().is_none_or(better);
        if best {
            self.best = Some((step, scores));
            self.since_best = 0;
        }
        best
    }

    fn ended(mut self, step: u64, epoch: u64) -> Outcome {
        self.outcome.run.steps = step;
        self.outcome.run.epochs = step as f64 / epoch as f64;
        self.outcome
    }

    fn finished(mut self, step: u64, epoch: u64) -> Outcome {
        self.outcome.run.last = self.last;
        if let Some((step, best)) = self.best {
            self.outcome.run.best_step = Some(step);
            self.outcome.run.best = best;
        }
        self.ended(step, epoch)
    }

    fn diverged(mut self, Diverged { step }: Diverged, epoch: u64) -> Outcome {
        self.outcome.run.status = Status::Diverged;
        self.outcome.run.diverged_step = Some(step);
        self.ended(step, epoch)
    }
}

/// All arrays of a training under the names that files use: the network's, the trainer's, the shadows'.
pub(super) fn arrays<T: Precision>(training: &mut Training<T>, seating: &Seating<'_>) -> Vec<Array> {
    let mut arrays = Vec::new();
    for (l, layer) in training.network.layers.iter().enumerate() {
        let [axes, bias_axes] = layer.wiring.axes();
        arrays.push(Array::new(
            format!("layer{}.weight", l + 1),
            &axes,
            layer.weight.as_slice(),
        ));
        if !layer.bias.is_empty() {
            arrays.push(Array::new(
                format!("layer{}.bias", l + 1),
                &bias_axes,
                layer.bias.as_slice(),
            ));
        }
    }
    for (i, (seat, rule)) in training.seats.iter_mut().zip(&seating.rules).enumerate() {
        let prefix = rules::prefix(i, &rule.label);
        seat.learner.visit(&mut |name, shape, values| {
            arrays.push(Array::new(format!("{prefix}{name}"), &rules::axes(name, shape), values));
        });
    }
    arrays
}

fn state_size<T: Precision>(training: &mut Training<T>) -> usize {
    let mut count = 0;
    training.seats[0]
        .learner
        .visit(&mut |_, _, values| count += values.len());
    count
}
