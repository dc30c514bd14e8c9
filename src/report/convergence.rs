//! Draw how accuracy and loss change over training.

use super::axis::{Outside, extent};
use super::curve::{self, Curve};
use super::curves::Figure;
use super::data::Data;
use super::panel::Panel;
use super::quantities::SPLITS;
use super::sketch::Sketch;
use super::{caption, quantities};
use crate::metrics::{ACCURACY, LOSS, Metric, MetricUnit};

/// The figure, if there is a loss or an accuracy.
pub fn sketch(data: &Data) -> Result<Option<Sketch>, Outside> {
    scores(data, &[ACCURACY, LOSS])
}

/// The figure of one score, if there is any value of it.
pub fn score(data: &Data, score: &Metric) -> Result<Option<Sketch>, Outside> {
    scores(data, std::slice::from_ref(score))
}

fn scores(data: &Data, scores: &[Metric]) -> Result<Option<Sketch>, Outside> {
    let plots: Vec<ScorePanel> = scores.iter().filter_map(|score| ScorePanel::of(score, data)).collect();
    if plots.is_empty() {
        return Ok(None);
    }
    let shown: Vec<&str> = plots.iter().map(|plot| &*plot.shown).collect();
    let mut text = vec![format!("Convergence over training: {}.", shown.join(" and "))];
    text.push(caption::bands());
    text.extend(plots.iter().filter_map(|plot| plot.remark.clone()));
    let figure = Figure {
        title: "Convergence",
        panels: plots.into_iter().map(|plot| plot.panel).collect(),
        shared: false,
    };
    Ok(Some(Sketch::Plots(figure, text)))
}

/// One score along training, with what a caption says of it.
pub struct ScorePanel {
    /// Its plot, without a title.
    pub panel: Panel,
    /// What is shown, and how it is spaced.
    pub shown: String,
    /// What else has to be known.
    pub remark: Option<String>,
}

impl ScorePanel {
    /// On the first split that has the score.
    pub fn of(score: &Metric, data: &Data) -> Option<Self> {
        let of_split = |split| (split, data.curves(score, split, "none", "none"));
        let mut found = SPLITS.into_iter().map(of_split);
        let (split, curves) = found.find(|(_, curves)| !curves.is_empty())?;
        let title = quantities::title(format!("{} {}", caption::capital(split), score.name), score);
        let drawn = curve::drawn(&curves);
        let limit = low_limit(&curves).filter(|_| score.unit == MetricUnit::Share);
        let y = match limit {
            Some(low) => quantities::accuracy_from(low, title, &drawn),
            None => quantities::score(score, title, &drawn, 5),
        }?;
        let what = match score.unit {
            MetricUnit::Share => "",
            _ => "mean ",
        };
        Some(Self {
            shown: format!("{what}{split} {} {}", score.name, quantities::say_score(score, &y)),
            remark: limit
                .map(|low| format!("Curves come from below the axis: accuracies under {low:.0} % are not drawn.")),
            panel: Panel {
                title: String::new(),
                x: quantities::epochs(curve::epochs(&curves))?,
                others: quantities::other_axes(score, &y, &drawn, 5),
                y,
                mark_at: None,
                curves,
            },
        })
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
    let (lowest, _) = curve::drawn(curves).marked()?;
    (limit > 0.0 && lowest < limit).then_some(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::curve::Point;
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
            runs: Vec::new(),
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
