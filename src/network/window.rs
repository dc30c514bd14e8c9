//! Define the windows that filters and pools look through, and where on a map they stand.

use super::Map;
use crate::linalg::Scalar;

/// A rectangle that moves over a map in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns.
    pub size: (usize, usize),
    /// Rows down, and columns to the right, from one place to the next; positive.
    pub stride: (usize, usize),
    /// Rows of zeros above and below the map, and columns left and right of it; less than the size.
    pub padding: (usize, usize),
}

impl Window {
    /// As wide as it is high, without padding.
    pub const fn square(size: usize, stride: usize) -> Self {
        Self {
            size: (size, size),
            stride: (stride, stride),
            padding: (0, 0),
        }
    }

    /// Rows and columns of the places where it stands on a map, `⌊(length + 2 padding − size) / stride⌋ + 1` of each; what is left over
    /// is not seen. Absent where it does not fit.
    pub fn places(self, map: Map) -> Option<(usize, usize)> {
        let places = |length: usize, size: usize, stride: usize, padding: usize| {
            let room = length.saturating_add(padding.saturating_mul(2)).checked_sub(size)?;
            Some(room.checked_div(stride)? + 1)
        };
        Some((
            places(map.rows, self.size.0, self.stride.0, self.padding.0)?,
            places(map.columns, self.size.1, self.stride.1, self.padding.1)?,
        ))
    }

    /// Rows and columns of the padded map that it never sees.
    pub fn left_over(self, map: Map) -> (usize, usize) {
        let over = |length: usize, size: usize, stride: usize, padding: usize| {
            length.saturating_add(padding.saturating_mul(2)).saturating_sub(size) % stride.max(1)
        };
        (
            over(map.rows, self.size.0, self.stride.0, self.padding.0),
            over(map.columns, self.size.1, self.stride.1, self.padding.1),
        )
    }
}

/// `to := ` every so manieth number of `from`: what a cell of a window sees, from place to place in a row.
#[inline]
pub(super) fn take_every<T: Scalar>(step: usize, from: &[T], to: &mut [T]) {
    match step {
        // rows are so short that a call to copy them takes longer
        1 => to.iter_mut().zip(from).for_each(|(to, x)| *to = *x),
        2 => {
            let (last, to) = to.split_last_mut().expect("a row has places");
            let pairs = from.as_chunks::<2>().0;
            to.iter_mut().zip(pairs).for_each(|(to, [x, _])| *to = *x);
            *last = from[2 * to.len()];
        }
        _ => to
            .iter_mut()
            .zip(from.iter().step_by(step))
            .for_each(|(to, x)| *to = *x),
    }
}

/// Every so manieth number of `to` `+= from`.
#[inline]
pub(super) fn add_to_every<T: Scalar>(step: usize, from: &[T], to: &mut [T]) {
    match step {
        1 => to.iter_mut().zip(from).for_each(|(sum, x)| *sum += *x),
        _ => to.iter_mut().step_by(step).zip(from).for_each(|(sum, x)| *sum += *x),
    }
}
