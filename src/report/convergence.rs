//! Draw how accuracy and loss change over training.

use super::axis::Axis;
use super::curves::Figure;
use super::data::{Curve, Data, Point};
use super::finals::{accuracy_axis, unit_of};
use super::panel::Panel;
use super::{Drawing, caption};

/// Ticks of the axis of epochs.
const EPOCH_TICKS: usize = 5;

/// The parts of the data, the one to report first, first.
pub const SPLITS: [&str; 3] = ["test", "validation", "train"];

/// The figure, if there is a loss or an accuracy.
pub fn draw(data: &Data) -> Option<Drawing> {
    let found = |score| {
        let of_split = |split| (split, data.scores(score, split));
        SPLITS.into_iter().map(of_split).find(|(_, curves)| !curves.is_empty())
    };
    let mut panels = Vec::new();
    let mut shown = Vec::new();
    let mut remarks = Vec::new();
    if let Some((split, mut curves)) = found("accuracy") {
        curves.iter_mut().for_each(in_percent);
        let x = epochs(&curves);
        let title = format!("{} accuracy (%)", capital(split));
        let y = match low_limit(&curves) {
            Some(low) => {
                curves.iter_mut().for_each(|curve| rise_from(low, curve));
                remarks.push(format!(
                    "Lines come from below: accuracies under {low:.0} % are not drawn."
                ));
                Axis::between_ticks(title, range(&curves), (0.0, 100.0), 5)
            }
            None => accuracy_axis(title, ends(&curves), 5)?,
        };
        shown.push(format!("{split} accuracy {}", unit_of(&y)));
        panels.push(panel(x, y, curves));
    }
    if let Some((split, mut curves)) = found("loss") {
        let left_out = keep_positive(&mut curves);
        if left_out {
            remarks.push("A mean loss of 0 has no place on the axis and is not drawn.".to_owned());
        }
        if let Some(y) = Axis::fit_log(format!("{} loss", capital(split)), &curves) {
            panels.push(panel(epochs(&curves), y, curves));
            shown.push(format!("mean {split} loss per example on a logarithmic axis"));
        }
    }
    if panels.is_empty() {
        return None;
    }
    let figure = Figure {
        title: "Convergence",
        panels,
        shared: false,
    };
    let mut text = vec![format!("Convergence over training: {}.", shown.join(" and "))];
    text.push(caption::bands());
    text.push("Bands end at the edges of the axes.".to_owned());
    text.extend(remarks);
    Some(Drawing::of(&figure, data, text))
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

/// The axis of training time for curves.
pub fn epochs<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> Axis {
    let epochs = curves
        .into_iter()
        .flat_map(|curve| &curve.points)
        .map(|point| point.epoch);
    let (low, high) = epochs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    Axis::over("Epoch", (low, high), EPOCH_TICKS)
}

/// From the least to the greatest of the means and intervals of each curve.
pub fn ends(curves: &[Curve]) -> impl Iterator<Item = f64> + Clone {
    let of_curve = |curve| {
        let (low, high) = range(std::slice::from_ref(curve));
        [low, high]
    };
    curves.iter().flat_map(of_curve)
}

/// From the least to the greatest of means and intervals.
pub fn range(curves: &[Curve]) -> (f64, f64) {
    let points = curves.iter().flat_map(|curve| &curve.points);
    points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
        let (bottom, top) = point
            .band
            .map_or((point.mean, point.mean), |band| (band.low, band.high));
        (low.min(bottom), high.max(top))
    })
}

