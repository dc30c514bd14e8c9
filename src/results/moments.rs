//! Pick the values of runs that statistics are made of.

use super::{At, MetricRow, RunRow, Status};
use std::collections::BTreeMap;

/// Of the rows of one run those of its last measured step, and those of its best validation step; a row may be both. A diverged run
/// has none.
pub fn moments<'a>(run: &RunRow, rows: &'a [MetricRow]) -> impl Iterator<Item = (&'a MetricRow, At)> {
    // a metric may be absent from the last measurement
    let steps = rows.iter().map(|row| row.step);
    let last = steps.max().map_or(run.steps, |step| step.max(run.steps));
    let moments = match run.status {
        Status::Finished => [(At::Final, Some(last)), (At::BestValidation, run.best_step)],
        Status::Diverged => [(At::Final, None), (At::BestValidation, None)],
    };
    rows.iter().flat_map(move |row| {
        let due = moments.into_iter().filter(|(_, step)| *step == Some(row.step));
        due.map(move |(at, _)| (row, at))
    })
}

/// Rows in file order, run by run.
pub(super) fn of_runs(metrics: &[MetricRow]) -> impl Iterator<Item = &[MetricRow]> {
    metrics.chunk_by(|a, b| a.run() == b.run())
}

/// [`moments`] of all runs of a table whose rows stand in file order, or of some of its rows in that order.
pub fn at_moments<'a>(metrics: &'a [MetricRow], runs: &'a [RunRow]) -> impl Iterator<Item = (&'a MetricRow, At)> {
    let runs: BTreeMap<(&str, u64), &RunRow> = runs.iter().map(|run| (run.key(), run)).collect();
    of_runs(metrics).flat_map(move |rows| {
        let run = runs.get(&rows[0].run()).copied();
        run.into_iter().flat_map(|run| moments(run, rows))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::made_up::{run, value};

    #[test]
    fn each_run_counts_at_its_own_last_and_best_step_and_one_that_diverged_at_none() {
        let metrics = [
            value("a", 0, 0, "loss", 9.0),
            value("a", 0, 10, "loss", 1.0),
            value("a", 1, 0, "loss", 4.0),
            value("a", 2, 0, "loss", 9.0),
            value("b", 0, 0, "loss", 5.0),
        ];
        let runs = [
            run("a", 0, Status::Finished, Some(0), 10),
            run("a", 1, Status::Finished, Some(0), 0),
            run("a", 2, Status::Diverged, None, 0),
        ];
        let found: Vec<_> = at_moments(&metrics, &runs)
            .map(|(row, at)| (row.seed, row.step, at))
            .collect();
        assert_eq!(
            found,
            [
                (0, 0, At::BestValidation),
                (0, 10, At::Final),
                (1, 0, At::Final),
                (1, 0, At::BestValidation)
            ]
        );
    }

    /// A metric that is absent at the end, a norm of 0 say, and written alone: its earlier values are not final ones.
    #[test]
    fn what_is_absent_at_the_end_has_no_final_value() {
        let metrics = [value("a", 0, 0, "loss", 1.0), value("a", 0, 10, "loss", 2.0)];
        let ended = |steps| run("a", 0, Status::Finished, None, steps);
        assert_eq!(moments(&ended(20), &metrics).count(), 0);
        assert_eq!(moments(&ended(10), &metrics).count(), 1);
    }
}
