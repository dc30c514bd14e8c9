//! Lend parts of arrays to the threads of a crew, and blocks of several arrays that stay in a cache.
#![allow(unsafe_code)] // parts of one array go to different threads

use super::crew::{WORTH, hands, pieces, share};
use crate::cost;
use std::ops::Range;

/// Calls `work` with every item and its place, the first on this thread, the others on threads that are free if each takes so many
/// multiply-adds that it is worth it.
///
/// # Panics
/// If a call does; the others are made, or not, and none is under way any more.
pub fn share_each<I: Send>(
    items: &mut [I],
    multiply_adds: impl FnOnce() -> usize,
    work: impl Fn(usize, &mut I) + Sync,
) {
    if items.len() < 2 || multiply_adds() < WORTH || hands() < 2 {
        return items.iter_mut().enumerate().for_each(|(i, item)| work(i, item));
    }
    let count = items.len();
    let items = Items(items.as_mut_ptr());
    // SAFETY: every number below `count` is called once, so that every item is lent to one call.
    share(count, |i| work(i, unsafe { items.at(i) }));
}

/// Calls `work` with parts of `to` that are whole columns of so many numbers, and which columns they are: on threads that are free, if
/// all of it takes so many `multiply_adds` that it is worth it. These are counted here, whoever makes them.
///
/// # Panics
/// If a call does; the others are made, or not, and none is under way any more.
pub fn share_columns<T: Send>(
    to: &mut [T],
    length: usize,
    multiply_adds: usize,
    work: impl Fn(Range<usize>, &mut [T]) + Sync,
) {
    let columns = to.len() / length.max(1);
    let parts = pieces(multiply_adds).min(columns);
    if parts < 2 {
        return work(0..columns, to);
    }
    let numbers = Items(to.as_mut_ptr());
    share(parts, |part| {
        let part = columns * part / parts..columns * (part + 1) / parts;
        // SAFETY: these columns are there, and no other part has them.
        let to = unsafe { numbers.slice(part.start * length, part.len() * length) };
        cost::uncounted(|| work(part, to));
    });
    cost::multiply_adds(multiply_adds);
}

/// About as many multiply-adds of a product take as long as one number of a slice: memory is the limit there.
const PER_NUMBER: usize = 8;
/// Parts of a slice are multiples of this, but for the last: whole blocks of vectors, and few cache lines with two owners.
const CHUNK: usize = 1024;

/// Calls `work` with parts of `to` and the same parts of `from`, which must be as long: on threads that are free, if there are so many
/// numbers that it is worth it.
///
/// # Panics
/// As [`share`].
#[inline]
pub fn share_slices<T: Copy + Send + Sync>(to: &mut [T], from: &[T], work: impl Fn(&mut [T], &[T]) + Sync) {
    match pieces(PER_NUMBER * to.len()) {
        1 => work(to, from),
        pieces => {
            let length = to.len().div_ceil(pieces).next_multiple_of(CHUNK);
            let parts = to.len().div_ceil(length);
            let numbers = Items(to.as_mut_ptr());
            let count = to.len();
            share(parts, |part| {
                let (start, end) = (part * length, count.min((part + 1) * length));
                // SAFETY: these numbers are there, and no other part has them.
                work(unsafe { numbers.slice(start, end - start) }, &from[start..end]);
            });
        }
    }
}

/// Numbers of a block of [`share_blocks`]: of four slices they have room in the second cache of a core.
pub(super) const BLOCK: usize = 4 * CHUNK;

/// Calls `work` with blocks of slices, the same of each, so that what `work` does to a block in several turns finds it in the cache: on
/// threads that are free, if there are so many numbers that it is worth it. The slices are of one length, or empty: an empty one is
/// empty in every block.
///
/// # Panics
/// If a call does; the others are made, or not, and none is under way any more. If two slices have different lengths, and neither is
/// empty.
pub fn share_blocks<T: Send, const N: usize>(slices: [&mut [T]; N], work: impl Fn([&mut [T]; N]) + Sync) {
    let count = slices.iter().map(|slice| slice.len()).max().unwrap_or(0);
    let lengths = slices.each_ref().map(|slice| slice.len());
    assert!(
        lengths.iter().all(|length| [0, count].contains(length)),
        "slices differ in length"
    );
    let numbers = slices.map(|slice| Items(slice.as_mut_ptr()));
    let blocks = count.div_ceil(BLOCK);
    let parts = pieces(PER_NUMBER * N * count).min(blocks.max(1));
    share(parts, |part| {
        for block in blocks * part / parts..blocks * (part + 1) / parts {
            let (start, end) = (block * BLOCK, count.min((block + 1) * BLOCK));
            work(std::array::from_fn(|i| {
                let (start, length) = if lengths[i] == 0 { (0, 0) } else { (start, end - start) };
                // SAFETY: these numbers are there, and no other block has them.
                unsafe { numbers[i].slice(start, length) }
            }));
        }
    });
}

/// Items that are lent to different threads.
struct Items<I>(*mut I);

// SAFETY: each goes to one thread at a time, which it may, see `share_each`.
unsafe impl<I: Send> Sync for Items<I> {}

impl<I> Items<I> {
    /// # Safety
    /// There must be so many items from `start` on, and nobody else must have them.
    #[allow(clippy::mut_from_ref)] // the caller's promise
    unsafe fn slice(&self, start: usize, length: usize) -> &mut [I] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(start), length) }
    }

    /// # Safety
    /// There must be such an item, and nobody else must have it.
    #[allow(clippy::mut_from_ref)] // the caller's promise
    unsafe fn at(&self, i: usize) -> &mut I {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.0.add(i) }
    }
}
