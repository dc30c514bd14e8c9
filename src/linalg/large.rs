//! Multiply large matrices with the `faer` crate.
#![allow(unsafe_code)] // pointers into matrices whose shapes were checked, and one instruction

use super::product::Operand;
use super::{Matrix, Scalar};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// `c := alpha a b + c`, or `c := alpha a b` if what `c` holds is to be replaced, for checked shapes.
pub fn multiply<T: Scalar>(alpha: T, a: Operand<'_, T>, b: Operand<'_, T>, accumulate: Accum, c: &mut Matrix<T>) {
    let (rows, columns) = c.shape();
    // SAFETY: a dense column-major matrix of this shape, borrowed uniquely until the product is done.
    let to = unsafe { MatMut::from_raw_parts_mut(c.as_mut_slice().as_mut_ptr(), rows, columns, 1, rows as isize) };
    matmul(to, accumulate, view(a), view(b), alpha, Par::Seq);
    clear_upper_halves();
}

fn view<T: Scalar>(factor: Operand<'_, T>) -> MatRef<'_, T> {
    let (rows, columns) = factor.matrix.shape();
    // SAFETY: a dense column-major matrix of this shape, borrowed as long as the view.
    let view = unsafe { MatRef::from_raw_parts(factor.matrix.as_slice().as_ptr(), rows, columns, 1, rows as isize) };
    if factor.transposed { view.transpose() } else { view }
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
