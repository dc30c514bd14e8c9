//! Name the arms of a figure below its plots.

use super::canvas::{Anchor, Canvas, fitted, text_width};
use super::style::{CURVE, INK, MARK, Style, TEXT};

/// Height of an entry, in points.
const ROW: f64 = 9.0;
/// Length of the piece of curve beside a label, in points.
const SAMPLE: f64 = 20.0;
/// From the piece of curve to the label, in points.
const GAP: f64 = 3.5;
/// Between columns, in points.
const BETWEEN: f64 = 12.0;

/// Entries in as many columns as there is room for.
pub struct Legend {
    /// Place of the arm and its label, cut where it is wider than the figure.
    entries: Vec<(usize, String)>,
    rows: usize,
    column: f64,
    width: f64,
}

impl Legend {
    /// A legend of a width in points for arms given by place and label.
    pub fn new<'a>(arms: impl IntoIterator<Item = (usize, &'a str)>, width: f64) -> Self {
        let longest = width - SAMPLE - GAP;
        let entries: Vec<(usize, String)> = arms
            .into_iter()
            .map(|(arm, label)| (arm, fitted(label, TEXT, longest)))
            .collect();
        let widest = entries
            .iter()
            .map(|(_, label)| text_width(label, TEXT))
            .fold(0.0, f64::max);
        let column = SAMPLE + GAP + widest;
        let most = (((width + BETWEEN) / (column + BETWEEN)) as usize).max(1);
        let rows = entries.len().div_ceil(most);
        let columns = entries.len().div_ceil(rows.max(1)).max(1) as f64;
        Self {
            entries,
            rows,
            column: column + BETWEEN,
            width: columns * (column + BETWEEN) - BETWEEN,
        }
    }

    /// Its height in points.
    pub fn height(&self) -> f64 {
        self.rows as f64 * ROW
    }

    /// Draws the entries, column by column, centred in a sheet of a width; `top` is where the first row begins.
    pub fn draw(&self, canvas: &mut Canvas<'_>, sheet: f64, top: f64) {
        let left = (sheet - self.width) / 2.0;
        for (entry, (arm, label)) in self.entries.iter().enumerate() {
            let x = left + (entry / self.rows) as f64 * self.column;
            let y = top + ((entry % self.rows) as f64 + 0.5) * ROW;
            let Style { colour, dash, marker } = Style::of(*arm);
            canvas.path([(x, y), (x + SAMPLE, y)], colour, CURVE, dash);
            canvas.mark((x + SAMPLE / 2.0, y), marker, MARK, colour);
            canvas.text(label, (x + SAMPLE + GAP, y + 0.36 * TEXT), Anchor::Left, TEXT, INK);
        }
    }
}
