//! Lay numbers out in the order in which tiles read them, or results in the order in which they stand.

use super::{Product, Strided};
use crate::linalg::Scalar;
use crate::linalg::lanes::Lanes;

/// `to_ij := from_ji` for `rows × columns` numbers, where neighbours in a row of `from` lie together, and neighbours in a column of
/// `to`.
///
/// # Safety
/// The instructions must exist, and pointers be valid for these rows and columns.
#[inline(always)]
pub unsafe fn transpose<T: Scalar, L: Lanes<T>>(
    from: *const T,
    from_step: usize,
    rows: usize,
    columns: usize,
    to: *mut T,
    to_step: usize,
) {
    let (high, wide) = L::BLOCK;
    // SAFETY: the caller's pointers are valid for these rows and columns, and blocks end inside them.
    unsafe {
        if rows < high || columns < wide {
            for i in 0..rows {
                for q in 0..columns {
                    *to.add(i + q * to_step) = *from.add(q + i * from_step);
                }
            }
            return;
        }
        // along a row first: neighbouring numbers of a cache line are used at once, wherever the rows lie
        for i in (0..rows).step_by(high) {
            // a last block that would not end inside goes over numbers again instead
            let i = i.min(rows - high);
            for q in (0..columns).step_by(wide) {
                let q = q.min(columns - wide);
                L::transpose(from.add(q + i * from_step), from_step, to.add(i + q * to_step), to_step);
            }
        }
    }
}

/// Copies `width` neighbouring columns of a factor whose rows lie together, row after row.
///
/// # Safety
/// The pointers must be valid for `depth` rows of so many columns.
#[inline(always)]
pub unsafe fn put_side_by_side<T: Scalar>(from: Strided<*const T>, depth: usize, width: usize, to: *mut T) {
    // SAFETY: the caller's promise.
    unsafe {
        // by widths that are known: a copy of unknown length is a call
        match width {
            8 => copy_rows::<T, 8>(from, depth, to),
            6 => copy_rows::<T, 6>(from, depth, to),
            4 => copy_rows::<T, 4>(from, depth, to),
            2 => copy_rows::<T, 2>(from, depth, to),
            1 => copy_rows::<T, 1>(from, depth, to),
            _ => unreachable!("no tile is {width} columns wide"),
        }
    }
}

#[inline(always)]
unsafe fn copy_rows<T: Scalar, const WIDTH: usize>(from: Strided<*const T>, depth: usize, to: *mut T) {
    for q in 0..depth {
        // SAFETY: the caller's pointers are valid for all rows.
        unsafe {
            let row = from.at.add(q * from.row_step).cast::<[T; WIDTH]>().read_unaligned();
            to.add(q * WIDTH).cast::<[T; WIDTH]>().write_unaligned(row);
        }
    }
}

/// Finishes sums, `rows × columns` of them at `sums`, and puts them into a result, or a part of one, that lies across.
///
/// # Safety
/// The instructions must exist, and all pointers be valid for these rows and columns.
#[inline(always)]
pub unsafe fn finish_across<T: Scalar, L: Lanes<T>>(
    part: &Product<T>,
    sums: *const T,
    step: usize,
    [rows, columns]: [usize; 2],
) {
    // SAFETY: the caller's pointers are valid.
    unsafe {
        if part.beta == T::ZERO && part.alpha == T::ONE {
            return transpose::<T, L>(sums, step, columns, rows, part.result.at, part.result.row_step);
        }
        for i in 0..rows {
            for j in 0..columns {
                let sum = *sums.add(i + j * step);
                *part.result.at.add(part.result.place(i, j)) = if part.beta == T::ZERO {
                    part.alpha * sum
                } else {
                    part.alpha.mul_add(sum, part.beta * *part.added.from(i, j).at)
                };
            }
        }
    }
}
