//! Cut epochs into batches.

use super::Training;
use crate::experiment::{Batch, Order};
use crate::random::{Purpose, Stream, shuffle};
use crate::rules::Precision;
use crate::tasks::{DataSet, Parts};

/// The order of the training part, epoch by epoch.
pub struct Batches<'a> {
    batch: Batch,
    size: usize,
    parts: &'a Parts,
    order: Vec<u32>,
    shuffled_for: Option<(Purpose, u64)>,
}

impl<'a> Batches<'a> {
    /// Batches of the training part of `parts`, cut as `batch` says.
    pub fn new(batch: Batch, parts: &'a Parts) -> Self {
        Self {
            batch,
            size: batch.samples(parts.train.len()),
            parts,
            order: Vec::new(),
            shuffled_for: None,
        }
    }

    /// Fills in batch `index` of an epoch. The order is a function of seed and epoch alone, and so are the fresh samples of a
    /// stream.
    pub fn fill<T: Precision>(
        &mut self,
        data: &DataSet,
        epoch: u64,
        index: u64,
        seed: u64,
        purpose: Purpose,
        training: &mut Training<T>,
    ) {
        if self.shuffled_for != Some((purpose, epoch)) {
            self.order.clone_from(&self.parts.train);
            if self.batch.order == Order::Shuffled {
                shuffle(&mut self.order, &mut Stream::new(seed, purpose, 0, epoch).generator());
            }
            self.shuffled_for = Some((purpose, epoch));
        }
        let first = index as usize * self.size;
        let samples = &self.order[first..(first + self.size).min(self.order.len())];
        training.samples.clear();
        training.samples.extend_from_slice(samples);
        let Training { trace, targets, .. } = training;
        data.gather_in_epoch(purpose, epoch, samples, &mut trace.input, targets);
    }
}
