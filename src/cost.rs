//! Count what a computation costs: multiply-adds, those of them that go up the network, random numbers.
//!
//! Nothing declares its cost: products, forward passes and draws count themselves where they are made, each thread for itself.

use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::ops::{AddAssign, Sub};

/// What was done.
///
/// Matrix products are counted, whatever they are for: an `m × k` by `k × n` product is `m k n` multiply-adds. Elementwise work
/// (activations, sums of arrays, momentum) and inner products of two columns are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Multiply-adds of matrix products.
    pub multiply_adds: u64,
    /// Those of them made by [`Layer::push`](crate::network::Layer::push), but not [`aside`]: over the multiply-adds of one pass
    /// through the network this is the number of forward passes, a fraction where only some layers are run.
    pub upward: u64,
    /// Random numbers drawn, whatever their distribution.
    pub random_numbers: u64,
}

thread_local! {
    static MULTIPLY_ADDS: Cell<u64> = const { Cell::new(0) };
    static UPWARD: Cell<u64> = const { Cell::new(0) };
    static RANDOM_NUMBERS: Cell<u64> = const { Cell::new(0) };
}

/// Counts multiply-adds; for those made outside [`linalg`](crate::linalg).
#[inline]
pub fn multiply_adds(count: usize) {
    MULTIPLY_ADDS.set(MULTIPLY_ADDS.get() + count as u64);
}

/// Counts multiply-adds, already counted as such, as going up the network.
#[inline]
pub fn upward(count: usize) {
    UPWARD.set(UPWARD.get() + count as u64);
}

/// Counts random numbers.
pub(crate) fn random_numbers(count: usize) {
    RANDOM_NUMBERS.set(RANDOM_NUMBERS.get() + count as u64);
}

/// Does something whose pushes are not forward passes: they go through layers that a rule owns beside the network's.
pub fn aside<R>(act: impl FnOnce() -> R) -> R {
    let before = UPWARD.get();
    let result = act();
    UPWARD.set(before);
    result
}

/// Does something that is not to be counted.
pub fn uncounted<R>(act: impl FnOnce() -> R) -> R {
    let before = Cost::so_far();
    let result = act();
    MULTIPLY_ADDS.set(before.multiply_adds);
    UPWARD.set(before.upward);
    RANDOM_NUMBERS.set(before.random_numbers);
    result
}

impl Cost {
    /// What this thread has done since it began; the difference of two is what was done between them.
    #[inline(always)]
    pub fn so_far() -> Self {
        Self {
            multiply_adds: MULTIPLY_ADDS.get(),
            upward: UPWARD.get(),
            random_numbers: RANDOM_NUMBERS.get(),
        }
    }
}

impl Sub for Cost {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self {
            multiply_adds: self.multiply_adds - other.multiply_adds,
            upward: self.upward - other.upward,
            random_numbers: self.random_numbers - other.random_numbers,
        }
    }
}

impl AddAssign for Cost {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.multiply_adds += other.multiply_adds;
        self.upward += other.upward;
        self.random_numbers += other.random_numbers;
    }
}
