//! Test that functions and sums have the same bits with every set of instructions, and for slices what single numbers get.

use super::level::at_every_level;
use super::{
    Matrix, Scalar, all_finite, dot, empty, erf, exp, ln, log_sum_exp, logistic, softmax_columns, softplus, tanh, zip,
};
use crate::network::{Activation, Layer, Map, Window, Wiring};
use crate::random::{Generator, Purpose, Stream, below, uniform};

fn numbers(seed: u64) -> Generator {
    Stream::new(seed, Purpose::Task, 0, 0).generator()
}

fn random<T: Scalar>(rows: usize, columns: usize, generator: &mut Generator) -> Matrix<T> {
    Matrix::from_fn(rows, columns, |_, _| T::of(20.0 * uniform(generator) - 10.0))
}

/// `f64` holds every `f32` exactly. The sign and the payload of NaN are not specified.
fn bits<T: Scalar>(values: &[T]) -> Vec<u64> {
    let bits = |x: f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
    values.iter().map(|x| bits(x.to_f64())).collect()
}

fn assert_same<T: Scalar>(compute: impl Fn() -> Vec<T>) {
    let outputs = at_every_level(compute);
    for output in &outputs {
        assert_eq!(bits(output), bits(&outputs[0]));
    }
}

/// Numbers with a few special ones among them, if there is room.
fn inputs<T: Scalar>(length: usize, generator: &mut Generator) -> Vec<T> {
    let special = [
        f64::NAN,
        0.0,
        -0.0,
        1e-40,
        -1e-310,
        1e38,
        -1e38,
        f64::INFINITY,
        -f64::INFINITY,
    ];
    let mut inputs = random::<T>(length, 1, generator);
    for (x, special) in inputs.iter_mut().step_by(7).zip(special) {
        *x = T::of(special);
    }
    inputs.as_slice().to_vec()
}

fn functions_agree<T: Scalar>() {
    let mut generator = numbers(5);
    type OfSlice<T> = fn(&[T], &mut [T]);
    let slices: [OfSlice<T>; 6] = [exp, ln, tanh, logistic, softplus, erf];
    let singles: [fn(T) -> T; 6] = [T::exp, T::ln, T::tanh, T::logistic, T::softplus, T::erf];
    for length in (0..70).chain([1000, 4097]) {
        let input = inputs::<T>(length, &mut generator);
        for (slice, single) in slices.into_iter().zip(singles) {
            assert_same(|| {
                let mut output = vec![T::ZERO; length];
                slice(&input, &mut output);
                assert_eq!(
                    bits(&output),
                    input.iter().flat_map(|&x| bits(&[single(x)])).collect::<Vec<_>>()
                );
                output
            });
        }
    }
}

#[test]
fn functions_have_the_same_bits_for_slices_and_numbers_and_with_every_set_of_instructions() {
    functions_agree::<f32>();
    functions_agree::<f64>();
}

fn reductions_agree<T: Scalar>() {
    let mut generator = numbers(6);
    for columns in 1..40 {
        let (a, b) = (
            random::<T>(10, columns, &mut generator),
            random::<T>(10, columns, &mut generator),
        );
        assert_same(|| vec![dot(a.as_slice(), b.as_slice()), log_sum_exp(a.as_slice())]);
        assert_same(|| {
            let mut c = a.clone();
            softmax_columns(&mut c);
            zip(&mut c, &b, |c, b| c * (T::ONE - b * b));
            c.as_slice().to_vec()
        });
        let mut c = a.clone();
        assert!(
            at_every_level(|| all_finite(c.as_slice()))
                .into_iter()
                .all(|finite| finite)
        );
        let i = below(c.len() as u64, &mut generator) as usize;
        c[i] = T::of([f64::NAN, f64::INFINITY, -f64::INFINITY][columns % 3]);
        assert!(
            !at_every_level(|| all_finite(c.as_slice()))
                .into_iter()
                .any(|finite| finite)
        );
    }
}

#[test]
fn sums_have_the_same_bits_with_every_set_of_instructions() {
    reductions_agree::<f32>();
    reductions_agree::<f64>();
}

fn maps_agree<T: Scalar>() {
    let mut generator = numbers(8);
    let window = Window {
        size: (3, 2),
        stride: (1, 2),
        padding: (1, 0),
    };
    for (channels, map) in [(3, Map::new(2, 7, 9)), (17, Map::new(5, 12, 10))] {
        for wiring in [
            Wiring::convolution(channels, map, window),
            Wiring::local(channels, map, window),
        ] {
            let mut layer = Layer::<T>::new(wiring, true, Activation::Tanh);
            let (rows, columns) = layer.weight.shape();
            layer.weight = random(rows, columns, &mut generator);
            layer.bias = random::<T>(wiring.biases(), 1, &mut generator).column(0).into_owned();
            let (a, delta) = (
                random::<T>(wiring.inputs(), 6, &mut generator),
                random::<T>(wiring.outputs(), 6, &mut generator),
            );
            assert_same(|| {
                let (mut z, mut below, mut update) = (empty(), empty(), layer.weight.clone());
                layer.push(&layer.weight, &layer.bias, &a, &mut z);
                layer.pull(&layer.weight, &delta, &mut below);
                layer.pair(T::of(0.3), &delta, &a, T::of(0.7), &mut update);
                [z, below, update]
                    .iter()
                    .flat_map(|all| all.as_slice().to_vec())
                    .collect()
            });
        }
    }
}

#[test]
fn convolutions_have_the_same_bits_with_every_set_of_instructions() {
    maps_agree::<f32>();
    maps_agree::<f64>();
}

/// The comparison would notice another order of sums.
#[test]
fn another_order_of_sums_has_other_bits() {
    let x: Vec<f32> = random::<f32>(1000, 1, &mut numbers(7)).as_slice().to_vec();
    let in_order: f32 = x.iter().map(|x| x * x).sum();
    assert_ne!(bits(&[dot(&x, &x)]), bits(&[in_order]));
}
