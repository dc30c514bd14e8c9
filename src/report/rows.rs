//! Lay out a figure with one row an arm: label, points on a common axis, numbers.

use super::axis::{Axis, Drawn, Outside};
use super::canvas::{Anchor, Canvas, fitted, sheet, text_width};
use super::ruler::{Frame, ROOM_BELOW, level_axis};
use super::style::{COLUMN, CURVE, GREY, HIGHEST, INK, MARK, MM, PAGE, SMALL, SOLID, Style, TEXT};

/// White at the edges of the sheet, in points.
const EDGE: f64 = 4.0;
/// Between labels, plot and numbers, in points.
const BESIDE: f64 = 6.0;
/// Height of a row where there is room, and the least one, in points.
const ROWS: (f64, f64) = (12.0, 7.5);
/// A label is cut beyond this width, in points.
const WIDEST_LABEL: f64 = 75.0 * MM;
/// Below this width the plot needs a whole page, in points.
const NARROWEST_PLOT: f64 = 36.0 * MM;
/// How far the mean lies above the middle of its row, as a share of the row's height.
const MEAN_ABOVE: f64 = 0.18;
/// How far the points of seeds lie below the middle.
const SEEDS_BELOW: f64 = 0.22;
/// Half the height over which they are spread.
const SEEDS_SPREAD: f64 = 0.12;

/// What is shown of an arm.
pub struct Row {
    /// Its place in `arms.csv`.
    pub arm: usize,
    /// Its label.
    pub label: String,
    /// A value a run.
    pub seeds: Vec<f64>,
    /// Their mean.
    pub mean: Option<f64>,
    /// The interval of the mean.
    pub interval: Option<(f64, f64)>,
    /// Mean and interval in figures.
    pub numbers: String,
    /// How many runs diverged, if any.
    pub diverged: String,
}

impl Row {
    /// Mean and interval, where there is a mean.
    pub fn value(&self) -> Option<Value> {
        self.mean.map(|mean| (mean, self.interval))
    }
}

/// A column of text right of the plot.
struct Column<'a> {
    heading: &'a str,
    cells: Vec<&'a str>,
}

impl Column<'_> {
    fn width(&self) -> f64 {
        self.cells
            .iter()
            .map(|cell| text_width(cell, SMALL))
            .fold(text_width(self.heading, SMALL), f64::max)
    }
}

/// Draws rows over a common axis as SVG; the numbers stand under a heading.
pub fn figure(rows: &[Row], axis: &Axis, heading: &str) -> Result<String, Outside> {
    let labels: Vec<String> = rows.iter().map(|row| fitted(&row.label, TEXT, WIDEST_LABEL)).collect();
    let mut columns = vec![Column {
        heading,
        cells: rows.iter().map(|row| &*row.numbers).collect(),
    }];
    if rows.iter().any(|row| !row.diverged.is_empty()) {
        let cells = rows.iter().map(|row| &*row.diverged).collect();
        columns.push(Column {
            heading: "diverged",
            cells,
        });
    }
    let room_left = EDGE + labels.iter().map(|label| text_width(label, TEXT)).fold(0.0, f64::max) + BESIDE;
    let room_right = EDGE + columns.iter().map(|column| BESIDE + column.width()).sum::<f64>();
    let around = room_left + room_right;
    let width = if COLUMN - around >= NARROWEST_PLOT {
        COLUMN
    } else {
        PAGE
    };
    let room_above = SMALL + 4.0;
    let height_around = 2.0 * EDGE + room_above + ROOM_BELOW;
    let row_height = ((HIGHEST - height_around) / rows.len() as f64).clamp(ROWS.1, ROWS.0);
    let frame = Frame {
        left: room_left,
        top: EDGE + room_above,
        width: width - around,
        height: row_height * rows.len() as f64,
    };
    let middle = |place: usize| frame.top + (place as f64 + 0.5) * row_height;
    let size = (width, frame.height + height_around);
    sheet(size, "Final scores", |canvas| {
        canvas.group("plot", None, |canvas| {
            level_axis(canvas, frame, axis, true)?;
            for (place, row) in rows.iter().enumerate() {
                draw_row(canvas, frame, axis, row, middle(place), row_height)?;
            }
            Ok(())
        })?;
        canvas.rule((frame.left, frame.top), (frame.left, frame.top + frame.height));
        for (place, label) in labels.iter().enumerate() {
            let baseline = middle(place) + 0.36 * TEXT;
            canvas.text(label, (frame.left - BESIDE, baseline), Anchor::Right, TEXT, INK);
        }
        let mut right = frame.left + frame.width;
        for column in &columns {
            right += BESIDE + column.width();
            canvas.text(column.heading, (right, EDGE + SMALL), Anchor::Right, SMALL, GREY);
            for (place, cell) in column.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                canvas.text(cell, (right, middle(place) + 0.36 * SMALL), Anchor::Right, SMALL, INK);
            }
        }
        Ok(())
    })
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    axis: &Axis,
    row: &Row,
    middle: f64,
    height: f64,
) -> Result<(), Outside> {
    /// The fractions of its multiples spread evenly however many there are.
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    canvas.group("seeds", Some(row.arm), |canvas| {
        for (seed, value) in row.seeds.iter().enumerate() {
            let spread = 2.0 * ((seed as f64 + 0.5) * GOLDEN).fract() - 1.0;
            let y = middle + (SEEDS_BELOW + spread * SEEDS_SPREAD) * height;
            let x = frame.place((axis.position(*value)?, 0.0)).0;
            canvas.disc((x, y), 0.9, Style::of(row.arm).colour, 0.4);
        }
        Ok(())
    })?;
    let y = middle - MEAN_ABOVE * height;
    match row.value() {
        Some(value) => mark(canvas, frame, axis, row.arm, value, y),
        None => Ok(()),
    }
}

/// A mean, and the interval of it where there is one.
pub type Value = (f64, Option<(f64, f64)>);

/// Values that stand in rows, with their intervals.
pub fn drawn<'a>(values: impl IntoIterator<Item = &'a Value>) -> Drawn {
    let (marks, intervals): (_, Vec<_>) = values.into_iter().copied().unzip();
    Drawn {
        marks,
        intervals: intervals.into_iter().flatten().collect(),
    }
}

/// Whether the axis cuts the interval of one of the values.
pub fn cuts<'a>(axis: &Axis, values: impl IntoIterator<Item = &'a Value>) -> bool {
    let mut intervals = values.into_iter().filter_map(|(_, interval)| *interval);
    intervals.any(|(low, high)| axis.cuts(low) || axis.cuts(high))
}

/// A mean and its interval over a level axis, so many points from the top.
pub fn mark(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    axis: &Axis,
    arm: usize,
    (mean, interval): Value,
    y: f64,
) -> Result<(), Outside> {
    let Style { colour, marker, .. } = Style::of(arm);
    let at = |position: f64| (frame.place((position, 0.0)).0, y);
    if let Some((low, high)) = interval {
        canvas.group("interval", Some(arm), |canvas| {
            canvas.path([at(axis.end(low)), at(axis.end(high))], colour, CURVE, SOLID);
            Ok(())
        })?;
    }
    canvas.group("mean", Some(arm), |canvas| {
        canvas.mark(at(axis.position(mean)?), marker, MARK, colour);
        Ok(())
    })
}
