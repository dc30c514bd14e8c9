//! Set what each arm reaches against the work it took: accuracy, or loss, over multiply-adds.

use super::axis::Outside;
use super::curve::{self, Curve, Point};
use super::curves::Figure;
use super::data::Data;
use super::finals::FinalScore;
use super::panel::Panel;
use super::sketch::Sketch;
use super::{caption, quantities};
use crate::results::IntervalMethod;
use crate::stats::{self, Interval};

/// Ticks of the axis of scores.
const TICKS: usize = 5;

/// The figure, if the work of at least two arms was counted.
pub fn sketch(data: &Data) -> Result<Option<Sketch>, Outside> {
    Ok(plot(data).map(|(figure, text)| Sketch::Plots(figure, text)))
}

fn plot(data: &Data) -> Option<(Figure, Vec<String>)> {
    let score = FinalScore::shown(data)?;
    let arms: Vec<Curve> = data.drawable().filter_map(|arm| mark(data, arm, &score)).collect();
    if arms.len() < 2 {
        return None;
    }
    let drawn = curve::drawn(&arms);
    let (y, spacing) = score.axis(&drawn, TICKS)?;
    let figure = Figure {
        title: "Accuracy against work",
        panels: vec![Panel {
            title: String::new(),
            x: quantities::work(curve::epochs(&arms))?,
            others: quantities::other_axes(&score.metric, &y, &drawn, TICKS),
            y,
            mark_at: None,
            curves: arms,
        }],
        shared: false,
    };
    let text = vec![
        format!(
            "Final {} {spacing}, against the multiply-adds that training took: those of all matrix products of the forward \
             passes, the rule's proposals, the changes and what the rule learns itself, counted while they were made. Measuring, \
             shadows and elementwise work are not counted.",
            score.named()
        ),
        format!(
            "Marks are means over seeds; bars are {} of the mean (none for a single run).",
            caption::interval(IntervalMethod::T95)
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
fn mark(data: &Data, arm: usize, score: &FinalScore) -> Option<Curve> {
    let (mean, interval) = data.final_score(arm, &score.metric, score.split)?;
    let point = Point {
        epoch: of_training(data, arm)?,
        n: data.final_statistics(arm, &score.metric, score.split)?.n as usize,
        mean,
        band: interval.map(|(low, high)| Interval { low, high }),
    };
    Some(Curve {
        arm,
        points: vec![point],
        runs: Vec::new(),
    })
}
