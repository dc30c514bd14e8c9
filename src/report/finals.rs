//! Say what each arm reaches at the end of training: every seed a point, mean and interval, one row an arm.

use super::axis::{Axis, Drawn, Outside};
use super::data::{Data, MeanAndInterval, is_drawable};
use super::numbers::{FigureNumbers, cells, exact};
use super::quantities::SPLITS;
use super::rows::{self, ScoreRow};
use super::sketch::{RowSketch, Sketch};
use super::ticks::power;
use super::{caption, quantities};
use crate::metrics::{ACCURACY, LOSS, Metric, MetricUnit};
use crate::results::{IntervalMethod, RunRow};
use std::collections::{BTreeMap, BTreeSet};

/// Ticks of the axis.
const TICKS: usize = 6;

/// What is shown of a run.
pub struct FinalScore {
    /// Accuracy, or loss where there is no accuracy.
    pub metric: Metric,
    /// The first of test, validation and training part that has it.
    pub split: &'static str,
}

/// The figure, if any run has a score.
pub fn sketch(data: &Data) -> Result<Option<Sketch>, Outside> {
    let Some(score) = FinalScore::shown(data) else {
        return Ok(None);
    };
    let rows: Vec<ScoreRow> = data.drawable().map(|arm| row(data, arm, &score)).collect();
    let values: Vec<MeanAndInterval> = rows.iter().filter_map(|row| row.value).collect();
    let mut drawn = rows::drawn(&values);
    drawn.marks.extend(rows.iter().flat_map(|row| &row.seeds));
    let Some((axis, spacing)) = score.axis(&drawn, TICKS) else {
        return Ok(None);
    };
    let method = score.interval_method(data);
    let scored = rows.iter().filter(|row| !row.seeds.is_empty());
    let mut text = vec![
        format!(
            "Final {} {spacing}, at the last measured step of each run.",
            score.named()
        ),
        "Small points are single seeds, spread in height to be told apart; marks above them are means over seeds."
            .into(),
    ];
    if rows.iter().any(|row| row.seeds.len() > ScoreRow::MOST_SEEDS) {
        text.push(format!(
            "Of an arm with more seeds than {0}, {0} are points: in equal steps of rank, from the lowest value to the highest.",
            ScoreRow::MOST_SEEDS
        ));
    }
    text.push(caption::bars(method));
    let heading = match method {
        Some(_) => "mean ± 95 % interval",
        None => "mean",
    };
    Ok(Some(Sketch::Rows(RowSketch {
        others: quantities::other_axes(&score.metric, &axis, &drawn, TICKS),
        heading,
        text,
        runs: scored.map(|row| (row.arm, row.seeds.len() as u64)).collect(),
        cuts: rows::cuts(&axis, &values),
        numbers: numbers_of(data, &score),
        rows,
        axis,
    })))
}

/// Mean, interval and the value of every seed, a row an arm.
fn numbers_of(data: &Data, score: &FinalScore) -> FigureNumbers {
    let seeds: BTreeSet<u64> = data
        .drawable()
        .flat_map(|arm| score.of_runs(data, arm))
        .map(|(seed, _)| seed)
        .collect();
    let mut table = FigureNumbers::new(&["quantity", "arm", "n", "mean", "ci_low", "ci_high"]);
    table.seeds(seeds.iter().copied());
    for arm in data.drawable() {
        let runs: BTreeMap<u64, f64> = score.of_runs(data, arm).collect();
        let mut row = vec![score.title(), data.arms[arm].row.arm.clone(), runs.len().to_string()];
        row.extend(cells(data.final_score(arm, &score.metric, score.split)));
        let value = |seed| runs.get(seed).map_or_else(String::new, |value| exact(*value));
        row.extend(seeds.iter().map(value));
        table.add(row);
    }
    table
}

impl FinalScore {
    /// The one to show, if any run has a score.
    pub fn shown(data: &Data) -> Option<Self> {
        let scores = [ACCURACY, LOSS].into_iter();
        let mut scores = scores.flat_map(|metric| SPLITS.map(|split| Self { metric, split }));
        scores.find(|score| (0..data.arms.len()).any(|arm| !score.seeds(data, arm).is_empty()))
    }

    /// As in `test accuracy`.
    pub fn named(&self) -> String {
        format!("{} {}", self.split, self.metric.name)
    }

    /// An axis for its values, and what a caption says of it.
    pub fn axis(&self, drawn: &Drawn, ticks: usize) -> Option<(Axis, &'static str)> {
        let axis = quantities::score(&self.metric, self.title(), drawn, ticks)?;
        let spacing = quantities::say_score(&self.metric, &axis);
        Some((axis, spacing))
    }

    /// The title of such an axis.
    pub fn title(&self) -> String {
        quantities::title(format!("Final {}", self.named()), &self.metric)
    }

    /// How intervals were made, where there are any.
    pub fn interval_method(&self, data: &Data) -> Option<IntervalMethod> {
        let method = |arm| data.final_statistics(arm, &self.metric, self.split)?.interval;
        data.drawable().find_map(method)
    }

    /// The finite values of the finished runs of an arm.
    fn seeds(&self, data: &Data, arm: usize) -> Vec<f64> {
        self.of_runs(data, arm).map(|(_, value)| value).collect()
    }

    /// The same, by seed.
    fn of_runs<'a>(&'a self, data: &'a Data, arm: usize) -> impl Iterator<Item = (u64, f64)> + 'a {
        let of_run = move |run: &RunRow| {
            let score = match self.split {
                "test" => run.last.test,
                "validation" => run.last.validation,
                _ => run.last.train,
            };
            let value = match self.metric.unit {
                MetricUnit::Share => score.accuracy,
                _ => score.loss,
            };
            let value = value.filter(|x| is_drawable(*x))?;
            Some((run.seed, value * quantities::factor(&self.metric)))
        };
        data.arms[arm].finished.iter().filter_map(of_run)
    }
}

/// The scores of an arm's runs, with their mean and interval.
pub fn row(data: &Data, arm: usize, score: &FinalScore) -> ScoreRow {
    let value = data.final_score(arm, &score.metric, score.split);
    let counted = &data.arms[arm];
    ScoreRow {
        arm,
        label: counted.row.label.clone(),
        seeds: score.seeds(data, arm),
        value,
        numbers: value.map_or_else(
            || "–".to_owned(),
            |(mean, interval)| numbers(mean, interval.map(|(low, high)| (high - low) / 2.0)),
        ),
        diverged: match counted.diverged {
            0 => String::new(),
            diverged => format!("{diverged} of {}", counted.runs()),
        },
    }
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
