//! Test that every set of instructions gives the same bits, and that slices get what single numbers get.

use super::lanes::at_every_level;
use super::small::{SmallFactor, SmallProduct};
use super::{
    Matrix, Operand, Scalar, all_finite, dot, erf, exp, ln, log_sum_exp, logistic, multiply, plain, softmax_columns,
    softplus, tanh, transposed, zip,
};
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

fn products_agree<T: Scalar>(seed: u64) {
    let mut generator = numbers(seed);
    for round in 0..1500 {
        let [m, n] = [(); 2].map(|()| 1 + below(40, &mut generator) as usize);
        let k = 1 + below(if m * n < 80 { 200 } else { 10 }, &mut generator) as usize;
        let form = |a: bool, matrix: Matrix<T>| (a, if a { matrix.transpose() } else { matrix });
        let a = form(round & 1 != 0, random(m, k, &mut generator));
        let b = form(round & 2 != 0, random(k, n, &mut generator));
        let c = random::<T>(m, n, &mut generator);
        let scales = [T::ZERO, T::ONE, T::of(-0.5)];
        let [alpha, beta] = [(); 2].map(|()| scales[below(3, &mut generator) as usize]);
        assert_same(|| {
            let mut c = c.clone();
            multiply(alpha, operand(&a), operand(&b), beta, &mut c);
            c.as_slice().to_vec()
        });
    }
}

fn operand<T: Scalar>((is_transposed, matrix): &(bool, Matrix<T>)) -> Operand<'_, T> {
    if *is_transposed {
        transposed(matrix)
    } else {
        plain(matrix)
    }
}

#[test]
fn small_products_have_the_same_bits_with_every_set_of_instructions() {
    products_agree::<f32>(1);
    products_agree::<f64>(2);
}

/// Nothing next to the factors is used, and nothing next to the result is changed.
#[test]
fn small_products_stay_inside_their_matrices() {
    const MARGIN: usize = 40;
    let mut generator = numbers(8);
    for round in 0..2000 {
        let [m, k, n] = [(); 3].map(|()| 1 + below(36, &mut generator) as usize);
        let mut framed = |length: usize| {
            let mut buffer = vec![f32::NAN; length + 2 * MARGIN];
            buffer[MARGIN..][..length].copy_from_slice(random::<f32>(length, 1, &mut generator).as_slice());
            buffer
        };
        let (a, b, c) = (framed(m * k), framed(k * n), framed(m * n));
        at_every_level(|| {
            let mut c = c.clone();
            let factor = |buffer, transposed| SmallFactor {
                numbers: buffer,
                transposed,
            };
            let (a, b) = (&a[MARGIN..][..m * k], &b[MARGIN..][..k * n]);
            let (a, b) = (factor(a, round & 1 != 0), factor(b, round & 2 != 0));
            SmallProduct {
                m,
                k,
                n,
                alpha: 1.0,
                a,
                b,
                beta: 1.0,
                c: &mut c[MARGIN..][..m * n],
            }
            .compute();
            assert!(c[MARGIN..][..m * n].iter().all(|x| x.is_finite()), "{m}x{k}x{n}");
            assert!(
                c[..MARGIN].iter().chain(&c[MARGIN + m * n..]).all(|x| x.is_nan()),
                "{m}x{k}x{n}"
            );
        });
    }
}

fn columns_are_independent<T: Scalar>(seed: u64) {
    let mut generator = numbers(seed);
    for _ in 0..200 {
        let [m, k, n] = [(); 3].map(|()| 1 + below(24, &mut generator) as usize);
        let (a, b) = (random::<T>(m, k, &mut generator), random::<T>(k, n, &mut generator));
        let mut c = Matrix::from_element(m, n, T::ZERO);
        multiply(T::ONE, plain(&a), plain(&b), T::ZERO, &mut c);
        for j in 0..n {
            let mut alone = Matrix::from_element(m, 1, T::ZERO);
            let column = Matrix::from_column_slice(k, 1, &b.as_slice()[j * k..][..k]);
            multiply(T::ONE, plain(&a), plain(&column), T::ZERO, &mut alone);
            assert_eq!(
                bits(alone.as_slice()),
                bits(&c.as_slice()[j * m..][..m]),
                "column {j} of {m}x{k}x{n}"
            );
        }
    }
}

#[test]
fn a_column_of_a_small_product_does_not_depend_on_the_others() {
    columns_are_independent::<f32>(3);
    columns_are_independent::<f64>(4);
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

/// The comparison would notice another order of sums.
#[test]
fn another_order_of_sums_has_other_bits() {
    let x: Vec<f32> = random::<f32>(1000, 1, &mut numbers(7)).as_slice().to_vec();
    let in_order: f32 = x.iter().map(|x| x * x).sum();
    assert_ne!(bits(&[dot(&x, &x)]), bits(&[in_order]));
}
