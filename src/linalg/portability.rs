//! Test that functions and sums have the same bits with every set of instructions, and for slices what single numbers get.

use super::level::at_every_level;
use super::{
    Matrix, Scalar, add_to_columns, all_finite, dot, empty, erf, exp, join, ln, log_sum_exp, log_sum_exp_columns,
    logistic, scale_columns, softmax, softmax_columns, softplus, square_columns, sum_of_pairs, tanh, zip, zip_two,
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
            at_every_level(|| all_finite([c.as_slice()]))
                .into_iter()
                .all(|finite| finite)
        );
        let i = below(c.len() as u64, &mut generator) as usize;
        c[i] = T::of([f64::NAN, f64::INFINITY, -f64::INFINITY][columns % 3]);
        assert!(
            !at_every_level(|| all_finite([c.as_slice()]))
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

/// Matrices of awkward shapes, with special numbers in the first.
fn shaped<T: Scalar>(rows: usize, columns: usize, generator: &mut Generator) -> [Matrix<T>; 2] {
    let special = Matrix::from_vec(rows, columns, inputs(rows * columns, generator));
    [special, random(rows, columns, generator)]
}

const SHAPES: [(usize, usize); 9] = [
    (1, 1),
    (1, 40),
    (3, 17),
    (10, 33),
    (16, 16),
    (17, 5),
    (64, 20),
    (70, 3),
    (200, 2),
];

fn columns_agree<T: Scalar>() {
    let mut generator = numbers(8);
    for (rows, columns) in SHAPES {
        for a in shaped::<T>(rows, columns, &mut generator) {
            let each = |f: &dyn Fn(&[T]) -> Vec<T>| a.as_slice().chunks(rows).flat_map(f).collect::<Vec<T>>();
            let factors: Vec<T> = random(columns, 1, &mut generator).as_slice().to_vec();
            let v: Vec<T> = random(rows, 1, &mut generator).as_slice().to_vec();
            let same = |compute: &dyn Fn() -> Vec<T>, expected: Vec<T>| {
                for output in at_every_level(compute) {
                    assert_eq!(bits(&output), bits(&expected), "{rows} x {columns}");
                }
            };
            let squares = || {
                let mut squares = Vec::new();
                square_columns(&a, &mut squares);
                squares
            };
            same(&squares, each(&|column| vec![dot(column, column)]));
            let logs = || {
                let mut logs = vec![T::ZERO; columns];
                log_sum_exp_columns(a.as_slice(), &mut logs);
                logs
            };
            same(&logs, each(&|column| vec![log_sum_exp(column)]));
            let shares = || {
                let mut shares = a.clone();
                softmax_columns(&mut shares);
                shares.as_slice().to_vec()
            };
            let softmax_of = |column: &[T]| {
                let mut column = column.to_vec();
                softmax(&mut column);
                column
            };
            same(&shares, each(&softmax_of));
            let matrix = |write: &dyn Fn(&mut Matrix<T>)| {
                let mut to = empty();
                write(&mut to);
                to.as_slice().to_vec()
            };
            let scaled = a.column_iter().zip(&factors);
            let scaled = scaled.flat_map(|(column, &factor)| column.iter().map(|&x| x * factor).collect::<Vec<_>>());
            same(&|| matrix(&|to| scale_columns(&a, &factors, to)), scaled.collect());
            let added = each(&|column| column.iter().zip(&v).map(|(&x, &v)| v + x).collect());
            same(&|| matrix(&|to| add_to_columns(&v, &a, to)), added);
        }
    }
}

#[test]
fn columns_have_the_bits_that_they_have_alone() {
    columns_agree::<f32>();
    columns_agree::<f64>();
}

/// The definition: eight interleaved sums, then in pairs.
fn plain_sum<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    let mut s = [0.0; 8];
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        s[i % 8] += a.to_f64() * b.to_f64();
    }
    ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

fn pairs_agree<T: Scalar>() {
    let mut generator = numbers(9);
    for length in (0..70).chain([1000, 4097]) {
        let [a, b] = [(); 2].map(|()| random::<T>(length, 1, &mut generator).as_slice().to_vec());
        for sum in at_every_level(|| sum_of_pairs(&a, &b, |a, b| a.to_f64() * b.to_f64())) {
            assert_eq!(sum.to_bits(), plain_sum(&a, &b).to_bits(), "{length}");
        }
        let column = |x: &[T]| Matrix::from_column_slice(length, 1, x);
        let (x, y) = (column(&a), column(&b));
        assert_same(|| {
            let (mut joined, mut to) = (empty(), x.clone());
            join(&mut joined, &x, &y, |x, y| x - y);
            zip_two(&mut to, &y, &joined, |to, y, joined| to + y * joined);
            let plain = |(&a, &b): (&T, &T)| a + b * (a - b);
            assert_eq!(
                bits(to.as_slice()),
                bits(&a.iter().zip(&b).map(plain).collect::<Vec<_>>())
            );
            to.as_slice().to_vec()
        });
    }
}

#[test]
fn sums_and_functions_of_pairs_are_what_plain_loops_make() {
    pairs_agree::<f32>();
    pairs_agree::<f64>();
}
