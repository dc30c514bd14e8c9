//! Multiply small matrices with little overhead and the same bits everywhere.
//!
//! An element is summed over blocks of four products, `(a0 b0 + a1 b1) + (a2 b2 + a3 b3)`, then the up to three products that are
//! left; after every [`DEPTH`] products the sum is put into `c`. So the bits of an element depend on its row, its column and the
//! factors, not on how many rows or columns are multiplied, nor on the processor.
#![allow(unsafe_code)] // pointers into matrices whose shapes were checked

use super::Scalar;
use super::lanes::{InLanes, Instructions, Kernel, Lanes, dispatch, load_part, put_part};
use std::mem::MaybeUninit;

/// Products that are summed before they are put into the result.
const DEPTH: usize = 64;
/// Bytes of the copy of a strip of a transposed left factor: two registers wide and [`DEPTH`] deep.
const STRIP_BYTES: usize = 2 * 64 * DEPTH;

/// `c := alpha a b + beta c`: `a` is `m × k`, `b` is `k × n`, `c` is `m × n`, all of them dense.
pub struct SmallProduct<'a, T> {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub alpha: T,
    pub a: SmallFactor<'a, T>,
    pub b: SmallFactor<'a, T>,
    pub beta: T,
    pub c: &'a mut [T],
}

/// The numbers of a factor, column by column, or row by row if it is transposed.
pub struct SmallFactor<'a, T> {
    pub numbers: &'a [T],
    pub transposed: bool,
}

impl<T> SmallFactor<'_, T> {
    fn turned(self) -> Self {
        Self {
            transposed: !self.transposed,
            ..self
        }
    }
}

impl<T: Scalar> SmallProduct<'_, T> {
    /// Computes it.
    #[inline(always)]
    pub fn compute(self) {
        let mut p = self;
        assert!(p.a.numbers.len() == p.m * p.k && p.b.numbers.len() == p.k * p.n && p.c.len() == p.m * p.n);
        if p.m == 1 {
            // A row lies together like a column: `cᵀ = bᵀ aᵀ`, the same products in the same order.
            let (a, b) = (p.b.turned(), p.a.turned());
            p = SmallProduct {
                m: p.n,
                n: 1,
                a,
                b,
                ..p
            };
        }
        match (p.a.transposed, p.b.transposed) {
            (false, false) => dispatch(OrientedProduct::<T, false, false>(p)),
            (false, true) => dispatch(OrientedProduct::<T, false, true>(p)),
            (true, false) => dispatch(OrientedProduct::<T, true, false>(p)),
            (true, true) => dispatch(OrientedProduct::<T, true, true>(p)),
        }
    }
}

/// A product of which it is known at compile time which factors are transposed; the lengths were checked.
struct OrientedProduct<'a, T, const A_TRANSPOSED: bool, const B_TRANSPOSED: bool>(SmallProduct<'a, T>);

impl<T: Scalar, const A_TRANSPOSED: bool, const B_TRANSPOSED: bool> Kernel
    for OrientedProduct<'_, T, A_TRANSPOSED, B_TRANSPOSED>
{
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        // SAFETY: the lengths were checked, and `dispatch` chose instructions that exist.
        unsafe { multiply::<T, <T as InLanes>::Lanes<I>, A_TRANSPOSED, B_TRANSPOSED>(self.0) }
    }
}

#[inline(always)]
unsafe fn multiply<T: Scalar, L: Lanes<T>, const A_TRANSPOSED: bool, const B_TRANSPOSED: bool>(p: SmallProduct<'_, T>) {
    let mut strip = MaybeUninit::<[u64; STRIP_BYTES / 8]>::uninit();
    let strip = strip.as_mut_ptr().cast::<T>();
    let mut row = 0;
    while row < p.m {
        let rows = (p.m - row).min(2 * L::COUNT);
        let mut depth = 0;
        while depth < p.k {
            let part = (p.k - depth).min(DEPTH);
            // SAFETY: rows, columns and depth stay below the shape; the strip holds 2 · COUNT numbers for each of DEPTH products,
            // and the lanes that are read are those that were written.
            unsafe {
                let (a, a_step) = if A_TRANSPOSED {
                    transpose::<T, L>(
                        p.a.numbers.as_ptr().add(row * p.k + depth),
                        p.k,
                        rows,
                        part,
                        strip,
                        2 * L::COUNT,
                    );
                    (strip.cast_const(), 2 * L::COUNT)
                } else {
                    (p.a.numbers.as_ptr().add(row + depth * p.m), p.m)
                };
                let b = p.b.numbers.as_ptr().add(if B_TRANSPOSED { depth * p.n } else { depth });
                let left = Left { a, a_step, depth: part };
                let right = Right {
                    b,
                    b_step: if B_TRANSPOSED { p.n } else { p.k },
                };
                let beta = if depth == 0 { p.beta } else { T::ONE };
                let to = Destination {
                    alpha: p.alpha,
                    beta,
                    c: p.c.as_mut_ptr().add(row),
                    rows: p.m,
                };
                if rows > L::COUNT {
                    columns::<T, L, 2, B_TRANSPOSED>(left, right, to, p.n, L::mask(rows - L::COUNT));
                } else {
                    columns::<T, L, 1, B_TRANSPOSED>(left, right, to, p.n, L::mask(rows));
                }
            }
            depth += part;
        }
        row += rows;
    }
}

