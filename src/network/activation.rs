//! Define the elementwise nonlinearities and their slopes.

use crate::linalg::{self, Matrix, Scalar, reshape};
use serde::{Deserialize, Serialize};

/// An elementwise function `φ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `φ(z) = z`.
    Identity,
    /// `φ(z) = 1 / (1 + e^-z)`.
    Logistic,
    /// `φ(z) = tanh z`.
    Tanh,
    /// `φ(z) = max(0, z)`; its slope at 0 is 0.
    Relu,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Logistic, Self::Tanh, Self::Relu];

    /// `a := φ(z)`; NaN passes through.
    pub fn apply<T: Scalar>(self, z: &Matrix<T>, a: &mut Matrix<T>) {
        reshape(a, z.nrows(), z.ncols());
        let (z, a) = (z.as_slice(), a.as_mut_slice());
        match self {
            Self::Identity => a.copy_from_slice(z),
            Self::Logistic => linalg::logistic(z, a),
            Self::Tanh => linalg::tanh(z, a),
            // not `max`, which would turn NaN into 0 and hide a divergence
            Self::Relu => a
                .iter_mut()
                .zip(z)
                .for_each(|(a, &z)| *a = if z < T::ZERO { T::ZERO } else { z }),
        }
    }

    /// `delta := delta ∘ φ'(z)`, the slope taken from the activity `a = φ(z)`.
    pub fn multiply_slope<T: Scalar>(self, a: &Matrix<T>, delta: &mut Matrix<T>) {
        match self {
            Self::Identity => {}
            Self::Logistic => linalg::zip(delta, a, |d, a| d * (a * (T::ONE - a))),
            Self::Tanh => linalg::zip(delta, a, |d, a| d * (T::ONE - a * a)),
            Self::Relu => linalg::zip(delta, a, |d, a| if a > T::ZERO { d } else { T::ZERO }),
        }
    }

    /// `φ'(z)` from `a = φ(z)`, for one number.
    pub fn slope<T: Scalar>(self, a: T) -> T {
        match self {
            Self::Identity => T::ONE,
            Self::Logistic => a * (T::ONE - a),
            Self::Tanh => T::ONE - a * a,
            Self::Relu => {
                if a > T::ZERO {
                    T::ONE
                } else {
                    T::ZERO
                }
            }
        }
    }

    /// `φ(z)`, for one number.
    pub fn value<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Identity => z,
            Self::Logistic => z.logistic(),
            Self::Tanh => z.tanh(),
            Self::Relu => {
                if z < T::ZERO {
                    T::ZERO
                } else {
                    z
                }
            }
        }
    }
}
