//! Define what is minimised: losses per example; the mean over a batch is taken elsewhere, once.

use crate::linalg::{self, Matrix, Scalar, assign, zip};
use crate::network::{Activation, Output};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Samples whose losses are computed together.
const TOGETHER: usize = 16;

/// What is made of the outputs of one example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Over {
    /// Their sum.
    #[default]
    Sum,
    /// Their mean: the sum divided by the number of outputs.
    Mean,
}

/// The loss of one example: the sum over its outputs `k`, or their mean. Experiment files write `Squares`, or
/// `Squares(over: Mean)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Loss {
    /// `½ Σ_k (a_k − y_k)²` with the prediction `a` and the target `y`.
    HalfSquares {
        /// What is made of the outputs of one example.
        #[serde(default)]
        over: Over,
    },
    /// `Σ_k (a_k − y_k)²`.
    Squares {
        /// What is made of the outputs of one example.
        #[serde(default)]
        over: Over,
    },
    /// `−Σ_k y_k ln softmax(a)_k`, the outputs `a` being logits, with the output activation `Identity`.
    CrossEntropy {
        /// What is made of the outputs of one example.
        #[serde(default)]
        over: Over,
    },
    /// `−Σ_k (y_k ln a_k + (1 − y_k) ln(1 − a_k))`, with the output activation `Logistic`.
    LogisticCrossEntropy {
        /// What is made of the outputs of one example.
        #[serde(default)]
        over: Over,
    },
}

/// As experiment files write it, a sum left unsaid.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HalfSquares { .. } => "HalfSquares",
            Self::Squares { .. } => "Squares",
            Self::CrossEntropy { .. } => "CrossEntropy",
            Self::LogisticCrossEntropy { .. } => "LogisticCrossEntropy",
        })?;
        match self.over() {
            Over::Sum => Ok(()),
            Over::Mean => f.write_str("(over: Mean)"),
        }
    }
}

impl Loss {
    /// `½ Σ (a − y)²`.
    pub const HALF_SQUARES: Self = Self::HalfSquares { over: Over::Sum };
    /// `Σ (a − y)²`.
    pub const SQUARES: Self = Self::Squares { over: Over::Sum };
    /// `−Σ y ln softmax(a)`.
    pub const CROSS_ENTROPY: Self = Self::CrossEntropy { over: Over::Sum };
    /// `−Σ y ln a + (1 − y) ln(1 − a)`, computed from `z` so that it stays finite.
    pub const LOGISTIC_CROSS_ENTROPY: Self = Self::LogisticCrossEntropy { over: Over::Sum };

    /// Every loss, summed over outputs.
    pub const ALL: [Self; 4] = [
        Self::HALF_SQUARES,
        Self::SQUARES,
        Self::CROSS_ENTROPY,
        Self::LOGISTIC_CROSS_ENTROPY,
    ];

    /// What is made of the outputs of one example.
    pub fn over(self) -> Over {
        let (Self::HalfSquares { over }
        | Self::Squares { over }
        | Self::CrossEntropy { over }
        | Self::LogisticCrossEntropy { over }) = self;
        over
    }

    fn is_cross_entropy(self) -> bool {
        matches!(self, Self::CrossEntropy { .. })
    }

    fn is_logistic(self) -> bool {
        matches!(self, Self::LogisticCrossEntropy { .. })
    }

    /// The output activation this loss expects where none is named.
    pub fn default_output(self) -> Activation {
        match self.is_logistic() {
            true => Activation::Logistic,
            false => Activation::Identity,
        }
    }

    /// Whether the loss is defined for this output activation: the logistic cross-entropy needs probabilities.
    pub fn accepts(self, output: Activation) -> bool {
        !self.is_logistic() || output == Activation::Logistic
    }

    /// The loss of sample `i`.
    pub fn of_sample<T: Scalar>(self, output: Output<'_, T>, y: &Matrix<T>, i: usize) -> T {
        let n = y.nrows();
        let column = |m| -> &[T] { &Matrix::as_slice(m)[i * n..(i + 1) * n] };
        self.of_columns(column(self.heard(output)), column(y), n)[0]
    }

    /// The loss of every sample.
    pub fn of_samples<'a, T: Scalar>(self, output: Output<'a, T>, y: &'a Matrix<T>) -> impl Iterator<Item = T> + 'a {
        let n = y.nrows();
        let columns = |m| Matrix::as_slice(m).chunks(n * TOGETHER);
        let several = columns(self.heard(output)).zip(columns(y));
        several.flat_map(move |(x, y)| self.of_columns(x, y, n).into_iter().take(y.len() / n))
    }

    /// What a logistic cross-entropy is computed from is the pre-activation, all else the activity.
    fn heard<T: Scalar>(self, output: Output<'_, T>) -> &Matrix<T> {
        if self.is_logistic() { output.z } else { output.a }
    }

