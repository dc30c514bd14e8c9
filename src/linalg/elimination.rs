//! Solve small linear systems by elimination.

use super::{Matrix, Scalar};
use crate::cost;

/// `b := a⁻¹ b` for a square `a` that need be neither symmetric nor definite, stored column by column, by elimination with partial
/// pivoting; `a` is used up. Where `a` is singular, or not finite, some of `b` is not finite. Nothing is allocated.
///
/// # Panics
/// If the lengths do not fit.
pub fn solve<T: Scalar>(a: &mut [T], b: &mut [T]) {
    let n = b.len();
    assert!(a.len() == n * n, "cannot solve {} numbers for {n}", a.len());
    // a third of n³ for the elimination, half of n² for each triangle
    cost::multiply_adds(n * n * n / 3 + n * n);
    for k in 0..n {
        // NaN is larger than nothing, and stays where it is
        let larger = |best: usize, i: usize| {
            if a[k * n + i].abs() > a[k * n + best].abs() {
                i
            } else {
                best
            }
        };
        let pivot = (k + 1..n).fold(k, larger);
        if pivot != k {
            (k..n).for_each(|j| a.swap(j * n + k, j * n + pivot));
            b.swap(k, pivot);
        }
        let (done, rest) = a.split_at_mut((k + 1) * n);
        let column = &mut done[k * n..];
        let top = column[k];
        column[k + 1..].iter_mut().for_each(|x| *x /= top);
        for other in rest.chunks_exact_mut(n) {
            subtract(other, k, &column[k + 1..]);
        }
        subtract(b, k, &column[k + 1..]);
    }
    for k in (0..n).rev() {
        b[k] /= a[k * n + k];
        let (above, own) = b.split_at_mut(k);
        above.iter_mut().zip(&a[k * n..]).for_each(|(b, &a)| *b -= a * own[0]);
    }
}

/// Takes `x_k` times the factors off what is below it.
fn subtract<T: Scalar>(x: &mut [T], k: usize, factors: &[T]) {
    let (above, below) = x.split_at_mut(k + 1);
    below.iter_mut().zip(factors).for_each(|(x, &f)| *x -= f * above[k]);
}

/// `columns_j := a_j⁻¹ columns_j`, `a_j` being the `j`-th square block of `blocks`, which lie side by side and are used up.
pub fn solve_each<T: Scalar>(blocks: &mut Matrix<T>, columns: &mut Matrix<T>) {
    let n = columns.nrows();
    let blocks = blocks.as_mut_slice().chunks_exact_mut(n * n);
    for (a, b) in blocks.zip(columns.as_mut_slice().chunks_exact_mut(n)) {
        solve(a, b);
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

    #[test]
    fn solutions_solve() {
        for n in [1, 2, 3, 10, 40] {
            let (blocks, x) = (drawn(n, 3 * n, 1), drawn(n, 3, 2));
            let mut b = Matrix::zeros(n, 3);
            for j in 0..3 {
                b.set_column(j, &(blocks.columns(j * n, n) * x.column(j)));
            }
            solve_each(&mut blocks.clone(), &mut b);
            assert!((&b - &x).norm() < 1e-9 * x.norm(), "{n}");
            // negative control: another right side
            assert!((&b - drawn(n, 3, 3)).norm() > 0.1);
        }
    }

    /// A zero on the diagonal is no hindrance.
    #[test]
    fn rows_are_exchanged() {
        let (mut a, mut b) = ([0.0, 1.0, 2.0, 0.0], [6.0, 5.0]);
        solve(&mut a, &mut b);
        assert_eq!(b, [5.0, 3.0]);
    }

    #[test]
    fn what_has_no_solution_is_not_finite() {
        for mut wrong in [[1.0, 2.0, 2.0, 4.0], [0.0; 4], [f64::NAN, 0.0, 0.0, 1.0]] {
            let mut b = [1.0, 1.0];
            solve(&mut wrong, &mut b);
            assert!(b.iter().any(|b| !b.is_finite()), "{b:?}");
        }
    }
}
