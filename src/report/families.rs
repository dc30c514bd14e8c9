//! Put accuracy, alignment and work of all rules side by side: three plots that share their rows, one row an arm, the best first.

use super::axis::{Axis, Drawn, Outside};
use super::canvas::{Anchor, Canvas, fitted, sheet, text_width};
use super::data::Data;
use super::finals::{self, Measure};
use super::rows::{self, Row, Value};
use super::ruler::{Frame, ROOM_BELOW, level_axis};
use super::style::{AXIS, GREY, HIGHEST, INK, MM, PAGE, REFERENCE, SMALL, STRIPE, TEXT};
use super::{Drawing, angles, caption, quantities, work};
use crate::results::Interval;
use std::collections::{BTreeMap, BTreeSet};

/// With fewer arms the other figures say it all.
const LEAST_ARMS: usize = 8;
/// So many arms must have an angle, and so many counted work.
const LEAST_VALUES: usize = 2;
/// White at the edges of the sheet, in points.
const EDGE: f64 = 4.0;
/// Between labels, plots and numbers, in points.
const BESIDE: f64 = 6.0;
/// Between two plots, in points: numbers below one may reach beyond it.
const BETWEEN: f64 = 15.0;
/// Height of a row where there is room, in points. At the most arms there can be it is 10.
const ROW: f64 = 12.0;
/// A label is cut beyond this width, in points.
const WIDEST_LABEL: f64 = 52.0 * MM;
/// Widths of the plots, as shares of the room for them.
const SHARES: [f64; 3] = [0.4, 0.32, 0.28];

/// What is shown of an arm.
struct Entry {
    /// Label, mean and interval of the score.
    row: Row,
    /// Mean angle to the reference at the end, with its interval.
    angle: Option<Value>,
    /// Mean multiply-adds of training.
    work: Option<f64>,
}

/// One plot: an axis, lines of reference, and a value an arm.
struct Plot {
    heading: &'static str,
    axis: Axis,
    lines: Vec<f64>,
    values: Vec<Option<Value>>,
}

/// The figure, if there are many arms, and angles and work to compare.
pub fn draw(data: &Data) -> Result<Option<Drawing>, Outside> {
    parts(data).map(|parts| parts.drawing(data)).transpose()
}

/// All that is drawn.
struct Parts {
    measure: Measure,
    reference: String,
    layers: &'static str,
    entries: Vec<Entry>,
    plots: [Plot; 3],
    /// How intervals were made, where there are any.
    method: Option<Interval>,
}

fn parts(data: &Data) -> Option<Parts> {
    let measure = Measure::shown(data)?;
    let reference = &*angles::reference(data)?;
    let layers = if data.final_angles("hidden", reference).next().is_some() {
        "hidden"
    } else {
        "all"
    };
    let found: BTreeMap<usize, Value> = data.final_angles(layers, reference).collect();
    let mut entries: Vec<Entry> = data
        .drawable()
        .map(|arm| Entry {
            row: finals::row(data, arm, &measure),
            angle: found.get(&arm).copied(),
            work: work::of_training(data, arm),
        })
        .collect();
    let with = |has: fn(&Entry) -> bool| entries.iter().filter(|entry| has(entry)).count();
    let is_drawn = with(|entry| entry.row.mean.is_some()) >= LEAST_ARMS
        && with(|entry| entry.angle.is_some()) >= LEAST_VALUES
        && with(|entry| entry.work.is_some()) >= LEAST_VALUES;
    if !is_drawn {
        return None;
    }
    // the best first, those without a score last; a stable order keeps equal ones as the file has them
    let rank = |entry: &Entry| entry.row.mean.map_or(f64::INFINITY, |mean| measure.sign() * mean);
    entries.sort_by(|a, b| rank(a).total_cmp(&rank(b)));

    let plots = plots(data, &measure, reference, layers, &entries)?;
    let method = entries.iter().find_map(|entry| {
        data.final_statistics(entry.row.arm, measure.score, measure.split)?
            .interval
    });
    Some(Parts {
        measure,
        reference: reference.to_owned(),
        layers,
        entries,
        plots,
        method,
    })
}

