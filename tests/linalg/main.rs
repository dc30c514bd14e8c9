//! Compare linear algebra with its definition in double precision, and with what must hold of it.

#[path = "../factors/mod.rs"]
mod factors;

use creditlab::linalg::{
    MODERATE, Matrix, Scalar, add_scaled, add_scaled_columns, all_finite, all_moderate, assign, dot, empty, exp,
    log_sum_exp, multiply, plain, reshape, softmax, softmax_columns, transposed, zip,
};
use creditlab::random::{Generator, below};
use factors::{FORMS, factor, numbers, operand, random};

/// Checks one product against the definition: every element within the error bound of `k + 4` roundings (Higham, *Accuracy and
/// Stability of Numerical Algorithms*, 2nd ed., section 3.1).
fn check<T: Scalar>(shape: [usize; 3], forms: (bool, bool), scales: [f64; 2], generator: &mut Generator) {
    check_spoiled::<T>(shape, forms, scales, |_| (), generator);
}

/// The same, after something was done to the result.
fn check_spoiled<T: Scalar>(
    [m, k, n]: [usize; 3],
    forms: (bool, bool),
    [alpha, beta]: [f64; 2],
    spoil: impl Fn(&mut Matrix<T>),
    generator: &mut Generator,
) {
    let unit = if T::of(1e-10) + T::ONE == T::ONE {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    } / 2.0;
    let (a, b) = (
        factor::<T>(m, k, forms.0, generator),
        factor::<T>(k, n, forms.1, generator),
    );
    let old = if beta == 0.0 {
        Matrix::from_element(m, n, T::of(f64::NAN))
    } else {
        random::<T>(m, n, generator)
    };
    let mut c = old.clone();
    multiply(
        T::of(alpha),
        operand(&a, forms.0),
        operand(&b, forms.1),
        T::of(beta),
        &mut c,
    );
    spoil(&mut c);
    for (i, j) in (0..n).flat_map(|j| (0..m).map(move |i| (i, j))) {
        let products = (0..k).map(|q| {
            let a = if forms.0 { a[(q, i)] } else { a[(i, q)] };
            let b = if forms.1 { b[(j, q)] } else { b[(q, j)] };
            a.to_f64() * b.to_f64()
        });
        let (sum, size) = products.fold((0.0, 0.0), |(sum, size), x| (sum + x, size + x.abs()));
        let old = if beta == 0.0 { 0.0 } else { beta * old[(i, j)].to_f64() };
        let (expected, bound) = (
            alpha * sum + old,
            (k + 4) as f64 * unit * (alpha.abs() * size + old.abs()) * 1.01,
        );
        let error = (c[(i, j)].to_f64() - expected).abs();
        assert!(
            error <= bound,
            "{m}x{k}x{n} {forms:?} {alpha} {beta} at ({i}, {j}): {error:e} > {bound:e}"
        );
    }
}

const SCALES: [f64; 3] = [0.0, 1.0, -0.5];

/// Every size up to 40 in every dimension, each with some sizes of the two others.
#[test]
fn products_of_every_small_size_follow_the_definition() {
    let mut generator = numbers(1);
    for size in 0..=40 {
        for round in 0..12 {
            let mut shape = [0; 3].map(|_| below(41, &mut generator) as usize);
            shape[round % 3] = size;
            let [m, k, n] = shape;
            for forms in FORMS {
                let scales = [(); 2].map(|()| SCALES[below(3, &mut generator) as usize]);
                check::<f32>([m, k, n], forms, scales, &mut generator);
                check::<f64>([m, k, n], forms, scales, &mut generator);
            }
        }
    }
}

/// Above the size from which products are made in another way, with sizes around multiples of the block sizes.
#[test]
fn large_products_follow_the_definition() {
    let mut generator = numbers(2);
    let shapes = [
        (100, 33, 64),
        (65, 257, 17),
        (10, 300, 64),
        (300, 10, 64),
        (10, 64, 300),
        (257, 1, 130),
        (1, 1000, 64),
        (500, 70, 1),
    ];
    for (m, k, n) in shapes {
        for forms in FORMS {
            for scales in [[1.0, 0.0], [-0.5, 1.0], [1.0, -0.5]] {
                check::<f32>([m, k, n], forms, scales, &mut generator);
                check::<f64>([m, k, n], forms, scales, &mut generator);
            }
        }
    }
}

