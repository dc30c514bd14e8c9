//! Make shares of exponentials, and logarithms of their sums, of many columns at once.
//!
//! **The bits.** The greatest logit is taken off; the exponentials are added up in 16 interleaved sums, then these in pairs. Columns
//! run along registers, 16 at once, which divides columns among registers, never a sum. Where there are few of them they are
//! taken one by one.

use super::lanes::{Instructions, Kernel, dispatch};
use super::sums::pairwise;
use super::{Matrix, Scalar, exp};

/// Columns that are worked on together.
const COLUMNS: usize = 16;
/// Fewer columns than this are worked on one by one.
const FEW: usize = 4;
/// Interleaved sums of a column, and rows that are worked on together.
const ROWS: usize = 16;

/// Replaces logits by their softmax, in place. NaN among them, an infinite one, or only `-inf`: all become NaN.
pub fn softmax<T: Scalar>(logits: &mut [T]) {
    let Some(&first) = logits.first() else { return };
    let top = greatest(first, logits);
    let mut sums = [T::ZERO; ROWS];
    for group in logits.chunks_mut(ROWS) {
        let powers = powers(group, top, &mut sums);
        group.copy_from_slice(&powers[..group.len()]);
    }
    let sum = pairwise(sums);
    logits.iter_mut().for_each(|x| *x /= sum);
}

/// Replaces the logits in every column by their softmax, in place: the same bits as [`softmax`] column by column.
pub fn softmax_columns<T: Scalar>(logits: &mut Matrix<T>) {
    let rows = logits.nrows().max(1);
    for columns in logits.as_mut_slice().chunks_mut(rows * COLUMNS) {
        if columns.len() < rows * FEW {
            columns.chunks_exact_mut(rows).for_each(softmax);
        } else {
            dispatch(Softmax { columns, rows });
        }
    }
}

/// `ln(Σ e^logits_i)` without overflow; `-inf` for no logits.
pub fn log_sum_exp<T: Scalar>(logits: &[T]) -> T {
    let Some(&first) = logits.first() else {
        return T::ZERO.ln();
    };
    let top = greatest(first, logits);
    if !top.is_finite() {
        return not_finite(top, logits);
    }
    let mut sums = [T::ZERO; ROWS];
    for group in logits.chunks(ROWS) {
        powers(group, top, &mut sums);
    }
    top + pairwise(sums).ln()
}

/// `logs_j := ln(Σ_i e^logits_ij)`: the same bits as [`log_sum_exp`] column by column. `logits` are the columns, one after the
/// other, as many as `logs`.
pub fn log_sum_exp_columns<T: Scalar>(logits: &[T], logs: &mut [T]) {
    let rows = logits.len() / logs.len().max(1);
    assert_eq!(logits.len(), rows * logs.len(), "columns are of one length");
    if rows == 0 {
        return logs.fill(T::ZERO.ln());
    }
    for (columns, logs) in logits.chunks(rows * COLUMNS).zip(logs.chunks_mut(COLUMNS)) {
        if logs.len() < FEW {
            let logs = logs.iter_mut().zip(columns.chunks_exact(rows));
            logs.for_each(|(log, column)| *log = log_sum_exp(column));
        } else {
            dispatch(LogSumExp { columns, rows, logs });
        }
    }
}

/// The greatest number; the first if that is NaN.
fn greatest<T: Scalar>(first: T, values: &[T]) -> T {
    values.iter().fold(first, |top, &x| if x > top { x } else { top })
}

/// Logits of which all are -inf, or there is a +inf or a NaN: of these a sum keeps NaN, and adds up to the infinity.
#[cold]
fn not_finite<T: Scalar>(top: T, logits: &[T]) -> T {
    let keep = |sum, &x: &T| if x.is_finite() || x < top { sum } else { sum + x };
    logits.iter().fold(top, keep)
}

/// `e^(x - top)` of at most a group of logits, which are added to the interleaved sums.
fn powers<T: Scalar>(group: &[T], top: T, sums: &mut [T; ROWS]) -> [T; ROWS] {
    let (mut shifted, mut powers) = ([T::ZERO; ROWS], [T::ZERO; ROWS]);
    for (x, &logit) in shifted.iter_mut().zip(group) {
        *x = logit - top;
    }
    exp(&shifted[..group.len()], &mut powers[..group.len()]);
    for (sum, &x) in sums.iter_mut().zip(&powers[..group.len()]) {
        *sum += x;
    }
    powers
}

/// A few columns of so many rows, which become their softmax.
struct Softmax<'a, T> {
    columns: &'a mut [T],
    rows: usize,
}

