//! Hold what a run is asked to save until it is known which moments count.

use super::measuring::Measuring;
use super::run::arrays;
use super::{Outcome, Seating, Training};
use crate::experiment::{Answering, Moment, Save};
use crate::results::{At, Predicted, weights::Array};
use crate::rules::Precision;

/// Arrays with the step they were taken at, predictions, and what to take next.
pub struct Saving<'a> {
    save: &'a Save,
    /// In steps.
    epoch: u64,
    seating: &'a Seating<'a>,
    weights: Vec<(u64, Vec<Array>)>,
    best_weights: Option<(u64, Vec<Array>)>,
    predictions: Vec<Predicted>,
    best_predictions: Option<Predicted>,
}

impl<'a> Saving<'a> {
    /// Nothing saved yet; `epoch` is in steps.
    pub fn new(save: &'a Save, epoch: u64, seating: &'a Seating<'a>) -> Self {
        Self {
            save,
            epoch,
            seating,
            weights: Vec::new(),
            best_weights: None,
            predictions: Vec::new(),
            best_predictions: None,
        }
    }

    /// The present step has the lowest validation loss so far.
    pub fn best<T: Precision>(&mut self, training: &mut Training<T>, measuring: &mut Measuring<'_, T>) {
        if self.save.weights.contains(&Moment::Best) {
            self.best_weights = Some((training.step, arrays(training, self.seating)));
        }
        if self.save.predictions.contains(&Answering::Best) {
            self.best_predictions = Some(measuring.predict(training, At::BestValidation));
        }
    }

    /// The present step, which may be the last.
    pub fn step<T: Precision>(&mut self, training: &mut Training<T>, measuring: &mut Measuring<'_, T>, last: bool) {
        let step = training.step;
        let due = |moment: &Moment| match *moment {
            Moment::Steps(at) => at == step,
            Moment::Every(every) => step > 0 && step.is_multiple_of(every.steps(self.epoch)),
            Moment::Best => false,
            Moment::End => last,
        };
        if self.save.weights.iter().any(due) {
            self.weights.push((step, arrays(training, self.seating)));
        }
        if last && self.save.predictions.contains(&Answering::End) {
            self.predictions.push(measuring.predict(training, At::Final));
        }
    }

    /// Leaves everything in the outcome of a run that has finished, the best moment among it.
    pub fn finish(mut self, outcome: &mut Outcome) {
        if let Some((step, arrays)) = self.best_weights.take()
            && self.weights.iter().all(|(saved, _)| *saved != step)
        {
            self.weights.push((step, arrays));
        }
        self.predictions.extend(self.best_predictions.take());
        self.diverge(outcome);
    }

    /// Leaves what was saved in the outcome of a run that has diverged: there was no last moment, and none counts as its best.
    pub fn diverge(self, outcome: &mut Outcome) {
        outcome.weights = self.weights;
        outcome.predictions = self.predictions;
    }
}
