//! Hold what the synthetic tasks share: their streams and their limits.
//!
//! Samples are drawn one after the other, so a larger set starts with the smaller one of the same seed.

use super::{Facts, Kind, Samples};
use crate::random::{Generator, Purpose, Stream};
use crate::refusal::Refusal;

/// Training and test samples together take no more memory than this.
const MOST_BYTES: u64 = 1 << 32;

/// What a stream of a synthetic task draws. The discriminant is part of the key: never reorder, only append.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Part {
    /// The weights of a teacher.
    Teacher = 0,
    /// Samples for training.
    Training = 1,
    /// Samples for test.
    Test = 2,
    /// The key of a stream of fresh samples.
    Stream = 3,
}

/// The numbers of a part, for the task's own seed.
pub(super) fn generator(seed: u64, part: Part) -> Generator {
    Stream::new(seed, Purpose::Task, part as u64, 0).generator()
}

/// Memory of samples with so many numbers each; absent where it is beyond counting.
pub(super) fn bytes(samples: Samples, numbers: usize) -> Option<u64> {
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

/// Facts of samples with so many numbers each. Of a stream the test set alone is stored.
pub(super) fn facts(inputs: usize, kind: Kind, samples: Samples, numbers: usize, stream: bool) -> Facts {
    let stored = Samples {
        training: if stream { 1 } else { samples.training },
        test: samples.test,
    };
    Facts {
        streams: stream,
        ..Facts::new(inputs, kind, samples, bytes(stored, numbers).unwrap_or(u64::MAX))
    }
}

/// Refuses a stream without a test set.
pub(super) fn check_stream(stream: bool, test: u32) -> Result<(), Refusal> {
    if stream && test == 0 {
        let reason = "a stream is judged on a test set of its own, drawn once";
        return Err(Refusal::new("task.test", reason, "use 1 or more"));
    }
    Ok(())
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
