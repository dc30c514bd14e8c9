//! Multiply matrices, with the same bits on every processor.
//!
//! **The bits.** An element of a product is one chain of fused multiply-adds, each rounded once: `s := +0`, then
//! `s := fma(a_iq, b_qj, s)` for `q = 0, 1, ..` in this order. Then `c_ij := alpha s`, or `c_ij := fma(alpha, s, beta d_ij)` with
//! `beta d_ij` rounded, `d` being what `c` held, or a bias, for which `beta` is 1. Registers, tiles and blocks divide elements
//! among them, never a chain, so nothing of a processor, a layout or the other rows and columns is in the bits of an element; any
//! part of a result is a product of its own.
//!
//! **The price.** With few elements there are few chains, and each waits for its last addition. A factor whose numbers lie along
//! the chain instead of along a register must be transposed, which costs most where it is used once: `aᵀ b` for one column `b`
//! takes up to twice the time of a library that adds in any order.
//!
//! **The way.** Rows of the result run along registers, or its columns if that takes less ([`Product::effort`]). [`blocks`]
//! cuts the result into tiles that fit the registers and copies factors to where they are read in order, [`tile`] is the
//! innermost loop. [`small`] is both in one, for products of a few registers, and [`outer`] does without where there is nothing to
//! sum.
#![allow(unsafe_code)] // pointers into matrices whose shapes were checked

mod blocks;
mod outer;
mod pack;
mod parts;
mod rooms;
mod small;
#[cfg(test)]
mod tests;
mod tile;

use super::lanes::{Instructions, Kernel, Lanes, Register};
use super::{Matrix, Operand, Scalar};
use crate::cost;

/// `c := alpha a b + beta c`. Where `beta` is 0, `c` is not read: what it held, NaN included, is gone.
///
/// The same bits on every processor, whatever the shape, and an element does not depend on other rows and columns than its own:
/// it is `fma(alpha, s, beta c_ij)`, or `alpha s` where `beta` is 0, of a sum `s` that starts from `+0` and takes on one product
/// after the other, `s := fma(a_iq, b_qj, s)`, each rounded once.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply<'a, T: Scalar>(alpha: T, a: Operand<'a, T>, b: Operand<'a, T>, beta: T, c: &mut Matrix<T>) {
    check(a, b, c);
    multiply_slice(alpha, a, b, beta, c.as_mut_slice());
}

/// As [`multiply`], into numbers that are a column-major matrix of the product's shape.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply_slice<'a, T: Scalar>(alpha: T, a: Operand<'a, T>, b: Operand<'a, T>, beta: T, c: &mut [T]) {
    let added = Strided::of(c, a.shape().0, false);
    compute(alpha, a, b, (beta, added), c);
}

/// `c := alpha a b + v 1ᵀ`: the column `v`, such as biases, is added to every column. What `c` held is gone.
///
/// The same bits as [`multiply`] with `beta` 1, if every column of `c` was `v` before.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply_plus<'a, T: Scalar>(alpha: T, a: Operand<'a, T>, b: Operand<'a, T>, v: &[T], c: &mut Matrix<T>) {
    let rows = c.nrows();
    assert!(v.len() == rows, "cannot add a column of {} to {rows} rows", v.len());
    let added = Strided {
        column_step: 0,
        ..Strided::of(v, rows, false)
    };
    check(a, b, c);
    compute(alpha, a, b, (T::ONE, added), c.as_mut_slice());
}

/// `c := a b + 1 vᵀ`: the row `v` is added to every row, and what `c` held is gone; `c` is a column-major matrix of the product's
/// shape. The same bits as [`multiply`] with `beta` 1, if every row of `c` was `v` before.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply_plus_row<'a, T: Scalar>(a: Operand<'a, T>, b: Operand<'a, T>, v: &[T], c: &mut [T]) {
    let columns = b.shape().1;
    assert!(
        v.len() == columns,
        "cannot add a row of {} to {columns} columns",
        v.len()
    );
    let added = Strided {
        row_step: 0,
        ..Strided::of(v, 1, false)
    };
    compute(T::ONE, a, b, (T::ONE, added), c);
}

/// # Panics
/// If the product has another shape than `c`.
fn check<T: Scalar>(a: Operand<'_, T>, b: Operand<'_, T>, c: &Matrix<T>) {
    let ((rows, depth), (depth_of_b, columns)) = (a.shape(), b.shape());
    assert!(
        c.shape() == (rows, columns),
        "cannot put the product of {rows}x{depth} and {depth_of_b}x{columns} into {}x{}",
        c.nrows(),
        c.ncols()
    );
}

