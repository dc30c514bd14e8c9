//! Lay out filters as tiles of weights: how large a weight is drawn, and how many filters stand side by side.

/// Greatest side of a weight, in points.
const WIDEST: f64 = 6.0;
/// Least side of a weight, in points, where the image or the sheet is not too large for it.
const NARROWEST: f64 = 1.0;
/// Least side of a tile, and least height of one in a single row, in points.
const LEAST_TILE: (f64, f64) = (10.0, 8.0);
/// Between the places of a filter, and between filters, in points; the tiles of channels touch.
const GAPS: (f64, f64) = (1.5, 5.0);

/// Where the filters of a layer are drawn.
pub struct TileLayout {
    filter: FilterShape,
    /// Width and height of a weight, in points.
    pub cell: (f64, f64),
    /// Filters drawn.
    pub count: usize,
    /// So many of them stand side by side.
    columns: usize,
}

/// What is drawn of a filter: tiles of weights.
#[derive(Clone, Copy)]
pub struct FilterShape {
    /// Rows and columns of places, each with tiles of its own.
    pub places: (usize, usize),
    /// Tiles of a place, side by side.
    pub channels: usize,
    /// Rows and columns of the weights of a tile.
    pub weights: (usize, usize),
}

impl FilterShape {
    /// How many weights are drawn.
    pub fn cells(self) -> usize {
        let (places, weights) = (self.places, self.weights);
        places.0 * places.1 * self.channels * weights.0 * weights.1
    }

    /// A weight is a square; one in a single row, as of a signal, is high enough to be seen.
    fn cell(self, side: f64) -> (f64, f64) {
        match self.weights {
            (1, _) => (side, side.max(LEAST_TILE.1)),
            (_, 1) => (side.max(LEAST_TILE.1), side),
            _ => (side, side),
        }
    }

    /// Width and height of a tile, in points.
    fn tile(self, cell: (f64, f64)) -> (f64, f64) {
        (self.weights.1 as f64 * cell.0, self.weights.0 as f64 * cell.1)
    }

    /// Width and height of the tiles of a place, in points.
    fn place(self, cell: (f64, f64)) -> (f64, f64) {
        let (width, height) = self.tile(cell);
        (self.channels as f64 * width, height)
    }

    /// Width and height of all tiles, in points.
    fn size(self, cell: (f64, f64)) -> (f64, f64) {
        let (width, height) = self.place(cell);
        (
            in_a_row(self.places.1, width, GAPS.0),
            in_a_row(self.places.0, height, GAPS.0),
        )
    }

    /// How many filters fit side by side and one above the other.
    fn fitting(self, side: f64, room: (f64, f64)) -> (usize, usize) {
        let (width, height) = self.size(self.cell(side));
        let along = |room, size| ((room + GAPS.1 + 1e-9) / (size + GAPS.1)) as usize;
        (along(room.0, width), along(room.1, height))
    }
}

/// What so many things of a size take with gaps between them.
fn in_a_row(count: usize, size: f64, gap: f64) -> f64 {
    count as f64 * size + (count - 1) as f64 * gap
}

/// The largest side of a weight that fits, in points. What is too large for its room is drawn smaller, but not without end.
fn largest(fits: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.01, WIDEST);
    if fits(high) {
        return high;
    }
    // halved so often that the difference does not show
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        *(if fits(middle) { &mut low } else { &mut high }) = middle;
    }
    low
}

impl TileLayout {
    /// As many of at most `most` filters as can be seen in a width and height in points, each as large as can be.
    pub fn new(filter: FilterShape, most: usize, room: (f64, f64)) -> Self {
        let longest = filter.weights.0.max(filter.weights.1) as f64;
        let least = NARROWEST.max(LEAST_TILE.0 / longest).min(WIDEST);
        let fitting = |side: f64| {
            let (columns, rows) = filter.fitting(side, room);
            columns * rows
        };
        let count = fitting(least).clamp(1, most.max(1));
        let side = largest(|side| fitting(side) >= count);
        let columns = filter.fitting(side, room).0.max(1);
        Self {
            filter,
            cell: filter.cell(side),
            count,
            columns: count.div_ceil(count.div_ceil(columns)),
        }
    }

    /// Width and height of all filters, in points.
    pub fn size(&self) -> (f64, f64) {
        let (width, height) = self.filter.size(self.cell);
        let rows = self.count.div_ceil(self.columns);
        (in_a_row(self.columns, width, GAPS.1), in_a_row(rows, height, GAPS.1))
    }

    /// Width and height of a tile, in points.
    pub fn tile(&self) -> (f64, f64) {
        self.filter.tile(self.cell)
    }

    /// The upper left corner of the tile of a channel, at a row and column of places, of the filter with this number among those drawn;
    /// in points from that of the first.
    pub fn corner(&self, number: usize, (row, column): (usize, usize), channel: usize) -> (f64, f64) {
        let (filter, place) = (self.filter.size(self.cell), self.filter.place(self.cell));
        let (down, right) = (number / self.columns, number % self.columns);
        (
            right as f64 * (filter.0 + GAPS.1) + column as f64 * (place.0 + GAPS.0) + channel as f64 * self.tile().0,
            down as f64 * (filter.1 + GAPS.1) + row as f64 * (place.1 + GAPS.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: (f64, f64) = (120.0, 100.0);

    fn layout(places: (usize, usize), channels: usize, weights: (usize, usize), most: usize) -> TileLayout {
        let filter = FilterShape {
            places,
            channels,
            weights,
        };
        TileLayout::new(filter, most, ROOM)
    }

    #[test]
    fn filters_stay_in_their_room() {
        let shapes = [
            (1, 5),
            (1, 40),
            (3, 3),
            (5, 5),
            (8, 8),
            (28, 28),
            (40, 1),
            (1, 1),
            (64, 64),
        ];
        for (places, channels) in [((1, 1), 1), ((1, 1), 3), ((1, 3), 1), ((3, 3), 1), ((3, 3), 3)] {
            for weights in shapes {
                for most in [1, 2, 5, 36] {
                    let layout = layout(places, channels, weights, most);
                    let (width, height) = layout.size();
                    let said = format!("{places:?} {channels} {weights:?} {most}: {width} x {height}");
                    assert!(width <= ROOM.0 + 1e-6, "{said}");
                    assert!(height <= ROOM.1 + 1e-6, "{said}");
                    assert!((1..=most).contains(&layout.count), "{said}");
                    let last = layout.corner(layout.count - 1, (places.0 - 1, places.1 - 1), channels - 1);
                    let end = (last.0 + layout.tile().0, last.1 + layout.tile().1);
                    assert!(end.0 <= width + 1e-6 && end.1 <= height + 1e-6, "{said}");
                }
            }
        }
    }

    #[test]
    fn fewer_filters_are_drawn_larger_and_too_many_are_left_out() {
        let side = |most| layout((1, 1), 1, (8, 8), most).cell.0;
        assert!(side(4) > side(16));
        // three of 28 points and two gaps of 5 fit in 100 points and in 120
        assert_eq!(layout((1, 1), 1, (28, 28), 36).count, 9);
        assert_eq!(layout((1, 1), 1, (3, 3), 9).cell, (6.0, 6.0));
        assert_eq!(layout((1, 1), 1, (1, 5), 3).cell, (6.0, 8.0));
    }
}
