//! Cut the result of a product into parts for threads that are free: no chain is cut, and so no bit is another.

use super::{Checked, Product, Strided};
use crate::linalg::lanes::dispatch;
use crate::linalg::{Scalar, crew};

/// Rows, or columns, of a part are a multiple of this, but for the last part: registers and tiles are then full.
const GRID: usize = 16;

/// A product that several threads compute.
struct SharedProduct<T>(Product<T>);

// SAFETY: factors and addends are only read; results of different parts have no number in common.
unsafe impl<T: Scalar> Sync for SharedProduct<T> {}

/// Computes a product whose shapes were checked, with the help of threads that are free.
#[inline]
pub fn compute<T: Scalar>(product: &Product<T>) {
    match crew::pieces(product.rows * product.depth * product.columns) {
        1 => dispatch(Checked(product)),
        parts => in_parts(product, parts),
    }
}

/// The same in at most so many parts.
#[inline(never)]
pub fn in_parts<T: Scalar>(product: &Product<T>, parts: usize) {
    let shared = &SharedProduct(*product);
    let parts = parts.min(shared.length().div_ceil(GRID)).max(1);
    crew::share(parts, |part| dispatch(Checked(&shared.part(part, parts))));
}

impl<T: Scalar> SharedProduct<T> {
    /// Whether parts are columns. What parts share should be the smaller factor; but rows of a result lie apart in memory, and
    /// columns do not: rows of different parts meet in a cache line at each column. Where sums are short, that takes longest.
    fn by_columns(&self) -> bool {
        let Product {
            rows, depth, columns, ..
        } = self.0;
        rows <= 2 * columns || 4 * depth <= columns
    }

    /// Columns, or rows, to be shared out.
    fn length(&self) -> usize {
        if self.by_columns() { self.0.columns } else { self.0.rows }
    }

    /// One of so many parts.
    fn part(&self, part: usize, of: usize) -> Product<T> {
        let length = self.length();
        let cut = |part: usize| (length * part / of).next_multiple_of(GRID).min(length);
        let (start, count) = (cut(part), cut(part + 1) - cut(part));
        let whole = self.0;
        let result_at = |i, j| Strided {
            at: whole.result.at.wrapping_add(whole.result.place(i, j)),
            ..whole.result
        };
        match self.by_columns() {
            true => Product {
                columns: count,
                right: whole.right.from(0, start),
                added: whole.added.from(0, start),
                result: result_at(0, start),
                ..whole
            },
            false => Product {
                rows: count,
                left: whole.left.from(start, 0),
                added: whole.added.from(start, 0),
                result: result_at(start, 0),
                ..whole
            },
        }
    }
}
