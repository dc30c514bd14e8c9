//! Name independent streams of random numbers, so that nothing drawn for one purpose moves another.
//!
//! Streams are *keyed, not consumed*: `(seed, purpose, index, step)` names a stream wherever it is needed, so no generator
//! has to be saved, measuring cannot disturb a run, and neither threads nor shards matter.

use crate::linalg::{PAIRS, Scalar, box_muller};
use rand::{Rng, SeedableRng};

/// Counter-based and portable.
pub type Generator = rand_chacha::ChaCha8Rng;

/// What a stream is for. The discriminant is part of the key: never reorder, only append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial forward weights.
    Weights = 0,
    /// Which samples are held out, and the validation part.
    Split = 1,
    /// The order of samples in an epoch (step = epoch).
    Order = 2,
    /// What a rule owns, at its start.
    RuleStart = 3,
    /// A rule's draws when it proposes at a step.
    Propose = 4,
    /// A rule's draws when it adapts after a step.
    Adapt = 5,
    /// A rule's draws when it is measured at a step.
    Probe = 6,
    /// Which samples the probe batch holds.
    ProbeBatch = 7,
    /// The samples of a synthetic task.
    Task = 8,
    /// As [`Purpose::Order`], while the network still stands still.
    WarmUpOrder = 9,
    /// As [`Purpose::Propose`], while the network still stands still.
    WarmUpPropose = 10,
    /// As [`Purpose::Adapt`], while the network still stands still.
    WarmUpAdapt = 11,
}

/// The name of a stream. Nothing is computed until numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The run's seed.
    pub seed: u64,
    /// What the numbers are for.
    pub purpose: Purpose,
    /// Which rule, layer or part.
    pub index: u64,
    /// When.
    pub step: u64,
}

impl Stream {
    /// The stream with this name.
    pub fn new(seed: u64, purpose: Purpose, index: u64, step: u64) -> Self {
        Self {
            seed,
            purpose,
            index,
            step,
        }
    }

    /// Its numbers, from the first.
    pub fn generator(self) -> Generator {
        let mut key = [0; 32];
        for (bytes, word) in key
            .chunks_exact_mut(8)
            .zip([self.seed, self.purpose as u64, self.index, 0])
        {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut generator = Generator::from_seed(key);
        generator.set_stream(self.step);
        generator
    }
}

/// Uniform in `[0, 1)`, 53 bits.
pub fn uniform(generator: &mut Generator) -> f64 {
    (generator.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Uniform in `0..n`, without bias.
pub fn below(n: u64, generator: &mut Generator) -> u64 {
    assert!(n > 0);
    let zone = u64::MAX - u64::MAX % n;
    loop {
        let word = generator.next_u64();
        if word < zone {
            return word % n;
        }
    }
}

/// Shuffles in place (Fisher and Yates, from the last element down).
pub fn shuffle<X>(items: &mut [X], generator: &mut Generator) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(i as u64 + 1, generator) as usize);
    }
}

/// Fills `values` with normal numbers of mean 0 and standard deviation `sd`, drawn in double precision and rounded, so that
/// runs in `f32` and `f64` see the same numbers.
///
/// Every two numbers take two words of the generator, a last single one too. So fewer numbers are the first of more numbers, and
/// an even number of them can be drawn in parts, each of an even number.
pub fn normal<T: Scalar>(values: &mut [T], sd: f64, generator: &mut Generator) {
    for block in values.chunks_mut(2 * PAIRS) {
        let mut words = [[0; 2]; PAIRS];
        for word in words[..block.len().div_ceil(2)].as_flattened_mut() {
            *word = generator.next_u64();
        }
        for (value, z) in block.iter_mut().zip(box_muller(&words).as_flattened()) {
            *value = T::of(sd * z);
        }
    }
}
