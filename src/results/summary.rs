//! Summarise runs over seeds: the rows of `summary.csv`.

use super::moments::of_runs;
use super::{At, IntervalMethod, MetricRow, RunRow, Series, Status, SummaryRow, moments};
use crate::stats::{self, LEVEL};
use std::collections::BTreeMap;

/// The values of one arm that its statistics are made of, gathered run by run: those of the last measured step of a run and, where
/// a run has one, of its best validation step.
///
/// Diverged runs are counted and enter no statistic.
#[derive(Default)]
pub struct ArmSamples {
    values: BTreeMap<(Series, At), Vec<f64>>,
    diverged: u64,
}

impl ArmSamples {
    /// Adds a run with its rows of `metrics.csv`. Samples are summed in the order of the runs: add them in that of the file.
    pub fn add(&mut self, run: &RunRow, rows: &[MetricRow]) {
        self.diverged += u64::from(run.status == Status::Diverged);
        for (row, at) in moments(run, rows) {
            self.values.entry((Series::of(row), at)).or_default().push(row.value);
        }
    }

    /// The statistics; one too large for a number is absent.
    ///
    /// Intervals are Student's t, `t95`, for every metric, so that rows can be compared; for few values far from normal, such as
    /// accuracies close to 1, the bootstrap of [`stats::bca_interval`] follows their skew, but is too short below about ten values.
    pub fn rows(self, arm: &str) -> impl Iterator<Item = SummaryRow> {
        let (values, diverged) = (self.values.into_iter(), self.diverged);
        values.filter_map(move |((series, at), sample)| {
            let interval = stats::t_interval(&sample, LEVEL);
            Some(SummaryRow {
                arm: arm.to_owned(),
                metric: series.metric,
                split: series.split,
                rule: series.rule,
                layer: series.layer,
                reference: series.reference,
                at,
                n: sample.len() as u64,
                diverged,
                mean: stats::mean(&sample).filter(|mean| mean.is_finite())?,
                sd: stats::standard_deviation(&sample).filter(|sd| sd.is_finite()),
                ci_low: interval.map(|interval| interval.low),
                ci_high: interval.map(|interval| interval.high),
                interval: interval.map(|_| IntervalMethod::T95),
                median: stats::median(&sample)?,
                min: sample.iter().copied().min_by(f64::total_cmp)?,
                max: sample.iter().copied().max_by(f64::total_cmp)?,
            })
        })
    }
}

/// The statistics of whole tables in file order.
pub fn summary(metrics: &[MetricRow], runs: &[RunRow]) -> Vec<SummaryRow> {
    let rows_of: BTreeMap<(&str, u64), &[MetricRow]> = of_runs(metrics).map(|rows| (rows[0].run(), rows)).collect();
    let of_arm = runs.chunk_by(|a, b| a.arm == b.arm);
    let summarise = |runs: &[RunRow]| {
        let mut samples = ArmSamples::default();
        for run in runs {
            let rows = rows_of.get(&run.key()).copied().unwrap_or_default();
            samples.add(run, rows);
        }
        samples.rows(&runs[0].arm).collect::<Vec<_>>()
    };
    of_arm.flat_map(summarise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::made_up::{run, value};

    #[test]
    fn each_run_counts_at_its_own_last_and_best_step_and_diverged_runs_are_only_counted() {
        let metrics = [
            value("a", 0, 0, "loss", 9.0),
            value("a", 0, 10, "loss", 1.0),
            value("a", 0, 20, "loss", 2.0),
            value("a", 1, 0, "loss", 9.0),
            value("a", 1, 10, "loss", 4.0),
            value("a", 2, 0, "loss", 9.0),
            value("b", 0, 0, "loss", 5.0),
        ];
        let runs = [
            run("a", 0, Status::Finished, Some(10), 0),
            run("a", 1, Status::Finished, Some(0), 0),
            run("a", 2, Status::Diverged, None, 0),
            run("b", 0, Status::Finished, None, 0),
        ];
        let rows = summary(&metrics, &runs);
        let means: Vec<_> = rows
            .iter()
            .map(|row| (&*row.arm, row.at, row.n, row.diverged, row.mean))
            .collect();
        assert_eq!(
            means,
            [
                ("a", At::Final, 2, 1, 3.0),
                ("a", At::BestValidation, 2, 1, 5.0),
                ("b", At::Final, 1, 0, 5.0)
            ]
        );
        assert_eq!(
            (rows[0].median, rows[0].min, rows[0].max, rows[0].sd),
            (3.0, 2.0, 4.0, Some(2f64.sqrt()))
        );
        // t with one degree of freedom at 0.975 is tan(0.475 pi); s / sqrt(2) is 1.
        let half_width = (0.475 * std::f64::consts::PI).tan();
        assert!((rows[0].ci_high.unwrap() - (3.0 + half_width)).abs() < 1e-9);
        assert_eq!(rows[0].interval, Some(IntervalMethod::T95));
        assert_eq!(
            (rows[2].sd, rows[2].ci_low, rows[2].ci_high, rows[2].interval),
            (None, None, None, None)
        );
    }
}
