//! Draw what each arm reaches at the end of training: every seed a point, mean and interval, one row an arm.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, fitted, sheet, text_width};
use super::data::Data;
use super::panel::{Frame, ROOM_BELOW, level_axis};
use super::style::{COLUMN, CURVE, GREY, HIGHEST, INK, MARK, MM, PAGE, SMALL, SOLID, Style, TEXT};
use super::{Drawing, caption};
use crate::results::{RunRow, Score};
use std::collections::{BTreeMap, BTreeSet};

/// White at the edges of the sheet, in points.
const EDGE: f64 = 2.0;
/// Between labels, plot and numbers, in points.
const BESIDE: f64 = 6.0;
/// Height of a row where there is room, and the least one, in points.
const ROWS: (f64, f64) = (12.0, 7.5);
/// A label is cut beyond this width, in points.
const WIDEST_LABEL: f64 = 75.0 * MM;
/// Below this width the plot needs a whole page, in points.
const NARROWEST_PLOT: f64 = 38.0 * MM;
/// Shares of a row's height: how far the mean lies above its middle, the points below, and half of what they spread over.
const LANES: (f64, f64, f64) = (0.18, 0.22, 0.12);

/// What an arm reached.
struct Row {
    arm: usize,
    label: String,
    remark: String,
    seeds: Vec<f64>,
    mean: Option<f64>,
    interval: Option<(f64, f64)>,
    numbers: String,
}

/// Test accuracy, or the test loss where there is no accuracy.
struct Measure {
    name: &'static str,
    of: fn(&Score) -> Option<f64>,
    factor: f64,
}

const MEASURES: [Measure; 2] = [
    Measure {
        name: "accuracy",
        of: |score| score.accuracy,
        factor: 100.0,
    },
    Measure {
        name: "loss",
        of: |score| score.loss,
        factor: 1.0,
    },
];

/// The figure, if any run has a test score.
pub fn draw(data: &Data) -> Option<Drawing> {
    let has = |measure: &&Measure| finished(data).any(|run| (measure.of)(&run.last.test).is_some());
    let measure = MEASURES.iter().find(has)?;
    let rows: Vec<Row> = data.drawable().map(|arm| row(data, arm, measure)).collect();
    let values = rows.iter().flat_map(|row| {
        let ends = row.interval.into_iter().flat_map(|(low, high)| [low, high]);
        row.seeds.iter().copied().chain(row.mean).chain(ends)
    });
    let axis = if measure.name == "accuracy" {
        Axis::between_ticks("Final test accuracy (%)", extent(values)?, (0.0, 100.0), 6)
    } else {
        Axis::log("Final test loss", extent(values.filter(|x| *x > 0.0))?)
    };
    let unit = if measure.name == "accuracy" {
        " in percent"
    } else {
        ", on a logarithmic axis"
    };
    let mut text = vec![
        format!(
            "Final test {}{unit}, at the last measured step of each run.",
            measure.name
        ),
        format!(
            "Small points are single seeds, spread in height to be told apart; marks above them are means over seeds with {}.",
            caption::interval()
        ),
    ];
    let sizes: BTreeMap<usize, u64> = rows
        .iter()
        .filter(|row| !row.seeds.is_empty())
        .map(|row| (row.arm, row.seeds.len() as u64))
        .collect();
    text.push(caption::sample_sizes(data, &sizes));
    let drawn: BTreeSet<usize> = sizes.into_keys().collect();
    text.extend(caption::about_arms(data, &drawn));
    Some(Drawing {
        svg: figure(&rows, &axis),
        caption: text.join("\n") + "\n",
    })
}

fn finished(data: &Data) -> impl Iterator<Item = &RunRow> {
    data.arms.iter().flat_map(|arm| &arm.finished)
}

fn row(data: &Data, arm: usize, measure: &Measure) -> Row {
    let counted = &data.arms[arm];
    let seeds = counted
        .finished
        .iter()
        .filter_map(|run| (measure.of)(&run.last.test))
        .map(|x| x * measure.factor)
        .collect();
    let statistics = data.final_statistics(arm, measure.name, "test");
    let mean = statistics.map(|row| row.mean * measure.factor);
    let interval = statistics
        .and_then(|row| Some((row.ci_low? * measure.factor, row.ci_high? * measure.factor)))
        // No accuracy lies outside, though a symmetric interval may.
        .map(|(low, high)| {
            if measure.factor == 100.0 {
                (low.max(0.0), high.min(100.0))
            } else {
                (low, high)
            }
        });
    let remark = match counted.diverged {
        0 => String::new(),
        diverged => format!("{diverged} of {} diverged", counted.runs()),
    };
    let numbers = numbers(statistics.map(|row| {
        (
            row.mean * measure.factor,
            row.ci_high.map(|high| (high - row.mean) * measure.factor),
        )
    }));
    Row {
        arm,
        label: counted.row.label.clone(),
        remark,
        seeds,
        mean,
        interval,
        numbers,
    }
}