/// Some rows of the left factor: the number for a row `i` and a product `q` is at `i + q · a_step`.
#[derive(Clone, Copy)]
struct Left<T> {
    a: *const T,
    a_step: usize,
    depth: usize,
}

/// The right factor: the number for a product `q` and a column `j` is at `q + j · b_step`, or `j + q · b_step` if transposed.
#[derive(Clone, Copy)]
struct Right<T> {
    b: *const T,
    b_step: usize,
}

/// Where the same rows of the result go.
#[derive(Clone, Copy)]
struct Destination<T> {
    alpha: T,
    beta: T,
    c: *mut T,
    rows: usize,
}

/// All columns of a strip of `R` registers of rows, of which the last has the lanes of `last`.
#[inline(always)]
unsafe fn columns<T: Scalar, L: Lanes<T>, const R: usize, const B_TRANSPOSED: bool>(
    left: Left<T>,
    right: Right<T>,
    to: Destination<T>,
    n: usize,
    last: L::Mask,
) {
    // SAFETY: column numbers stay below n.
    let from = |j: usize| unsafe {
        let at = if B_TRANSPOSED { j } else { j * right.b_step };
        let (b, c) = (right.b.add(at), to.c.add(j * to.rows));
        (Right { b, ..right }, Destination { c, ..to })
    };
    let mut j = 0;
    // SAFETY: the caller's pointers are valid for all columns.
    unsafe {
        while j + 4 <= n {
            let (right, to) = from(j);
            tile::<T, L, R, 4, B_TRANSPOSED>(left, right, to, last);
            j += 4;
        }
        while j < n {
            let (right, to) = from(j);
            tile::<T, L, R, 1, B_TRANSPOSED>(left, right, to, last);
            j += 1;
        }
    }
}

/// `R` registers of rows times `C` columns.
#[inline(always)]
unsafe fn tile<T: Scalar, L: Lanes<T>, const R: usize, const C: usize, const B_TRANSPOSED: bool>(
    left: Left<T>,
    right: Right<T>,
    to: Destination<T>,
    last: L::Mask,
) {
    // SAFETY: the caller's pointers are valid for these rows, products and columns.
    unsafe {
        let a = |q: usize| -> [L; R] {
            let from = left.a.add(q * left.a_step);
            std::array::from_fn(|r| load_part::<T, L, R>(from, r, last))
        };
        let b = |q: usize, j: usize| {
            L::splat(*right.b.add(if B_TRANSPOSED {
                j + q * right.b_step
            } else {
                q + j * right.b_step
            }))
        };
        let mut sums = [[L::splat(T::ZERO); R]; C];
        let mut q = 0;
        while q + 4 <= left.depth {
            let a = [a(q), a(q + 1), a(q + 2), a(q + 3)];
            for (j, sums) in sums.iter_mut().enumerate() {
                let b = [b(q, j), b(q + 1, j), b(q + 2, j), b(q + 3, j)];
                for (r, sum) in sums.iter_mut().enumerate() {
                    let first = a[0][r].multiply(b[0]).add(a[1][r].multiply(b[1]));
                    let second = a[2][r].multiply(b[2]).add(a[3][r].multiply(b[3]));
                    *sum = sum.add(first.add(second));
                }
            }
            q += 4;
        }
        while q < left.depth {
            let a = a(q);
            for (j, sums) in sums.iter_mut().enumerate() {
                let b = b(q, j);
                for (r, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.add(a[r].multiply(b));
                }
            }
            q += 1;
        }
        let alpha = L::splat(to.alpha);
        for (j, sums) in sums.into_iter().enumerate() {
            let c = to.c.add(j * to.rows);
            for (r, sum) in sums.into_iter().enumerate() {
                put_part::<T, L, R>(alpha.multiply(sum), to.beta, c, r, last);
            }
        }
    }
}

/// `to_ij := from_ji` for `rows × columns` numbers, where neighbours in a row of `from` lie together.
#[inline(always)]
unsafe fn transpose<T: Scalar, L: Lanes<T>>(
    from: *const T,
    from_step: usize,
    rows: usize,
    columns: usize,
    to: *mut T,
    to_step: usize,
) {
    let (tall_rows, whole_rows, whole_columns) = (rows / L::TALL * L::TALL, rows / 4 * 4, columns / 4 * 4);
    // SAFETY: the caller's pointers are valid for these rows and columns.
    let one = |i: usize, q: usize| unsafe { *to.add(i + q * to_step) = *from.add(q + i * from_step) };
    for q in (0..whole_columns).step_by(4) {
        for i in (0..tall_rows).step_by(L::TALL) {
            // SAFETY: the same.
            unsafe { L::transpose_tall_block(from.add(q + i * from_step), from_step, to.add(i + q * to_step), to_step) }
        }
        for i in (tall_rows..whole_rows).step_by(4) {
            // SAFETY: the same.
            unsafe { T::transpose_block(from.add(q + i * from_step), from_step, to.add(i + q * to_step), to_step) }
        }
        for i in whole_rows..rows {
            (q..q + 4).for_each(|q| one(i, q));
        }
    }
    for q in whole_columns..columns {
        (0..rows).for_each(|i| one(i, q));
    }
}