/// `c := alpha a b + beta added`; `added` must have the shape of `c`, and is not read where `beta` is 0.
#[inline(always)]
fn compute<T: Scalar>(
    alpha: T,
    a: Operand<'_, T>,
    b: Operand<'_, T>,
    (beta, added): (T, Strided<*const T>),
    c: &mut [T],
) {
    let ((rows, depth), (depth_of_b, columns)) = (a.shape(), b.shape());
    assert!(
        depth == depth_of_b && c.len() == rows * columns,
        "cannot put the product of {rows}x{depth} and {depth_of_b}x{columns} into {} numbers",
        c.len()
    );
    cost::multiply_adds(rows * depth * columns);
    let view = |f: Operand<'_, T>| Strided::of(f.numbers, f.rows, f.transposed);
    let product = Product {
        rows,
        depth,
        columns,
        left: view(a),
        right: view(b),
        alpha,
        beta,
        added,
        result: Strided {
            at: c.as_mut_ptr(),
            row_step: 1,
            column_step: rows,
        },
    };
    // these lengths are those of the slices
    parts::compute(&product);
}

/// A matrix in memory: `(i, j)` is `i · row_step + j · column_step` numbers behind `at`.
#[derive(Clone, Copy)]
struct Strided<P> {
    at: P,
    row_step: usize,
    column_step: usize,
}

impl<T> Strided<*const T> {
    /// A dense column-major matrix of so many rows, or its transpose.
    #[inline(always)]
    fn of(numbers: &[T], rows: usize, transposed: bool) -> Self {
        let (row_step, column_step) = if transposed { (rows, 1) } else { (1, rows) };
        Self {
            at: numbers.as_ptr(),
            row_step,
            column_step,
        }
    }

    /// The part from row `i` and column `j` on.
    #[inline(always)]
    fn from(self, i: usize, j: usize) -> Self {
        let at = self.at.wrapping_add(self.place(i, j));
        Self { at, ..self }
    }
}

impl<P> Strided<P> {
    #[inline(always)]
    fn place(&self, i: usize, j: usize) -> usize {
        i * self.row_step + j * self.column_step
    }

    #[inline(always)]
    fn transposed(self) -> Self {
        Self {
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }
}

/// `result := alpha left right + beta added`, of `rows × depth` and `depth × columns`, all of them valid for these shapes.
#[derive(Clone, Copy)]
struct Product<T> {
    rows: usize,
    depth: usize,
    columns: usize,
    left: Strided<*const T>,
    right: Strided<*const T>,
    alpha: T,
    /// Where this is 0, `added` is not read.
    beta: T,
    added: Strided<*const T>,
    result: Strided<*mut T>,
}

impl<T: Scalar> Product<T> {
    /// The transposed result: the same chains, rows and columns exchanged.
    #[inline(always)]
    fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            left: self.right.transposed(),
            right: self.left.transposed(),
            added: self.added.transposed(),
            result: self.result.transposed(),
            ..self
        }
    }

    /// Whether neighbouring rows of the left factor lie apart, so that it must be transposed to run along registers.
    #[inline(always)]
    fn left_lies_across(&self) -> bool {
        self.rows > 1 && self.left.row_step != 1
    }

    /// Whether neighbouring rows lie apart in the result or in what is added: sums are transposed before they are finished.
    #[inline(always)]
    fn result_lies_across(&self) -> bool {
        self.rows > 1 && (self.result.row_step != 1 || self.beta != T::ZERO && self.added.row_step != 1)
    }

    /// About how long this takes, rows running along registers: in multiply-adds of a register, three quarters of one for every
    /// number that is moved to another place.
    #[inline(always)]
    fn effort(&self, lanes: usize) -> usize {
        let across = |lies: bool, numbers: usize| if lies { numbers * 3 / 4 } else { 0 };
        self.depth * self.columns * self.rows.div_ceil(lanes)
            + across(self.left_lies_across(), self.rows * self.depth)
            + across(self.result_lies_across(), self.rows * self.columns)
    }
}

/// A product whose shapes were checked.
struct Checked<'a, T>(&'a Product<T>);

impl<T: Scalar> Kernel for Checked<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let lanes = Register::<T, I>::COUNT;
        let turned = self.0.transposed().effort(lanes) < self.0.effort(lanes);
        // by value: what is stored might be a number of what stands behind a reference
        let product = if turned { self.0.transposed() } else { *self.0 };
        // SAFETY: the pointers of a product are valid for its shapes, and `dispatch` chose instructions that exist.
        unsafe {
            if product.depth == 1 && !product.result_lies_across() {
                outer::multiply::<T, Register<T, I>>(product);
            } else if small::is_small::<T, Register<T, I>>(&product) {
                small::multiply::<T, Register<T, I>>(product);
            } else {
                let product = self.0;
                I::run(Large { product, turned });
            }
        }
    }
}

/// A product, or the transposed one, that is cut into tiles: a function of its own, so that others do without its stack.
struct Large<'a, T> {
    product: &'a Product<T>,
    turned: bool,
}

impl<T: Scalar> Kernel for Large<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let turned = self.product.transposed();
        let product = if self.turned { &turned } else { self.product };
        // SAFETY: the pointers of a product are valid for its shapes, and `dispatch` chose instructions that exist.
        unsafe { blocks::multiply::<T, I>(product) }
    }
}