/// Mean and half the width of the interval, with two digits of the latter.
fn numbers(statistics: Option<(f64, Option<f64>)>) -> String {
    let two_digits = |x: f64| (1 - x.abs().log10().floor() as i32).clamp(0, 6) as usize;
    match statistics {
        None => "–".to_owned(),
        Some((mean, Some(half))) if half > 0.0 => {
            let decimals = two_digits(half);
            format!("{mean:.decimals$} ± {half:.decimals$}")
        }
        Some((mean, _)) if mean == 0.0 => "0".to_owned(),
        Some((mean, _)) => format!("{mean:.*}", two_digits(mean / 10.0)),
    }
}

fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, x| {
        let (low, high) = range.unwrap_or((x, x));
        Some((low.min(x), high.max(x)))
    })
}

fn figure(rows: &[Row], axis: &Axis) -> String {
    let remark_gap = 4.0;
    let room_left = |row: &Row| {
        let remark = if row.remark.is_empty() {
            0.0
        } else {
            remark_gap + text_width(&row.remark, SMALL)
        };
        text_width(&fitted(&row.label, TEXT, WIDEST_LABEL), TEXT) + remark
    };
    let labels = rows.iter().map(room_left).fold(0.0, f64::max);
    let head = "mean ± interval";
    let numbers = rows
        .iter()
        .map(|row| text_width(&row.numbers, SMALL))
        .fold(text_width(head, SMALL), f64::max);
    let around = 2.0 * EDGE + labels + numbers + 2.0 * BESIDE;
    let width = if COLUMN - around >= NARROWEST_PLOT {
        COLUMN
    } else {
        PAGE
    };
    let room_above = SMALL + 4.0;
    let height_around = 2.0 * EDGE + room_above + ROOM_BELOW;
    let row_height = ((HIGHEST - height_around) / rows.len() as f64).clamp(ROWS.1, ROWS.0);
    let frame = Frame {
        left: EDGE + labels + BESIDE,
        top: EDGE + room_above,
        width: width - around,
        height: row_height * rows.len() as f64,
    };
    sheet(width, frame.height + height_around, "Final test scores", |canvas| {
        level_axis(canvas, frame, axis, true);
        canvas.rule((frame.left, frame.top), (frame.left, frame.top + frame.height));
        let right = width - EDGE;
        canvas.text(head, (right, EDGE + SMALL), Anchor::Right, SMALL, GREY);
        for (place, row) in rows.iter().enumerate() {
            let y = frame.top + (place as f64 + 0.5) * row_height;
            let remark = if row.remark.is_empty() {
                0.0
            } else {
                remark_gap + text_width(&row.remark, SMALL)
            };
            let label = fitted(&row.label, TEXT, WIDEST_LABEL);
            canvas.text(
                &label,
                (frame.left - BESIDE - remark, y + 0.36 * TEXT),
                Anchor::Right,
                TEXT,
                INK,
            );
            if !row.remark.is_empty() {
                canvas.text(
                    &row.remark,
                    (frame.left - BESIDE, y + 0.36 * SMALL),
                    Anchor::Right,
                    SMALL,
                    GREY,
                );
            }
            canvas.text(&row.numbers, (right, y + 0.36 * SMALL), Anchor::Right, SMALL, INK);
            draw_row(canvas, frame, axis, row, y, row_height);
        }
    })
}

fn draw_row(canvas: &mut Canvas<'_>, frame: Frame, axis: &Axis, row: &Row, y: f64, height: f64) {
    /// Its multiples fill the unit interval evenly however many there are.
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let Style { colour, marker, .. } = Style::of(row.arm);
    let x = |value: f64| frame.place(axis.position(value), 0.0).0;
    for (seed, value) in row.seeds.iter().enumerate() {
        let spread = 2.0 * ((seed as f64 + 0.5) * GOLDEN).fract() - 1.0;
        canvas.disc((x(*value), y + (LANES.1 + spread * LANES.2) * height), 0.9, colour, 0.4);
    }
    let y = y - LANES.0 * height;
    if let Some((low, high)) = row.interval {
        canvas.path([(x(low), y), (x(high), y)], colour, CURVE, SOLID);
        for end in [low, high] {
            canvas.path([(x(end), y - 1.8), (x(end), y + 1.8)], colour, CURVE, SOLID);
        }
    }
    if let Some(mean) = row.mean {
        canvas.mark((x(mean), y), marker, MARK, colour);
    }
}
