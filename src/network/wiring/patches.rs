//! Lay the patches of a map that filters see beside each other, and add them up on the map again.

use crate::linalg::Scalar;
use crate::network::{Map, Window};
use std::ops::Range;

/// The patches of a map under a window: one for each of the window's places. A patch has a number for each *tap* of a filter, in the
/// order `(channel rows + row) columns + column`, rows and columns being the window's; beyond the map it is 0.
///
/// A *block* is the patches of one sample as a column-major matrix, places × taps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patches {
    pub below: Map,
    pub window: Window,
    /// Rows and columns of places.
    pub places: (usize, usize),
}

/// One number of each patch.
pub struct Tap {
    /// Rows and columns of the places at which it is on the map.
    pub rows: Range<usize>,
    pub columns: Range<usize>,
    /// Where in the map's numbers it is at the place in row and column 0; there it may be beyond the map.
    origin: isize,
}

impl Patches {
    /// # Panics
    /// If the window does not fit the map.
    pub fn new(below: Map, window: Window) -> Self {
        let places = window.places(below).expect("the window fits the map");
        Self { below, window, places }
    }

    pub fn positions(self) -> usize {
        self.places.0 * self.places.1
    }

    pub fn taps(self) -> usize {
        self.below.channels * self.window.size.0 * self.window.size.1
    }

    /// All taps in their order.
    pub fn each_tap(self) -> impl Iterator<Item = Tap> {
        let (rows, columns) = self.window.size;
        let tap = move |number: usize| {
            let (channel, i, j) = (number / (rows * columns), number / columns % rows, number % columns);
            let Map {
                rows: height,
                columns: width,
                ..
            } = self.below;
            let (down, right) = (
                i as isize - self.window.padding.0 as isize,
                j as isize - self.window.padding.1 as isize,
            );
            Tap {
                rows: inside(down, self.window.stride.0, height, self.places.0),
                columns: inside(right, self.window.stride.1, width, self.places.1),
                origin: ((channel * height) as isize + down) * width as isize + right,
            }
        };
        (0..self.taps()).map(tap)
    }

    /// The numbers of the map that a tap sees in a row of places, as the first and the distance to the next.
    fn source(self, tap: &Tap, row: usize) -> (usize, usize) {
        let (down, right) = self.window.stride;
        let first = tap.origin + (row * down * self.below.columns + tap.columns.start * right) as isize;
        (first as usize, right)
    }

    /// The column of a block that belongs to a tap.
    fn gather_tap<T: Scalar>(self, tap: &Tap, map: &[T], column: &mut [T]) {
        let whole = tap.rows.len() * tap.columns.len() == column.len();
        if !whole {
            column.fill(T::ZERO);
        }
        if tap.columns.is_empty() {
            return;
        }
        for row in tap.rows.clone() {
            let (first, step) = self.source(tap, row);
            let to = &mut column[row * self.places.1..][tap.columns.clone()];
            if step == 1 {
                to.copy_from_slice(&map[first..first + to.len()]);
            } else {
                to.iter_mut()
                    .zip(map[first..].iter().step_by(step))
                    .for_each(|(to, x)| *to = *x);
            }
        }
    }

    /// `block := ` the patches of `map`.
    pub fn gather<T: Scalar>(self, map: &[T], block: &mut [T]) {
        let columns = block.chunks_exact_mut(self.positions());
        for (tap, column) in self.each_tap().zip(columns) {
            self.gather_tap(&tap, map, column);
        }
    }

    /// `map := ` the sum of all patches of `block`, each number where it belongs; taps one after the other.
    pub fn scatter<T: Scalar>(self, block: &[T], map: &mut [T]) {
        map.fill(T::ZERO);
        let columns = block.chunks_exact(self.positions());
        for (tap, column) in self.each_tap().zip(columns).filter(|(tap, _)| !tap.columns.is_empty()) {
            for row in tap.rows.clone() {
                let (first, step) = self.source(&tap, row);
                let from = &column[row * self.places.1..][tap.columns.clone()];
                if step == 1 {
                    map[first..first + from.len()]
                        .iter_mut()
                        .zip(from)
                        .for_each(|(sum, x)| *sum += *x);
                } else {
                    map[first..]
                        .iter_mut()
                        .step_by(step)
                        .zip(from)
                        .for_each(|(sum, x)| *sum += *x);
                }
            }
        }
    }

    /// Shows what each place of a tap sees, as `(position, tap, input)`: position by position, and taps in their order.
    pub fn each(self, mut see: impl FnMut(usize, usize, usize)) {
        for position in 0..self.positions() {
            let (row, column) = (position / self.places.1, position % self.places.1);
            for (number, tap) in self.each_tap().enumerate() {
                if tap.rows.contains(&row) && tap.columns.contains(&column) {
                    let (first, step) = self.source(&tap, row);
                    see(position, number, first + (column - tap.columns.start) * step);
                }
            }
        }
    }
}

/// The places, of so many, at which `place stride + offset` is within `0..length`.
fn inside(offset: isize, stride: usize, length: usize, places: usize) -> Range<usize> {
    let first_after = |end: isize| (end - offset).max(0).unsigned_abs().div_ceil(stride).min(places);
    let (start, end) = (first_after(0), first_after(length as isize));
    start..end.max(start)
}
