//! Multiply a column by a row: the update of a small layer by one sample.
#![allow(unsafe_code)] // pointers into slices whose lengths were checked

use super::Scalar;
use super::lanes::{InLanes, Instructions, Kernel, Lanes};

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
        let mask = L::mask(last);
        let load = |from: *const T, r: usize| {
            let from = from.add(r * L::COUNT);
            if r + 1 == R {
                L::load_some(from, mask)
            } else {
                L::load(from)
            }
        };
        let column: [L; R] = std::array::from_fn(|r| load(p.column.as_ptr().add(first), r));
        let beta = L::splat(p.beta);
        let mut c = p.c.as_mut_ptr().add(first);
        for &x in p.row {
            let factor = L::splat(p.alpha * x);
            for (r, column) in column.iter().enumerate() {
                let mut value = column.multiply(factor);
                if p.beta != T::ZERO {
                    value = beta.multiply(load(c, r)).add(value);
                }
                let to = c.add(r * L::COUNT);
                if r + 1 == R {
                    value.store_some(to, mask)
                } else {
                    value.store(to)
                }
            }
            c = c.wrapping_add(p.column.len());
        }
    }
}
