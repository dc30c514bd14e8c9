//! Hold the bits of products, functions and random numbers to digests that are the same on every processor.
//!
//! The digests of products are those of the definition, a plain loop, which is computed here too. The others were recorded: they say
//! nothing about accuracy, which is tested elsewhere, only that two processors, or two paths through one, agree. To compare another
//! processor run `cargo test --test linalg bits`; with `-- --nocapture` it prints its digests.

use crate::{FORMS, factor, numbers, operand};
use creditlab::digest::sha256;
use creditlab::linalg::{
    self, Matrix, SIMD, Scalar, dot, erf, exp, ln, log_sum_exp, logistic, multiply, multiply_plus, softmax_columns,
    softplus, tanh,
};
use creditlab::random::{normal, uniform};
use std::process::{Command, Output};

/// What was computed, and the digest of its bits in both precisions.
const DIGESTS: [(&str, [&str; 2]); 14] = [
    ("a b", ["19c11f0f6132f9b0", "c2b2c5c3c323d346"]),
    ("a bᵀ", ["81021650942bcdfa", "fadaca8c8fef59f3"]),
    ("aᵀ b", ["25bd3979739786df", "816ec12bdee1e9f4"]),
    ("aᵀ bᵀ", ["63cce9141f574fba", "d1a4d30935b347bf"]),
    ("exp", ["f80955bf959d4e48", "9163935e091b37ea"]),
    ("ln", ["78a76cf7f40df9ea", "f282a28c8e8c77de"]),
    ("tanh", ["de92f2570e811413", "7326fe0d64d6c33b"]),
    ("logistic", ["e77162f751a888f7", "7bd4a34a101ed12f"]),
    ("softplus", ["3c478d55c732d572", "f24ca3e922bd4adf"]),
    ("erf", ["5d1b96354940c50a", "cb26e7e713aedbc8"]),
    ("softmax", ["8144fc51a961ae59", "e0a5a5816a7ed029"]),
    ("log of a sum of exponentials", ["975618f36d04d8ac", "90ae388ee565a808"]),
    ("inner product", ["7d0f14f975801aaf", "b9c5a298e018c2d2"]),
    ("normal numbers", ["cabdb76fb6ee6781", "2ca667a6586393e7"]),
];

/// The first digits of the SHA-256 of numbers: all of `f64`, which holds every `f32`. NaN is one number, whatever its payload.
fn digest<T: Scalar>(values: &[T]) -> String {
    let bits = |x: f64| if x.is_nan() { f64::NAN } else { x }.to_le_bytes();
    let bytes: Vec<u8> = values.iter().flat_map(|x| bits(x.to_f64())).collect();
    sha256(&bytes)[..16].to_owned()
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
    digest(&products::<T>(forms, |alpha, [a, b], addend, column, c| {
        let (a, b) = (operand(a, forms.0), operand(b, forms.1));
        match addend {
            Some(beta) => multiply(alpha, a, b, T::of(beta), c),
            None => multiply_plus(alpha, a, b, column, c),
        }
    }))
}

/// The same by the definition, `step` being how a sum takes on a product.
fn defined<T: Scalar>(forms: (bool, bool), step: impl Fn(T, T, T) -> T) -> String {
    digest(&products::<T>(forms, |alpha, [a, b], addend, column, c| {
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

/// The digests of one precision, in the order of the table.
fn digests<T: Scalar>() -> Vec<String> {
    let mut all: Vec<String> = FORMS.into_iter().map(computed::<T>).collect();
    let arguments = arguments::<T>();
    type OfSlice<T> = fn(&[T], &mut [T]);
    let functions: [OfSlice<T>; 6] = [exp, ln, tanh, logistic, softplus, erf];
    all.extend(functions.into_iter().map(|function| {
        let mut values = vec![T::ZERO; arguments.len()];
        function(&arguments, &mut values);
        digest(&values)
    }));
    let mut generator = numbers(43);
    let logits: Vec<Matrix<T>> = (1..50).map(|rows| factor(rows, 7, false, &mut generator)).collect();
    let joined = |parts: Vec<Vec<T>>| digest(&parts.concat());
    all.push(joined(
        logits
            .iter()
            .map(|logits| {
                let mut shares = logits.clone();
                softmax_columns(&mut shares);
                shares.as_slice().to_vec()
            })
            .collect(),
    ));
    all.push(joined(logits.iter().map(|x| vec![log_sum_exp(x.as_slice())]).collect()));
    all.push(joined(
        logits.iter().map(|x| vec![dot(x.as_slice(), x.as_slice())]).collect(),
    ));
    let mut drawn = vec![T::ZERO; 1001];
    normal(&mut drawn, 0.7, &mut generator);
    all.push(digest(&drawn));
    all
}

#[test]
fn digests_are_those_of_the_table() {
    let (single, double) = (digests::<f32>(), digests::<f64>());
    let mut table = String::new();
    for (((name, _), single), double) in DIGESTS.iter().zip(&single).zip(&double) {
        table += &format!("    (\"{name}\", [\"{single}\", \"{double}\"]),\n");
    }
    println!("path: {}\n{table}", linalg::simd().unwrap());
    let made = single.iter().zip(&double);
    let equal = DIGESTS
        .iter()
        .zip(made)
        .all(|((_, known), made)| *known == [made.0, made.1]);
    assert!(equal && DIGESTS.len() == single.len(), "the digests are\n{table}");
}

#[test]
fn digests_of_products_are_those_of_the_definition() {
    for (forms, (name, known)) in FORMS.into_iter().zip(DIGESTS) {
        let defined = [defined::<f32>(forms, f32::mul_add), defined::<f64>(forms, f64::mul_add)];
        assert_eq!(defined, known, "{name}");
    }
}

/// The negative control: with products that are rounded before they are added the digests are others.
#[test]
fn sums_that_are_not_fused_have_another_digest() {
    for (forms, (name, known)) in FORMS.into_iter().zip(DIGESTS) {
        let unfused = [
            defined::<f32>(forms, |a, b, sum| sum + a * b),
            defined::<f64>(forms, |a, b, sum| sum + a * b),
        ];
        assert!(unfused[0] != known[0] && unfused[1] != known[1], "{name}");
    }
}

/// This test again, in a process that takes another path.
fn on(path: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "bits::digests_are_those_of_the_table", "--nocapture"]);
    command.env(SIMD, path).output().unwrap()
}

#[test]
fn every_path_has_the_digests_of_the_table() {
    const PATHS: [&str; 3] = ["portable", "avx2", "avx512"];
    let here = linalg::simd().unwrap();
    let narrower = PATHS.iter().position(|path| *path == here).unwrap();
    for path in &PATHS[..=narrower] {
        let output = on(path);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains(&format!("path: {path}\n")),
            "{path}: {text}"
        );
    }
}

#[test]
fn a_path_that_is_unknown_is_refused() {
    let output = on("avx3");
    assert!(!output.status.success());
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("`CREDITLAB_SIMD` is `avx3`"), "{text}");
}
