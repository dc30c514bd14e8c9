//! Shape feedback weights: sparse, of one sign per unit, or rounded to a few levels.

use crate::linalg::{Matrix, Scalar};
use crate::random::{self, Generator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What signs feedback weights may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Sign {
    /// Any sign.
    #[default]
    Free,
    /// All that a unit sends down has one sign (Dale's principle): the sign of its sum. Weights of the other sign are reflected, so
    /// that magnitudes stay.
    Dale,
}

impl Sign {
    /// Turns the signs of `b`; a unit that sends is a column of `b` where `columns` send, else a row.
    pub fn impose<T: Scalar>(self, b: &mut Matrix<T>, columns: bool) {
        if self == Self::Free {
            return;
        }
        let reflect = |sum: T, value: &mut T| *value = if sum < T::ZERO { -value.abs() } else { value.abs() };
        if columns {
            for mut column in b.column_iter_mut() {
                let sum = column.iter().copied().sum();
                column.iter_mut().for_each(|value| reflect(sum, value));
            }
        } else {
            for mut row in b.row_iter_mut() {
                let sum = row.iter().copied().sum();
                row.iter_mut().for_each(|value| reflect(sum, value));
            }
        }
    }
}

/// ±1; 0 and NaN are their own sign.
#[inline(always)]
pub fn sign<T: Scalar>(x: T) -> T {
    // two choices one after the other, neither of them a branch
    let down = if x < T::ZERO { -T::ONE } else { x };
    if x > T::ZERO { T::ONE } else { down }
}

/// Sets a share of the entries to 0, at places drawn from the generator, which is left alone where the share is 0.
pub fn make_sparse<T: Scalar>(b: &mut Matrix<T>, share: f64, generator: &mut Generator) {
    if share == 0.0 {
        return;
    }
    let mut places: Vec<usize> = (0..b.len()).collect();
    random::shuffle(&mut places, generator);
    let zeros = (share * b.len() as f64).round() as usize;
    for &place in &places[..zeros] {
        b[place] = T::ZERO;
    }
}

/// Rounds to the nearest of `levels` values, evenly spaced from `−m` to `m`, the largest magnitude; 0 stays 0. No levels: no rounding.
pub fn round<T: Scalar>(b: &mut Matrix<T>, levels: u32) {
    let magnitude = b.iter().fold(0.0, |m: f64, value| m.max(value.to_f64().abs()));
    if levels < 2 || magnitude == 0.0 {
        return;
    }
    let gap = 2.0 * magnitude / f64::from(levels - 1);
    for value in b.iter_mut().filter(|value| **value != T::ZERO) {
        let steps = ((value.to_f64() + magnitude) / gap).round();
        *value = T::of(steps * gap - magnitude);
    }
}
