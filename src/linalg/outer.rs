//! Multiply a column by a row: the update of a small layer by one sample.
#![allow(unsafe_code)] // pointers into slices whose lengths were checked

use super::Scalar;
use super::lanes::{InLanes, Instructions, Kernel, Lanes, load_part, put_part};

/// `c_ij := (alpha row_j) column_i + beta c_ij`, column-major; the same bits on every processor.
pub struct OuterProduct<'a, T> {
    pub alpha: T,
    pub column: &'a [T],
    pub row: &'a [T],
    pub beta: T,
    pub c: &'a mut [T],
}

impl<T: Scalar> Kernel for OuterProduct<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        let (rows, width) = (self.column.len(), <T as InLanes>::Lanes::<I>::COUNT);
        assert!(
            self.c.len() == rows * self.row.len(),
            "an outer product needs a matrix of its shape"
        );
        let mut first = 0;
        while first < rows {
            let count = (rows - first).min(2 * width);
            // SAFETY: `dispatch` chose instructions that exist, and rows `first` to `first + count` are in the matrix.
            unsafe {
                if count > width {
                    strip::<T, <T as InLanes>::Lanes<I>, 2>(&mut self, first, count - width);
                } else {
                    strip::<T, <T as InLanes>::Lanes<I>, 1>(&mut self, first, count);
                }
            }
            first += count;
        }
    }
}

/// `R` registers of rows from `first` on, of which the last has `last` rows.
#[inline(always)]
unsafe fn strip<T: Scalar, L: Lanes<T>, const R: usize>(p: &mut OuterProduct<'_, T>, first: usize, last: usize) {
    // SAFETY (of the whole body): the caller's rows are in the matrix, and so are all columns.
    unsafe {
        let last = L::mask(last);
        let from = p.column.as_ptr().add(first);
        let column: [L; R] = std::array::from_fn(|r| load_part::<T, L, R>(from, r, last));
        let (alpha, beta, mut c) = (p.alpha, p.beta, p.c.as_mut_ptr().add(first));
        for &x in p.row {
            let factor = L::splat(alpha * x);
            for (r, column) in column.iter().enumerate() {
                put_part::<T, L, R>(column.multiply(factor), beta, c, r, last);
            }
            c = c.wrapping_add(p.column.len());
        }
    }
}
