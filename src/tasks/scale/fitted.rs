//! Fit a scaling on samples, and apply it to others.

use super::{FittedOn, Scale, Scaling, TargetScaling};
use crate::linalg::{Matrix, empty};
use crate::network::Map;
use crate::tasks::{DataSet, Parts};
use serde::{Deserialize, Serialize};

/// Samples looked at together while a scaling is fitted.
const CHUNK: usize = 256;

/// The scaling of one input or target: `low + span (x − shift) / divisor`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::tasks) struct ColumnScaling {
    shift: f64,
    divisor: f64,
    span: f64,
    low: f64,
}

impl ColumnScaling {
    /// The scaled number. Where the range is 0 to 1 the last two operations change no bit.
    pub fn apply(&self, x: f64) -> f64 {
        (x - self.shift) / self.divisor * self.span + self.low
    }

    /// The number that was scaled to `x`.
    fn undo(&self, x: f64) -> f64 {
        (x - self.low) / self.span * self.divisor + self.shift
    }
}

/// What becomes of the numbers of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::tasks) enum Scaler {
    /// Each has a scaling of its own.
    Columns(Vec<ColumnScaling>),
    /// All are divided by the sample's length.
    UnitLength,
}

/// The length of a sample, as two divisors one after the other, so that no square overflows or vanishes; (1, 1) for one of length 0.
pub(in crate::tasks) fn length(sample: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let positive = |x: f64| if x > 0.0 { x } else { 1.0 };
    let largest = positive(sample.clone().fold(0.0_f64, |largest, x| largest.max(x.abs())));
    let squares: f64 = sample.map(|x| (x / largest).powi(2)).sum();
    (largest, positive(squares.sqrt()))
}

/// A scaling that has been fitted; what must be kept to scale new samples alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Of inputs; absent if they stay as they are.
    pub(in crate::tasks) inputs: Option<Scaler>,
    /// Of target values; absent if they stay as they are.
    pub(in crate::tasks) values: Option<Scaler>,
    /// What tells other classes and the own one.
    pub(in crate::tasks) levels: (f64, f64),
}

impl Fitted {
    /// Whether inputs are changed.
    pub fn scales_inputs(&self) -> bool {
        self.inputs.is_some()
    }

    /// Whether it was fitted on so many inputs and outputs.
    pub fn fits(&self, inputs: usize, outputs: usize) -> bool {
        let fits = |scaler: &Option<Scaler>, n| match scaler {
            Some(Scaler::Columns(columns)) => columns.len() == n,
            Some(Scaler::UnitLength) | None => true,
        };
        fits(&self.inputs, inputs) && fits(&self.values, outputs)
    }

    /// Scales the inputs of one sample, as many as were fitted.
    pub fn scale_inputs(&self, x: &mut [f64]) {
        match &self.inputs {
            Some(Scaler::Columns(columns)) => x.iter_mut().zip(columns).for_each(|(x, column)| *x = column.apply(*x)),
            Some(Scaler::UnitLength) => {
                let (largest, length) = length(x.iter().copied());
                x.iter_mut().for_each(|x| *x = *x / largest / length);
            }
            None => {}
        }
    }

    /// Puts predicted values back into the units of the data; `reconstructs` says that they are predicted inputs. What was divided by
    /// a sample's length stays so.
    pub fn restore(&self, y: &mut [f64], reconstructs: bool) {
        let scaler = if reconstructs { &self.inputs } else { &self.values };
        if let Some(Scaler::Columns(columns)) = scaler {
            y.iter_mut().zip(columns).for_each(|(y, column)| *y = column.undo(*y));
        }
    }

    /// Fits `scale` on the samples of `data`, which are not scaled yet; absent if everything stays as it is.
    pub(in crate::tasks) fn new(scale: &Scale, data: &DataSet, parts: &Parts) -> Option<Self> {
        if *scale == Scale::default() {
            return None;
        }
        let unscaled = data.unscaled();
        let fit = |scaling, targets| fit(scaling, &unscaled, parts, targets);
        Some(Self {
            inputs: fit(&scale.inputs, false),
            values: fit(&scale.targets.of_values(), true),
            levels: match scale.targets {
                TargetScaling::Levels { low, high } => (low, high),
                _ => (0.0, 1.0),
            },
        })
    }
}

fn fit(scaling: &Scaling, data: &DataSet, parts: &Parts, targets: bool) -> Option<Scaler> {
    let all = |fitted_on| match fitted_on {
        FittedOn::Training => parts.train.clone(),
        FittedOn::All => (0..data.samples().total()).collect(),
    };
    let spread = |spread: f64| if spread > 0.0 { spread } else { 1.0 };
    Some(Scaler::Columns(match *scaling {
        Scaling::AsIs => return None,
        Scaling::UnitLength => return Some(Scaler::UnitLength),
        Scaling::Channels { ref mean, ref sd } => {
            let pixels = data.image().map_or(1, Map::positions);
            let column = |(&shift, &divisor): (&f64, &f64)| ColumnScaling {
                shift,
                divisor,
                span: 1.0,
                low: 0.0,
            };
            let channels = mean.iter().zip(sd).map(column);
            channels
                .flat_map(|channel| std::iter::repeat_n(channel, pixels))
                .collect()
        }
        Scaling::Standard { fitted_on } => {
            let samples = all(fitted_on);
            let n = samples.len() as f64;
            let sums = fold(data, &samples, targets, 0.0, |_, sum, x| sum + x);
            let means: Vec<f64> = sums.iter().map(|sum| sum / n).collect();
            let squares = fold(data, &samples, targets, 0.0, |row, sum, x| {
                sum + (x - means[row]).powi(2)
            });
            let column = |(mean, squares): (&f64, &f64)| ColumnScaling {
                shift: *mean,
                divisor: spread((squares / n).sqrt()),
                span: 1.0,
                low: 0.0,
            };
            means.iter().zip(&squares).map(column).collect()
        }
        Scaling::MinMax { low, high, fitted_on } => {
            let samples = all(fitted_on);
            let smallest = fold(data, &samples, targets, f64::INFINITY, |_, least, x| least.min(x));
            let largest = fold(data, &samples, targets, f64::NEG_INFINITY, |_, most, x| most.max(x));
            let column = |(smallest, largest): (&f64, &f64)| ColumnScaling {
                shift: *smallest,
                divisor: spread(largest - smallest),
                span: high - low,
                low,
            };
            smallest.iter().zip(&largest).map(column).collect()
        }
    }))
}

/// Runs through the samples in order, each input or target by itself.
pub(in crate::tasks) fn fold<S: Copy>(
    data: &DataSet,
    samples: &[u32],
    targets: bool,
    start: S,
    step: impl Fn(usize, S, f64) -> S,
) -> Vec<S> {
    let (mut x, mut y): (Matrix<f64>, Matrix<f64>) = (empty(), empty());
    let rows = if targets { data.kind().outputs() } else { data.inputs() };
    let mut state = vec![start; rows];
    for chunk in samples.chunks(CHUNK) {
        data.gather(chunk, &mut x, &mut y);
        let values = if targets { &y } else { &x };
        for column in values.as_slice().chunks_exact(rows) {
            for (row, (state, &value)) in state.iter_mut().zip(column).enumerate() {
                *state = step(row, *state, value);
            }
        }
    }
    state
}
