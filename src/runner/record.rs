//! Record what a run has come to.

use super::{Batch, Diverged, Training};
use crate::arrays::Array;
use crate::cost::Cost;
use crate::experiment::Arm;
use crate::linalg::Scalar;
use crate::metrics::{Evaluation, correct};
use crate::results::{MetricRow, Predicted, RunRow, Scores, Status};
use serde::{Deserialize, Serialize};

/// What a run leaves. In checkpoints rows and arrays stand apart from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its row of `runs.csv`.
    pub run: RunRow,
    /// Its rows of `metrics.csv`, unsorted.
    #[serde(skip)]
    pub metrics: Vec<MetricRow>,
    /// Arrays to be kept, with the step they were taken at.
    #[serde(skip)]
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

impl Outcome {
    /// As one of an arm of this name.
    pub(super) fn renamed(mut self, arm: &str) -> Self {
        if self.run.arm != arm {
            self.metrics.iter_mut().for_each(|row| row.arm = arm.to_owned());
            self.run.arm = arm.to_owned();
        }
        self
    }
}

/// The outcome as it grows, and what decides how the run goes on: plain data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub outcome: Outcome,
    /// Whether the run is over.
    pub ended: bool,
    /// Steps of the warm-up that were taken.
    pub warmed: u64,
    /// Multiply-adds that these took.
    pub warm_up: u64,
    /// After how many steps training ends, as far as is known.
    pub last_step: u64,
    pub running: Running,
    last: Scores,
    best: Option<(u64, Scores)>,
    /// Measurements since the best one.
    pub since_best: u64,
    /// Taken at the best measurement, if they are to be saved.
    #[serde(skip)]
    pub best_weights: Option<(u64, Vec<Array>)>,
    /// As `best_weights`.
    pub best_predictions: Option<Predicted>,
}

impl Record {
    /// Of a run that has not begun.
    pub fn new(arm: &Arm, seed: u64, last_step: u64) -> Self {
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
            ended: false,
            warmed: 0,
            warm_up: 0,
            last_step,
            running: Running::default(),
            last: Scores::default(),
            best: None,
            since_best: 0,
            best_weights: None,
            best_predictions: None,
        }
    }

    /// A step, or the warm-up, has been completed; so much all steps have cost.
    pub fn spent(&mut self, cost: Cost) {
        self.outcome.cost = cost;
        self.outcome.run.multiply_adds = Some(self.warm_up + cost.multiply_adds);
    }

    /// Whether it is the best measurement so far.
    pub fn measured(&mut self, step: u64, scores: Scores) -> bool {
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

    /// The run is over after so many steps. Where it diverged there was no last moment, and none counts as its best.
    pub fn end(&mut self, status: Status, step: u64, epoch: u64) {
        self.ended = true;
        let outcome = &mut self.outcome;
        let run = &mut outcome.run;
        run.status = status;
        run.steps = step;
        run.epochs = step as f64 / epoch as f64;
        if status == Status::Diverged {
            run.diverged_step = Some(step);
            return;
        }
        run.last = self.last;
        if let Some((step, best)) = self.best {
            run.best_step = Some(step);
            run.best = best;
        }
        if let Some((step, arrays)) = self.best_weights.take()
            && outcome.weights.iter().all(|(saved, _)| *saved != step)
        {
            outcome.weights.push((step, arrays));
        }
        outcome.predictions.extend(self.best_predictions.take());
    }
}

/// `running_loss`, `running_accuracy`: means over the samples of the epoch so far, each before the change it caused.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Running {
    loss: f64,
    right: usize,
    samples: usize,
}

impl Running {
    /// Adds a batch whose forward pass has been made.
    pub fn add<T: Scalar>(&mut self, training: &Training<T>, batch: &Batch<T>) -> Result<(), Diverged> {
        let output = training.trace.output();
        let loss = training.loss.total(output, &batch.targets);
        if !loss.is_finite() {
            return Err(Diverged { step: training.step });
        }
        self.loss += loss;
        self.right += correct(output, &batch.targets);
        self.samples += batch.samples.len();
        Ok(())
    }

    /// Nothing before the first batch.
    pub fn mean(&self) -> Option<Evaluation> {
        let samples = self.samples as f64;
        let mean = Evaluation {
            loss: self.loss / samples,
            accuracy: self.right as f64 / samples,
        };
        (self.samples > 0).then_some(mean)
    }
}
