//! Keep the largest of numbers, and which it was.

use super::Scalar;
use super::lanes::{Instructions, Kernel, dispatch};

/// Where `values_i` is larger than `largest_i`, it takes its place, and `number` that of `numbers_i`. What is not a number is larger
/// than all numbers, and not larger than another such.
///
/// # Panics
/// If the lengths differ.
pub fn keep_larger<T: Scalar>(values: &[T], number: u32, largest: &mut [T], numbers: &mut [u32]) {
    assert!(
        values.len() == largest.len() && values.len() == numbers.len(),
        "slices differ in length"
    );
    dispatch(Larger {
        values,
        number,
        largest,
        numbers,
    });
}

struct Larger<'a, T> {
    values: &'a [T],
    number: u32,
    largest: &'a mut [T],
    numbers: &'a mut [u32],
}

impl<T: Scalar> Kernel for Larger<'_, T> {
    type Output = ();
    #[inline(always)]
    #[allow(clippy::eq_op)] // what is not a number does not equal itself
    fn run<I: Instructions>(self) {
        let kept = self.largest.iter_mut().zip(self.numbers);
        for ((largest, number), &value) in kept.zip(self.values) {
            // chosen, not branched on: nobody can foretell which is larger
            let larger = (value > *largest) | ((value != value) & (*largest == *largest));
            *largest = if larger { value } else { *largest };
            *number = if larger { self.number } else { *number };
        }
    }
}