/// Long sums of small products, which are made in parts.
#[test]
fn long_small_products_follow_the_definition() {
    let mut generator = numbers(3);
    for k in [63, 64, 65, 127, 128, 129, 500, 1000] {
        for forms in FORMS {
            for scales in [[1.0, 0.0], [-0.5, 1.0], [1.0, -0.5]] {
                check::<f32>([3, k, 5], forms, scales, &mut generator);
                check::<f64>([5, k, 3], forms, scales, &mut generator);
            }
        }
    }
}

#[test]
#[should_panic(expected = "at (7, 4)")]
fn one_wrong_element_is_noticed() {
    let spoil = |c: &mut Matrix<f32>| c[(7, 4)] += 1e-4;
    check_spoiled::<f32>([40, 30, 20], (false, false), [1.0, 0.0], spoil, &mut numbers(4));
}

#[test]
fn a_product_over_no_dimension_scales_the_result() {
    let (a, b) = (Matrix::<f64>::zeros(2, 0), Matrix::<f64>::zeros(0, 3));
    let mut c = Matrix::from_element(2, 3, 4.0);
    multiply(1.0, plain(&a), plain(&b), -0.5, &mut c);
    assert_eq!(c, Matrix::from_element(2, 3, -2.0));
    c[(0, 0)] = f64::NAN;
    multiply(1.0, plain(&a), plain(&b), 0.0, &mut c);
    assert_eq!(c, Matrix::zeros(2, 3));
    let mut none = empty::<f64>();
    multiply(1.0, transposed(&b), plain(&b), 1.0, &mut Matrix::zeros(3, 3));
    multiply(1.0, plain(&b), transposed(&b), 0.0, &mut none);
}

#[test]
#[should_panic(expected = "cannot put the product of 2x3 and 4x5 into")]
fn inner_dimensions_must_fit() {
    multiply(
        1.0,
        plain(&Matrix::zeros(2, 3)),
        plain(&Matrix::zeros(4, 5)),
        0.0,
        &mut Matrix::<f32>::zeros(2, 5),
    );
}

#[test]
#[should_panic(expected = "cannot put the product of 2x3 and 3x5 into 5x2")]
fn the_result_must_fit() {
    multiply(
        1.0,
        plain(&Matrix::zeros(2, 3)),
        transposed(&Matrix::zeros(5, 3)),
        0.0,
        &mut Matrix::<f32>::zeros(5, 2),
    );
}

#[test]
#[should_panic(expected = "different lengths")]
fn added_slices_must_fit() {
    add_scaled(&mut [1.0], 1.0, &[1.0, 2.0]);
}

#[test]
fn the_same_product_has_the_same_bits_on_repeat_and_in_several_threads() {
    let mut generator = numbers(5);
    for (m, k, n) in [
        (20, 30, 1),
        (16, 16, 32),
        (200, 100, 64),
        (10, 1000, 64),
        (1000, 300, 1),
    ] {
        let (a, b) = (random::<f32>(m, k, &mut generator), random::<f32>(k, n, &mut generator));
        let product = || {
            let mut c = Matrix::zeros(m, n);
            multiply(1.0, plain(&a), plain(&b), 0.0, &mut c);
            c.iter().map(|x: &f32| x.to_bits()).collect::<Vec<_>>()
        };
        let once = product();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..20).all(|_| product() == once)))
                .collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()), "{m}x{k}x{n}");
        });
    }
}

#[test]
fn a_matrix_keeps_its_memory_when_its_shape_changes() {
    let mut matrix = Matrix::<f32>::zeros(10, 64);
    let start = matrix.as_slice().as_ptr();
    for (rows, columns) in [(10, 7), (7, 10), (64, 10)] {
        assert_eq!(reshape(&mut matrix, rows, columns).shape(), (rows, columns));
        assert_eq!(matrix.as_slice().as_ptr(), start);
    }
    let from = random::<f32>(3, 5, &mut numbers(6));
    assign(&mut matrix, &from);
    assert_eq!(matrix, from);
    zip(&mut matrix, &from, |x, y| x - y);
    assert_eq!(matrix, Matrix::zeros(3, 5));
}

