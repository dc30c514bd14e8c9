//! Say what each arm reaches at the end of training: every seed a point, mean and interval, one row an arm.

use super::axis::{Axis, power};
use super::data::Data;
use super::rows::{Row, figure};
use super::{Drawing, caption, convergence::SPLITS};
use crate::results::{RunRow, Score, Scores};
use std::collections::{BTreeMap, BTreeSet};

/// What is shown of a run.
pub struct Measure {
    /// `accuracy`, or `loss` where there is no accuracy.
    pub score: &'static str,
    /// The first of test, validation and training part that has it.
    pub split: &'static str,
    /// From share or loss to what the axis shows.
    pub factor: f64,
}

/// The figure, if any run has a score.
pub fn draw(data: &Data) -> Option<Drawing> {
    let measure = Measure::shown(data)?;
    let Measure { score, split, .. } = measure;
    let rows: Vec<Row> = data.drawable().map(|arm| row(data, arm, &measure)).collect();
    let values = rows.iter().flat_map(|row| {
        let ends = row.interval.into_iter().flat_map(|(low, high)| [low, high]);
        row.seeds.iter().copied().chain(row.mean).chain(ends)
    });
    let (axis, unit) = if score == "accuracy" {
        let axis = accuracy_axis(format!("Final {split} accuracy (%)"), values, 6)?;
        let unit = unit_of(&axis);
        (axis, unit)
    } else {
        let axis = Axis::log(format!("Final {split} loss"), extent(values.filter(|x| *x > 0.0))?);
        (axis, "per example, on a logarithmic axis")
    };
    let method = data
        .drawable()
        .find_map(|arm| data.final_statistics(arm, score, split)?.interval);
    let sizes: BTreeMap<usize, u64> = rows
        .iter()
        .filter(|row| !row.seeds.is_empty())
        .map(|row| (row.arm, row.seeds.len() as u64))
        .collect();
    let drawn: BTreeSet<usize> = sizes.keys().copied().collect();
    let mut text = vec![
        format!("Final {split} {score} {unit}, at the last measured step of each run."),
        "Small points are single seeds, spread in height to be told apart; marks above them are means over seeds."
            .into(),
        match method {
            Some(method) => format!(
                "Bars and numbers after ± are {} of the mean.",
                caption::interval(method)
            ),
            None => "A single run has no interval.".into(),
        },
        caption::sample_sizes(data, &sizes),
    ];
    text.extend(caption::about_arms(data, &drawn));
    Some(Drawing {
        svg: figure(
            &rows,
            &axis,
            if method.is_some() {
                "mean ± 95 % interval"
            } else {
                "mean"
            },
        ),
        caption: text.join("\n") + "\n",
    })
}

/// An axis of accuracies in percent. An arm at chance would press good ones into a narrow strip: then they are spaced by their errors.
pub fn accuracy_axis(title: String, values: impl Iterator<Item = f64> + Clone, ticks: usize) -> Option<Axis> {
    let (low, high) = extent(values.clone())?;
    Some(if low < 50.0 && high > 90.0 {
        Axis::by_error(title, values)
    } else {
        Axis::between_ticks(title, (low, high), (0.0, 100.0), ticks)
    })
}

/// What a caption says of such an axis.
pub fn unit_of(axis: &Axis) -> &'static str {
    if axis.is_by_error() {
        "in percent, spaced by the logarithm of the error"
    } else {
        "in percent"
    }
}

impl Measure {
    /// The one to show, if any run has a score.
    pub fn shown(data: &Data) -> Option<Self> {
        ["accuracy", "loss"].into_iter().find_map(|score| {
            let measures = SPLITS.map(|split| Measure {
                score,
                split,
                factor: if score == "accuracy" { 100.0 } else { 1.0 },
            });
            measures
                .into_iter()
                .find(|measure| (0..data.arms.len()).any(|arm| !measure.seeds(data, arm).is_empty()))
        })
    }

