//! Say what each arm reaches at the end of training: every seed a point, mean and interval, one row an arm.

use super::axis::{Axis, Drawn, Outside};
use super::data::{Data, is_drawable};
use super::rows::{self, Row, Value};
use super::ticks::power;
use super::{Drawing, caption, convergence::SPLITS, quantities};
use crate::results::{RunRow, Score, Scores, SummaryRow};
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
pub fn draw(data: &Data) -> Result<Option<Drawing>, Outside> {
    let Some(measure) = Measure::shown(data) else {
        return Ok(None);
    };
    let Measure { score, split, .. } = measure;
    let rows: Vec<Row> = data.drawable().map(|arm| row(data, arm, &measure)).collect();
    let values: Vec<Value> = rows.iter().filter_map(Row::value).collect();
    let mut drawn = rows::drawn(&values);
    drawn.marks.extend(rows.iter().flat_map(|row| &row.seeds));
    let Some((axis, spacing)) = measure.axis(&drawn, 6) else {
        return Ok(None);
    };
    let method = data
        .drawable()
        .find_map(|arm| data.final_statistics(arm, score, split)?.interval);
    let sizes: BTreeMap<usize, u64> = rows
        .iter()
        .filter(|row| !row.seeds.is_empty())
        .map(|row| (row.arm, row.seeds.len() as u64))
        .collect();
    let shown: BTreeSet<usize> = sizes.keys().copied().collect();
    let mut text = vec![
        format!("Final {split} {score} {spacing}, at the last measured step of each run."),
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
    text.extend(caption::cut_intervals(rows::cuts(&axis, &values)));
    text.extend(caption::about_arms(data, &shown));
    let heading = if method.is_some() {
        "mean ± 95 % interval"
    } else {
        "mean"
    };
    Ok(Some(Drawing {
        svg: rows::figure(&rows, &axis, heading)?,
        caption: text.join("\n") + "\n",
    }))
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

    /// An axis for its values, and what a caption says of it.
    pub fn axis(&self, drawn: &Drawn, ticks: usize) -> Option<(Axis, &'static str)> {
        let title = self.title();
        Some(if self.score == "accuracy" {
            let axis = quantities::accuracy(title, drawn, ticks)?;
            let spacing = quantities::say_accuracy(&axis);
            (axis, spacing)
        } else {
            let axis = quantities::loss(title, drawn)?;
            let spacing = quantities::say_loss(&axis);
            (axis, spacing)
        })
    }

    /// The title of such an axis.
    pub fn title(&self) -> String {
        let unit = if self.score == "accuracy" { " (%)" } else { "" };
        format!("Final {} {}{unit}", self.split, self.score)
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
                .filter(|x| is_drawable(*x))
                .map(|x| x * self.factor)
        };
        data.arms[arm].finished.iter().filter_map(of_run).collect()
    }
}

/// The scores of an arm's runs, with their mean and interval.
pub fn row(data: &Data, arm: usize, measure: &Measure) -> Row {
    let statistics = data.final_statistics(arm, measure.score, measure.split);
    let mean = statistics.map(|row| row.mean * measure.factor);
    let interval = statistics.and_then(|row| interval_of(row, measure.factor));
    let half_width = interval.map(|(low, high)| (high - low) / 2.0);
    let counted = &data.arms[arm];
    Row {
        arm,
        label: counted.row.label.clone(),
        seeds: measure.seeds(data, arm),
        mean,
        interval,
        numbers: mean.map_or_else(|| "–".to_owned(), |mean| numbers(mean, half_width)),
        diverged: match counted.diverged {
            0 => String::new(),
            diverged => format!("{diverged} of {}", counted.runs()),
        },
    }
}

/// The interval of a mean, times a factor, where there is one that can be drawn.
pub fn interval_of(row: &SummaryRow, factor: f64) -> Option<(f64, f64)> {
    let (low, high) = row.ci_low.zip(row.ci_high)?;
    (is_drawable(low) && is_drawable(high)).then_some((low * factor, high * factor))
}

/// A mean with half the width of its interval, to two digits of the latter; three digits of a mean without.
fn numbers(mean: f64, half_width: Option<f64>) -> String {
    let exponent = |x: f64| x.abs().log10().floor() as i32;
    // less is a sum's rounding
    let half_width = half_width.filter(|half| *half > 1e-9 * mean.abs());
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
        assert_eq!(numbers(97.0, Some(3e-14)), "97.0");
        assert_eq!(numbers(0.0789, Some(0.0028)), "0.0789 ± 0.0028");
        assert_eq!(numbers(1.234e-9, Some(5e-11)), "(1.23 ± 0.05)×10⁻⁹");
        assert_eq!(numbers(0.0, None), "0");
    }
}
