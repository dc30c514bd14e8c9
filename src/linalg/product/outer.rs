//! Multiply a column by a row, as the update by one sample does: there is nothing to sum, each number is touched once.

use super::Product;
use super::tile::prefetch;
use crate::linalg::Scalar;
use crate::linalg::lanes::Lanes;

/// Registers ahead of the present one whose place in the result is fetched.
const AHEAD: usize = 16;

/// Computes a product of depth 1 whose result does not lie across.
///
/// # Safety
/// The instructions must exist.
#[inline(always)]
pub unsafe fn multiply<T: Scalar, L: Lanes<T>>(product: Product<T>) {
    // SAFETY: the caller's promise.
    unsafe {
        if product.beta == T::ZERO {
            all_columns::<T, L, false>(product);
        } else {
            all_columns::<T, L, true>(product);
        }
    }
}

/// `ADD`: something is added.
#[inline(always)]
unsafe fn all_columns<T: Scalar, L: Lanes<T>, const ADD: bool>(product: Product<T>) {
    // SAFETY: the caller's promise.
    unsafe {
        match product.rows.div_ceil(L::COUNT) {
            1 => in_registers::<T, L, 1, ADD>(product),
            2 => in_registers::<T, L, 2, ADD>(product),
            3 => in_registers::<T, L, 3, ADD>(product),
            4 => in_registers::<T, L, 4, ADD>(product),
            _ => one_by_one::<T, L, ADD>(product),
        }
    }
}

/// A column that stays in `R` registers.
#[inline(always)]
unsafe fn in_registers<T: Scalar, L: Lanes<T>, const R: usize, const ADD: bool>(product: Product<T>) {
    // SAFETY: so many registers hold the rows, and columns stay inside the shapes.
    unsafe {
        let mask = L::mask(product.rows - (R - 1) * L::COUNT);
        let mut rows = [L::splat(T::ZERO); R];
        for (r, row) in rows.iter_mut().enumerate() {
            *row = load::<T, L>(product.left.at.add(r * L::COUNT), (r + 1 == R).then_some(mask));
        }
        for j in 0..product.columns {
            for (r, row) in rows.iter().enumerate() {
                put::<T, L, ADD>(product, *row, (r * L::COUNT, j), (r + 1 == R).then_some(mask));
            }
        }
    }
}

/// A long column: memory is the limit, and likes the order in which the result lies.
#[inline(always)]
unsafe fn one_by_one<T: Scalar, L: Lanes<T>, const ADD: bool>(product: Product<T>) {
    let whole = product.rows / L::COUNT * L::COUNT;
    // SAFETY: rows and columns stay inside the shapes.
    unsafe {
        let mask = L::mask(product.rows - whole);
        for j in 0..product.columns {
            let mut i = 0;
            while i < whole {
                if !ADD {
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
unsafe fn put<T: Scalar, L: Lanes<T>, const ADD: bool>(
    product: Product<T>,
    row: L,
    (i, j): (usize, usize),
    mask: Option<L::Mask>,
) {
    // SAFETY: the caller's row and column are inside the shapes.
    unsafe {
        let sum = row.multiply_add(L::splat(*product.right.from(0, j).at), L::splat(T::ZERO));
        let alpha = L::splat(product.alpha);
        let value = if ADD {
            let added = load::<T, L>(product.added.from(i, j).at, mask);
            alpha.multiply_add(sum, L::splat(product.beta).multiply(added))
        } else {
            alpha.multiply(sum)
        };
        let to = product.result.at.wrapping_add(product.result.place(i, j));
        match mask {
            Some(mask) => value.store_some(to, mask),
            None => value.store(to),
        }
    }
}
