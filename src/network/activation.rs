//! Define the elementwise nonlinearities and their slopes.

use crate::linalg::{self, ByValue, Matrix, Scalar, reshape};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

fn one_hundredth() -> f64 {
    0.01
}

/// An elementwise function `φ`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
        /// Slope of the negative side, more than 0 and less than 1.
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

    /// Refuses impossible numbers.
    ///
    /// # Errors
    /// There is one.
    pub fn check(self) -> Result<(), Refusal> {
        match self {
            Self::LeakyRelu { slope } if !(slope > 0.0 && slope < 1.0) => Err(Refusal::new(
                "slope",
                "must be more than 0 and less than 1",
                "leave it out for the default",
            )),
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
                linalg::zip(delta, z, move |d, z| if z > T::ZERO { d } else { d * slope });
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

    /// What `φ` lies between; absent where it has no bound on one side.
    pub fn range(self) -> Option<(f64, f64)> {
        match self {
            Self::Identity | Self::Relu | Self::LeakyRelu { .. } | Self::Softplus => None,
            Self::Logistic | Self::HardLogistic => Some((0.0, 1.0)),
            Self::Tanh | Self::HardTanh | Self::Erf => Some((-1.0, 1.0)),
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

fn leaky_relu<T: Scalar>(slope: f64) -> impl Fn(T) -> T + ByValue {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Matrix<f64> {
        // no kink among them: these are whole numbers
        Matrix::from_iterator(1, 400, (0..400).map(|i| (f64::from(i) - 199.5) / 40.0))
    }

    #[test]
    fn slopes_are_those_of_central_differences() {
        for activation in Activation::ALL
            .into_iter()
            .chain([Activation::LeakyRelu { slope: 0.3 }])
        {
            let h = 1e-5;
            for &z in points().iter() {
                let difference = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h);
                let slope = activation.slope(z, activation.value(z));
                assert!(
                    (slope - difference).abs() < 1e-9,
                    "{activation:?} at {z}: {slope}, not {difference}"
                );
                assert!(slope <= activation.steepest());
            }
            assert!(
                points()
                    .iter()
                    .any(|&z| activation.slope(z, activation.value(z)) > 0.99 * activation.steepest())
            );
        }
    }

    /// Values stay within the range and come close to both of its ends; without one they pass any bound.
    #[test]
    fn ranges_are_those_of_the_values() {
        for activation in Activation::ALL {
            let ends = [activation.value(-1e3), activation.value(1e3)];
            match activation.range() {
                Some((low, high)) => {
                    assert!(
                        (ends[0] - low).abs() < 1e-9 && (ends[1] - high).abs() < 1e-9,
                        "{activation:?}"
                    );
                    assert!(points().iter().all(|&z| (low..=high).contains(&activation.value(z))));
                }
                None => assert!(ends[1] > 100.0, "{activation:?}"),
            }
        }
    }

    #[test]
    fn matrices_get_the_bits_of_numbers() {
        for activation in Activation::ALL {
            let (z, mut a) = (points(), crate::linalg::empty());
            activation.apply(&z, &mut a);
            assert_eq!(a, z.map(|z| activation.value(z)));
            let mut delta = z.map(|z| z.sin());
            let expected = delta.zip_zip_map(&z, &a, |d, z, a| d * activation.slope(z, a));
            activation.multiply_slope(&z, &a, &mut delta);
            assert_eq!(delta, expected, "{activation:?}");
        }
    }

    /// Saad and Solla's `g(z) = erf(z/√2)`, values of SciPy 1.17; the tables of the clipped functions by hand.
    #[test]
    fn values_are_those_of_the_literature() {
        let near =
            |activation: Activation, z: f64, a: f64| assert!((activation.value(z) - a).abs() < 1e-15, "{activation:?}");
        near(Activation::Erf, 1.0, 0.682_689_492_137_085_9);
        near(Activation::Erf, -0.3, -0.235_822_844_377_905_2);
        for (z, tanh, logistic) in [
            (-3.0, -1.0, 0.0),
            (-0.5, -0.5, 0.375),
            (1.5, 1.0, 0.875),
            (9.0, 1.0, 1.0),
        ] {
            near(Activation::HardTanh, z, tanh);
            near(Activation::HardLogistic, z, logistic);
        }
        near(Activation::LeakyRelu { slope: 0.01 }, -2.0, -0.02);
        near(Activation::Softplus, 0.0, std::f64::consts::LN_2);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for activation in Activation::ALL {
            assert!(
                activation.value(f64::NAN).is_nan() && activation.value(f32::NAN).is_nan(),
                "{activation:?}"
            );
        }
    }
}
