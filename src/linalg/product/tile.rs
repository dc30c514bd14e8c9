//! Compute a tile of a product in registers: the innermost loop.

use super::Strided;
use crate::linalg::Scalar;
use crate::linalg::lanes::{Instructions, Kernel, Lanes, Register};

/// Neighbouring rows of the left factor: those for product `q` lie together from `at + q · step` on.
#[derive(Clone, Copy)]
pub struct LeftRows<T> {
    pub at: *const T,
    pub step: usize,
    /// Rows that exist; the last register may not be full.
    pub rows: usize,
    /// Where [`COPIED`] puts them, in whole registers.
    pub copy: *mut T,
}

/// Unfinished sums, in whole registers, a column every `step` numbers.
#[derive(Clone, Copy)]
pub struct Unfinished<T> {
    pub at: *mut T,
    pub step: usize,
    /// Whether the sums go on from those there; otherwise from `+0`.
    pub continued: bool,
    /// Whether they are put there again; otherwise they are finished.
    pub put_aside: bool,
}

/// What becomes of finished sums: `result := alpha sum + beta added`. Their columns start every so many numbers.
#[derive(Clone, Copy)]
pub struct Ending<T> {
    pub alpha: T,
    /// Where this is 0, `added` is not read.
    pub beta: T,
    pub added: *const T,
    pub added_step: usize,
    pub result: *mut T,
    pub result_step: usize,
}

/// Sums of `depth` products for some rows and columns, and what becomes of them.
#[derive(Clone, Copy)]
pub struct TileOrder<T> {
    pub depth: usize,
    pub left: LeftRows<T>,
    pub right: Strided<*const T>,
    pub sums: Unfinished<T>,
    pub ending: Ending<T>,
}

/// How rows of the left factor are read: as whole registers, ..
pub const WHOLE: u8 = 0;
/// .. the last one through a mask, ..
pub const MASKED: u8 = 1;
/// .. or so, and copied as whole registers.
pub const COPIED: u8 = 2;

/// Products ahead of the present one whose rows are fetched while they are copied.
const AHEAD: usize = 12;
/// Bytes of a cache line.
pub const LINE: usize = 64;

/// `R` registers of rows times `C` columns.
struct Tile<'a, T, const R: usize, const C: usize, const READ: u8>(&'a TileOrder<T>);

impl<T: Scalar, const R: usize, const C: usize, const READ: u8> Kernel for Tile<'_, T, R, C, READ> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        // SAFETY: who makes a tile promises that its pointers are valid, and that the instructions exist.
        unsafe { compute::<T, Register<T, I>, R, C, READ>(*self.0) }
    }
}

#[inline(always)]
unsafe fn compute<T: Scalar, L: Lanes<T>, const R: usize, const C: usize, const READ: u8>(order: TileOrder<T>) {
    let (left, right, unfinished, ending) = (order.left, order.right, order.sums, order.ending);
    // SAFETY: the pointers of an order are valid for `R` registers, of which the last has the rows that exist, and `C` columns.
    unsafe {
        let mask = L::mask(left.rows - (R - 1) * L::COUNT);
        let mut sums = [[L::splat(T::ZERO); R]; C];
        if unfinished.continued {
            for (j, sums) in sums.iter_mut().enumerate() {
                for (r, sum) in sums.iter_mut().enumerate() {
                    *sum = L::load(unfinished.at.add(j * unfinished.step + r * L::COUNT));
                }
            }
        }
        let (mut rows_at, mut columns_at) = (left.at, right.at);
        for q in 0..order.depth {
            let mut rows = [L::splat(T::ZERO); R];
            for (r, row) in rows.iter_mut().enumerate() {
                let from = rows_at.add(r * L::COUNT);
                *row = if READ != WHOLE && r + 1 == R {
                    L::load_some(from, mask)
                } else {
                    L::load(from)
                };
            }
            if READ == COPIED {
                for (r, row) in rows.iter().enumerate() {
                    prefetch(rows_at.wrapping_add(AHEAD * left.step + r * L::COUNT));
                    row.store(left.copy.add((q * R + r) * L::COUNT));
                }
                prefetch(rows_at.wrapping_add(AHEAD * left.step + R * L::COUNT - 1));
            } else if q < C && !unfinished.put_aside {
                let column = ending.result.wrapping_add(q * ending.result_step);
                fetch(column.cast_const(), R * L::COUNT);
            }
            for (j, sums) in sums.iter_mut().enumerate() {
                let factor = L::splat(*columns_at.add(j * right.column_step));
                for (r, sum) in sums.iter_mut().enumerate() {
                    *sum = rows[r].multiply_add(factor, *sum);
                }
            }
            rows_at = rows_at.wrapping_add(left.step);
            columns_at = columns_at.wrapping_add(right.row_step);
        }
        if unfinished.put_aside {
            for (j, sums) in sums.iter().enumerate() {
                for (r, sum) in sums.iter().enumerate() {
                    sum.store(unfinished.at.add(j * unfinished.step + r * L::COUNT));
                }
            }
        } else if ending.beta != T::ZERO {
            put::<T, L, R, C, true>(&sums, mask, &ending);
        } else {
            put::<T, L, R, C, false>(&sums, mask, &ending);
        }
    }
}

