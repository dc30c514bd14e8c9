//! Define the shape of a map: units that lie in channels of rows and columns.

use serde::{Deserialize, Serialize};

/// Channels of rows of columns, such as an image or what a convolution makes of one. In a column of numbers the unit of channel `c`,
/// row `y` and column `x` is number `(c rows + y) columns + x`, as in IDX and CIFAR files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Map {
    /// Colours of an image, kinds of feature above it.
    pub channels: usize,
    /// Places from top to bottom.
    pub rows: usize,
    /// Places from left to right.
    pub columns: usize,
}

impl Map {
    /// So many channels of so many rows of so many columns.
    pub const fn new(channels: usize, rows: usize, columns: usize) -> Self {
        Self {
            channels,
            rows,
            columns,
        }
    }

    /// Places of a channel.
    pub const fn positions(self) -> usize {
        self.rows * self.columns
    }

    /// Units of all channels.
    pub const fn units(self) -> usize {
        self.channels * self.positions()
    }
}