#[test]
fn sums_of_slices_follow_the_definition() {
    let mut generator = numbers(7);
    for length in 0..200 {
        let (x, y) = (
            random::<f64>(length, 1, &mut generator),
            random::<f64>(length, 1, &mut generator),
        );
        let exact: f64 = x.iter().zip(y.iter()).map(|(x, y)| x * y).sum();
        assert!((dot(x.as_slice(), y.as_slice()) - exact).abs() <= 1e-16 * (length * length) as f64);
        let mut z = y.clone();
        add_scaled(z.as_mut_slice(), -0.5, x.as_slice());
        assert!(
            z.iter()
                .zip(x.iter().zip(y.iter()))
                .all(|(&z, (x, y))| z == y + -0.5 * x)
        );
        assert!(all_finite([z.as_slice()]));
    }
}

fn softmax_holds<T: Scalar>() {
    let unit = if T::of(1e-10) + T::ONE == T::ONE {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    };
    let mut generator = numbers(8);
    for length in 1..60 {
        let logits = Matrix::from_fn(length, 3, |_, _| {
            T::of(f64::from(8 * (below(20, &mut generator) as u32)) / 16.0)
        });
        let mut columns = logits.clone();
        softmax_columns(&mut columns);
        for j in 0..3 {
            let logits = &logits.as_slice()[j * length..][..length];
            let mut one = logits.to_vec();
            softmax(&mut one);
            assert_eq!(one, &columns.as_slice()[j * length..][..length]);
            let sum: f64 = one.iter().map(|x| x.to_f64()).sum();
            assert!((sum - 1.0).abs() <= (length + 2) as f64 * unit);
            // These logits and 64 more are exact numbers, so the shift is too.
            let mut shifted: Vec<T> = logits.iter().map(|&x| x + T::of(64.0)).collect();
            softmax(&mut shifted);
            assert_eq!(one, shifted);
            // ln softmax_i = logit_i - log_sum_exp.
            let total = log_sum_exp(logits);
            for (&p, &x) in one.iter().zip(logits) {
                assert!((p.to_f64() - (x - total).exp().to_f64()).abs() <= 40.0 * unit * p.to_f64());
            }
        }
    }
}

#[test]
fn softmax_sums_to_one_and_does_not_change_when_logits_are_shifted() {
    softmax_holds::<f32>();
    softmax_holds::<f64>();
}