impl<T: Scalar> Kernel for Softmax<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { columns, rows } = self;
        let mut block = LogitBlock([[T::ZERO; COLUMNS]; ROWS]);
        let tops = block.tops(columns, rows);
        let sums = block.sums(columns, rows, &tops);
        for first in (0..rows).step_by(ROWS) {
            let height = match rows > ROWS {
                true => block.exponentials(columns, rows, first, &tops),
                false => rows,
            };
            for row in &mut block.0[..height] {
                for (x, &sum) in row.iter_mut().zip(&sums) {
                    *x /= sum;
                }
            }
            block.put(columns, rows, first);
        }
    }
}

/// A few columns of so many rows, and where the logarithms go.
struct LogSumExp<'a, T> {
    columns: &'a [T],
    rows: usize,
    logs: &'a mut [T],
}

impl<T: Scalar> Kernel for LogSumExp<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { columns, rows, logs } = self;
        let mut block = LogitBlock([[T::ZERO; COLUMNS]; ROWS]);
        let tops = block.tops(columns, rows);
        let mut found = block.sums(columns, rows, &tops);
        for (x, &top) in found.iter_mut().zip(&tops) {
            *x = top + x.ln();
        }
        for ((log, x), (&top, column)) in logs
            .iter_mut()
            .zip(found)
            .zip(tops.iter().zip(columns.chunks_exact(rows)))
        {
            *log = if top.is_finite() { x } else { not_finite(top, column) };
        }
    }
}

/// A few rows of a few columns, the numbers of a row together. What stands where there is no column is of no account.
struct LogitBlock<T>([[T; COLUMNS]; ROWS]);

impl<T: Scalar> LogitBlock<T> {
    /// Takes the rows from `first` on; returns how many there are.
    #[inline(always)]
    fn take(&mut self, columns: &[T], rows: usize, first: usize) -> usize {
        let height = ROWS.min(rows - first);
        for (j, column) in columns.chunks_exact(rows).take(COLUMNS).enumerate() {
            for (row, &x) in self.0.iter_mut().zip(&column[first..first + height]) {
                row[j] = x;
            }
        }
        height
    }

    /// Puts the rows from `first` on back.
    #[inline(always)]
    fn put(&self, columns: &mut [T], rows: usize, first: usize) {
        let height = ROWS.min(rows - first);
        for (j, column) in columns.chunks_exact_mut(rows).take(COLUMNS).enumerate() {
            for (row, x) in self.0.iter().zip(&mut column[first..first + height]) {
                *x = row[j];
            }
        }
    }

    /// The greatest number of each column; the first if that is NaN. Columns of no more than [`ROWS`] rows are here then.
    #[inline(always)]
    fn tops(&mut self, columns: &[T], rows: usize) -> [T; COLUMNS] {
        let mut tops = [T::ZERO; COLUMNS];
        for first in (0..rows).step_by(ROWS) {
            let height = self.take(columns, rows, first);
            if first == 0 {
                tops = self.0[0];
            }
            for row in &self.0[..height] {
                for (top, &x) in tops.iter_mut().zip(row) {
                    *top = if x > *top { x } else { *top };
                }
            }
        }
        tops
    }

    /// Makes `e^(x - top)` of the rows from `first` on; returns how many there are.
    #[inline(always)]
    fn exponentials(&mut self, columns: &[T], rows: usize, first: usize, tops: &[T; COLUMNS]) -> usize {
        let height = match rows > ROWS {
            true => self.take(columns, rows, first),
            false => rows,
        };
        for row in &mut self.0[..height] {
            for (x, &top) in row.iter_mut().zip(tops) {
                *x = (*x - top).exp();
            }
        }
        height
    }

    /// The sum of the exponentials of each column. Those of columns of no more than [`ROWS`] rows are here then.
    #[inline(always)]
    fn sums(&mut self, columns: &[T], rows: usize, tops: &[T; COLUMNS]) -> [T; COLUMNS] {
        let mut sums = [[T::ZERO; COLUMNS]; ROWS];
        for first in (0..rows).step_by(ROWS) {
            let height = self.exponentials(columns, rows, first, tops);
            for (sums, row) in sums.iter_mut().zip(&self.0[..height]) {
                add(sums, row);
            }
        }
        let mut half = ROWS / 2;
        while half > 0 {
            let (first, second) = sums.split_at_mut(half);
            first
                .iter_mut()
                .zip(second)
                .for_each(|(first, second)| add(first, second));
            half /= 2;
        }
        sums[0]
    }
}

#[inline(always)]
fn add<T: Scalar>(sums: &mut [T; COLUMNS], row: &[T; COLUMNS]) {
    for (sum, &x) in sums.iter_mut().zip(row) {
        *sum += x;
    }
}