    /// The loss of each of a few samples; `x` and `y` are their columns of `n` numbers, one after the other.
    fn of_columns<T: Scalar>(self, x: &[T], y: &[T], n: usize) -> [T; TOGETHER] {
        let mut losses = [T::ZERO; TOGETHER];
        let losses_of = &mut losses[..y.len() / n];
        if self.is_cross_entropy() {
            linalg::log_sum_exp_columns(x, losses_of);
        }
        for (loss, (x, y)) in losses_of.iter_mut().zip(x.chunks_exact(n).zip(y.chunks_exact(n))) {
            let pairs = x.iter().copied().zip(y.iter().copied());
            let squares = |(a, y): (T, T)| (a - y) * (a - y);
            *loss = match self {
                Self::HalfSquares { .. } => pairs.map(squares).sum::<T>() * T::of(0.5),
                Self::Squares { .. } => pairs.map(squares).sum(),
                Self::CrossEntropy { .. } => {
                    let log = *loss;
                    pairs.map(|(a, y)| y * (log - a)).sum()
                }
                Self::LogisticCrossEntropy { .. } => pairs.map(|(z, y)| z.softplus() - y * z).sum(),
            };
            if self.over() == Over::Mean {
                *loss /= T::of(n as f64);
            }
        }
        losses
    }

    /// The sum over the samples, in double precision.
    pub fn total<T: Scalar>(self, output: Output<'_, T>, y: &Matrix<T>) -> f64 {
        self.of_samples(output, y).map(Scalar::to_f64).sum()
    }

    /// The mean over the samples.
    pub fn mean<T: Scalar>(self, output: Output<'_, T>, y: &Matrix<T>) -> f64 {
        self.total(output, y) / y.ncols() as f64
    }

    /// What the derivative with respect to one of `outputs` activities is multiplied by, compared with half squares or a
    /// cross-entropy summed over the outputs.
    pub fn factor(self, outputs: usize) -> f64 {
        let factor = if let Self::Squares { .. } = self { 2.0 } else { 1.0 };
        match self.over() {
            Over::Sum => factor,
            Over::Mean => factor / outputs as f64,
        }
    }

    /// `delta := ∂loss_i/∂z_L`, column `i` for sample `i`; no 1/batch.
    pub fn delta<T: Scalar>(self, activation: Activation, output: Output<'_, T>, y: &Matrix<T>, delta: &mut Matrix<T>) {
        assign(delta, output.a);
        if self.is_cross_entropy() {
            linalg::softmax_columns(delta);
        }
        zip(delta, y, |a, y| a - y);
        let factor = self.factor(y.nrows());
        if factor != 1.0 {
            let factor = T::of(factor);
            delta.as_mut_slice().iter_mut().for_each(|delta| *delta *= factor);
        }
        // for logistic units the slope a (1 − a) cancels in the cross-entropy: a − y is already ∂loss/∂z
        if !self.is_logistic() {
            activation.multiply_slope(output.z, output.a, delta);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, uniform};

    /// Samples that are computed together lose what they lose alone, and what the formulas say.
    #[test]
    fn several_samples_lose_what_each_loses() {
        let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
        for (n, samples) in [(1, 1), (1, 50), (3, 16), (10, 40), (20, 33)] {
            let mut draw = || Matrix::from_fn(n, samples, |_, _| uniform(&mut generator));
            let (z, a, y) = (draw(), draw(), draw());
            let output = Output { z: &z, a: &a };
            let sum = |i: usize, f: &dyn Fn(f64, f64, f64) -> f64| {
                let numbers = z.column(i).into_iter().zip(a.column(i)).zip(y.column(i));
                numbers.map(|((z, a), y)| f(*z, *a, *y)).sum::<f64>()
            };
            let formula = |loss: Loss, i: usize| match loss {
                Loss::HalfSquares { .. } => sum(i, &|_, a, y| 0.5 * (a - y).powi(2)),
                Loss::Squares { .. } => sum(i, &|_, a, y| (a - y).powi(2)),
                Loss::CrossEntropy { .. } => {
                    let log = sum(i, &|_, a, _| f64::exp(a)).ln();
                    sum(i, &|_, a, y| y * (log - a))
                }
                Loss::LogisticCrossEntropy { .. } => sum(i, &|z, _, y| f64::ln(1.0 + f64::exp(z)) - y * z),
            };
            for loss in Loss::ALL {
                let all: Vec<f64> = loss.of_samples(output, &y).collect();
                let each: Vec<f64> = (0..samples).map(|i| loss.of_sample(output, &y, i)).collect();
                assert_eq!(all, each, "{loss}");
                for (i, found) in all.iter().enumerate() {
                    let expected = formula(loss, i);
                    assert!(
                        (found - expected).abs() < 1e-14 * (1.0 + expected.abs()) * n as f64,
                        "{loss}"
                    );
                }
            }
        }
    }
}
