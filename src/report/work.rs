//! Set what each arm reaches against the work it took: accuracy, or loss, over multiply-adds.

use super::axis::Axis;
use super::convergence::ends;
use super::curves::Figure;
use super::data::{Curve, Data, Point};
use super::finals::{Measure, accuracy_axis, unit_of};
use super::panel::Panel;
use super::{Drawing, caption};
use crate::stats::{self, Interval};

/// The figure, if the work of at least two arms was counted.
pub fn draw(data: &Data) -> Option<Drawing> {
    let measure = Measure::shown(data)?;
    let arms: Vec<Curve> = data.drawable().filter_map(|arm| mark(data, arm, &measure)).collect();
    if arms.len() < 2 {
        return None;
    }
    let (mut lowest, mut highest) = (f64::INFINITY, 0.0f64);
    for point in arms.iter().flat_map(|arm| &arm.points) {
        lowest = lowest.min(point.epoch);
        highest = highest.max(point.epoch);
    }
    let Measure { score, split, .. } = measure;
    let (y, unit) = if score == "accuracy" {
        let title = format!("Final {split} accuracy (%)");
        let y = accuracy_axis(title, ends(&arms), 5)?;
        let unit = unit_of(&y);
        (y, unit)
    } else {
        let y = Axis::fit_log(format!("Final {split} loss"), &arms)?;
        (y, "per example, on a logarithmic axis")
    };
    let figure = Figure {
        title: "Accuracy against work",
        panels: vec![Panel {
            title: String::new(),
            x: Axis::log("Multiply-adds of training", (lowest, highest)),
            y,
            mark_at: None,
            curves: arms,
        }],
        shared: false,
    };
    let text = vec![
        format!(
            "Final {split} {score} {unit}, against the multiply-adds that training took: those of all matrix products of the forward \
             passes, the rule's proposals, the changes and what the rule learns itself, counted while they were made. Measuring, \
             shadows and elementwise work are not counted."
        ),
        format!(
            "Marks are means over seeds; bars are {} of the mean (none for a single run).",
            caption::interval(crate::results::Interval::T95)
        ),
    ];
    Some(Drawing::of(&figure, data, text))
}

/// The multiply-adds that training took, mean over the finished runs of an arm, where they were counted.
pub fn of_training(data: &Data, arm: usize) -> Option<f64> {
    let counted = data.arms[arm].finished.iter().filter_map(|run| run.multiply_adds);
    let work: Vec<f64> = counted.map(|count| count as f64).collect();
    stats::mean(&work).filter(|work| *work > 0.0)
}

/// An arm as a curve of one point.
fn mark(data: &Data, arm: usize, measure: &Measure) -> Option<Curve> {
    let statistics = data.final_statistics(arm, measure.score, measure.split)?;
    let work = of_training(data, arm)?;
    let scaled = |x: f64| x * measure.factor;
    // no accuracy lies outside, though a symmetric interval may; a loss of 0 has no place on its axis
    let inside = |x: f64| match measure.score {
        "accuracy" => scaled(x).clamp(0.0, 100.0),
        _ => scaled(x),
    };
    let mean = scaled(statistics.mean);
    let ends = statistics.ci_low.zip(statistics.ci_high);
    let point = Point {
        epoch: work,
        n: statistics.n as usize,
        mean,
        band: ends.map(|(low, high)| Interval {
            low: inside(low),
            high: inside(high),
        }),
        measured: true,
    };
    (measure.score == "accuracy" || mean > 0.0).then(|| Curve {
        arm,
        points: vec![point],
    })
}
