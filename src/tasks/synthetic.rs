//! Hold what the synthetic tasks share: their streams, their limits, and how samples are drawn.
//!
//! Samples are drawn one after the other, so a larger set starts with the smaller one of the same seed.

use super::fresh::{Sampler, TaskStream};
use super::{DataSet, Facts, Inputs, Kind, Samples, Seed, Targets};
use crate::random::{Generator, Purpose, Stream, normal};
use crate::refusal::Refusal;
use std::sync::Arc;

/// Training and test samples together take no more memory than this.
const MOST_BYTES: u64 = 1 << 32;

/// The numbers of a stream, for the task's own seed.
pub(super) fn generator(seed: Seed, stream: TaskStream) -> Generator {
    Stream::new(seed.number(), Purpose::Task, stream as u64, 0).generator()
}

/// What a synthetic task draws, as its options say.
pub(super) struct DrawnSamples {
    /// Inputs a sample.
    pub inputs: usize,
    pub kind: Kind,
    pub samples: Samples,
    /// Whether samples for training are fresh in every step: the test set alone is stored.
    pub stream: bool,
    pub seed: Seed,
}

impl DrawnSamples {
    /// Refuses a stream without a test set, no samples, and more than fit.
    pub fn check(&self) -> Result<(), Refusal> {
        self.check_stream()?;
        self.check_samples()
    }

    /// Refuses a stream without a test set.
    pub fn check_stream(&self) -> Result<(), Refusal> {
        if self.stream && self.samples.test == 0 {
            let reason = "a stream is judged on a test set of its own, drawn once";
            return Err(Refusal::new("task.test", reason, "use 1 or more"));
        }
        Ok(())
    }

    /// Refuses no samples, and more than fit.
    pub fn check_samples(&self) -> Result<(), Refusal> {
        check(self.samples, self.numbers())
    }

    /// Numbers of a sample: inputs, and values or a class.
    fn numbers(&self) -> usize {
        self.inputs.saturating_add(match self.kind {
            Kind::Values(outputs) => outputs,
            Kind::Classes(_) | Kind::Single => 1,
        })
    }

    /// What is known of the task; the options have been checked.
    pub fn facts(&self) -> Facts {
        let training = if self.stream { 1 } else { self.samples.training };
        let stored = Samples::new(training, self.samples.test);
        Facts {
            streams: self.stream,
            ..Facts::new(
                self.inputs,
                self.kind,
                self.samples,
                bytes(stored, self.numbers()).unwrap_or(u64::MAX),
            )
        }
    }

    /// How many samples of each part are stored.
    pub fn stored(&self) -> Samples {
        let training = if self.stream { 0 } else { self.samples.training };
        Samples::new(training, self.samples.test)
    }

    /// The data of a task whose stored samples are `x` and `targets`. Of a stream `sampler` draws the others.
    pub fn data(&self, sampler: impl Sampler + 'static, x: Vec<f64>, targets: Targets) -> DataSet {
        if self.stream {
            let seed = self.seed.number();
            return DataSet::stream(Arc::new(sampler), seed, x, self.inputs, targets, self.samples);
        }
        DataSet::new(Inputs::Numbers(x), self.inputs, targets, self.samples)
    }

    /// The data of a task that has no other way to draw its stored samples than `sampler`: those of a part one after the other
    /// from one generator. `targets` makes them of the values and the classes of all samples.
    pub fn sampled(
        &self,
        sampler: impl Sampler + 'static,
        targets: impl FnOnce(Vec<f64>, Vec<u32>) -> Targets,
    ) -> DataSet {
        let (stored, inputs) = (self.stored(), self.inputs);
        let outputs = match self.kind {
            Kind::Values(outputs) => outputs,
            Kind::Classes(_) | Kind::Single => 0,
        };
        let total = stored.total() as usize;
        let (mut x, mut y) = (vec![0.0; inputs * total], vec![0.0; outputs * total]);
        let mut labels = Vec::with_capacity(total);
        for (stream, count) in [(TaskStream::Training, stored.training), (TaskStream::Test, stored.test)] {
            let mut generator = generator(self.seed, stream);
            for number in 0..u64::from(count) {
                let at = labels.len();
                let (x, y) = (&mut x[at * inputs..][..inputs], &mut y[at * outputs..][..outputs]);
                labels.push(sampler.draw(number, &mut generator, x, y));
            }
        }
        self.data(sampler, x, targets(y, labels))
    }
}

/// Memory of samples with so many numbers each; absent where it is beyond counting.
fn bytes(samples: Samples, numbers: usize) -> Option<u64> {
    let total = u64::from(samples.training) + u64::from(samples.test);
    (numbers as u64).checked_mul(8)?.checked_mul(total)
}

/// Refuses no samples, and more than fit.
pub(super) fn check(samples: Samples, numbers: usize) -> Result<(), Refusal> {
    if samples.training == 0 {
        return Err(Refusal::new(
            "task.samples",
            "there is nothing to learn from 0 samples",
            "use 1 or more",
        ));
    }
    let countable = samples.training.checked_add(samples.test).is_some();
    match bytes(samples, numbers) {
        Some(bytes) if countable && bytes <= MOST_BYTES => Ok(()),
        _ => {
            let reason = format!("samples and test set together take more than {} GiB", MOST_BYTES >> 30);
            Err(Refusal::new("task.samples", reason, "use fewer samples"))
        }
    }
}

/// Fills `x` with normal numbers of this standard deviation; where it is 0, with zeros, of which none is -0.
pub(super) fn noise(x: &mut [f64], deviation: f64, generator: &mut Generator) {
    if deviation > 0.0 {
        normal(x, deviation, generator);
    } else {
        x.fill(0.0);
    }
}

/// Refuses a standard deviation that is none.
pub(super) fn check_noise(noise: f64) -> Result<(), Refusal> {
    if noise.is_finite() && noise >= 0.0 {
        return Ok(());
    }
    let reason = format!("{noise} is no standard deviation");
    Err(Refusal::new("task.noise", reason, "use 0 or a positive number"))
}

/// Refuses fewer than two classes, and more than there are samples to show them.
pub(super) fn check_classes(classes: usize, samples: u32) -> Result<(), Refusal> {
    if classes >= 2 && classes <= samples.max(2) as usize {
        return Ok(());
    }
    let reason = format!("{classes} classes cannot be told apart by {samples} samples");
    Err(Refusal::new(
        "task.classes",
        reason,
        "use 2 or more, and no more than there are samples",
    ))
}
