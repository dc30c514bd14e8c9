//! Choose the axis of each quantity that figures show, and say in words how it spaces values.

use super::axis::{Axis, Drawn, Layout, Spacing, Ticks};
use crate::metrics::{Metric, MetricUnit};
use std::ops::Range;

/// The parts of the data, the one to report first, first.
pub const SPLITS: [&str; 3] = ["test", "validation", "train"];

/// Ticks of the axis of epochs.
const EPOCH_TICKS: usize = 5;
/// Accuracies in percent; an axis of them is at least one percent long.
const ACCURACY: Layout = Layout {
    bounds: (0.0, 100.0),
    shortest: 1.0,
    ticks: Ticks::About(5),
    whole_steps: true,
};

/// From values of a metric to what figures show.
pub fn factor(metric: &Metric) -> f64 {
    match metric.unit {
        MetricUnit::Share => 100.0,
        _ => 1.0,
    }
}

/// The title of an axis of a score.
pub fn title(named: String, score: &Metric) -> String {
    match score.unit {
        MetricUnit::Share => named + " (%)",
        _ => named,
    }
}

/// The axis of training time, for the moments of some points.
pub fn epochs(epochs: impl Iterator<Item = f64>) -> Option<Axis> {
    let drawn = Drawn::of_marks(epochs);
    let (low, high) = drawn.marked()?;
    let layout = Layout {
        bounds: (0.0, f64::INFINITY),
        shortest: if low < high { 0.0 } else { 1.0 },
        ticks: Ticks::About(EPOCH_TICKS),
        whole_steps: false,
    };
    Axis::linear("Epoch", &drawn, layout)
}

/// An axis of accuracies or losses.
pub fn score(score: &Metric, title: String, drawn: &Drawn, ticks: usize) -> Option<Axis> {
    match score.unit {
        MetricUnit::Share => accuracy(title, drawn, ticks),
        _ => loss(title, drawn),
    }
}

/// What a caption says of how values are spaced that are no scores.
pub fn say_spacing(axis: &Axis) -> &'static str {
    match (axis.spacing(), axis.apart()) {
        (Spacing::Linear, _) => "are spaced evenly",
        (Spacing::Error, _) => "are in percent, spaced by the logarithm of what they lack of 100",
        (Spacing::Log, None) => "are spaced by their logarithms",
        (Spacing::Log, Some(_)) => "are spaced by their logarithms (0, which has none, stands apart at the end)",
    }
}

/// What a caption says of it.
pub fn say_score(score: &Metric, axis: &Axis) -> &'static str {
    match score.unit {
        MetricUnit::Share => say_accuracy(axis),
        _ => say_loss(axis),
    }
}

/// An axis of accuracies in percent. Where arms at chance would press small errors into a narrow strip, they are spaced by their
/// errors.
fn accuracy(title: String, drawn: &Drawn, ticks: usize) -> Option<Axis> {
    let some = |range: Range<f64>| drawn.marks.iter().any(|x| range.contains(x));
    if some(0.0..50.0) && some(90.0..100.0) {
        accuracy_by_error(title, drawn, ticks)
    } else {
        even_accuracy(title, drawn, ticks)
    }
}

/// An axis on which arms that err little stand as far apart as those that err much.
pub fn accuracy_by_error(title: String, drawn: &Drawn, ticks: usize) -> Option<Axis> {
    Axis::by_error(&*title, drawn).or_else(|| even_accuracy(title, drawn, ticks))
}

/// An axis of evenly spaced accuracies that curves enter from below.
pub fn accuracy_from(low: f64, title: String, drawn: &Drawn) -> Option<Axis> {
    Axis::from(low, title, drawn, ACCURACY)
}

fn even_accuracy(title: String, drawn: &Drawn, ticks: usize) -> Option<Axis> {
    let ticks = Ticks::About(ticks);
    Axis::linear(title, drawn, Layout { ticks, ..ACCURACY })
}

/// The axes beside a chosen one that values of a score can stand on.
pub fn other_axes(score: &Metric, chosen: &Axis, drawn: &Drawn, ticks: usize) -> Vec<Axis> {
    let title = || chosen.title.clone();
    let axes = match score.unit {
        MetricUnit::Share => [even_accuracy(title(), drawn, ticks), Axis::by_error(title(), drawn)],
        _ => [even_loss(title(), drawn), Axis::log(title(), drawn)],
    };
    let others = axes.into_iter().flatten();
    others.filter(|axis| axis.spacing() != chosen.spacing()).collect()
}

/// A logarithmic axis of losses, or an even one where there is no logarithm to show.
pub fn loss(title: String, drawn: &Drawn) -> Option<Axis> {
    Axis::log(&*title, drawn).or_else(|| even_loss(title, drawn))
}

fn even_loss(title: String, drawn: &Drawn) -> Option<Axis> {
    /// Of the greatest size: values that lie closer together are drawn as what they are, nearly equal.
    const SHORTEST: f64 = 0.02;
    let (low, high) = drawn.marked()?;
    let size = low.abs().max(high.abs());
    let layout = Layout {
        bounds: (0.0, f64::INFINITY),
        shortest: if size > 0.0 { SHORTEST * size } else { 1.0 },
        ticks: Ticks::About(5),
        whole_steps: true,
    };
    Axis::linear(title, drawn, layout)
}

/// Angles in degrees from 0 beyond a right angle, with ticks at thirds of it.
pub fn angle(title: &str, mut drawn: Drawn) -> Option<Axis> {
    const BOUNDS: (f64, f64) = (0.0, 180.0);
    let thirds = drawn.within(BOUNDS);
    drawn.marks.extend([0.0, 100.0]);
    let layout = Layout {
        bounds: BOUNDS,
        shortest: 0.0,
        ticks: if thirds { Ticks::Every(30.0) } else { Ticks::About(5) },
        whole_steps: false,
    };
    Axis::linear(title, &drawn, layout)
}

/// Counts of multiply-adds, which are positive.
pub fn work(counts: impl Iterator<Item = f64>) -> Option<Axis> {
    Axis::log("Multiply-adds of training", &Drawn::of_marks(counts))
}

fn say_accuracy(axis: &Axis) -> &'static str {
    match (axis.spacing(), axis.apart()) {
        (Spacing::Error, None) => "in percent, spaced by the logarithm of the error",
        (Spacing::Error, Some(_)) => {
            "in percent, spaced by the logarithm of the error (100, whose error of 0 has none, stands apart at the end)"
        }
        _ => "in percent",
    }
}

fn say_loss(axis: &Axis) -> &'static str {
    match (axis.spacing(), axis.apart()) {
        (Spacing::Linear, _) => "per example, on an even axis, since some are negative or none is positive",
        (_, None) => "per example, on a logarithmic axis",
        (_, Some(_)) => "per example, on a logarithmic axis (0, which has no logarithm, stands apart at the end)",
    }
}
