//! Set what each arm reaches against the work it took: accuracy, or loss, over multiply-adds.

use super::axis::Outside;
use super::curves::Figure;
use super::data::{Curve, Data, Point};
use super::finals::{Measure, interval_of};
use super::panel::Panel;
use super::{Drawing, caption, quantities};
use crate::stats::{self, Interval};

/// The figure, if the work of at least two arms was counted.
pub fn draw(data: &Data) -> Result<Option<Drawing>, Outside> {
    plot(data)
        .map(|(figure, text)| Drawing::of(&figure, data, text))
        .transpose()
}

fn plot(data: &Data) -> Option<(Figure, Vec<String>)> {
    let measure = Measure::shown(data)?;
    let arms: Vec<Curve> = data.drawable().filter_map(|arm| mark(data, arm, &measure)).collect();
    if arms.len() < 2 {
        return None;
    }
    let Measure { score, split, .. } = measure;
    let (y, spacing) = measure.axis(&quantities::drawn(&arms), 5)?;
    let figure = Figure {
        title: "Accuracy against work",
        panels: vec![Panel {
            title: String::new(),
            x: quantities::work(arms.iter().flat_map(|arm| &arm.points).map(|point| point.epoch))?,
            y,
            mark_at: None,
            curves: arms,
        }],
        shared: false,
    };
    let text = vec![
        format!(
            "Final {split} {score} {spacing}, against the multiply-adds that training took: those of all matrix products of the forward \
             passes, the rule's proposals, the changes and what the rule learns itself, counted while they were made. Measuring, \
             shadows and elementwise work are not counted."
        ),
        format!(
            "Marks are means over seeds; bars are {} of the mean (none for a single run).",
            caption::interval(crate::results::Interval::T95)
        ),
    ];
    Some((figure, text))
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
    let interval = interval_of(statistics, measure.factor);
    let point = Point {
        epoch: work,
        n: statistics.n as usize,
        mean: statistics.mean * measure.factor,
        band: interval.map(|(low, high)| Interval { low, high }),
    };
    Some(Curve {
        arm,
        points: vec![point],
    })
}
