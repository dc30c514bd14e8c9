//! Define what is minimised: losses per example, summed over outputs; the mean over a batch is taken elsewhere, once.

use crate::linalg::{self, Matrix, Scalar, assign, log_sum_exp, zip};
use crate::network::{Activation, Output};
use serde::{Deserialize, Serialize};

/// The loss of one example with prediction `a = φ(z)` and target `y`, summed over the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loss {
    /// `½ Σ (a − y)²`.
    HalfSquares,
    /// `−Σ y ln softmax(a)`, the activity `a` being logits.
    CrossEntropy,
    /// `−Σ y ln a + (1 − y) ln(1 − a)` with logistic output units, computed from `z` so that it stays finite.
    LogisticCrossEntropy,
}

impl Loss {
    /// Every loss.
    pub const ALL: [Self; 3] = [Self::HalfSquares, Self::CrossEntropy, Self::LogisticCrossEntropy];

    /// The output activation this loss expects where none is named.
    pub fn default_output(self) -> Activation {
        match self {
            Self::HalfSquares | Self::CrossEntropy => Activation::Identity,
            Self::LogisticCrossEntropy => Activation::Logistic,
        }
    }

    /// Whether the loss is defined for this output activation: the logistic cross-entropy needs probabilities.
    pub fn accepts(self, output: Activation) -> bool {
        self != Self::LogisticCrossEntropy || output == Activation::Logistic
    }

    /// The loss of sample `i`.
    pub fn of_sample<T: Scalar>(self, output: Output<'_, T>, y: &Matrix<T>, i: usize) -> T {
        let n = y.nrows();
        let column = |m| -> &[T] { &Matrix::as_slice(m)[i * n..(i + 1) * n] };
        let (a, y) = (column(output.a), column(y));
        match self {
            Self::HalfSquares => a.iter().zip(y).map(|(&a, &y)| (a - y) * (a - y)).sum::<T>() * T::of(0.5),
            Self::CrossEntropy => {
                let log = log_sum_exp(a);
                a.iter().zip(y).map(|(&a, &y)| y * (log - a)).sum()
            }
            Self::LogisticCrossEntropy => column(output.z)
                .iter()
                .zip(y)
                .map(|(&z, &y)| z.softplus() - y * z)
                .sum(),
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

    /// `delta := ∂loss_i/∂z_L`, column `i` for sample `i`; no 1/batch.
    pub fn delta<T: Scalar>(self, activation: Activation, output: Output<'_, T>, y: &Matrix<T>, delta: &mut Matrix<T>) {
        assign(delta, output.a);
        if self == Self::CrossEntropy {
            linalg::softmax_columns(delta);
        }
        zip(delta, y, |a, y| a - y);
        // for logistic units the slope a (1 − a) cancels in the cross-entropy: a − y is already ∂loss/∂z
        if self != Self::LogisticCrossEntropy {
            activation.multiply_slope(output.a, delta);
        }
    }
}
