//! Pool the activities of neighbouring units of a map, and send errors back to those that they came from.

use super::window::take_every;
use super::{Map, Window};
use crate::linalg::{Matrix, Scalar, keep_larger, reshape, scratch, zeroed};

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

    /// The rows of the pooled map, as the first of their numbers and the first unit that the window in their first place sees.
    fn rows(self) -> impl Iterator<Item = (usize, usize)> {
        let (rows, columns) = self.places;
        let of_channel = move |channel: usize| {
            (0..rows).map(move |row| {
                let top = channel * self.below.rows + row * self.window.stride.0;
                ((channel * rows + row) * columns, top * self.below.columns)
            })
        };
        (0..self.below.channels).flat_map(of_channel)
    }

    /// How far the units that a window sees lie behind its first, row by row.
    fn cells(self) -> impl Iterator<Item = usize> {
        let (rows, columns) = self.window.size;
        (0..rows).flat_map(move |i| (0..columns).map(move |j| i * self.below.columns + j))
    }

    /// Calls `act` with what every cell of a window sees at all its places, and with how far the cell lies behind the first.
    fn each_cell<T: Scalar>(self, units: &[T], mut act: impl FnMut(&[T], usize)) {
        scratch(self.map().units(), |seen| {
            for cell in self.cells() {
                for (first, corner) in self.rows() {
                    let row = &mut seen[first..][..self.places.1];
                    take_every(self.window.stride.1, &units[corner + cell..], row);
                }
                act(seen, cell);
            }
        });
    }

    fn share<T: Scalar>(self) -> T {
        T::ONE / T::of((self.window.size.0 * self.window.size.1) as f64)
    }

    /// *Up*: `a := pool(units)`, and which unit of its sample won, for each number of `a`; of averages nobody does.
    pub fn up<T: Scalar>(self, units: &Matrix<T>, a: &mut Matrix<T>, winners: &mut Vec<u32>) {
        let (below, pooled, samples) = (self.below.units(), self.map().units(), units.ncols());
        let a = reshape(a, pooled, samples).as_mut_slice();
        let maps = units.as_slice().chunks_exact(below).zip(a.chunks_exact_mut(pooled));
        match self.kind {
            PoolKind::Average => maps.for_each(|(units, a)| self.average(units, a)),
            PoolKind::Max => {
                winners.resize(pooled * samples, 0);
                let winners = winners.chunks_exact_mut(pooled);
                maps.zip(winners)
                    .for_each(|((units, a), winners)| self.largest(units, a, winners));
            }
        }
    }

    fn average<T: Scalar>(self, units: &[T], a: &mut [T]) {
        a.fill(T::ZERO);
        self.each_cell(units, |seen, _| {
            a.iter_mut().zip(seen).for_each(|(sum, unit)| *sum += *unit);
        });
        a.iter_mut().for_each(|sum| *sum *= self.share());
    }

    fn largest<T: Scalar>(self, units: &[T], a: &mut [T], winners: &mut [u32]) {
        a.fill(T::of(f64::NEG_INFINITY));
        winners.fill(0);
        self.each_cell(units, |seen, cell| keep_larger(seen, cell as u32, a, winners));
        for (first, corner) in self.rows() {
            let row = winners[first..][..self.places.1].iter_mut();
            let corners = (corner as u32..).step_by(self.window.stride.1);
            row.zip(corners).for_each(|(winner, corner)| *winner += corner);
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
        scratch(delta.len(), |errors| {
            errors.copy_from_slice(delta.as_slice());
            let units = zeroed(delta, below, samples);
            let columns = units.as_mut_slice().chunks_exact_mut(below);
            let columns = columns.zip(errors.chunks_exact(pooled));
            match self.kind {
                PoolKind::Average => columns.for_each(|(units, errors)| self.spread(errors, units)),
                PoolKind::Max => {
                    let give = |units: &mut [T], errors: &[T], winners: &[u32]| {
                        let gets = winners.iter().zip(errors);
                        gets.for_each(|(winner, error)| units[*winner as usize] += *error);
                    };
                    let all = columns.zip(winners.chunks_exact(pooled));
                    all.for_each(|((units, errors), winners)| give(units, errors, winners));
                }
            }
        });
    }

    fn spread<T: Scalar>(self, errors: &[T], units: &mut [T]) {
        for (first, corner) in self.rows() {
            for cell in self.cells() {
                let seen = units[corner + cell..].iter_mut().step_by(self.window.stride.1);
                let errors = &errors[first..first + self.places.1];
                seen.zip(errors)
                    .for_each(|(unit, error)| *unit += self.share::<T>() * *error);
            }
        }
    }
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