    /// 1 where less is better, -1 where more is.
    pub fn sign(&self) -> f64 {
        if self.score == "accuracy" { -1.0 } else { 1.0 }
    }

    /// The finite values of the finished runs of an arm.
    fn seeds(&self, data: &Data, arm: usize) -> Vec<f64> {
        let part = |scores: &Scores| match self.split {
            "test" => scores.test,
            "validation" => scores.validation,
            _ => scores.train,
        };
        let value = |score: Score| {
            if self.score == "accuracy" {
                score.accuracy
            } else {
                score.loss
            }
        };
        let of_run = |run: &RunRow| {
            value(part(&run.last))
                .filter(|x| x.is_finite())
                .map(|x| x * self.factor)
        };
        data.arms[arm].finished.iter().filter_map(of_run).collect()
    }
}

/// The scores of an arm's runs, with their mean and interval.
pub fn row(data: &Data, arm: usize, measure: &Measure) -> Row {
    let statistics = data.final_statistics(arm, measure.score, measure.split);
    let mean = statistics.map(|row| row.mean * measure.factor);
    let interval = statistics.and_then(|row| Some((row.ci_low? * measure.factor, row.ci_high? * measure.factor)));
    let half_width = interval.map(|(low, high)| (high - low) / 2.0);
    // No accuracy lies outside, though a symmetric interval may.
    let inside = |x: f64| {
        if measure.score == "accuracy" {
            x.clamp(0.0, 100.0)
        } else {
            x
        }
    };
    let counted = &data.arms[arm];
    Row {
        arm,
        label: counted.row.label.clone(),
        seeds: measure.seeds(data, arm),
        mean,
        interval: interval.map(|(low, high)| (inside(low), inside(high))),
        numbers: mean.map_or_else(|| "–".to_owned(), |mean| numbers(mean, half_width)),
        diverged: match counted.diverged {
            0 => String::new(),
            diverged => format!("{diverged} of {}", counted.runs()),
        },
    }
}

/// A mean with half the width of its interval, to two digits of the latter; three digits of a mean without.
fn numbers(mean: f64, half_width: Option<f64>) -> String {
    let exponent = |x: f64| x.abs().log10().floor() as i32;
    let half_width = half_width.filter(|half| *half > 0.0);
    if mean == 0.0 {
        return half_width.map_or_else(|| "0".to_owned(), |half| format!("0 ± {half:.1e}"));
    }
    if !(-3..5).contains(&exponent(mean)) {
        let raised = power(exponent(mean));
        let of = 10f64.powi(exponent(mean));
        return match half_width {
            Some(half) => format!("({:.2} ± {:.2})×{raised}", mean / of, half / of),
            None => format!("{:.2}×{raised}", mean / of),
        };
    }
    let decimals = |last: i32| (-last).clamp(0, 6) as usize;
    match half_width {
        Some(half) => format!("{mean:.0$} ± {half:.0$}", decimals(exponent(half) - 1)),
        None => format!("{mean:.*}", decimals(exponent(mean) - 2)),
    }
}

/// From the least to the greatest, if there are any.
pub fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, x| {
        let (low, high) = range.unwrap_or((x, x));
        Some((low.min(x), high.max(x)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_their_interval_supports() {
        assert_eq!(numbers(97.4312, Some(0.2049)), "97.43 ± 0.20");
        assert_eq!(numbers(97.4312, Some(3.1)), "97.4 ± 3.1");
        assert_eq!(numbers(64.2, Some(31.0)), "64 ± 31");
        assert_eq!(numbers(97.4312, None), "97.4");
        assert_eq!(numbers(100.0, Some(0.0)), "100");
        assert_eq!(numbers(0.0789, Some(0.0028)), "0.0789 ± 0.0028");
        assert_eq!(numbers(1.234e-9, Some(5e-11)), "(1.23 ± 0.05)×10⁻⁹");
        assert_eq!(numbers(0.0, None), "0");
    }
}
