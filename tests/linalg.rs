//! Compare matrix products with plain loops in double precision.

use creditlab::linalg::{Matrix, Operand, Scalar, multiply, plain, transposed};
use creditlab::random::{Generator, Purpose, Stream, below, uniform};

fn numbers(seed: u64) -> Generator {
    Stream::new(seed, Purpose::Task, 0, 0).generator()
}

fn random<T: Scalar>(rows: usize, columns: usize, generator: &mut Generator) -> Matrix<T> {
    Matrix::from_fn(rows, columns, |_, _| T::of(2.0 * uniform(generator) - 1.0))
}

/// A factor of the given shape, and how it is stored.
fn factor<T: Scalar>(rows: usize, columns: usize, is_transposed: bool, generator: &mut Generator) -> Matrix<T> {
    if is_transposed {
        random(columns, rows, generator)
    } else {
        random(rows, columns, generator)
    }
}

fn operand<T: Scalar>(matrix: &Matrix<T>, is_transposed: bool) -> Operand<'_, T> {
    if is_transposed {
        transposed(matrix)
    } else {
        plain(matrix)
    }
}

/// Checks one product against the definition: every element within the error bound of `k + 3` roundings (Higham, *Accuracy and
/// Stability of Numerical Algorithms*, 2nd ed., section 3.1).
fn check<T: Scalar>(
    m: usize,
    k: usize,
    n: usize,
    forms: (bool, bool),
    alpha: f64,
    beta: f64,
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

const FORMS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];
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
                let [alpha, beta] = [(); 2].map(|()| SCALES[below(3, &mut generator) as usize]);
                check::<f32>(m, k, n, forms, alpha, beta, &mut generator);
                check::<f64>(m, k, n, forms, alpha, beta, &mut generator);
            }
        }
    }
}
