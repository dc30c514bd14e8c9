//! Define the two number types a run can use.

use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// `f32` or `f64`, chosen by the experiment's `precision`.
///
/// The transcendental functions are this crate's own (see [`crate::linalg`]), never the platform's: the same bits everywhere.
pub trait Scalar:
    nalgebra::Scalar
    + faer::traits::ComplexField
    + super::lanes::InLanes
    + Copy
    + Default
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + std::iter::Sum
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The nearest value.
    fn of(x: f64) -> Self;
    /// The same value in double precision, exactly.
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Absolute value.
    fn abs(self) -> Self;
    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// `e^x`.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// `1 / (1 + e^-x)`.
    fn logistic(self) -> Self;
    /// `ln(1 + e^x)`.
    fn softplus(self) -> Self;
}

macro_rules! scalar {
    ($($t:ident)*) => {$(
        impl Scalar for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn of(x: f64) -> Self { x as $t }
            fn to_f64(self) -> f64 { f64::from(self) }
            fn is_finite(self) -> bool { $t::is_finite(self) }
            fn abs(self) -> Self { $t::abs(self) }
            fn sqrt(self) -> Self { $t::sqrt(self) }
            fn exp(self) -> Self { $t::exp(self) }
            fn ln(self) -> Self { $t::ln(self) }
            fn tanh(self) -> Self { $t::tanh(self) }
            fn logistic(self) -> Self { 1.0 / (1.0 + $t::exp(-self)) }
            fn softplus(self) -> Self { if self > 0.0 { self + (-self).exp().ln_1p() } else { self.exp().ln_1p() } }
        }
    )*};
}
scalar!(f32 f64);
