//! Make MNIST-1D: ten shapes, stretched, shifted, sheared and covered with noise.

use super::fresh::TaskStream;
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Inputs, Kind, Places, Samples, Seed, Source, Target, Targets, TaskError};
use crate::linalg::Scalar;
use crate::network::Map;
use crate::random::{Generator, below, normal, shuffle, uniform};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Points of a shape.
const TEMPLATE: usize = 12;
/// Zeros behind it, at least and at most.
const PADDING: [u64; 2] = [36, 60];
/// Points of the stretched signal.
const LONG: usize = TEMPLATE + PADDING[1] as usize;
/// A sample: an image of one row.
const SIGNAL: Map = Map::new(1, 1, 40);
/// Points of a sample.
const POINTS: usize = SIGNAL.units();
const CLASSES: usize = 10;

/// The shapes of the ten digits, seen from the side (Greydanus and Kobak 2024).
const SHAPES: [[f64; TEMPLATE]; CLASSES] = [
    [5.0, 6.0, 6.5, 6.75, 7.0, 7.0, 7.0, 7.0, 6.75, 6.5, 6.0, 5.0],
    [5.0, 3.0, 3.0, 3.4, 3.8, 4.2, 4.6, 5.0, 5.4, 5.8, 5.0, 5.0],
    [5.0, 6.0, 6.5, 6.5, 6.0, 5.25, 4.75, 4.0, 3.5, 3.5, 4.0, 5.0],
    [5.0, 6.0, 6.5, 6.5, 6.0, 5.0, 5.0, 6.0, 6.5, 6.5, 6.0, 5.0],
    [5.0, 4.4, 3.8, 3.2, 2.6, 2.6, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0],
    [5.0, 3.0, 3.0, 3.0, 3.0, 5.0, 6.0, 6.5, 6.5, 6.0, 4.5, 5.0],
    [5.0, 4.0, 3.5, 3.25, 3.0, 3.0, 3.0, 3.0, 3.25, 3.5, 4.0, 5.0],
    [5.0, 7.0, 7.0, 6.6, 6.2, 5.8, 5.4, 5.0, 4.6, 4.2, 5.0, 5.0],
    [5.0, 4.0, 3.5, 3.5, 4.0, 5.0, 5.0, 4.0, 3.5, 3.5, 4.0, 5.0],
    [5.0, 4.0, 3.5, 3.5, 4.0, 5.0, 5.0, 5.0, 5.0, 4.7, 4.3, 5.0],
];

/// MNIST-1D (Greydanus and Kobak, ICML 2024), generated: signals of 40 points in ten classes, equally frequent over training and
/// test set together, which are standardised together. The published files, other draws from the same procedure, are read by
/// [`Npy`](super::Npy).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mnist1d {
    /// The class, or the signal itself.
    pub target: Target,
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// Chooses the samples, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
}

impl Default for Mnist1d {
    fn default() -> Self {
        Self {
            target: Target::Given,
            samples: 4000,
            test: 1000,
            seed: Seed::default(),
        }
    }
}

impl Mnist1d {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: POINTS,
            kind: Kind::Classes(CLASSES),
            samples: Samples::new(self.samples, self.test),
            stream: false,
            seed: self.seed,
        }
    }
}

impl Source for Mnist1d {
    fn about(&self) -> String {
        format!(
            "signals of 40 points in ten classes, {} + {} samples, generated (Greydanus and Kobak 2024)",
            self.samples, self.test
        )
    }

    fn check(&self) -> Result<(), Refusal> {
        self.drawn().check()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(self.drawn().facts().shaped(SIGNAL))
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let generator = &mut synthetic::generator(self.seed, TaskStream::Training);
        let samples = Samples::new(self.samples, self.test);
        let total = samples.total();
        let mut labels: Vec<u32> = (0..total).map(|i| i % CLASSES as u32).collect();
        shuffle(&mut labels, generator);
        let (shapes, kernel) = (SHAPES.map(normalised), kernel());
        let mut inputs = vec![0.0; POINTS * labels.len()];
        for (signal, &label) in inputs.chunks_exact_mut(POINTS).zip(&labels) {
            draw(&shapes[label as usize], &kernel, generator, signal);
        }
        standardise(&mut inputs);
        let targets = Targets::numbered(labels, CLASSES);
        Ok(DataSet::new(Inputs::Numbers(inputs), POINTS, targets, samples).shaped(SIGNAL))
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64], mean: f64) -> f64 {
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / values.len() as f64).sqrt()
}

fn standardise(values: &mut [f64]) {
    let mean = mean(values);
    let deviation = deviation(values, mean);
    values.iter_mut().for_each(|value| *value = (*value - mean) / deviation);
}

/// A shape of standard deviation 1/6 that begins at 0; no point of it is exactly 0, which would count as padding.
fn normalised(mut shape: [f64; TEMPLATE]) -> [f64; TEMPLATE] {
    standardise(&mut shape);
    let first = shape[0];
    shape.map(|value| (value - first) / 6.0 + 1e-8)
}

/// A Gaussian filter of standard deviation 2, cut at 4 of them.
fn kernel() -> [f64; 17] {
    let weights: [f64; 17] = std::array::from_fn(|i| Scalar::exp(-0.5 * ((i as f64 - 8.0) / 2.0).powi(2)));
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

/// Resamples evenly, with straight lines between the points.
fn resample(from: &[f64], to: &mut [f64]) {
    let (last, steps) = (from.len() - 1, (to.len() - 1) as f64);
    for (i, to) in to.iter_mut().enumerate() {
        let place = (i * last) as f64 / steps;
        let left = (place as usize).min(last - 1);
        let share = place - left as f64;
        *to = from[left] + share * (from[left + 1] - from[left]);
    }
}

/// One signal, before the whole set is standardised.
fn draw(shape: &[f64; TEMPLATE], kernel: &[f64; 17], generator: &mut Generator, signal: &mut [f64]) {
    let mut padded = [0.0; LONG];
    padded[..TEMPLATE].copy_from_slice(shape);
    let padding = PADDING[0] + below(PADDING[1] - PADDING[0] + 1, generator);
    let mut long = [0.0; LONG];
    resample(&padded[..TEMPLATE + padding as usize], &mut long);
    let scale = 1.0 + 0.4 * (uniform(generator) - 0.5);
    long.iter_mut().for_each(|value| *value *= scale);
    long.rotate_right(below(48, generator) as usize);

    let (mut slow, mut white) = ([0.0; LONG], [0.0; LONG]);
    normal(&mut slow, 0.25, generator);
    normal(&mut white, 0.02, generator);
    // beyond its ends the noise is mirrored: c b a | a b c
    let mirrored = |i: isize| {
        let n = LONG as isize;
        let i = if i < 0 { -i - 1 } else { i };
        if i < n { i as usize } else { (2 * n - i - 1) as usize }
    };
    for i in 0..LONG {
        let weighted = kernel.iter().enumerate();
        let smooth: f64 = weighted
            .map(|(k, weight)| weight * slow[mirrored(i as isize + k as isize - 8)])
            .sum();
        white[i] += if long[i] == 0.0 { smooth } else { long[i] };
    }
    let shear = 0.75 * (uniform(generator) - 0.5);
    for (i, value) in white.iter_mut().enumerate() {
        *value -= shear * (i as f64 / (LONG - 1) as f64 - 0.5);
    }
    resample(&white, signal);
}
