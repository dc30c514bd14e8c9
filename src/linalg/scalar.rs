//! Define the two number types a run can use.

use super::elementary::{double, single};
use super::scratch::Free;
use std::cell::RefCell;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// `f32` or `f64`, chosen by the experiment's `precision`.
///
/// The transcendental functions are this crate's own (see [`crate::linalg`]), never the platform's: the same bits everywhere.
pub trait Scalar:
    nalgebra::Scalar
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
    #[doc(hidden)]
    fn rooms() -> &'static Free<Self>;

    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The largest finite number.
    const MAX: Self;
    /// The distance from 1 to the next larger number.
    const EPSILON: f64;

    /// The nearest value.
    fn of(x: f64) -> Self;
    /// The same value in double precision, exactly.
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Absolute value.
    fn abs(self) -> Self;
    /// `self · factor + addend`, rounded once.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// `e^x`: 0 and infinity where it is too small or too large to be represented. Error at most 1.5 units in the last place.
    fn exp(self) -> Self;
    /// Natural logarithm: `-inf` at 0, NaN below. Error at most 1.5 units in the last place.
    fn ln(self) -> Self;
    /// Hyperbolic tangent, odd; `x` for tiny `x`. Error at most 3 units in the last place.
    fn tanh(self) -> Self;
    /// `1 / (1 + e^-x)`, with all digits in the left tail. Error at most 2.5 units in the last place.
    fn logistic(self) -> Self;
    /// `ln(1 + e^x)`, with all digits in both tails. Error at most 3 units in the last place.
    fn softplus(self) -> Self;
    /// The error function `2/√π ∫_0^x e^(-t²) dt`, odd. Error at most 1.5 units in the last place.
    fn erf(self) -> Self;
}

macro_rules! scalar {
    ($($t:ident $functions:ident)*) => {$(
        impl Scalar for $t {
            fn rooms() -> &'static Free<Self> {
                thread_local! {
                    static FREE: RefCell<Vec<Vec<$t>>> = const { RefCell::new(Vec::new()) };
                }
                &FREE
            }
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const MAX: Self = $t::MAX;
            const EPSILON: f64 = $t::EPSILON as f64;
            #[inline(always)]
            fn of(x: f64) -> Self { x as $t }
            #[inline(always)]
            fn to_f64(self) -> f64 { f64::from(self) }
            #[inline(always)]
            fn is_finite(self) -> bool { $t::is_finite(self) }
            #[inline(always)]
            fn abs(self) -> Self { $t::abs(self) }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self { $t::mul_add(self, factor, addend) }
            #[inline(always)]
            fn sqrt(self) -> Self { $t::sqrt(self) }
            #[inline(always)]
            fn exp(self) -> Self { $functions::exp(self) }
            #[inline(always)]
            fn ln(self) -> Self { $functions::ln(self) }
            #[inline(always)]
            fn tanh(self) -> Self { $functions::tanh(self) }
            #[inline(always)]
            fn logistic(self) -> Self { $functions::logistic(self) }
            #[inline(always)]
            fn softplus(self) -> Self { $functions::softplus(self) }
            #[inline(always)]
            fn erf(self) -> Self { $functions::erf(self) }
        }
    )*};
}
scalar!(f32 single f64 double);