impl Parts {
    fn drawing(&self, data: &Data) -> Result<Drawing, Outside> {
        Ok(Drawing {
            svg: figure(&self.entries, &self.plots, self.method.is_some())?,
            caption: self.text(data),
        })
    }
}

fn plots(data: &Data, measure: &Measure, reference: &str, layers: &str, entries: &[Entry]) -> Option<[Plot; 3]> {
    let mean_of = |rule: &str, value: fn(&Entry) -> Option<f64>| -> Option<f64> {
        let of_rule = |entry: &&Entry| data.arms[entry.row.arm].row.rule == rule;
        entries.iter().filter(of_rule).find_map(value)
    };
    let scores: Vec<Option<Value>> = entries.iter().map(|entry| entry.row.value()).collect();
    let angles: Vec<Option<Value>> = entries.iter().map(|entry| entry.angle).collect();
    let works: Vec<Option<Value>> = entries.iter().map(|entry| Some((entry.work?, None))).collect();
    let bounds = ["Backprop", "OutputOnly"].map(|rule| mean_of(rule, |entry| entry.row.mean));
    Some([
        Plot {
            heading: if measure.score == "accuracy" {
                "Accuracy"
            } else {
                "Loss"
            },
            axis: score_axis(measure, &rows::drawn(scores.iter().flatten()))?,
            lines: bounds.into_iter().flatten().collect(),
            values: scores,
        },
        Plot {
            heading: if layers == "hidden" {
                "Alignment, hidden layers"
            } else {
                "Alignment, all layers"
            },
            axis: quantities::angle(&angles::title(reference), rows::drawn(angles.iter().flatten()))?,
            lines: vec![90.0],
            values: angles,
        },
        Plot {
            heading: "Work",
            axis: quantities::work(entries.iter().filter_map(|entry| entry.work))?,
            lines: mean_of("Backprop", |entry| entry.work).into_iter().collect(),
            values: works,
        },
    ])
}

/// An axis on which arms that err little stand as far apart as those that err much.
fn score_axis(measure: &Measure, drawn: &Drawn) -> Option<Axis> {
    const TICKS: usize = 5;
    match measure.score {
        "accuracy" => quantities::accuracy_by_error(measure.title(), drawn, TICKS),
        _ => quantities::loss(measure.title(), drawn),
    }
}