#[test]
fn softmax_neither_overflows_nor_hides_nan() {
    let mut logits = [1e38f32, -1e38, 3e38, -3e38];
    softmax(&mut logits);
    assert_eq!(logits, [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(log_sum_exp(&[1e38f32, 3e38]), 3e38);
    assert_eq!(log_sum_exp(&[-1e38f32; 2]), -1e38);
    for i in 0..3 {
        let mut logits = [1.0f64, 2.0, 3.0];
        logits[i] = f64::NAN;
        assert!(log_sum_exp(&logits).is_nan());
        softmax(&mut logits);
        assert!(logits.iter().all(|x| x.is_nan()));
    }
    assert!(log_sum_exp(&[f64::NAN, f64::INFINITY]).is_nan() && log_sum_exp(&[f64::INFINITY, f64::NAN]).is_nan());
    assert_eq!(log_sum_exp(&[f64::NEG_INFINITY; 3]), f64::NEG_INFINITY);
    assert_eq!(log_sum_exp::<f32>(&[]), f32::NEG_INFINITY);
    assert_eq!(log_sum_exp(&[f32::NEG_INFINITY, 1.5]), 1.5);
    softmax::<f32>(&mut []);
}

fn limits_hold<T: Scalar>() {
    let [zero, huge, infinity] = [0.0, 1e30, f64::INFINITY].map(T::of);
    assert_eq!(
        [
            T::exp(zero),
            T::exp(-infinity),
            T::exp(infinity),
            T::exp(-huge),
            T::exp(huge)
        ],
        [T::ONE, zero, infinity, zero, infinity]
    );
    assert!(
        T::ln(zero) == -infinity && T::ln(-zero) == -infinity && T::ln(T::ONE) == zero && T::ln(infinity) == infinity
    );
    assert!([-T::ONE, -infinity].into_iter().all(|x| T::ln(x).to_f64().is_nan()));
    assert_eq!(
        [T::tanh(infinity), T::tanh(-infinity), T::tanh(-huge)],
        [T::ONE, -T::ONE, -T::ONE]
    );
    assert_eq!(
        [T::logistic(zero), T::logistic(infinity), T::logistic(-infinity)],
        [T::of(0.5), T::ONE, zero]
    );
    assert_eq!(
        [T::softplus(huge), T::softplus(infinity), T::softplus(-infinity)],
        [huge, infinity, zero]
    );
    assert!(T::tanh(-zero).to_f64().is_sign_negative() && !T::tanh(zero).to_f64().is_sign_negative());
    for exponent in 0..30 {
        let x = T::of(1.7 * 0.5f64.powi(exponent * 4));
        assert_eq!(T::tanh(-x), -T::tanh(x));
        if x.to_f64() < 1e-18 {
            assert_eq!(T::tanh(x), x);
        }
    }
    let nan = T::of(f64::NAN);
    for value in [
        T::exp(nan),
        T::ln(nan),
        T::tanh(nan),
        T::logistic(nan),
        T::softplus(nan),
    ] {
        assert!(value.to_f64().is_nan());
    }
}

#[test]
fn functions_have_their_limits() {
    limits_hold::<f32>();
    limits_hold::<f64>();
    let mut output = [0.0f32; 3];
    exp(&[0.0, f32::NEG_INFINITY, 1000.0], &mut output);
    assert_eq!(output, [1.0, 0.0, f32::INFINITY]);
}

/// Left factors whose columns start 4096 bytes apart, 64 of them spread out at a time: whole blocks and a part of one.
fn check_crowded<T: Scalar>(rows: usize) {
    let mut generator = numbers(31);
    for columns in [256, 300] {
        for b_transposed in [false, true] {
            for scales in [[1.0, 0.0], [1.0, 1.0], [-0.5, -0.5]] {
                check::<T>([rows, columns, 24], (false, b_transposed), scales, &mut generator);
                check::<T>([columns, rows, 24], (true, b_transposed), scales, &mut generator);
            }
        }
    }
}

#[test]
fn crowded_columns_are_multiplied_as_others_are() {
    // in turn, since both precisions use the same room
    check_crowded::<f32>(1024);
    check_crowded::<f64>(512);
    check_crowded::<f32>(2048);
    check_crowded::<f32>(1024);
}

/// One number at every place of slices around the widths of the loops.
fn check_moderate<T: Scalar>() {
    let (large, largest) = (T::of(0.99 * MODERATE), T::of(1.01 * MODERATE));
    for length in [1, 7, 8, 9, 63, 64, 65, 130] {
        for place in 0..length {
            let with = |x: T| {
                let mut values = vec![large; length];
                values[place] = x;
                values
            };
            assert!(all_moderate([&with(-large)[..]]), "{length} {place}");
            // in the first, a middle or the last of several slices
            for which in 0..3 {
                let mut slices = [&with(large)[..], &with(large)[..], &[]].map(<[T]>::to_vec);
                slices[which] = with(T::of(f64::NAN));
                assert!(
                    !all_moderate(slices.iter().map(Vec::as_slice)),
                    "{length} {place} {which}"
                );
            }
            for x in [largest, -largest, T::of(f64::INFINITY), T::of(f64::NAN)] {
                assert!(!all_moderate([&with(x)[..]]), "{length} {place} {x:?}");
            }
            assert!(all_finite([&with(largest)[..]]), "{length} {place}");
            for x in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
                assert!(!all_finite([&with(T::of(x))[..]]), "{length} {place} {x}");
            }
        }
    }
    assert!(all_moderate::<T>([]) && all_finite::<T>([]));
}

#[test]
fn one_number_that_is_not_moderate_is_seen_wherever_it_stands() {
    check_moderate::<f32>();
    check_moderate::<f64>();
}

#[test]
fn columns_are_added_one_after_the_other() {
    let (mut generator, mut order_matters) = (numbers(8), false);
    for (rows, columns) in [(0, 0), (1, 9), (5, 0), (7, 3), (40, 11)] {
        let x = random::<f32>(rows, columns, &mut generator);
        let start = random::<f32>(rows, 1, &mut generator);
        let (mut sum, mut expected) = (start.clone(), start.clone());
        add_scaled_columns(sum.as_mut_slice(), 0.1, &x);
        for column in x.as_slice().chunks_exact(rows.max(1)) {
            add_scaled(expected.as_mut_slice(), 0.1, column);
        }
        assert_eq!(sum, expected);
        let backwards = Matrix::from_fn(rows, columns, |i, j| x[(i, columns - 1 - j)]);
        let mut other = start;
        add_scaled_columns(other.as_mut_slice(), 0.1, &backwards);
        order_matters |= other != expected;
    }
    // negative control: another order is another sum
    assert!(order_matters);
}
