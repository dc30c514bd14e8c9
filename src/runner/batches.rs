//! Cut epochs into batches.

use super::Batch;
use crate::experiment::{Batching, Order};
use crate::linalg::Scalar;
use crate::random::{Purpose, Stream, shuffle};
use crate::tasks::{DataSet, Parts};

/// The order of the training part, epoch by epoch.
pub struct Batches<'a> {
    batching: Batching,
    seed: u64,
    data: &'a DataSet,
    parts: &'a Parts,
    order: Vec<u32>,
    shuffled_for: Option<(Purpose, u64)>,
}

impl<'a> Batches<'a> {
    /// Batches of the training part of `parts`, cut as `batching` says.
    pub fn new(batching: Batching, seed: u64, data: &'a DataSet, parts: &'a Parts) -> Self {
        Self {
            batching,
            seed,
            data,
            parts,
            order: Vec::new(),
            shuffled_for: None,
        }
    }

    /// Fills in the batch of a step. The order of an epoch is a function of seed and epoch alone, and so are the fresh samples of a
    /// stream.
    pub fn fill<T: Scalar>(&mut self, purpose: Purpose, step: u64, batch: &mut Batch<T>) {
        let training = self.parts.train.len();
        let steps = self.batching.steps_per_epoch(training);
        let (epoch, index) = (step / steps, step % steps);
        if self.shuffled_for != Some((purpose, epoch)) {
            self.order.clone_from(&self.parts.train);
            if self.batching.order == Order::Shuffled {
                let stream = Stream::new(self.seed, purpose, 0, epoch);
                shuffle(&mut self.order, &mut stream.generator());
            }
            self.shuffled_for = Some((purpose, epoch));
        }
        let size = self.batching.samples(training);
        let first = index as usize * size;
        let samples = &self.order[first..(first + size).min(training)];
        batch.samples.clear();
        batch.samples.extend_from_slice(samples);
        let (input, targets) = (&mut batch.input, &mut batch.targets);
        self.data.gather_in_epoch(purpose, epoch, samples, input, targets);
    }
}