fn in_percent(curve: &mut Curve) {
    for point in &mut curve.points {
        point.mean *= 100.0;
        if let Some(band) = &mut point.band {
            // No accuracy lies outside, though a symmetric interval may.
            band.low = (100.0 * band.low).max(0.0);
            band.high = (100.0 * band.high).min(100.0);
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
    let finals = curves.iter().filter_map(|curve| Some(curve.points.last()?.mean));
    let (low, high) = finals.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mean| {
        (low.min(mean), high.max(mean))
    });
    let limit = TICK * ((low - (high - low).max(LEAST_SPAN)) / TICK).floor();
    (limit > 0.0 && range(curves).0 < limit).then_some(limit)
}

/// Cuts off what lies below `low`: a line that rises above it starts where it crosses.
fn rise_from(low: f64, curve: &mut Curve) {
    let between = |from: f64, to: f64, share: f64| from + share * (to - from);
    let mut points: Vec<Point> = Vec::with_capacity(curve.points.len());
    for (i, point) in curve.points.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| &curve.points[i]);
        if let Some(before) = before.filter(|before| (before.mean < low) != (point.mean < low)) {
            let share = (low - before.mean) / (point.mean - before.mean);
            let mut crossing = point.clone();
            crossing.epoch = between(before.epoch, point.epoch, share);
            crossing.mean = low;
            crossing.measured = false;
            if let (Some(band), Some(from)) = (&mut crossing.band, &before.band) {
                band.low = between(from.low, band.low, share);
                band.high = between(from.high, band.high, share);
            }
            points.push(crossing);
        }
        if point.mean >= low {
            points.push(point.clone());
        }
    }
    for band in points.iter_mut().filter_map(|point| point.band.as_mut()) {
        band.low = band.low.max(low);
        band.high = band.high.max(low);
    }
    curve.points = points;
}

/// Drops means that a logarithmic axis has no place for; tells whether there were any.
fn keep_positive(curves: &mut Vec<Curve>) -> bool {
    let left_out = curves
        .iter()
        .flat_map(|curve| &curve.points)
        .any(|point| point.mean <= 0.0);
    curves
        .iter_mut()
        .for_each(|curve| curve.points.retain(|point| point.mean > 0.0));
    curves.retain(|curve| !curve.points.is_empty());
    left_out
}

impl Axis {
    /// A logarithmic axis that holds all means, and all intervals but lower ends near or below 0; `None` without curves.
    pub fn fit_log(title: String, curves: &[Curve]) -> Option<Axis> {
        /// A lower end below this share of its mean is cut rather than stretching the axis.
        const LOWEST_SHARE: f64 = 0.3;
        let points = curves.iter().flat_map(|curve| &curve.points);
        let range = points.fold(None, |range: Option<(f64, f64)>, point| {
            let (bottom, top) = point
                .band
                .map_or((point.mean, point.mean), |band| (band.low, band.high));
            let bottom = bottom.max(LOWEST_SHARE * point.mean);
            let (low, high) = range.unwrap_or((bottom, top));
            Some((low.min(bottom), high.max(top)))
        })?;
        Some(Axis::log(title, range))
    }
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
            measured: true,
        };
        Curve {
            arm,
            points: means.iter().enumerate().map(point).collect(),
        }
    }

    #[test]
    fn a_line_enters_where_it_crosses_the_limit() {
        let mut curves = [curve(0, &[10.0, 90.0, 98.0]), curve(1, &[10.0, 50.0, 90.0])];
        let limit = low_limit(&curves).unwrap();
        assert_eq!(limit, 80.0); // 90 − (98 − 90) = 82, down to a tick
        curves.iter_mut().for_each(|curve| rise_from(limit, curve));
        let first = &curves[1].points[0];
        // from 50 at epoch 1 to 90 at epoch 2, three quarters of the way
        assert_eq!((first.epoch, first.mean, first.measured), (1.75, 80.0, false));
        assert!(
            curves
                .iter()
                .flat_map(|curve| &curve.points)
                .all(|point| point.band.unwrap().low >= limit)
        );
        assert_eq!(curves[0].points.last().unwrap().mean, 98.0);
    }

    #[test]
    fn an_arm_that_stays_at_chance_keeps_the_whole_axis() {
        assert_eq!(low_limit(&[curve(0, &[10.0, 98.0]), curve(1, &[10.0, 11.0])]), None);
        assert_eq!(low_limit(&[curve(0, &[95.0, 98.0])]), None);
    }
}
