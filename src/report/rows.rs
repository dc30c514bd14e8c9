//! Lay out a figure with one row an arm: label, points on a common axis, numbers.

use super::axis::{Axis, Drawn, Outside};
use super::canvas::{Canvas, sheet};
use super::columns::{Labels, RowPlaces, TextColumn};
use super::data::MeanAndInterval;
use super::ruler::{Frame, ROOM_BELOW, level_axis};
use super::style::{CURVE, MARK, MM, Paper, SMALL, SOLID, Style};

/// White at the edges of the sheet, in points.
const EDGE: f64 = 4.0;
/// Between labels, plot and numbers, in points.
const BESIDE: f64 = 6.0;
/// Height of a row where there is room, and the least one, in points.
const ROWS: (f64, f64) = (12.0, 7.5);
/// A label is cut beyond this width, in points.
const WIDEST_LABEL: f64 = 75.0 * MM;
/// Labels take at most this share of the page.
const LABELS: f64 = 0.41;
/// Below this width the plot needs a whole page, in points.
const NARROWEST_PLOT: f64 = 36.0 * MM;
/// How far the mean lies above the middle of its row, as a share of the row's height.
const MEAN_ABOVE: f64 = 0.18;
/// How far the points of seeds lie below the middle.
const SEEDS_BELOW: f64 = 0.22;
/// Half the height over which they are spread.
const SEEDS_SPREAD: f64 = 0.12;

/// What is shown of an arm.
pub struct ScoreRow {
    /// Its place in `arms.csv`.
    pub arm: usize,
    /// Its label.
    pub label: String,
    /// A value a run.
    pub seeds: Vec<f64>,
    /// Their mean, and its interval.
    pub value: Option<MeanAndInterval>,
    /// Mean and interval in figures.
    pub numbers: String,
    /// How many runs diverged, if any.
    pub diverged: String,
}

impl ScoreRow {
    /// Most seeds of an arm that are drawn as points.
    pub const MOST_SEEDS: usize = 250;

    /// The values that are drawn: all, or of many as many as there may be, in equal steps of rank from the lowest to the highest.
    fn points(&self) -> Vec<f64> {
        let (most, count) = (Self::MOST_SEEDS, self.seeds.len());
        if count <= most {
            return self.seeds.clone();
        }
        let mut sorted = self.seeds.clone();
        sorted.sort_by(f64::total_cmp);
        (0..most).map(|i| sorted[i * (count - 1) / (most - 1)]).collect()
    }
}

/// Draws rows over a common axis as SVG; the numbers stand under a heading.
pub fn figure(paper: &Paper, rows: &[ScoreRow], axis: &Axis, heading: &str) -> Result<String, Outside> {
    let labels = Labels::new(
        rows.iter().map(|row| (row.arm, &*row.label)),
        WIDEST_LABEL.min(LABELS * paper.page),
    );
    let mut columns = vec![TextColumn {
        heading,
        cells: rows.iter().map(|row| &*row.numbers).collect(),
    }];
    if rows.iter().any(|row| !row.diverged.is_empty()) {
        columns.push(TextColumn {
            heading: "diverged",
            cells: rows.iter().map(|row| &*row.diverged).collect(),
        });
    }
    let room_left = EDGE + labels.width() + BESIDE;
    let room_right = EDGE + columns.iter().map(|column| BESIDE + column.width()).sum::<f64>();
    let around = room_left + room_right;
    let width = if paper.column - around >= NARROWEST_PLOT {
        paper.column
    } else {
        paper.page.max(around + NARROWEST_PLOT)
    };
    let room_above = SMALL + 4.0;
    let height_around = 2.0 * EDGE + room_above + ROOM_BELOW;
    let row_height = ((paper.highest - height_around) / rows.len() as f64).clamp(ROWS.1, ROWS.0);
    let frame = Frame {
        left: room_left,
        top: EDGE + room_above,
        width: width - around,
        height: row_height * rows.len() as f64,
    };
    let places = RowPlaces {
        top: frame.top,
        height: row_height,
    };
    let size = (width, frame.height + height_around);
    sheet(paper, size, "Final scores", |canvas| {
        canvas.group("plot", None, |canvas| {
            level_axis(canvas, frame, axis, true)?;
            for (place, row) in rows.iter().enumerate() {
                draw_row(canvas, frame, axis, row, places.middle(place), row_height)?;
            }
            Ok(())
        })?;
        canvas.rule((frame.left, frame.top), (frame.left, frame.top + frame.height));
        labels.draw(canvas, frame.left - BESIDE, places);
        let mut right = frame.left + frame.width;
        for column in &columns {
            right += BESIDE + column.width();
            column.draw(canvas, right, places);
        }
        Ok(())
    })
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    axis: &Axis,
    row: &ScoreRow,
    middle: f64,
    height: f64,
) -> Result<(), Outside> {
    /// The fractions of its multiples spread evenly however many there are.
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    canvas.group("seeds", Some(row.arm), |canvas| {
        for (seed, value) in row.points().iter().enumerate() {
            let spread = 2.0 * ((seed as f64 + 0.5) * GOLDEN).fract() - 1.0;
            let y = middle + (SEEDS_BELOW + spread * SEEDS_SPREAD) * height;
            let x = frame.place((axis.position(*value)?, 0.0)).0;
            canvas.disc((x, y), 0.9, Style::of(row.arm).colour, 0.4);
        }
        Ok(())
    })?;
    let y = middle - MEAN_ABOVE * height;
    match row.value {
        Some(value) => mark(canvas, frame, axis, row.arm, value, y),
        None => Ok(()),
    }
}

/// Values that stand in rows, with their intervals.
pub fn drawn<'a>(values: impl IntoIterator<Item = &'a MeanAndInterval>) -> Drawn {
    let (marks, intervals): (_, Vec<_>) = values.into_iter().copied().unzip();
    Drawn {
        marks,
        intervals: intervals.into_iter().flatten().collect(),
    }
}

/// Whether the axis cuts the interval of one of the values.
pub fn cuts<'a>(axis: &Axis, values: impl IntoIterator<Item = &'a MeanAndInterval>) -> bool {
    let mut intervals = values.into_iter().filter_map(|(_, interval)| *interval);
    intervals.any(|(low, high)| axis.cuts(low) || axis.cuts(high))
}

/// A mean and its interval over a level axis, so many points from the top.
pub fn mark(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    axis: &Axis,
    arm: usize,
    (mean, interval): MeanAndInterval,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seeds: usize) -> ScoreRow {
        ScoreRow {
            arm: 0,
            label: String::new(),
            // a permutation: 7919 is prime
            seeds: (0..seeds).map(|i| (i * 7919 % seeds) as f64).collect(),
            value: None,
            numbers: String::new(),
            diverged: String::new(),
        }
    }

    #[test]
    fn few_seeds_are_all_drawn_and_many_in_equal_steps_of_rank() {
        let few = row(ScoreRow::MOST_SEEDS);
        assert_eq!(few.points(), few.seeds);
        let points = row(10_000).points();
        assert_eq!(points.len(), ScoreRow::MOST_SEEDS);
        assert_eq!((points[0], points[ScoreRow::MOST_SEEDS - 1]), (0.0, 9999.0));
        let steps = points.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(steps.clone().all(|step| (40.0..42.0).contains(&step)), "{points:?}");
    }
}
