//! Draw the parity of several bits.

use super::fresh::{Sampler, TaskStream};
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Image, Places, Samples, Seed, Source, TaskError, TwoClasses, image};
use crate::random::{Generator, shuffle};
use crate::refusal::Refusal;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// All patterns of more bits than this are not listed.
const MOST_BITS: usize = 20;

/// Whether the number of ones among several bits is odd; bits are 0 and 1. Each part goes through all `2^bits` patterns again
/// and again, every time in an order of its own, so that `Parity(bits: 4, samples: 16)` is the whole table. In a stream each
/// sample's bits are drawn independently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Parity {
    /// Number of bits, an input each.
    pub bits: usize,
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// How the two classes are told: by two output units, or by one.
    pub targets: TwoClasses,
    /// Standard deviation of the normal noise added to each input; not negative.
    pub noise: f64,
    /// Whether every step of training sees fresh samples; `samples` is then the length of an epoch.
    pub stream: bool,
    /// Chooses order and noise, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

impl Default for Parity {
    fn default() -> Self {
        Self {
            bits: 4,
            samples: 1000,
            test: 1000,
            targets: TwoClasses::Classes,
            noise: 0.0,
            stream: false,
            seed: Seed::default(),
            image: None,
        }
    }
}

impl Parity {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: self.bits,
            kind: self.targets.kind(),
            samples: Samples::new(self.samples, self.test),
            stream: self.stream,
            seed: self.seed,
        }
    }

    /// Writes the bits of a pattern, the first input being the highest, and tells their parity.
    fn write(&self, pattern: u32, x: &mut [f64], generator: &mut Generator) -> u32 {
        synthetic::noise(x, self.noise, generator);
        for (i, x) in x.iter_mut().rev().enumerate() {
            *x += f64::from(pattern >> i & 1);
        }
        pattern.count_ones() % 2
    }

    /// Adds a part that goes through all patterns.
    fn append(&self, stream: TaskStream, samples: u32, x: &mut Vec<f64>, labels: &mut Vec<u32>) {
        let generator = &mut synthetic::generator(self.seed, stream);
        let mut patterns: Vec<u32> = Vec::new();
        for _ in 0..samples {
            if patterns.is_empty() {
                patterns = (0..1 << self.bits).collect();
                shuffle(&mut patterns, generator);
            }
            let pattern = patterns.pop().expect("there is at least one pattern");
            let start = x.len();
            x.resize(start + self.bits, 0.0);
            labels.push(self.write(pattern, &mut x[start..], generator));
        }
    }
}

impl Sampler for Parity {
    fn draw(&self, _: u64, generator: &mut Generator, x: &mut [f64], _: &mut [f64]) -> u32 {
        let pattern = generator.next_u64() >> (64 - self.bits);
        self.write(pattern as u32, x, generator)
    }
}

impl Source for Parity {
    fn about(&self) -> String {
        format!("parity of {} bits, synthetic: two classes", self.bits)
    }

    fn check(&self) -> Result<(), Refusal> {
        if !(1..=MOST_BITS).contains(&self.bits) {
            let reason = format!("parity of {} bits is not provided", self.bits);
            return Err(Refusal::new("task.bits", reason, format!("use 1 to {MOST_BITS}")));
        }
        synthetic::check_noise(self.noise)?;
        self.drawn().check()
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(self.drawn().facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let drawn = self.drawn();
        if self.stream {
            return Ok(drawn.sampled(self.clone(), |_, labels| self.targets.of(labels)));
        }
        let (mut x, mut labels) = (Vec::new(), Vec::new());
        self.append(TaskStream::Training, self.samples, &mut x, &mut labels);
        self.append(TaskStream::Test, self.test, &mut x, &mut labels);
        Ok(drawn.data(self.clone(), x, self.targets.of(labels)))
    }
}
