//! Draw how accuracy and loss change over training.

use super::axis::Axis;
use super::curves::Figure;
use super::data::{Curve, Data};
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
        let y = Axis::between_ticks(
            format!("{} accuracy (%)", capital(split)),
            range(&curves),
            (0.0, 100.0),
            5,
        );
        panels.push(panel(y, curves));
        shown.push(format!("{split} accuracy in percent"));
    }
    if let Some((split, mut curves)) = found("loss") {
        let left_out = keep_positive(&mut curves);
        if left_out {
            remarks.push("A mean loss of 0 has no place on the axis and is not drawn.".to_owned());
        }
        if let Some(y) = Axis::fit_log(format!("{} loss", capital(split)), &curves) {
            panels.push(panel(y, curves));
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

fn panel(y: Axis, curves: Vec<Curve>) -> Panel {
    Panel {
        title: String::new(),
        x: epochs(&curves),
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
    fn fit_log(title: String, curves: &[Curve]) -> Option<Axis> {
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
