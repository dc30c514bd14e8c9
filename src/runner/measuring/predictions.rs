//! Measure predictions on every part of the data, and hand them out.

use super::{Measuring, Sheet};
use crate::linalg::Scalar;
use crate::metrics::{self, Evaluation, LayerGroup, Tally, own};
use crate::network::{Network, Output, Trace};
use crate::results::{At, Predicted, Score, Scores};
use crate::runner::{Seat, Training};
use std::sync::Mutex;

/// What was found on one part: loss and accuracy, and what they do not tell.
type Scored = (Evaluation, Option<Tally>);

impl<T: Scalar> Measuring<'_, T> {
    /// Losses, accuracies and what else was asked for, on every part. Where nothing is written of them, and there is no validation
    /// part to find the best moment by, only the `last` moment has any.
    pub(super) fn predictions(
        &mut self,
        training: &mut Training<T>,
        running: Option<Evaluation>,
        last: bool,
        sheet: &mut Sheet<'_>,
    ) -> Scores {
        if let Some(Evaluation { loss, accuracy }) = running {
            sheet.write(metrics::RUNNING_LOSS, "none", LayerGroup::None, "none", loss);
            if self.classes {
                sheet.write(metrics::RUNNING_ACCURACY, "none", LayerGroup::None, "none", accuracy);
            }
        }
        let mut scores = Scores::default();
        if !(self.scores || last) && self.parts.validation.is_empty() {
            return scores;
        }
        let parts = [
            ("train", &self.parts.train, &mut scores.train),
            ("validation", &self.parts.validation, &mut scores.validation),
            ("test", &self.parts.test, &mut scores.test),
        ];
        for (split, samples, score) in parts {
            let forward = self.evaluate(training, None, samples);
            *score = self.score(split, None, forward, sheet);
            for i in 0..training.seats.len() {
                if !training.seats[i].predicts {
                    continue;
                }
                let own = self.evaluate(training, Some(i), samples);
                let own = self.score(split, Some(self.labels[i]), own, sheet);
                if i == 0 {
                    *score = own;
                }
            }
        }
        scores
    }

    /// Evaluates the network's forward pass, or the prediction of the rule in a seat.
    fn evaluate(&mut self, training: &mut Training<T>, seat: Option<usize>, samples: &[u32]) -> Option<Scored> {
        let mut tally = self.tallies.then(|| Tally::new(self.data.kind()));
        let see = |output: Output<'_, T>, targets: &_| {
            if let Some(tally) = &mut tally {
                tally.see(output, targets);
            }
        };
        let Training {
            network, loss, seats, ..
        } = training;
        let gather = |chunk: &[u32], x: &mut _, y: &mut _| self.data.gather(chunk, x, y);
        let predictor = Predictor::new(network, seat.map(|i| &mut seats[i]));
        let (effort, predict) = (predictor.effort(), |trace: &mut _| predictor.predict(trace));
        let evaluation = self.evaluator.evaluate(samples, effort, *loss, gather, predict, see)?;
        Some((evaluation, tally))
    }

    /// Writes what was found of the forward pass, or of a rule's own prediction; returns what the tables of runs need.
    fn score(&self, split: &str, rule: Option<&str>, found: Option<Scored>, sheet: &mut Sheet<'_>) -> Score {
        let Some((evaluation, tally)) = found.filter(|(evaluation, _)| evaluation.loss.is_finite()) else {
            return Score::default();
        };
        let mut write = |score: &str, value: f64| match rule {
            None => sheet.write_as(score, split, "none", LayerGroup::None, "none", value),
            Some(rule) => sheet.write_as(&own(score), split, rule, LayerGroup::None, "none", value),
        };
        write(metrics::LOSS.name, evaluation.loss);
        let accuracy = self.classes.then_some(evaluation.accuracy);
        if let Some(accuracy) = accuracy {
            write(metrics::ACCURACY.name, accuracy);
        }
        if let Some(tally) = tally {
            let names = self.data.class_names().unwrap_or_default();
            for (class, accuracy) in tally.class_accuracies() {
                write(&metrics::CLASS_ACCURACY.of_one(&names[class]), accuracy);
            }
            let tops = self
                .choice
                .tops()
                .map(|k| (metrics::TOP_ACCURACY.of_one(k), tally.top_accuracy(k)));
            let others = [
                (metrics::BALANCED_ACCURACY.name.to_owned(), tally.balanced_accuracy()),
                (metrics::R2.name.to_owned(), tally.r2()),
            ];
            for (metric, value) in tops.chain(others) {
                if let Some(value) = value {
                    write(&metric, value);
                }
            }
        }
        Score {
            loss: Some(evaluation.loss),
            accuracy,
        }
    }

    /// What is predicted for every sample at the present step: by the rule in its own way, where it has one, else by the network.
    pub fn predict(&mut self, training: &mut Training<T>, at: At) -> Predicted {
        let Training {
            network, loss, seats, ..
        } = training;
        let trainer = &mut seats[0];
        let predictor = Predictor::new(network, trainer.predicts.then_some(trainer));
        let mut outputs = |samples: &[u32]| {
            let mut outputs = Vec::with_capacity(samples.len() * network.outputs());
            let gather = |chunk: &[u32], x: &mut _, y: &mut _| self.data.gather(chunk, x, y);
            let (effort, predict) = (predictor.effort(), |trace: &mut _| predictor.predict(trace));
            let see = |output: Output<'_, T>, _: &_| outputs.extend(output.a.iter().map(|a| a.to_f64()));
            self.evaluator.evaluate(samples, effort, *loss, gather, predict, see);
            outputs
        };
        Predicted {
            at,
            test: outputs(&self.parts.test),
            train: outputs(&self.parts.train),
            validation: outputs(&self.parts.validation),
        }
    }
}

/// What predicts: the network by its forward pass, or a rule in a way of its own.
struct Predictor<'a, T: Scalar> {
    network: &'a Network<T>,
    /// It has scratch for one prediction at a time.
    rule: Option<Mutex<&'a mut Seat<T>>>,
}

impl<'a, T: Scalar> Predictor<'a, T> {
    fn new(network: &'a Network<T>, seat: Option<&'a mut Seat<T>>) -> Self {
        let rule = seat.map(Mutex::new);
        Self { network, rule }
    }

    /// Multiply-adds for a sample, where several predictions may be made at a time; a rule shares out its products alone.
    fn effort(&self) -> usize {
        self.rule.as_ref().map_or(self.network.multiply_adds(), |_| 0)
    }

    /// Leaves the prediction for `trace.input` in the trace.
    fn predict(&self, trace: &mut Trace<T>) {
        match &self.rule {
            None => self.network.forward(trace),
            Some(rule) => {
                let mut seat = rule.lock().expect("one prediction at a time");
                seat.learner.predict(self.network, trace);
            }
        }
    }
}
