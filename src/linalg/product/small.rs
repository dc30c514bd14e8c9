//! Multiply matrices so small that to prepare tiles would take as long as to compute them.

use super::pack::transpose;
use super::rooms::ROOMS;
use super::{Product, Strided};
use crate::linalg::Scalar;
use crate::linalg::lanes::Lanes;

/// Registers of rows that this takes.
const REGISTERS: usize = 2;
/// Bytes of a left factor, in whole registers, that this takes.
const BYTES: usize = 1 << 12;

/// Whether a product is one of these.
#[inline(always)]
pub fn is_small<T: Scalar, L: Lanes<T>>(product: &Product<T>) -> bool {
    let registers = product.rows.div_ceil(L::COUNT);
    let bytes = registers * L::COUNT * product.depth * size_of::<T>();
    let lies_along = product.rows == 1 || product.result.row_step == 1;
    // along registers, or one number for all rows
    let is_added = product.rows == 1 || product.beta == T::ZERO || product.added.row_step <= 1;
    (1..=REGISTERS).contains(&registers) && bytes <= BYTES && lies_along && is_added
}

/// Computes a product that [`is_small`].
///
/// # Safety
/// The instructions must exist.
#[inline(always)]
pub unsafe fn multiply<T: Scalar, L: Lanes<T>>(mut product: Product<T>) {
    if product.left_lies_across() {
        let step = product.rows.next_multiple_of(L::COUNT);
        // nothing else asks for room before the product is finished
        let copy = ROOMS.with_borrow_mut(|rooms| rooms.left.of(step * product.depth));
        let (from, from_step) = (product.left.at, product.left.row_step);
        // SAFETY: the instructions exist, the factor has these rows and products, and there is room for a copy.
        unsafe { transpose::<T, L>(from, from_step, product.rows, product.depth, copy, step) }
        product.left = Strided {
            at: copy.cast_const(),
            row_step: 1,
            column_step: step,
        };
    }
    // SAFETY: the caller's promise; so many registers hold the rows.
    unsafe {
        match (product.rows.div_ceil(L::COUNT), product.rows % L::COUNT) {
            (..=1, 0) => all_columns::<T, L, 1, true>(product),
            (..=1, _) => all_columns::<T, L, 1, false>(product),
            (_, 0) => all_columns::<T, L, REGISTERS, true>(product),
            (_, _) => all_columns::<T, L, REGISTERS, false>(product),
        }
    }
}

/// Rows in `R` registers, the last of which may not be `FULL`.
#[inline(always)]
unsafe fn all_columns<T: Scalar, L: Lanes<T>, const R: usize, const FULL: bool>(product: Product<T>) {
    let mut column = 0;
    // SAFETY: the caller's promise, and the columns are inside the shapes.
    unsafe {
        // enough chains side by side to hide how long an addition takes, wherever there are enough
        while R == 1 && column + 8 <= product.columns {
            tile::<T, L, R, 8, FULL>(product, column);
            column += 8;
        }
        while column + 4 <= product.columns {
            tile::<T, L, R, 4, FULL>(product, column);
            column += 4;
        }
        while column + 2 <= product.columns {
            tile::<T, L, R, 2, FULL>(product, column);
            column += 2;
        }
        if column < product.columns {
            tile::<T, L, R, 1, FULL>(product, column);
        }
    }
}

/// These rows times `C` columns, from this one on.
#[inline(always)]
unsafe fn tile<T: Scalar, L: Lanes<T>, const R: usize, const C: usize, const FULL: bool>(
    product: Product<T>,
    column: usize,
) {
    let Product { rows, left, beta, .. } = product;
    let right = product.right.from(0, column);
    // SAFETY: rows, products and columns are inside the shapes, and only rows that exist are read.
    unsafe {
        let mask = L::mask(rows - (R - 1) * L::COUNT);
        let mut sums = [[L::splat(T::ZERO); R]; C];
        for q in 0..product.depth {
            let mut factors = [L::splat(T::ZERO); R];
            for (r, factor) in factors.iter_mut().enumerate() {
                let from = left.at.add(q * left.column_step + r * L::COUNT);
                *factor = if FULL || r + 1 < R {
                    L::load(from)
                } else {
                    L::load_some(from, mask)
                };
            }
            for (j, sums) in sums.iter_mut().enumerate() {
                let number = L::splat(*right.at.add(right.place(q, j)));
                for (factor, sum) in factors.iter().zip(sums) {
                    *sum = factor.multiply_add(number, *sum);
                }
            }
        }
        // what is written beyond the last row of a column is the next column's, which is written after it
        let is_dense = product.result.column_step == rows && (beta == T::ZERO || product.added.column_step == 0);
        let end = (column + C - 1) * rows + R * L::COUNT;
        if FULL || is_dense && end <= rows * product.columns {
            put::<T, L, R, C, true>(product, &sums, column, mask);
        } else {
            put::<T, L, R, C, false>(product, &sums, column, mask);
        }
    }
}

/// Finishes sums and puts them into their columns: `WHOLE` registers, or the rows that exist alone.
#[inline(always)]
unsafe fn put<T: Scalar, L: Lanes<T>, const R: usize, const C: usize, const WHOLE: bool>(
    product: Product<T>,
    sums: &[[L; R]; C],
    column: usize,
    mask: L::Mask,
) {
    // SAFETY: the caller's columns and rows are inside the shapes; whole registers end inside them too.
    unsafe {
        let (alpha, beta) = (L::splat(product.alpha), L::splat(product.beta));
        for (j, sums) in sums.iter().enumerate() {
            for (r, sum) in sums.iter().enumerate() {
                let (row, j, is_last) = (r * L::COUNT, column + j, r + 1 == R);
                let value = if product.beta == T::ZERO {
                    alpha.multiply(*sum)
                } else {
                    let added = product.added.from(row, j).at;
                    let added = if product.added.row_step == 0 {
                        L::splat(*added)
                    } else if is_last {
                        L::load_some(added, mask)
                    } else {
                        L::load(added)
                    };
                    alpha.multiply_add(*sum, beta.multiply(added))
                };
                let to = product.result.at.wrapping_add(product.result.place(row, j));
                if WHOLE || !is_last {
                    value.store(to);
                } else {
                    value.store_some(to, mask);
                }
            }
        }
    }
}
