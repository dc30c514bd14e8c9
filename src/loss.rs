//! Define what is minimised: losses per example; the mean over a batch is taken elsewhere, once.

use crate::linalg::{self, Matrix, Scalar, assign, log_sum_exp, zip};
use crate::network::{Activation, Output};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

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
        let (a, y) = (column(output.a), column(y));
        let squares = || a.iter().zip(y).map(|(&a, &y)| (a - y) * (a - y)).sum::<T>();
        let sum = match self {
            Self::HalfSquares { .. } => squares() * T::of(0.5),
            Self::Squares { .. } => squares(),
            Self::CrossEntropy { .. } => {
                let log = log_sum_exp(a);
                a.iter().zip(y).map(|(&a, &y)| y * (log - a)).sum()
            }
            Self::LogisticCrossEntropy { .. } => column(output.z)
                .iter()
                .zip(y)
                .map(|(&z, &y)| z.softplus() - y * z)
                .sum(),
        };
        match self.over() {
            Over::Sum => sum,
            Over::Mean => sum / T::of(n as f64),
        }
    }

    /// The sum over the samples, in double precision.
    pub fn total<T: Scalar>(self, output: Output<'_, T>, y: &Matrix<T>) -> f64 {
        (0..y.ncols()).map(|i| self.of_sample(output, y, i).to_f64()).sum()
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
