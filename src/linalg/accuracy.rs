//! Test the elementary functions against correctly rounded ones (the `pxfm` crate), over all sizes of numbers.

use super::Scalar;
use crate::random::{Generator, Purpose, Stream, uniform};
use rand::Rng;

/// A number type whose bits can be drawn.
trait Float: Scalar {
    const INFINITY: Self;

    const SMALLEST: Self;
    const MIN_NORMAL: Self;
    fn of_bits(bits: u64) -> Self;
    fn bits(self) -> u64;
    /// How far `value` is from `exact`, in units in the last place of this type at `exact`.
    fn units(value: Self, exact: f64) -> f64;
}
macro_rules! float {
    ($t:ident $bits:ident) => {
        impl Float for $t {
            const INFINITY: Self = $t::INFINITY;
            const SMALLEST: Self = $t::from_bits(1);
            const MIN_NORMAL: Self = $t::MIN_POSITIVE;
            fn of_bits(bits: u64) -> Self {
                $t::from_bits(bits as $bits)
            }
            fn bits(self) -> u64 {
                u64::from(self.to_bits())
            }
            fn units(value: Self, exact: f64) -> f64 {
                let rounded = exact as $t;
                if value.to_bits() == rounded.to_bits() || value.is_nan() && exact.is_nan() {
                    return if value.is_finite() {
                        (value.to_f64() - exact).abs() / unit(rounded.abs())
                    } else {
                        0.0
                    };
                }
                if exact.is_nan() || value.is_nan() || rounded.is_sign_negative() != value.is_sign_negative() {
                    return f64::INFINITY;
                }
                // Infinity counts as the number after the greatest.
                let clip = |x: f64| x.clamp(-2.0 * $t::MAX.to_f64(), 2.0 * $t::MAX.to_f64());
                (clip(value.to_f64()) - clip(exact)).abs() / unit(rounded.abs().min($t::MAX))
            }
        }
    };
}
float!(f32 u32);
float!(f64 u64);

/// The distance from a positive finite number to the next.
fn unit<T: Float>(x: T) -> f64 {
    if !x.is_finite() {
        return f64::INFINITY;
    }
    let x = if x == T::MAX { T::of_bits(x.bits() - 1) } else { x };
    T::of_bits(x.bits() + 1).to_f64() - x.to_f64()
}

/// Random bit patterns, random numbers of moderate size, edges with their neighbours, and what is special.
fn inputs<T: Float>(count: usize, edges: &[f64]) -> impl Iterator<Item = T> {
    let mut generator: Generator = Stream::new(3, Purpose::Task, 0, 0).generator();
    let special = [
        T::ZERO,
        T::ONE,
        T::INFINITY,
        T::MAX,
        T::SMALLEST,
        T::MIN_NORMAL,
        T::of(f64::NAN),
    ];
    let around = edges.iter().flat_map(|&edge| {
        let bits = T::of(edge).bits();
        (0..200).map(move |i| T::of_bits(bits - 100 + i))
    });
    let chosen: Vec<T> = special.into_iter().chain(around).flat_map(|x| [x, -x]).collect();
    let random = (0..count).map(move |i| match i % 4 {
        0 => T::of_bits(generator.next_u64()),
        1 => T::of(2.0 * uniform(&mut generator) - 1.0),
        2 => T::of(60.0 * uniform(&mut generator) - 30.0),
        _ => T::of(1600.0 * uniform(&mut generator) - 800.0),
    });
    chosen.into_iter().chain(random)
}

/// Checks a function within a number of units in the last place, given the allowed error of the reference.
fn check<T: Float>(name: &str, f: impl Fn(T) -> T, exact: impl Fn(f64) -> f64, bound: f64) {
    let edges = [
        104.0, 103.2789, 88.722_84, 87.336_54, 745.133, 708.396_4, 709.782_7, 0.346_57, 1.039_72, 0.881_37, 22.0, 1.0,
    ];
    let (mut worst, mut at) = (0.0, T::ZERO);
    for x in inputs::<T>(400_000, &edges) {
        let error = T::units(f(x), exact(x.to_f64()));
        if error > worst {
            (worst, at) = (error, x);
        }
    }
    println!(
        "{name} {}: {worst:.3} units in the last place, at {at:?}",
        std::any::type_name::<T>()
    );
    assert!(
        worst <= bound,
        "{name} {}: {worst} > {bound} units in the last place at {at:?}",
        std::any::type_name::<T>()
    );
}

