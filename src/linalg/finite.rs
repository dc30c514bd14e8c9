//! Tell whether numbers are finite, and far from not being so.
#![allow(unsafe_code)] // vector instructions, on whole slices

use super::Scalar;
use super::lanes::{Instructions, Kernel, Lanes, Register, dispatch};

/// Whether no number of these slices is infinite or NaN.
pub fn all_finite<'a, T: Scalar>(slices: impl IntoIterator<Item = &'a [T]>) -> bool {
    let slices = &mut slices.into_iter();
    dispatch(AllFinite { slices, factor: T::ONE })
}

/// Whether every number of these slices is at most [`MODERATE`] in size; false for NaN.
pub fn all_moderate<'a, T: Scalar>(slices: impl IntoIterator<Item = &'a [T]>) -> bool {
    let slices = &mut slices.into_iter();
    let factor = T::MAX / T::of(MODERATE);
    dispatch(AllFinite { slices, factor })
}

/// Products of two numbers of this size, and long sums of them, are far from overflowing in either precision.
pub const MODERATE: f64 = 1e12;

/// Whether `factor` times every number is finite.
struct AllFinite<'s, S, T> {
    slices: &'s mut S,
    factor: T,
}

impl<'a, T: Scalar, S: Iterator<Item = &'a [T]>> Kernel for AllFinite<'_, S, T> {
    type Output = bool;
    #[inline(always)]
    fn run<I: Instructions>(self) -> bool {
        // SAFETY: `dispatch` chose instructions that exist.
        unsafe { all_finite_in::<T, Register<T, I>>(self.slices, self.factor) }
    }
}

/// Registers that are looked at together.
const TOGETHER: usize = 4;
/// Numbers in the longest register.
const LONGEST: usize = 16;

/// Without a branch for each number: `0 x` is NaN where `x` is infinite or NaN.
#[inline(always)]
unsafe fn all_finite_in<'a, T: Scalar, L: Lanes<T>>(slices: impl Iterator<Item = &'a [T]>, factor: T) -> bool {
    // SAFETY: the caller's promise; registers end inside the slices, through a mask where they do not end with one.
    unsafe {
        let (factor, zero) = (L::splat(factor), L::splat(T::ZERO));
        let mut sums = [zero; TOGETHER];
        for values in slices {
            let (at, count) = (values.as_ptr(), values.len());
            let mut i = 0;
            while i + TOGETHER * L::COUNT <= count {
                for (r, sum) in sums.iter_mut().enumerate() {
                    let x = L::load(at.add(i + r * L::COUNT));
                    *sum = x.multiply(factor).multiply_add(zero, *sum);
                }
                i += TOGETHER * L::COUNT;
            }
            while i < count {
                let x = L::load_some(at.add(i), L::mask(count - i));
                sums[0] = x.multiply(factor).multiply_add(zero, sums[0]);
                i += L::COUNT;
            }
        }
        let one = L::splat(T::ONE);
        let both = [sums[0].multiply_add(one, sums[1]), sums[2].multiply_add(one, sums[3])];
        let mut lanes = [T::ZERO; LONGEST];
        both[0].multiply_add(one, both[1]).store(lanes.as_mut_ptr());
        // all of them, without a branch for each
        lanes.iter().fold(true, |all, &sum| all & (sum == T::ZERO))
    }
}
