//! Lay the patches of a map that filters see beside each other, and add them up on the map again.

use crate::linalg::{Scalar, scratch};
use crate::network::window::{add_to_every, take_every};
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
        let area = self.below.positions() as isize;
        let of_channel = move |channel: usize| {
            self.cells().map(move |cell| Tap {
                origin: cell.origin + channel as isize * area,
                ..cell
            })
        };
        (0..self.below.channels).flat_map(of_channel)
    }

    /// The taps of the first channel.
    fn cells(self) -> impl Iterator<Item = Tap> {
        let (width, stride, padding) = (self.below.columns, self.window.stride, self.window.padding);
        (0..self.window.size.0).flat_map(move |i| {
            let down = i as isize - padding.0 as isize;
            let rows = inside(down, stride.0, self.below.rows, self.places.0);
            (0..self.window.size.1).map(move |j| {
                let right = j as isize - padding.1 as isize;
                Tap {
                    rows: rows.clone(),
                    columns: inside(right, stride.1, width, self.places.1),
                    origin: down * width as isize + right,
                }
            })
        })
    }

    /// The numbers of the map that a tap sees in a row of places, as the first and the distance to the next.
    fn source(self, tap: &Tap, row: usize) -> (usize, usize) {
        let (down, right) = self.window.stride;
        let first = tap.origin + (row * down * self.below.columns + tap.columns.start * right) as isize;
        (first as usize, right)
    }

    /// `block := ` the patches of `map`. What the taps in a column of the window see are windows' heights of the same numbers: these
    /// are laid beside each other once, and then copied as a whole for each tap.
    pub fn gather<T: Scalar>(self, map: &[T], block: &mut [T]) {
        let ((height, width), (down, _)) = (self.window.size, self.window.stride);
        let (rows, columns) = self.places;
        // of the padded map, those that a tap in the first row of the window sees, then those of the next row, as far as they differ
        let seen = rows + (height - 1) / down;
        scratch(down * seen * columns, |strip| {
            for (j, tap) in self.cells().take(width).enumerate() {
                for (channel, map) in map.chunks_exact(self.below.positions()).enumerate() {
                    self.gather_strip(&tap, map, strip, seen);
                    for i in 0..height {
                        let number = (channel * height + i) * width + j;
                        let from = &strip[(i % down * seen + i / down) * columns..][..rows * columns];
                        block[number * from.len()..][..from.len()].copy_from_slice(from);
                    }
                }
            }
        });
    }

    /// The numbers that a column of the window sees of a channel, from its places in the first row of the padded map to those in the
    /// last: rows that are as many apart as the window steps down lie together, `seen` of them at most.
    fn gather_strip<T: Scalar>(self, tap: &Tap, map: &[T], strip: &mut [T], seen: usize) {
        let ((down, right), columns) = (self.window.stride, self.places.1);
        let on_map = self.window.padding.0..self.window.padding.0 + self.below.rows;
        let rows = (self.places.0 - 1) * down + self.window.size.0;
        for (first, strip) in (0..down).zip(strip.chunks_exact_mut(seen * columns)) {
            for (row, to) in (first..rows).step_by(down).zip(strip.chunks_exact_mut(columns)) {
                let part = if on_map.contains(&row) {
                    tap.columns.clone()
                } else {
                    0..0
                };
                if part.len() < columns {
                    to.fill(T::ZERO);
                }
                if !part.is_empty() {
                    let start = tap.origin + (row * self.below.columns + part.start * right) as isize;
                    take_every(right, &map[start as usize..], &mut to[part]);
                }
            }
        }
    }

    /// `map := ` the sum of all patches of `block`, each number where it belongs; taps one after the other.
    pub fn scatter<T: Scalar>(self, block: &[T], map: &mut [T]) {
        map.fill(T::ZERO);
        let taps = self.window.size.0 * self.window.size.1;
        for (number, tap) in self.cells().enumerate().filter(|(_, tap)| !tap.columns.is_empty()) {
            let channels = map.chunks_exact_mut(self.below.positions());
            let columns = block.chunks_exact(self.positions()).skip(number).step_by(taps);
            channels
                .zip(columns)
                .for_each(|(map, column)| self.scatter_tap(&tap, column, map));
        }
    }

    fn scatter_tap<T: Scalar>(self, tap: &Tap, column: &[T], map: &mut [T]) {
        for row in tap.rows.clone() {
            let (first, step) = self.source(tap, row);
            let from = &column[row * self.places.1..][tap.columns.clone()];
            add_to_every(step, from, &mut map[first..]);
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