/// Finishes sums and puts them where they belong; `ADD`: something is added.
#[inline(always)]
unsafe fn put<T: Scalar, L: Lanes<T>, const R: usize, const C: usize, const ADD: bool>(
    sums: &[[L; R]; C],
    mask: L::Mask,
    ending: &Ending<T>,
) {
    // SAFETY: as in `compute`, of which this is a part.
    unsafe {
        let (alpha, beta) = (L::splat(ending.alpha), L::splat(ending.beta));
        for (j, sums) in sums.iter().enumerate() {
            for (r, sum) in sums.iter().enumerate() {
                let is_last = r + 1 == R;
                let value = if ADD {
                    let added = ending.added.add(j * ending.added_step + r * L::COUNT);
                    let added = if is_last {
                        L::load_some(added, mask)
                    } else {
                        L::load(added)
                    };
                    alpha.multiply_add(*sum, beta.multiply(added))
                } else {
                    alpha.multiply(*sum)
                };
                let to = ending.result.add(j * ending.result_step + r * L::COUNT);
                if is_last {
                    value.store_some(to, mask)
                } else {
                    value.store(to)
                }
            }
        }
    }
}

/// Asks for the cache lines of so many numbers.
#[inline(always)]
fn fetch<T>(at: *const T, numbers: usize) {
    for line in 0..=numbers * size_of::<T>() / LINE {
        prefetch(at.wrapping_add(line * (LINE / size_of::<T>())));
    }
}

/// Asks for a cache line that will be needed.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; no address is invalid.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Columns of the next tile, of so many that are left: one of the widths of [`compute_tile`].
#[inline(always)]
pub fn next_width<T, L: Lanes<T>>(left: usize) -> usize {
    match left {
        0..2 => 1,
        2..4 => 2,
        _ if left < L::COLUMNS => 4.min(L::COLUMNS),
        _ => L::COLUMNS,
    }
}

/// Computes the tile of so many registers and columns.
///
/// # Safety
/// The instructions must exist, and all pointers be valid for these rows and columns.
#[inline(always)]
pub unsafe fn compute_tile<T: Scalar, I: Instructions>(order: &TileOrder<T>, width: usize, read: u8) {
    let registers = order.left.rows.div_ceil(Register::<T, I>::COUNT);
    let (most_rows, most_columns) = (Register::<T, I>::ROWS, Register::<T, I>::COLUMNS);
    macro_rules! choose {
        ($($r:literal by $c:literal,)*) => {
            match (registers, width, read) {
                $(
                    // SAFETY: the caller's promise.
                    ($r, $c, WHOLE) if ($r <= most_rows || $c == 1) && $c <= most_columns => unsafe {
                        I::run(Tile::<T, $r, $c, WHOLE>(order))
                    },
                    // SAFETY: the same.
                    ($r, $c, MASKED) if ($r <= most_rows || $c == 1) && $c <= most_columns => unsafe {
                        I::run(Tile::<T, $r, $c, MASKED>(order))
                    },
                    // SAFETY: the same.
                    ($r, $c, COPIED) if $r <= most_rows && $c == most_columns => unsafe {
                        I::run(Tile::<T, $r, $c, COPIED>(order))
                    },
                )*
                _ => unreachable!("no tile has {registers} registers times {width} columns"),
            }
        };
    }
    choose!(1 by 1, 1 by 2, 1 by 4, 1 by 6, 1 by 8, 2 by 1, 2 by 2, 2 by 4, 2 by 6, 2 by 8,
        3 by 1, 3 by 2, 3 by 4, 3 by 8, 4 by 1, 8 by 1,);
}
