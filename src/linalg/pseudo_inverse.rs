//! Invert matrices in the sense of Moore and Penrose.

use super::{Matrix, Scalar, all_finite, empty, multiply, plain, reshape, transposed};
use crate::cost;

/// Scratch for pseudo-inverses, by the one-sided method of Jacobi (Hestenes 1958): columns of the matrix are rotated in pairs until
/// all are orthogonal, `G V = U Σ`. It is as accurate as a singular value decomposition can be, in double precision, and allocates
/// nothing once it has seen the shape.
#[derive(Debug)]
pub struct PseudoInverter {
    /// `G V`, of which `G` is the matrix or its transpose, with no fewer rows than columns.
    rotated: Matrix<f64>,
    v: Matrix<f64>,
    result: Matrix<f64>,
}

impl Default for PseudoInverter {
    fn default() -> Self {
        let [rotated, v, result] = [(); 3].map(|()| empty());
        Self { rotated, v, result }
    }
}

/// More sweeps than are ever needed: convergence is quadratic.
const MOST_SWEEPS: usize = 60;

impl PseudoInverter {
    /// `out := (w⁺)ᵀ`, in the shape of `w`, `w⁺` being the pseudo-inverse. Singular values below `max(rows, columns)` times the
    /// precision of the scalar times the largest one count as zero. If a number of `w` is not finite, all of `out` is NaN.
    pub fn transposed_inverse<T: Scalar>(&mut self, w: &Matrix<T>, out: &mut Matrix<T>) {
        let Self { rotated, v, result } = self;
        let ((rows, columns), wide) = (w.shape(), w.nrows() < w.ncols());
        reshape(out, rows, columns);
        if !all_finite([w.as_slice()]) {
            return out.fill(T::of(f64::NAN));
        }
        let (long, short) = (rows.max(columns), rows.min(columns));
        reshape(rotated, long, short);
        for j in 0..short {
            for i in 0..long {
                rotated[(i, j)] = if wide { w[(j, i)] } else { w[(i, j)] }.to_f64();
            }
        }
        reshape(v, short, short).fill_with_identity();
        orthogonalise(rotated, v);
        let squares = |j: usize| rotated.column(j).norm_squared();
        let largest = (0..short).map(squares).fold(0.0, f64::max).sqrt();
        let least = long as f64 * T::EPSILON * largest;
        for j in 0..short {
            let square = rotated.column(j).norm_squared();
            let share = if square.sqrt() > least { 1.0 / square } else { 0.0 };
            rotated.column_mut(j).iter_mut().for_each(|x| *x *= share);
        }
        reshape(result, rows, columns);
        if wide {
            multiply(1.0, plain(v), transposed(rotated), 0.0, result);
        } else {
            multiply(1.0, plain(rotated), transposed(v), 0.0, result);
        }
        for (out, x) in out.iter_mut().zip(result.iter()) {
            *out = T::of(*x);
        }
    }
}

/// Rotates the columns of `g`, and those of `v` alike, until every two of `g` are orthogonal to rounding.
fn orthogonalise(g: &mut Matrix<f64>, v: &mut Matrix<f64>) {
    let n = g.ncols();
    for _ in 0..MOST_SWEEPS {
        let mut still = true;
        for p in 0..n {
            for q in p + 1..n {
                cost::multiply_adds(3 * g.nrows());
                let (a, b) = (g.column(p), g.column(q));
                let (alpha, beta, gamma) = (a.norm_squared(), b.norm_squared(), a.dot(&b));
                if gamma.abs() <= f64::EPSILON * (alpha * beta).sqrt() {
                    continue;
                }
                still = false;
                let zeta = (beta - alpha) / (2.0 * gamma);
                let sign = if zeta < 0.0 { -1.0 } else { 1.0 };
                let tangent = sign / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                cost::multiply_adds(4 * (g.nrows() + n));
                rotate(g, p, q, cosine, cosine * tangent);
                rotate(v, p, q, cosine, cosine * tangent);
            }
        }
        if still {
            return;
        }
    }
}

fn rotate(m: &mut Matrix<f64>, p: usize, q: usize, cosine: f64, sine: f64) {
    let rows = m.nrows();
    let (low, high) = m.as_mut_slice().split_at_mut(q * rows);
    for (a, b) in low[p * rows..(p + 1) * rows].iter_mut().zip(&mut high[..rows]) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, normal};

    fn drawn(rows: usize, columns: usize, seed: u64) -> Matrix<f64> {
        let mut m = Matrix::zeros(rows, columns);
        let mut generator = Stream::new(seed, Purpose::Task, 0, 0).generator();
        normal(m.as_mut_slice(), 1.0, &mut generator);
        m
    }

    fn inverse(w: &Matrix<f64>) -> Matrix<f64> {
        let mut out = empty();
        PseudoInverter::default().transposed_inverse(w, &mut out);
        out.transpose()
    }

    /// The four conditions of Penrose (1955) have one solution.
    #[test]
    fn it_keeps_the_four_conditions() {
        for (rows, columns, rank) in [
            (1, 1, 1),
            (5, 5, 5),
            (7, 3, 3),
            (3, 7, 3),
            (1, 6, 1),
            (8, 6, 2),
            (6, 8, 4),
            (30, 40, 30),
        ] {
            let w = drawn(rows, rank, 1) * drawn(rank, columns, 2);
            let x = inverse(&w);
            let near = |a: &Matrix<f64>, b: &Matrix<f64>| (a - b).norm() <= 1e-10 * b.norm().max(1.0);
            assert!(near(&(&w * &x * &w), &w) && near(&(&x * &w * &x), &x));
            let (left, right) = (&w * &x, &x * &w);
            assert!(near(&left, &left.transpose()) && near(&right, &right.transpose()));
            // negative control: the transpose keeps the two of symmetry only
            assert!(rows * columns == 1 || !near(&(&w * w.transpose() * &w), &w));
        }
        assert_eq!(inverse(&Matrix::zeros(2, 3)), Matrix::zeros(3, 2));
    }

    #[test]
    fn what_is_not_finite_shows() {
        let mut w = drawn(3, 2, 1);
        w[(1, 1)] = f64::INFINITY;
        assert!(inverse(&w).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn single_precision_is_as_good_as_it_can_be() {
        let w = drawn(6, 4, 3).map(|x| x as f32);
        let mut out = empty();
        PseudoInverter::default().transposed_inverse(&w, &mut out);
        let exact = inverse(&w.map(f64::from)).transpose();
        assert!((out.map(f64::from) - &exact).norm() < 1e-6 * exact.norm());
    }
}
