//! Pool the activities of neighbouring units of a map, and send errors back to those that they came from.

use super::{Map, Window};
use crate::linalg::{Matrix, Scalar, reshape, scratch};

/// What becomes of the units that a window sees, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKind {
    /// The largest counts, of equals the first, row by row; NaN wins. It gets all of the error.
    Max,
    /// Their mean. Each gets an equal share of the error.
    Average,
}

/// Pooling of a map: `a = pool(φ(z))`. What a window reads is unit numbers; where windows overlap, errors add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// What is made of what a window sees.
    pub kind: PoolKind,
    /// The map of the units.
    pub below: Map,
    /// What is seen; without padding.
    pub window: Window,
    places: (usize, usize),
}

impl Pooling {
    /// Pools a map.
    ///
    /// # Panics
    /// If the window does not fit the map.
    pub fn new(kind: PoolKind, below: Map, window: Window) -> Self {
        let places = window.places(below).expect("the window fits the map");
        Self {
            kind,
            below,
            window,
            places,
        }
    }

    /// The map that comes of it.
    pub fn map(self) -> Map {
        Map::new(self.below.channels, self.places.0, self.places.1)
    }

    /// The units that the window of pooled unit `unit` sees, row by row.
    fn cells(self, unit: usize) -> impl Iterator<Item = usize> {
        let (positions, width) = (self.places.0 * self.places.1, self.places.1);
        let (channel, row, column) = (unit / positions, unit % positions / width, unit % width);
        let first = (channel * self.below.rows + row * self.window.stride.0) * self.below.columns
            + column * self.window.stride.1;
        let (rows, columns) = self.window.size;
        (0..rows).flat_map(move |i| (0..columns).map(move |j| first + i * self.below.columns + j))
    }

    /// *Up*: `a := pool(units)`, and which unit won, for each number of `a`; of averages nobody does.
    pub fn up<T: Scalar>(self, units: &Matrix<T>, a: &mut Matrix<T>, winners: &mut Vec<u32>) {
        let (below, pooled, samples) = (self.below.units(), self.map().units(), units.ncols());
        reshape(a, pooled, samples);
        winners.clear();
        let share = T::ONE / T::of((self.window.size.0 * self.window.size.1) as f64);
        for (units, a) in units
            .as_slice()
            .chunks_exact(below)
            .zip(a.as_mut_slice().chunks_exact_mut(pooled))
        {
            for (unit, a) in a.iter_mut().enumerate() {
                match self.kind {
                    PoolKind::Max => {
                        let winner = largest(units, self.cells(unit));
                        winners.push(winner as u32);
                        *a = units[winner];
                    }
                    PoolKind::Average => *a = share * self.cells(unit).map(|cell| units[cell]).sum::<T>(),
                }
            }
        }
    }

    /// What a small change of the units does to the pooled map, `a := ∂a/∂units units`; `winners` are of the pass up.
    pub fn lift<T: Scalar>(self, units: &Matrix<T>, winners: &[u32], a: &mut Matrix<T>) {
        if self.kind == PoolKind::Average {
            return self.up(units, a, &mut Vec::new());
        }
        let (below, pooled) = (self.below.units(), self.map().units());
        reshape(a, pooled, units.ncols());
        for ((a, &winner), i) in a.as_mut_slice().iter_mut().zip(winners).zip(0..) {
            *a = units.as_slice()[i / pooled * below + winner as usize];
        }
    }

    /// *Down*: errors of the pooled map become those of the units, `delta := unpool(delta)`; `winners` are of the pass up.
    pub fn down<T: Scalar>(self, winners: &[u32], delta: &mut Matrix<T>) {
        let (below, pooled, samples) = (self.below.units(), self.map().units(), delta.ncols());
        assert_eq!(delta.nrows(), pooled, "an error for each pooled unit");
        let share = T::ONE / T::of((self.window.size.0 * self.window.size.1) as f64);
        scratch(delta.len(), |errors| {
            errors.copy_from_slice(delta.as_slice());
            let units = reshape(delta, below, samples);
            units.fill(T::ZERO);
            let columns = units.as_mut_slice().chunks_exact_mut(below);
            for (i, (units, errors)) in columns.zip(errors.chunks_exact(pooled)).enumerate() {
                for (unit, &error) in errors.iter().enumerate() {
                    match self.kind {
                        PoolKind::Max => units[winners[i * pooled + unit] as usize] += error,
                        PoolKind::Average => self.cells(unit).for_each(|cell| units[cell] += share * error),
                    }
                }
            }
        });
    }
}

/// The first of the largest; the first that is NaN, if one is.
fn largest<T: Scalar>(units: &[T], cells: impl Iterator<Item = usize>) -> usize {
    let mut cells = cells.peekable();
    let mut winner = *cells.peek().expect("a window sees something");
    for cell in cells {
        let (value, best) = (units[cell], units[winner]);
        if best.partial_cmp(&best).is_none() {
            break;
        }
        if value > best || value.partial_cmp(&value).is_none() {
            winner = cell;
        }
    }
    winner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooled(kind: PoolKind, window: Window, numbers: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let pool = Pooling::new(kind, Map::new(1, 3, 3), window);
        let units = Matrix::from_column_slice(9, 1, numbers);
        let (mut a, mut winners) = (crate::linalg::empty(), Vec::new());
        pool.up(&units, &mut a, &mut winners);
        let mut delta = Matrix::from_fn(a.nrows(), 1, |i, _| (i + 1) as f64);
        pool.down(&winners, &mut delta);
        (a.as_slice().to_vec(), delta.as_slice().to_vec())
    }

    /// By hand: windows of 2 by 2 that overlap.
    #[test]
    fn windows_overlap_and_errors_add_up() {
        let numbers = [1.0, 2.0, 0.0, 4.0, 9.0, 3.0, 9.0, 5.0, 7.0];
        let (a, delta) = pooled(PoolKind::Max, Window::square(2, 1), &numbers);
        assert_eq!(a, [9.0, 9.0, 9.0, 9.0]);
        // below left there are two of 9, and the first in the order of rows wins
        assert_eq!(delta, [0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0]);
        let (a, delta) = pooled(PoolKind::Average, Window::square(2, 1), &numbers);
        assert_eq!(a, [4.0, 3.5, 6.75, 6.0]);
        assert_eq!(delta, [0.25, 0.75, 0.5, 1.0, 2.5, 1.5, 0.75, 1.75, 1.0]);
    }

    #[test]
    fn what_is_not_a_number_wins_and_what_is_left_over_is_not_seen() {
        let numbers = [1.0, f64::NAN, 8.0, 4.0, 2.0, 8.0, 8.0, 8.0, 8.0];
        let (a, delta) = pooled(PoolKind::Max, Window::square(2, 2), &numbers);
        assert!(a[0].is_nan() && a.len() == 1);
        assert_eq!(delta[1], 1.0);
        let (a, _) = pooled(PoolKind::Average, Window::square(2, 2), &numbers);
        assert!(a[0].is_nan());
    }
}
