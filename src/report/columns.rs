//! Set labels and numbers beside plots that have a row for each arm.

use super::canvas::{Anchor, Canvas, fitted, text_width};
use super::style::{GREY, INK, SMALL, TEXT};

/// Rows of equal height, in points.
#[derive(Clone, Copy)]
pub struct RowPlaces {
    /// Where the first begins.
    pub top: f64,
    /// Of each.
    pub height: f64,
}

impl RowPlaces {
    /// The middle of a row.
    pub fn middle(&self, place: usize) -> f64 {
        self.top + (place as f64 + 0.5) * self.height
    }
}

/// The labels of rows, cut where they are too wide, with the places of their arms in `arms.csv`.
pub struct Labels(Vec<(usize, String)>);

impl Labels {
    /// None is wider than so many points.
    pub fn new<'a>(arms: impl Iterator<Item = (usize, &'a str)>, widest: f64) -> Self {
        Self(arms.map(|(arm, label)| (arm, fitted(label, TEXT, widest))).collect())
    }

    /// The width of the widest, in points.
    pub fn width(&self) -> f64 {
        self.0
            .iter()
            .map(|(_, label)| text_width(label, TEXT))
            .fold(0.0, f64::max)
    }

    /// Draws them so that they end so many points from the left.
    pub fn draw(&self, canvas: &mut Canvas<'_>, right: f64, rows: RowPlaces) {
        for (place, (arm, label)) in self.0.iter().enumerate() {
            let baseline = rows.middle(place) + 0.36 * TEXT;
            canvas.group("entry", Some(*arm), |canvas| {
                canvas.text(label, (right, baseline), Anchor::Right, TEXT, INK);
            });
        }
    }
}

/// A column of text under a heading.
pub struct TextColumn<'a> {
    /// Stands above the first row.
    pub heading: &'a str,
    /// A text a row; it may be empty.
    pub cells: Vec<&'a str>,
}

impl TextColumn<'_> {
    /// Its width in points.
    pub fn width(&self) -> f64 {
        let widths = self.cells.iter().map(|cell| text_width(cell, SMALL));
        widths.fold(text_width(self.heading, SMALL), f64::max)
    }

    /// Draws it so that it ends so many points from the left.
    pub fn draw(&self, canvas: &mut Canvas<'_>, right: f64, rows: RowPlaces) {
        canvas.text(self.heading, (right, rows.top - 4.0), Anchor::Right, SMALL, GREY);
        for (place, cell) in self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let baseline = rows.middle(place) + 0.36 * SMALL;
            canvas.text(cell, (right, baseline), Anchor::Right, SMALL, INK);
        }
    }
}
