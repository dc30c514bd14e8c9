//! Multiply a column by a row, as the update by one sample does: bound by memory, so each number is touched once, in order.

use super::Product;
use crate::linalg::Scalar;
use crate::linalg::lanes::Lanes;

/// Computes a product of depth 1 whose result lies along its columns.
///
/// # Safety
/// The instructions must exist.
#[inline(always)]
pub unsafe fn multiply<T: Scalar, L: Lanes<T>>(product: &Product<T>) {
    let whole = product.rows / L::COUNT * L::COUNT;
    // SAFETY: rows and columns stay inside the shapes.
    unsafe {
        let mask = L::mask(product.rows - whole);
        for j in 0..product.columns {
            let factor = L::splat(*product.right.from(0, j).at);
            let result = product.result.at.wrapping_add(product.result.place(0, j));
            let added = product.added.from(0, j).at;
            let mut i = 0;
            while i < whole {
                let old = Old::All(added.wrapping_add(i));
                finished(product, L::load(product.left.at.add(i)), factor, old).store(result.add(i));
                i += L::COUNT;
            }
            if i < product.rows {
                let old = Old::Some(added.wrapping_add(i), mask);
                finished(product, L::load_some(product.left.at.add(i), mask), factor, old)
                    .store_some(result.add(i), mask);
            }
        }
    }
}

/// Where a register of what is added lies, and which of its lanes exist.
enum Old<T, M> {
    All(*const T),
    Some(*const T, M),
}

/// What becomes of one register of the column.
#[inline(always)]
unsafe fn finished<T: Scalar, L: Lanes<T>>(product: &Product<T>, x: L, factor: L, old: Old<T, L::Mask>) -> L {
    // SAFETY: as in `multiply`, of which this is a part.
    unsafe {
        let sum = x.multiply_add(factor, L::splat(T::ZERO));
        let alpha = L::splat(product.alpha);
        if product.beta == T::ZERO {
            return alpha.multiply(sum);
        }
        let old = match old {
            Old::All(from) => L::load(from),
            Old::Some(from, mask) => L::load_some(from, mask),
        };
        alpha.multiply_add(sum, L::splat(product.beta).multiply(old))
    }
}