fn figure(entries: &[Entry], plots: &[Plot; 3], has_interval: bool) -> Result<String, Outside> {
    let labels: Vec<String> = entries
        .iter()
        .map(|entry| fitted(&entry.row.label, TEXT, WIDEST_LABEL))
        .collect();
    let heading = if has_interval { "mean ± 95 %" } else { "mean" };
    let numbers = entries.iter().map(|entry| text_width(&entry.row.numbers, SMALL));
    let numbers_room = numbers.fold(text_width(heading, SMALL), f64::max);
    let label_room = labels.iter().map(|label| text_width(label, TEXT)).fold(0.0, f64::max);
    let first = EDGE + label_room + BESIDE;
    let room = PAGE - first - (BESIDE + numbers_room) - 2.0 * BETWEEN - EDGE - BESIDE;
    let room_above = TEXT + 6.0;
    let height_around = 2.0 * EDGE + room_above + ROOM_BELOW;
    let row_height = ((HIGHEST - height_around) / entries.len() as f64).min(ROW);
    let mut left = first;
    let frames = SHARES.map(|share| {
        let frame = Frame {
            left,
            top: EDGE + room_above,
            width: share * room,
            height: row_height * entries.len() as f64,
        };
        let after = if left == first { BESIDE + numbers_room } else { 0.0 };
        left += frame.width + after + BETWEEN;
        frame
    });
    let (top, height) = (frames[0].top, frames[0].height);
    let middle = |place: usize| top + (place as f64 + 0.5) * row_height;
    sheet((PAGE, height + height_around), "Families of rules", |canvas| {
        stripes(canvas, top, row_height, entries.len());
        for (place, label) in labels.iter().enumerate() {
            let baseline = middle(place) + 0.36 * TEXT;
            canvas.text(label, (first - BESIDE, baseline), Anchor::Right, TEXT, INK);
        }
        let numbers = frames[0].left + frames[0].width + BESIDE + numbers_room;
        canvas.text(heading, (numbers, top - 4.0), Anchor::Right, SMALL, GREY);
        for (place, entry) in entries.iter().enumerate() {
            let baseline = middle(place) + 0.36 * SMALL;
            canvas.text(&entry.row.numbers, (numbers, baseline), Anchor::Right, SMALL, INK);
        }
        for (frame, plot) in frames.into_iter().zip(plots) {
            let centre = frame.left + frame.width / 2.0;
            canvas.text(plot.heading, (centre, top - 4.0), Anchor::Center, TEXT, INK);
            canvas.group("plot", None, |canvas| {
                for line in &plot.lines {
                    let x = frame.place((plot.axis.position(*line)?, 0.0)).0;
                    canvas.path([(x, top), (x, top + height)], GREY, AXIS, REFERENCE);
                }
                level_axis(canvas, frame, &plot.axis, true)?;
                canvas.rule((frame.left, top), (frame.left, top + height));
                for (place, (entry, value)) in entries.iter().zip(&plot.values).enumerate() {
                    if let Some(value) = value {
                        rows::mark(canvas, frame, &plot.axis, entry.row.arm, *value, middle(place))?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    })
}

/// Every other row has a faint ground, so that the eye finds it again in the next plot.
fn stripes(canvas: &mut Canvas<'_>, top: f64, row_height: f64, rows: usize) {
    for place in (0..rows).step_by(2) {
        let (above, below) = (top + place as f64 * row_height, top + (place + 1) as f64 * row_height);
        let (left, right) = (EDGE, PAGE - EDGE);
        canvas.area(
            [(left, above), (right, above), (right, below), (left, below)],
            INK,
            STRIPE,
        );
    }
}

impl Parts {
    fn text(&self, data: &Data) -> String {
        let Self {
            measure,
            reference,
            entries,
            plots,
            ..
        } = self;
        let Measure { score, split, .. } = measure;
        let scored = entries.iter().filter(|entry| entry.row.mean.is_some());
        let sizes: BTreeMap<usize, u64> = scored
            .map(|entry| (entry.row.arm, entry.row.seeds.len() as u64))
            .collect();
        let drawn: BTreeSet<usize> = sizes.keys().copied().collect();
        let layers = if self.layers == "hidden" {
            "all hidden layers together; no mark where a rule trains none of them"
        } else {
            "all layers together"
        };
        let scale = match *score {
            "accuracy" => quantities::say_accuracy(&plots[0].axis),
            _ => quantities::say_loss(&plots[0].axis),
        };
        let bars = match self.method {
            Some(method) => format!(
                "Bars and numbers after ± are {} of the mean.",
                caption::interval(method)
            ),
            None => "A single run has no interval.".to_owned(),
        };
        let mut text = vec![
            format!("Rules side by side, in the order of their final {split} {score}, at the last measured step of each run."),
            format!("Left: mean {scale}. Dashed lines: Backprop and OutputOnly, where there are such arms; of several, the best."),
            format!(
                "Middle: angle in degrees between the update that each arm's rule proposes and the one of {reference}, on the same weights \
                 and the same probe batch; {layers}. Dashed line: 90 degrees."
            ),
            "Right: multiply-adds of all matrix products of training, mean over seeds, on a logarithmic axis. Dashed line: \
             Backprop, where there is such an arm."
                .to_owned(),
            bars,
            caption::sample_sizes(data, &sizes),
        ];
        let cut = plots
            .iter()
            .any(|plot| rows::cuts(&plot.axis, plot.values.iter().flatten()));
        text.extend(caption::cut_intervals(cut));
        text.extend(caption::about_arms(data, &drawn));
        text.join("\n") + "\n"
    }
}