// `pxfm` 0.1.30 is wrong where `e^x` is subnormal (`f_exp(-709.7827)` is too small by 1e4, `f_logistic(-710.0)` is NaN).
fn exp(x: f64) -> f64 {
    if x < -708.0 {
        let root = pxfm::f_exp(0.5 * x);
        return root * root;
    }
    pxfm::f_exp(x)
}

fn logistic(x: f64) -> f64 {
    if x < -40.0 { exp(x) } else { pxfm::f_logistic(x) }
}

fn softplus(x: f64) -> f64 {
    // The greater part is added last; the relative error is that of the parts.
    pxfm::f_log1p(exp(-x.abs())) + if x > 0.0 { x } else { 0.0 }
}

// The bounds promised in `elementary`. For `f32` the reference is exact to 1e-8 units; for `f64` it is rounded.
#[test]
fn functions_of_single_precision_are_accurate() {
    check::<f32>("exp", Scalar::exp, exp, 1.5);
    check::<f32>("ln", Scalar::ln, pxfm::f_log, 1.5);
    check::<f32>("tanh", Scalar::tanh, pxfm::f_tanh, 3.0);
    check::<f32>("logistic", Scalar::logistic, logistic, 2.5);
    check::<f32>("softplus", Scalar::softplus, softplus, 3.0);
    check::<f32>("erf", Scalar::erf, pxfm::f_erf, 1.5);
}

#[test]
fn functions_of_double_precision_are_accurate() {
    check::<f64>("exp", Scalar::exp, exp, 1.5);
    check::<f64>("ln", Scalar::ln, pxfm::f_log, 1.5);
    check::<f64>("tanh", Scalar::tanh, pxfm::f_tanh, 3.0);
    check::<f64>("logistic", Scalar::logistic, logistic, 2.5);
    check::<f64>("softplus", Scalar::softplus, softplus, 3.0);
    check::<f64>("erf", Scalar::erf, pxfm::f_erf, 1.5);
}

/// Values of SciPy 1.17 (`scipy.special.erf`), whose error is below one unit in the last place.
#[test]
fn the_error_function_has_the_values_of_scipy() {
    let values = [
        (1e-300, 1.1283791670955126e-300),
        (1e-08, 1.1283791670955125e-08),
        (0.1, 0.1124629160182849),
        (0.5, 0.5204998778130465),
        (0.75, 0.7111556336535151),
        (0.999, 0.8422852702064969),
        (1.0, 0.8427007929497148),
        (1.001, 0.8431154854780762),
        (1.5, 0.9661051464753108),
        (2.0, 0.9953222650189527),
        (3.0, 0.9999779095030014),
        (4.5, 0.9999999998033839),
        (5.9, 0.9999999999999999),
    ];
    for (x, value) in values {
        let x: f64 = x;
        assert!((Scalar::erf(x) - value).abs() <= 2.0 * f64::EPSILON * value, "erf({x})");
        assert!(
            (Scalar::erf(-x) + value).abs() <= 2.0 * f64::EPSILON * value,
            "erf(-{x})"
        );
    }
    assert_eq!(
        [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY].map(Scalar::erf),
        [0.0, 0.0, 1.0, -1.0]
    );
    assert!(Scalar::erf(f64::NAN).is_nan() && Scalar::erf(f32::NAN).is_nan());
}

/// The check would notice a function that is off by a few units.
#[test]
#[should_panic(expected = "units in the last place")]
fn inaccuracy_is_noticed() {
    check::<f32>("exp", |x| Scalar::exp(x) * (1.0 + 2.0 * f32::EPSILON), exp, 1.0);
}
