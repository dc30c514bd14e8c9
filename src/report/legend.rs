//! Name the arms of a figure below its plots.

use super::canvas::{Anchor, Canvas, PaperPlace, fitted, sheet, text_width};
use super::style::{CURVE, INK, MARK, Paper, SOLID, Style, TEXT, THIN};
use std::convert::Infallible;

/// Height of an entry, in points.
const ROW: f64 = 9.0;
/// Length of the piece of curve beside a label, in points.
const SAMPLE: f64 = 18.0;
/// From the piece of curve to the label, in points.
const GAP: f64 = 3.5;
/// Between columns, in points.
const BETWEEN: f64 = 12.0;

/// What stands beside a label.
#[derive(Clone, Copy)]
pub enum Sample {
    /// A piece of curve with a mark, of the arm at this place in `arms.csv`.
    Arm(usize),
    /// A piece of a thin line.
    Line,
    /// A mark in the style of this place.
    Mark(usize),
}

/// Entries in as many columns as there is room for.
pub struct Legend {
    /// Samples and their labels, cut where they are wider than the figure; column by column.
    columns: Vec<Vec<(Sample, String)>>,
}

impl Legend {
    /// A legend of at most a width in points for arms given by place and label.
    pub fn new<'a>(arms: impl IntoIterator<Item = (usize, &'a str)>, width: f64) -> Self {
        Self::of(arms.into_iter().map(|(arm, label)| (Sample::Arm(arm), label)), width)
    }

    /// A legend of at most a width in points.
    pub fn of<'a>(entries: impl IntoIterator<Item = (Sample, &'a str)>, width: f64) -> Self {
        let longest = width - SAMPLE - GAP;
        let entries: Vec<(Sample, String)> = entries
            .into_iter()
            .map(|(sample, label)| (sample, fitted(label, TEXT, longest)))
            .collect();
        let of_rows = |rows: usize| Self {
            columns: entries.chunks(rows).map(<[_]>::to_vec).collect(),
        };
        let fitting = (1..=entries.len()).map(of_rows).find(|legend| legend.width() <= width);
        fitting.unwrap_or_else(|| of_rows(entries.len().max(1)))
    }

    /// Its height in points.
    pub fn height(&self) -> f64 {
        self.columns.first().map_or(0.0, |column| column.len() as f64 * ROW)
    }

    fn width(&self) -> f64 {
        self.columns.iter().map(|column| width(column) + BETWEEN).sum::<f64>() - BETWEEN
    }

    /// Draws the entries, centred in a sheet of a width; `top` is where the first row begins.
    pub fn draw(&self, canvas: &mut Canvas<'_>, sheet: f64, top: f64) {
        let mut x = (sheet - self.width()) / 2.0;
        for column in &self.columns {
            for (row, (sample, label)) in column.iter().enumerate() {
                let y = top + (row as f64 + 0.5) * ROW;
                canvas.group("entry", sample.arm(), |canvas| {
                    sample.draw(canvas, (x, y));
                    canvas.text(label, (x + SAMPLE + GAP, y + 0.36 * TEXT), Anchor::Left, TEXT, INK);
                });
            }
            x += width(column) + BETWEEN;
        }
    }
}

/// The piece of curve of an arm alone, as a drawing.
pub fn sample(arm: usize) -> String {
    let Ok(svg) = sheet(&Paper::JOURNAL, (SAMPLE, ROW), "", |canvas| {
        Sample::Arm(arm).draw(canvas, (0.0, ROW / 2.0));
        Ok::<_, Infallible>(())
    });
    svg
}

impl Sample {
    /// Whose it is, if it is an arm's.
    fn arm(self) -> Option<usize> {
        match self {
            Self::Arm(arm) => Some(arm),
            Self::Line | Self::Mark(_) => None,
        }
    }

    /// Draws it in the room before a label, which begins at a place.
    fn draw(self, canvas: &mut Canvas<'_>, (x, y): PaperPlace) {
        let ends = [(x, y), (x + SAMPLE, y)];
        match self {
            Self::Arm(arm) => {
                let Style { colour, dash, .. } = Style::of(arm);
                canvas.path(ends, colour, CURVE, dash);
                Self::Mark(arm).draw(canvas, (x, y));
            }
            Self::Line => canvas.path(ends, INK, THIN, SOLID),
            Self::Mark(place) => {
                let Style { colour, marker, .. } = Style::of(place);
                canvas.mark((x + SAMPLE / 2.0, y), marker, MARK, colour);
            }
        }
    }
}

fn width(column: &[(Sample, String)]) -> f64 {
    SAMPLE
        + GAP
        + column
            .iter()
            .map(|(_, label)| text_width(label, TEXT))
            .fold(0.0, f64::max)
}
