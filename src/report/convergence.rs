//! Draw how accuracy and loss change over training.

use super::axis::{Axis, Outside, extent};
use super::curves::Figure;
use super::data::{Curve, Data};
use super::panel::Panel;
use super::{Drawing, caption, quantities};

/// The parts of the data, the one to report first, first.
pub const SPLITS: [&str; 3] = ["test", "validation", "train"];

/// The figure, if there is a loss or an accuracy.
pub fn draw(data: &Data) -> Result<Option<Drawing>, Outside> {
    let found = |score| {
        let of_split = |split| (split, data.scores(score, split));
        SPLITS.into_iter().map(of_split).find(|(_, curves)| !curves.is_empty())
    };
    let mut panels = Vec::new();
    let mut shown = Vec::new();
    let mut remarks = Vec::new();
    if let Some((split, mut curves)) = found("accuracy") {
        curves.iter_mut().for_each(in_percent);
        let title = format!("{} accuracy (%)", capital(split));
        let drawn = quantities::drawn(&curves);
        let limit = low_limit(&curves);
        let y = match limit {
            Some(low) => quantities::accuracy_from(low, title, &drawn),
            None => quantities::accuracy(title, &drawn, 5),
        };
        if let Some((x, y)) = quantities::epochs(&curves).zip(y) {
            shown.push(format!("{split} accuracy {}", quantities::say_accuracy(&y)));
            let cut = |low| format!("Curves come from below the axis: accuracies under {low:.0} % are not drawn.");
            remarks.extend(limit.map(cut));
            panels.push(panel(x, y, curves));
        }
    }
    if let Some((split, curves)) = found("loss") {
        let y = quantities::loss(format!("{} loss", capital(split)), &quantities::drawn(&curves));
        if let Some((x, y)) = quantities::epochs(&curves).zip(y) {
            shown.push(format!("mean {split} loss {}", quantities::say_loss(&y)));
            panels.push(panel(x, y, curves));
        }
    }
    if panels.is_empty() {
        return Ok(None);
    }
    let figure = Figure {
        title: "Convergence",
        panels,
        shared: false,
    };
    let mut text = vec![format!("Convergence over training: {}.", shown.join(" and "))];
    text.push(caption::bands());
    text.extend(remarks);
    Drawing::of(&figure, data, text).map(Some)
}

fn panel(x: Axis, y: Axis, curves: Vec<Curve>) -> Panel {
    Panel {
        title: String::new(),
        x,
        y,
        mark_at: None,
        curves,
    }
}

fn in_percent(curve: &mut Curve) {
    for point in &mut curve.points {
        point.mean *= 100.0;
        if let Some(band) = &mut point.band {
            band.low *= 100.0;
            band.high *= 100.0;
        }
    }
}

/// The accuracy under which nothing is drawn, where the start of training would press its end into a narrow strip: as far below
/// the worst final mean as the best is above it.
fn low_limit(curves: &[Curve]) -> Option<f64> {
    /// In percent: final means may lie closer together than this.
    const LEAST_SPAN: f64 = 5.0;
    /// In percent: the axis starts at a tick.
    const TICK: f64 = 5.0;
    let (low, high) = extent(curves.iter().filter_map(|curve| Some(curve.points.last()?.mean)))?;
    let limit = TICK * ((low - (high - low).max(LEAST_SPAN)) / TICK).floor();
    let (lowest, _) = quantities::drawn(curves).marked()?;
    (limit > 0.0 && lowest < limit).then_some(limit)
}

/// With a capital at the beginning.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::data::Point;
    use crate::stats::Interval;

    fn curve(arm: usize, means: &[f64]) -> Curve {
        let point = |(i, &mean): (usize, &f64)| Point {
            epoch: i as f64,
            n: 3,
            mean,
            band: Some(Interval {
                low: mean - 4.0,
                high: mean + 4.0,
            }),
        };
        Curve {
            arm,
            points: means.iter().enumerate().map(point).collect(),
        }
    }

    #[test]
    fn the_limit_lies_as_far_below_the_worst_as_the_best_is_above_it() {
        let curves = [curve(0, &[10.0, 90.0, 98.0]), curve(1, &[10.0, 50.0, 90.0])];
        assert_eq!(low_limit(&curves), Some(80.0)); // 90 − (98 − 90) = 82, down to a tick
    }

    #[test]
    fn an_arm_that_stays_at_chance_keeps_the_whole_axis() {
        assert_eq!(low_limit(&[curve(0, &[10.0, 98.0]), curve(1, &[10.0, 11.0])]), None);
        assert_eq!(low_limit(&[curve(0, &[95.0, 98.0])]), None);
    }
}
