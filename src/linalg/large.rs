//! Multiply large matrices with the `faer` crate.
#![allow(unsafe_code)] // pointers into matrices whose shapes were checked, and one instruction

use super::{Matrix, Operand, Scalar};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use std::cell::RefCell;

/// `c := alpha a b + c`, or `c := alpha a b` if what `c` holds is to be replaced, for checked shapes.
pub fn multiply<T: Scalar>(alpha: T, a: Operand<'_, T>, b: Operand<'_, T>, accumulate: Accum, c: &mut Matrix<T>) {
    let (rows, columns) = c.shape();
    // SAFETY: a dense column-major matrix of this shape, borrowed uniquely until the product is done.
    let to = unsafe { MatMut::from_raw_parts_mut(c.as_mut_slice().as_mut_ptr(), rows, columns, 1, rows as isize) };
    if is_crowded(a.matrix) {
        spread_out(alpha, a, view(b), accumulate, to);
    } else {
        matmul(to, accumulate, view(a), view(b), alpha, Par::Seq);
    }
    clear_upper_halves();
}

fn view<T: Scalar>(factor: Operand<'_, T>) -> MatRef<'_, T> {
    let (rows, columns) = factor.matrix.shape();
    // SAFETY: a dense column-major matrix of this shape, borrowed as long as the view.
    let view = unsafe { MatRef::from_raw_parts(factor.matrix.as_slice().as_ptr(), rows, columns, 1, rows as isize) };
    if factor.transposed { view.transpose() } else { view }
}

/// Columns whose starts are a multiple of this many bytes apart fall into few sets of a cache and push each other out of it.
const CROWDED: usize = 4096;
/// Bytes of the columns that are spread out at once: they stay in a second-level cache until they are used.
const BLOCK: usize = 1 << 18;
/// Bytes between the end of a column and the start of the next, once spread out: a cache line or two.
const GAP: usize = 128;

fn is_crowded<T>(matrix: &Matrix<T>) -> bool {
    let bytes = matrix.nrows() * size_of::<T>();
    bytes.is_multiple_of(CROWDED) && bytes * matrix.ncols() >= 4 * BLOCK
}

thread_local! {
    /// Room for a block of columns, kept from product to product.
    static ROOM: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The product by blocks of columns of the left matrix, each copied to where its columns lie apart. One pass over the matrix
/// is far less than what a kernel loses that reads crowded columns again and again.
fn spread_out<T: Scalar>(alpha: T, a: Operand<'_, T>, b: MatRef<'_, T>, accumulate: Accum, mut c: MatMut<'_, T>) {
    let rows = a.matrix.nrows();
    let step = rows + GAP / size_of::<T>();
    let at_once = (BLOCK / (rows * size_of::<T>())).max(1);
    ROOM.with_borrow_mut(|room| {
        room.resize((step * at_once * size_of::<T>()).div_ceil(size_of::<u64>()), 0);
        let room = room.as_mut_ptr().cast::<T>();
        for (i, block) in a.matrix.as_slice().chunks(rows * at_once).enumerate() {
            let (first, count) = (i * at_once, block.len() / rows);
            for (j, column) in block.chunks_exact(rows).enumerate() {
                // SAFETY: the room holds `at_once` columns that start `step` numbers apart; `u64` is aligned for either scalar.
                unsafe { room.add(j * step).copy_from_nonoverlapping(column.as_ptr(), rows) }
            }
            // SAFETY: `count` columns were just written, and stay as they are until the product is done.
            let apart = unsafe { MatRef::from_raw_parts(room.cast_const(), rows, count, 1, step as isize) };
            if a.transposed {
                let to = c.as_mut().subrows_mut(first, count);
                matmul(to, accumulate, apart.transpose(), b, alpha, Par::Seq);
            } else {
                // blocks of products are added up
                let accumulate = if first == 0 { accumulate } else { Accum::Add };
                matmul(c.as_mut(), accumulate, apart, b.subrows(first, count), alpha, Par::Seq);
            }
        }
    });
}

/// `faer` leaves the upper halves of vector registers dirty, which slows down later scalar code of a baseline build.
fn clear_upper_halves() {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx")]
        fn clear() {
            std::arch::x86_64::_mm256_zeroupper();
        }
        if is_x86_feature_detected!("avx") {
            // SAFETY: the instruction exists.
            unsafe { clear() }
        }
    }
}
