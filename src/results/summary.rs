//! Summarise runs over seeds: the rows of `summary.csv`.

use super::{At, IntervalMethod, MetricRow, RunRow, Status, SummaryRow, order};
use crate::stats::{self, LEVEL};
use std::collections::BTreeMap;

/// Statistics over the finished runs of each arm, at the last measured step of a run and, where a run has one, at its best
/// validation step.
///
/// Diverged runs are counted and enter no statistic; a statistic too large for a number is absent. Intervals are Student's t,
/// `t95`, for every metric, so that rows can be compared; for few values far from normal, such as accuracies close to 1, the
/// bootstrap of [`stats::bca_interval`] follows their skew, but is too short below about ten values. The order of the rows given
/// does not matter but for the order in which a sample is summed: give them in file order.
pub fn summary(metrics: &[MetricRow], runs: &[RunRow]) -> Vec<SummaryRow> {
    let mut diverged: BTreeMap<&str, u64> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.status == Status::Diverged) {
        *diverged.entry(&run.arm).or_default() += 1;
    }
    // what a value is, whatever run it comes from, in the order of the file
    let mut samples: BTreeMap<_, (&MetricRow, Vec<f64>)> = BTreeMap::new();
    for (row, at) in at_moments(metrics, runs) {
        let sample = samples
            .entry((order::in_summary(row), at))
            .or_insert_with(|| (row, Vec::new()));
        sample.1.push(row.value);
    }
    samples
        .into_iter()
        .filter_map(|((_, at), (row, sample))| {
            let interval = stats::t_interval(&sample, LEVEL);
            Some(SummaryRow {
                arm: row.arm.clone(),
                metric: row.metric.clone(),
                split: row.split.clone(),
                rule: row.rule.clone(),
                layer: row.layer.clone(),
                reference: row.reference.clone(),
                at,
                n: sample.len() as u64,
                diverged: diverged.get(&*row.arm).copied().unwrap_or_default(),
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
        .collect()
}

/// The values of finished runs that statistics are made of: those of a run's last measured step, and of its best validation step;
/// a row may be both.
pub fn at_moments<'a>(metrics: &'a [MetricRow], runs: &'a [RunRow]) -> impl Iterator<Item = (&'a MetricRow, At)> {
    let mut last_steps: BTreeMap<(&str, u64), u64> = BTreeMap::new();
    for row in metrics {
        let last = last_steps.entry((&row.arm, row.seed)).or_default();
        *last = row.step.max(*last);
    }
    // a metric may be absent from the last measurement
    for run in runs {
        let last = last_steps.entry((&run.arm, run.seed)).or_default();
        *last = run.steps.max(*last);
    }
    let finished = runs.iter().filter(|run| run.status == Status::Finished);
    let finished: BTreeMap<_, _> = finished.map(|run| ((&*run.arm, run.seed), run.best_step)).collect();
    metrics.iter().flat_map(move |row| {
        let run = (&*row.arm, row.seed);
        let best = finished.get(&run).copied();
        let moments = [
            (At::Final, best.and(last_steps.get(&run).copied())),
            (At::BestValidation, best.flatten()),
        ];
        let due = moments.into_iter().filter(|&(_, step)| step == Some(row.step));
        due.map(move |(at, _)| (row, at))
    })
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
    /// A metric that is absent at the end, a norm of 0 say, and written alone: its earlier values are not final ones.
    #[test]
    fn what_is_absent_at_the_end_has_no_final_value() {
        let metrics = [value("a", 0, 0, "loss", 1.0), value("a", 0, 10, "loss", 2.0)];
        let ended = |steps| run("a", 0, Status::Finished, None, steps);
        assert!(summary(&metrics, &[ended(20)]).is_empty());
        assert_eq!(summary(&metrics, &[ended(10)]).len(), 1);
    }
}
