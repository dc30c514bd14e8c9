//! Take what a run is asked to save, at the moments that it is asked for.

use super::Run;
use crate::experiment::{Answering, Moment};
use crate::results::At;
use crate::rules::Bind;

impl<T: Bind> Run<'_, T> {
    /// The present step has the lowest validation loss so far.
    pub(super) fn save_best(&mut self) {
        let save = &self.arm.settings.save;
        if save.weights.contains(&Moment::Best) {
            self.record.best_weights = Some((self.training.step, self.arrays()));
        }
        if save.predictions.contains(&Answering::Best) {
            let predicted = self.measuring.predict(&mut self.training, At::BestValidation);
            self.record.best_predictions = Some(predicted);
        }
    }

    /// The present step, which may be the last.
    pub(super) fn save(&mut self, last: bool) {
        let (save, step) = (&self.arm.settings.save, self.training.step);
        let due = |moment: &Moment| match *moment {
            Moment::Steps(at) => at == step,
            Moment::Every(every) => step > 0 && step.is_multiple_of(every.steps(self.epoch)),
            Moment::Best => false,
            Moment::End => last,
        };
        if save.weights.iter().any(due) {
            let arrays = self.arrays();
            self.record.outcome.weights.push((step, arrays));
        }
        if last && save.predictions.contains(&Answering::End) {
            let predicted = self.measuring.predict(&mut self.training, At::Final);
            self.record.outcome.predictions.push(predicted);
        }
    }
}
