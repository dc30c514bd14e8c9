//! Define the elementwise nonlinearities and their slopes.

use crate::linalg::{self, Matrix, Scalar, reshape};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

fn one_hundredth() -> f64 {
    0.01
}

/// An elementwise function `φ`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Activation {
    /// `φ(z) = z`.
    Identity,
    /// `φ(z) = 1 / (1 + e^-z)`.
    Logistic,
    /// `φ(z) = tanh z`.
    Tanh,
    /// `φ(z) = max(0, z)`; its slope at 0 is 0.
    Relu,
    /// `φ(z) = z` for `z > 0`, else `slope z` (Maas, Hannun, Ng 2013); its slope at 0 is `slope`.
    LeakyRelu {
        /// Of the negative side, more than 0 and less than 1.
        #[serde(default = "one_hundredth")]
        slope: f64,
    },
    /// `φ(z) = ln(1 + e^z)`.
    Softplus,
    /// `φ(z) = z`, clipped to `[-1, 1]`; its slope is 0 at the ends, and beyond.
    HardTanh,
    /// `φ(z) = z/4 + 1/2`, clipped to `[0, 1]`: the tangent of [`Activation::Logistic`] at 0, which reaches the ends at ±2; its
    /// slope is 0 there, and beyond. (Keras' "hard sigmoid" has `z/5`, PyTorch's `z/6`.)
    HardLogistic,
    /// `φ(z) = erf(z / √2)`, the scaled error function of the theory of two-layer networks (Saad, Solla 1995, Physical Review E
    /// 52:4225; Refinetti, d'Ascoli, Ohana, Goldt 2021): `φ'(z) = √(2/π) e^(-z²/2)`.
    Erf,
}

impl Activation {
    /// Every activation, options at their defaults.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Logistic,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu { slope: 0.01 },
        Self::Softplus,
        Self::HardTanh,
        Self::HardLogistic,
        Self::Erf,
    ];

    /// What is wrong with the options: the option and what it must be.
    ///
    /// # Errors
    /// There is something.
    pub fn check(self) -> Result<(), (&'static str, &'static str)> {
        match self {
            Self::LeakyRelu { slope } if !(slope > 0.0 && slope < 1.0) => {
                Err(("slope", "must be more than 0 and less than 1"))
            }
            _ => Ok(()),
        }
    }

    /// `a := φ(z)`; NaN passes through.
    pub fn apply<T: Scalar>(self, z: &Matrix<T>, a: &mut Matrix<T>) {
        reshape(a, z.nrows(), z.ncols());
        let (z, a) = (z.as_slice(), a.as_mut_slice());
        match self {
            Self::Identity => a.copy_from_slice(z),
            Self::Logistic => linalg::logistic(z, a),
            Self::Tanh => linalg::tanh(z, a),
            Self::Relu => linalg::map(z, a, relu),
            Self::LeakyRelu { slope } => linalg::map(z, a, leaky_relu(slope)),
            Self::Softplus => linalg::softplus(z, a),
            Self::HardTanh => linalg::map(z, a, hard_tanh),
            Self::HardLogistic => linalg::map(z, a, hard_logistic),
            Self::Erf => linalg::map(z, a, erf),
        }
    }

    /// `delta := delta ∘ φ'(z)`, with `a = φ(z)`.
    pub fn multiply_slope<T: Scalar>(self, z: &Matrix<T>, a: &Matrix<T>, delta: &mut Matrix<T>) {
        match self {
            Self::Identity => {}
            Self::Logistic => linalg::zip(delta, a, |d, a| d * (a * (T::ONE - a))),
            Self::Tanh => linalg::zip(delta, a, |d, a| d * (T::ONE - a * a)),
            Self::Relu => linalg::zip(delta, a, |d, a| if a > T::ZERO { d } else { T::ZERO }),
            Self::LeakyRelu { slope } => {
                let slope = T::of(slope);
                linalg::zip(delta, z, |d, z| if z > T::ZERO { d } else { d * slope });
            }
            Self::Softplus => linalg::zip(delta, z, |d, z| d * z.logistic()),
            Self::HardTanh => linalg::zip(delta, z, |d, z| within(z, 1.0, d)),
            Self::HardLogistic => linalg::zip(delta, z, |d, z| within(z, 2.0, d * T::of(0.25))),
            Self::Erf => linalg::zip(delta, z, |d, z| d * slope_of_erf(z)),
        }
    }

    /// `φ'(z)` of one number, with `a = φ(z)`, from whichever of the two is the shorter way.
    pub fn slope<T: Scalar>(self, z: T, a: T) -> T {
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
            Self::LeakyRelu { slope } => {
                if z > T::ZERO {
                    T::ONE
                } else {
                    T::of(slope)
                }
            }
            Self::Softplus => z.logistic(),
            Self::HardTanh => within(z, 1.0, T::ONE),
            Self::HardLogistic => within(z, 2.0, T::of(0.25)),
            Self::Erf => slope_of_erf(z),
        }
    }

    /// The largest value of `φ'`.
    pub fn steepest(self) -> f64 {
        match self {
            Self::Identity | Self::Tanh | Self::Relu | Self::LeakyRelu { .. } | Self::Softplus | Self::HardTanh => 1.0,
            Self::Logistic | Self::HardLogistic => 0.25,
            Self::Erf => FRAC_2_PI.sqrt(),
        }
    }

    /// `φ(z)`, for one number.
    pub fn value<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Identity => z,
            Self::Logistic => z.logistic(),
            Self::Tanh => z.tanh(),
            Self::Relu => relu(z),
            Self::LeakyRelu { slope } => leaky_relu(slope)(z),
            Self::Softplus => z.softplus(),
            Self::HardTanh => hard_tanh(z),
            Self::HardLogistic => hard_logistic(z),
            Self::Erf => erf(z),
        }
    }
}

// comparisons, not `max` and `min`, which would turn NaN into a number and hide a divergence

#[inline(always)]
fn relu<T: Scalar>(z: T) -> T {
    if z < T::ZERO { T::ZERO } else { z }
}

fn leaky_relu<T: Scalar>(slope: f64) -> impl Fn(T) -> T {
    let slope = T::of(slope);
    #[inline(always)]
    move |z| if z < T::ZERO { slope * z } else { z }
}

#[inline(always)]
fn clip<T: Scalar>(z: T, low: T, high: T) -> T {
    let z = if z < low { low } else { z };
    if z > high { high } else { z }
}

#[inline(always)]
fn hard_tanh<T: Scalar>(z: T) -> T {
    clip(z, -T::ONE, T::ONE)
}

#[inline(always)]
fn hard_logistic<T: Scalar>(z: T) -> T {
    clip(z * T::of(0.25) + T::of(0.5), T::ZERO, T::ONE)
}

#[inline(always)]
fn erf<T: Scalar>(z: T) -> T {
    (z * T::of(FRAC_1_SQRT_2)).erf()
}

#[inline(always)]
fn slope_of_erf<T: Scalar>(z: T) -> T {
    T::of(FRAC_2_PI.sqrt()) * (-(z * z) * T::of(0.5)).exp()
}

/// `inside` where `|z| < bound`, else 0.
#[inline(always)]
fn within<T: Scalar>(z: T, bound: f64, inside: T) -> T {
    if z.abs() < T::of(bound) { inside } else { T::ZERO }
}
