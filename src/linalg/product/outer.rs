//! Multiply a column by a row, as the update by one sample does: there is nothing to sum, each number is touched once.

use super::Product;
use super::tile::prefetch;
use crate::linalg::Scalar;
use crate::linalg::lanes::Lanes;

/// Registers ahead of the present one whose place in the result is fetched.
const AHEAD: usize = 16;

/// Columns of the result that are finished before the next ones.
const TOGETHER: usize = 64;

/// What is added to a product: nothing, ..
const NOTHING: u8 = 0;
/// .. numbers as they are, ..
const WHOLE: u8 = 1;
/// .. or `beta` times them.
const SCALED: u8 = 2;

/// Computes a product of depth 1 whose result does not lie across.
///
/// # Safety
/// The instructions must exist.
#[inline(always)]
pub unsafe fn multiply<T: Scalar, L: Lanes<T>>(product: Product<T>) {
    // SAFETY: the caller's promise.
    unsafe {
        if product.beta == T::ZERO {
            all_columns::<T, L, NOTHING>(product);
        } else if product.beta == T::ONE {
            all_columns::<T, L, WHOLE>(product);
        } else {
            all_columns::<T, L, SCALED>(product);
        }
    }
}

#[inline(always)]
unsafe fn all_columns<T: Scalar, L: Lanes<T>, const ADD: u8>(product: Product<T>) {
    let registers = product.rows / L::COUNT;
    if registers > 4 {
        // SAFETY: the caller's promise.
        return unsafe { one_by_one::<T, L, ADD>(product) };
    }
    for first in (0..product.columns).step_by(TOGETHER) {
        let columns = (first, product.columns.min(first + TOGETHER));
        // SAFETY: the caller's promise; rows and columns are inside the shapes.
        unsafe {
            match registers {
                0 => {}
                1 => in_registers::<T, L, 1, ADD>(product, 0, columns),
                2 => in_registers::<T, L, 2, ADD>(product, 0, columns),
                3 => in_registers::<T, L, 3, ADD>(product, 0, columns),
                _ => in_registers::<T, L, 4, ADD>(product, 0, columns),
            }
            // the rows of a last register that is not full, in pieces that are: halves of it, and halves of these
            let mut row = registers * L::COUNT;
            if L::COUNT > 8 && product.rows & 8 != 0 {
                in_registers::<T, [T; 8], 1, ADD>(product, row, columns);
                row += 8;
            }
            if L::COUNT > 4 && product.rows & 4 != 0 {
                in_registers::<T, [T; 4], 1, ADD>(product, row, columns);
                row += 4;
            }
            if L::COUNT > 2 && product.rows & 2 != 0 {
                in_registers::<T, [T; 2], 1, ADD>(product, row, columns);
                row += 2;
            }
            if product.rows & 1 != 0 {
                in_registers::<T, [T; 1], 1, ADD>(product, row, columns);
            }
        }
    }
}

/// `R` registers of the column, from `row` on, times some numbers of the row.
#[inline(always)]
unsafe fn in_registers<T: Scalar, L: Lanes<T>, const R: usize, const ADD: u8>(
    product: Product<T>,
    row: usize,
    (first, end): (usize, usize),
) {
    // SAFETY: these registers and columns are inside the shapes.
    unsafe {
        let mut rows = [L::splat(T::ZERO); R];
        for (r, register) in rows.iter_mut().enumerate() {
            *register = L::load(product.left.at.add(row + r * L::COUNT));
        }
        for j in first..end {
            for (r, register) in rows.iter().enumerate() {
                put::<T, L, ADD>(product, *register, (row + r * L::COUNT, j), None);
            }
        }
    }
}

/// A long column: memory is the limit, and likes the order in which the result lies.
#[inline(always)]
unsafe fn one_by_one<T: Scalar, L: Lanes<T>, const ADD: u8>(product: Product<T>) {
    let whole = product.rows / L::COUNT * L::COUNT;
    // SAFETY: rows and columns stay inside the shapes.
    unsafe {
        let mask = L::mask(product.rows - whole);
        for j in 0..product.columns {
            let mut i = 0;
            while i < whole {
                if ADD == NOTHING {
                    // what is read is fetched without being asked for
                    let ahead = product.result.place(i, j) + AHEAD * L::COUNT;
                    prefetch(product.result.at.wrapping_add(ahead).cast_const());
                }
                put::<T, L, ADD>(product, L::load(product.left.at.add(i)), (i, j), None);
                i += L::COUNT;
            }
            if i < product.rows {
                let row = L::load_some(product.left.at.add(i), mask);
                put::<T, L, ADD>(product, row, (i, j), Some(mask));
            }
        }
    }
}

/// All lanes, or those of a mask.
#[inline(always)]
unsafe fn load<T: Scalar, L: Lanes<T>>(from: *const T, mask: Option<L::Mask>) -> L {
    // SAFETY: the caller's pointer is valid for these lanes.
    unsafe {
        match mask {
            Some(mask) => L::load_some(from, mask),
            None => L::load(from),
        }
    }
}

/// Makes what stands in one register of the result from a register of the column.
#[inline(always)]
unsafe fn put<T: Scalar, L: Lanes<T>, const ADD: u8>(
    product: Product<T>,
    row: L,
    (i, j): (usize, usize),
    mask: Option<L::Mask>,
) {
    // SAFETY: the caller's row and column are inside the shapes.
    unsafe {
        let sum = row.multiply_add(L::splat(*product.right.from(0, j).at), L::splat(T::ZERO));
        let alpha = L::splat(product.alpha);
        let value = if ADD == NOTHING {
            alpha.multiply(sum)
        } else {
            let added = load::<T, L>(product.added.from(i, j).at, mask);
            let added = match ADD {
                WHOLE => added,
                _ => L::splat(product.beta).multiply(added),
            };
            alpha.multiply_add(sum, added)
        };
        let to = product.result.at.wrapping_add(product.result.place(i, j));
        match mask {
            Some(mask) => value.store_some(to, mask),
            None => value.store(to),
        }
    }
}
