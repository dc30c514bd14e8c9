//! Take the digests of products in all forms and awkward sizes, of functions of slices, and of random numbers.
//!
//! The digests of products are those of the definition, a plain loop, which is computed here too.

use crate::factors::{FORMS, factor, numbers, operand};
use crate::known::{Digests, table};
use creditlab::digest::sha256;
use creditlab::linalg::{
    Matrix, Scalar, dot, erf, exp, ln, log_sum_exp, logistic, multiply, multiply_plus, softmax_columns, softplus, tanh,
};
use creditlab::random::{normal, uniform};

/// The forms of products, as [`FORMS`] has them.
const NAMES: [&str; 4] = ["a b", "a bᵀ", "aᵀ b", "aᵀ bᵀ"];

/// The SHA-256 of numbers: all of `f64`, which holds every `f32`. NaN is one number, whatever its payload.
pub fn digest<T: Scalar>(values: impl IntoIterator<Item = T>) -> String {
    let bits = |x: f64| if x.is_nan() { f64::NAN } else { x }.to_le_bytes();
    let bytes: Vec<u8> = values.into_iter().flat_map(|x| bits(x.to_f64())).collect();
    sha256(&bytes)
}

/// Sizes with and without full registers, nothing at all, one row, column or product, sums that are made in parts.
const SHAPES: [[usize; 3]; 18] = [
    [0, 3, 2],
    [3, 0, 2],
    [2, 3, 0],
    [1, 1, 1],
    [1, 17, 1],
    [1, 30, 45],
    [45, 30, 1],
    [33, 1, 19],
    [1, 1, 50],
    [16, 16, 32],
    [20, 30, 7],
    [37, 41, 29],
    [10, 300, 64],
    [300, 10, 64],
    [130, 64, 250],
    [520, 70, 9],
    [50, 1025, 20],
    [9, 2500, 60],
];

/// `beta`, if the result is added, and otherwise the column.
const ADDENDS: [Option<f64>; 4] = [Some(0.0), Some(1.0), Some(-0.37), None];

/// All products of a form, one after the other, each by a function of `(alpha, a, b, addend, column, c)`.
fn products<T: Scalar>(
    forms: (bool, bool),
    compute: impl Fn(T, [&Matrix<T>; 2], Option<f64>, &[T], &mut Matrix<T>),
) -> Vec<T> {
    let mut generator = numbers(41);
    let mut all = Vec::new();
    for [m, k, n] in SHAPES {
        let (a, b) = (
            factor(m, k, forms.0, &mut generator),
            factor(k, n, forms.1, &mut generator),
        );
        let column = factor::<T>(m, 1, false, &mut generator);
        for (addend, alpha) in ADDENDS.into_iter().zip([1.0, -0.3, 1.0, 0.7]) {
            let mut c = factor(m, n, false, &mut generator);
            compute(T::of(alpha), [&a, &b], addend, column.as_slice(), &mut c);
            all.extend_from_slice(c.as_slice());
        }
    }
    all
}

fn computed<T: Scalar>(forms: (bool, bool)) -> String {
    digest(products::<T>(forms, |alpha, [a, b], addend, column, c| {
        let (a, b) = (operand(a, forms.0), operand(b, forms.1));
        match addend {
            Some(beta) => multiply(alpha, a, b, T::of(beta), c),
            None => multiply_plus(alpha, a, b, column, c),
        }
    }))
}

/// The same by the definition, `step` being how a sum takes on a product.
fn defined<T: Scalar>(forms: (bool, bool), step: impl Fn(T, T, T) -> T) -> String {
    digest(products::<T>(forms, |alpha, [a, b], addend, column, c| {
        let depth = if forms.0 { a.nrows() } else { a.ncols() };
        for j in 0..c.ncols() {
            for i in 0..c.nrows() {
                let mut sum = T::ZERO;
                for q in 0..depth {
                    let a = if forms.0 { a[(q, i)] } else { a[(i, q)] };
                    let b = if forms.1 { b[(j, q)] } else { b[(q, j)] };
                    sum = step(a, b, sum);
                }
                c[(i, j)] = match addend {
                    Some(0.0) => alpha * sum,
                    Some(beta) => alpha.mul_add(sum, T::of(beta) * c[(i, j)]),
                    None => alpha.mul_add(sum, column[i]),
                };
            }
        }
    }))
}

/// Numbers of all sizes, and special ones.
fn arguments<T: Scalar>() -> Vec<T> {
    let mut generator = numbers(42);
    let special = [
        0.0,
        -0.0,
        1e-40,
        -1e-310,
        1e38,
        -1e38,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    let of_size = |size: i32| {
        let mut number = || 2f64.powi(size) * (2.0 * uniform(&mut generator) - 1.0);
        [(); 100].map(|()| number())
    };
    let random: Vec<f64> = (-30..10).flat_map(of_size).collect();
    special.into_iter().chain(random).map(T::of).collect()
}

/// The digests in one precision.
fn digests<T: Scalar>(precision: &str) -> Digests {
    let mut all = Digests::new();
    let mut put = |what: &str, digest: String| all.push((format!("{precision} {what}"), digest));
    for (forms, name) in FORMS.into_iter().zip(NAMES) {
        put(name, computed::<T>(forms));
    }
    let arguments = arguments::<T>();
    type OfSlice<T> = fn(&[T], &mut [T]);
    let functions: [(&str, OfSlice<T>); 6] = [
        ("exp", exp),
        ("ln", ln),
        ("tanh", tanh),
        ("logistic", logistic),
        ("softplus", softplus),
        ("erf", erf),
    ];
    for (name, function) in functions {
        let mut values = vec![T::ZERO; arguments.len()];
        function(&arguments, &mut values);
        put(name, digest(values));
    }
    let mut generator = numbers(43);
    let logits: Vec<Matrix<T>> = (1..50).map(|rows| factor(rows, 7, false, &mut generator)).collect();
    let mut shares = logits.clone();
    shares.iter_mut().for_each(softmax_columns);
    put("softmax", digest(shares.iter().flat_map(Matrix::iter).copied()));
    let sums = logits.iter().map(|x| log_sum_exp(x.as_slice()));
    put("log of a sum of exponentials", digest(sums));
    let products = logits.iter().map(|x| dot(x.as_slice(), x.as_slice()));
    put("inner product", digest(products));
    let mut drawn = vec![T::ZERO; 1001];
    normal(&mut drawn, 0.7, &mut generator);
    put("normal numbers", digest(drawn));
    all
}

/// All digests of this file.
pub fn made() -> Digests {
    [digests::<f32>("f32"), digests::<f64>("f64")].concat()
}

/// What the table has for a form of products in both precisions.
fn in_table(form: &str) -> [&'static String; 2] {
    ["f32", "f64"].map(|precision| &table()[&format!("{precision} {form}")])
}

#[test]
fn digests_of_products_are_those_of_the_definition() {
    for (forms, name) in FORMS.into_iter().zip(NAMES) {
        let defined = [defined::<f32>(forms, f32::mul_add), defined::<f64>(forms, f64::mul_add)];
        assert_eq!(defined.each_ref(), in_table(name), "{name}");
    }
}

/// The negative control: with products that are rounded before they are added the digests are others.
#[test]
fn sums_that_are_not_fused_have_another_digest() {
    for (forms, name) in FORMS.into_iter().zip(NAMES) {
        let unfused = [
            defined::<f32>(forms, |a, b, sum| sum + a * b),
            defined::<f64>(forms, |a, b, sum| sum + a * b),
        ];
        let known = in_table(name);
        assert!(unfused[0] != *known[0] && unfused[1] != *known[1], "{name}");
    }
}
