//! Define what is minimised: losses per example; the mean over a batch is taken elsewhere, once.

use crate::linalg::{self, Matrix, Scalar, assign, log_sum_exp, zip};
use crate::network::{Activation, Output};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a loss is of each output, with the prediction `a = φ(z)` and the target `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `½ (a − y)²`.
    HalfSquares,
    /// `(a − y)²`.
    Squares,
    /// `−y ln softmax(a)`, the activities `a` being logits.
    CrossEntropy,
    /// `−y ln a − (1 − y) ln(1 − a)` with logistic output units, computed from `z` so that it stays finite.
    LogisticCrossEntropy,
}

/// What is made of the outputs of one example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Over {
    /// Their sum.
    #[default]
    Sum,
    /// Their mean: the sum divided by the number of outputs.
    Mean,
}

/// The loss of one example: `Σ_k` of its [`Form`] over the outputs `k`, or their mean. Experiment files write `Squares`, or
/// `Squares(over: Mean)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Written", into = "Written")]
pub struct Loss {
    /// Of each output.
    pub form: Form,
    /// Of all outputs.
    pub over: Over,
}

/// A loss as experiment files write it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Loss", deny_unknown_fields)]
enum Written {
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

impl From<Written> for Loss {
    fn from(written: Written) -> Self {
        match written {
            Written::HalfSquares { over } => Self::HalfSquares.over(over),
            Written::Squares { over } => Self::Squares.over(over),
            Written::CrossEntropy { over } => Self::CrossEntropy.over(over),
            Written::LogisticCrossEntropy { over } => Self::LogisticCrossEntropy.over(over),
        }
    }
}

impl From<Loss> for Written {
    fn from(Loss { form, over }: Loss) -> Self {
        match form {
            Form::HalfSquares => Self::HalfSquares { over },
            Form::Squares => Self::Squares { over },
            Form::CrossEntropy => Self::CrossEntropy { over },
            Form::LogisticCrossEntropy => Self::LogisticCrossEntropy { over },
        }
    }
}

/// As experiment files write it, a sum left unsaid.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.over {
            Over::Sum => write!(f, "{:?}", self.form),
            Over::Mean => write!(f, "{:?}(over: Mean)", self.form),
        }
    }
}

#[allow(non_upper_case_globals)] // a loss is called the same here and in experiment files
impl Loss {
    /// `½ Σ (a − y)²`.
    pub const HalfSquares: Self = Self::sum(Form::HalfSquares);
    /// `Σ (a − y)²`.
    pub const Squares: Self = Self::sum(Form::Squares);
    /// `−Σ y ln softmax(a)`.
    pub const CrossEntropy: Self = Self::sum(Form::CrossEntropy);
    /// `−Σ y ln a + (1 − y) ln(1 − a)`.
    pub const LogisticCrossEntropy: Self = Self::sum(Form::LogisticCrossEntropy);
}

impl Loss {
    /// Every loss, summed over outputs.
    pub const ALL: [Self; 4] = [
        Self::HalfSquares,
        Self::Squares,
        Self::CrossEntropy,
        Self::LogisticCrossEntropy,
    ];

    const fn sum(form: Form) -> Self {
        let over = Over::Sum;
        Self { form, over }
    }

    /// The same with another sum or mean over the outputs.
    pub fn over(self, over: Over) -> Self {
        Self { over, ..self }
    }

    /// The output activation this loss expects where none is named.
    pub fn default_output(self) -> Activation {
        match self.form {
            Form::HalfSquares | Form::Squares | Form::CrossEntropy => Activation::Identity,
            Form::LogisticCrossEntropy => Activation::Logistic,
        }
    }

    /// Whether the loss is defined for this output activation: the logistic cross-entropy needs probabilities.
    pub fn accepts(self, output: Activation) -> bool {
        self.form != Form::LogisticCrossEntropy || output == Activation::Logistic
    }

    /// The loss of sample `i`.
    pub fn of_sample<T: Scalar>(self, output: Output<'_, T>, y: &Matrix<T>, i: usize) -> T {
        let n = y.nrows();
        let column = |m| -> &[T] { &Matrix::as_slice(m)[i * n..(i + 1) * n] };
        let (a, y) = (column(output.a), column(y));
        let squares = || a.iter().zip(y).map(|(&a, &y)| (a - y) * (a - y)).sum::<T>();
        let sum = match self.form {
            Form::HalfSquares => squares() * T::of(0.5),
            Form::Squares => squares(),
            Form::CrossEntropy => {
                let log = log_sum_exp(a);
                a.iter().zip(y).map(|(&a, &y)| y * (log - a)).sum()
            }
            Form::LogisticCrossEntropy => column(output.z)
                .iter()
                .zip(y)
                .map(|(&z, &y)| z.softplus() - y * z)
                .sum(),
        };
        match self.over {
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
        let factor = if self.form == Form::Squares { 2.0 } else { 1.0 };
        match self.over {
            Over::Sum => factor,
            Over::Mean => factor / outputs as f64,
        }
    }

    /// `delta := ∂loss_i/∂z_L`, column `i` for sample `i`; no 1/batch.
    pub fn delta<T: Scalar>(self, activation: Activation, output: Output<'_, T>, y: &Matrix<T>, delta: &mut Matrix<T>) {
        assign(delta, output.a);
        if self.form == Form::CrossEntropy {
            linalg::softmax_columns(delta);
        }
        zip(delta, y, |a, y| a - y);
        let factor = self.factor(y.nrows());
        if factor != 1.0 {
            let factor = T::of(factor);
            delta.as_mut_slice().iter_mut().for_each(|delta| *delta *= factor);
        }
        // for logistic units the slope a (1 − a) cancels in the cross-entropy: a − y is already ∂loss/∂z
        if self.form != Form::LogisticCrossEntropy {
            activation.multiply_slope(output.z, output.a, delta);
        }
    }
}
