//! Refuse numbers in a table that no experiment could have left there.

use crate::metrics::{Metric, MetricUnit};
use csv::StringRecord;

/// What the cells of a column must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CellBound {
    /// Whatever the row's type takes.
    Any,
    /// A finite number.
    Finite,
    /// A finite number that is not negative.
    Size,
    /// A share, from 0 to 1.
    Share,
    /// A share where the row's metric is one, else a finite number.
    OfMetric,
    /// An end of the interval of what [`CellBound::OfMetric`] bounds.
    End,
}

/// The bounds of a table's columns.
pub struct Bounds {
    columns: Vec<CellBound>,
    /// The column that says what the row's values are of.
    metric: Option<usize>,
}

impl Bounds {
    pub fn of(header: &StringRecord) -> Self {
        Self {
            columns: header.iter().map(bound).collect(),
            metric: header.iter().position(|name| name == "metric"),
        }
    }

    /// The first column with a number out of bounds, and what is wrong with it.
    pub fn broken(&self, record: &StringRecord) -> Option<(usize, String)> {
        let metric = self.metric.and_then(|column| record.get(column)).unwrap_or_default();
        let share = Metric::named(metric).is_some_and(|metric| metric.unit == MetricUnit::Share);
        let cells = self.columns.iter().zip(record).enumerate();
        let mut cells = cells.filter(|(_, (bound, cell))| **bound != CellBound::Any && !cell.is_empty());
        cells.find_map(|(column, (bound, cell))| {
            let number: f64 = cell.parse().ok()?;
            // means round; the interval of a mean of shares reaches beyond them
            let (low, high, must) = match bound {
                CellBound::Size => (0.0, f64::MAX, "is negative"),
                CellBound::Share => (-1e-9, 1.0 + 1e-9, "is no share from 0 to 1"),
                CellBound::OfMetric if share => (-1e-9, 1.0 + 1e-9, "is no share from 0 to 1"),
                CellBound::End if share => (-10.0, 10.0, "is no end of an interval of shares"),
                _ => (f64::MIN, f64::MAX, ""),
            };
            let problem = match number {
                _ if !number.is_finite() => "is not finite",
                _ if !(low..=high).contains(&number) => must,
                _ => return None,
            };
            let shown: String = cell.chars().take(40).collect();
            Some((column, format!("`{shown}` {problem}")))
        })
    }
}

fn bound(column: &str) -> CellBound {
    match column {
        "value" | "mean" | "median" | "min" | "max" => CellBound::OfMetric,
        "ci_low" | "ci_high" => CellBound::End,
        "mean_difference" | "cohen_dz" => CellBound::Finite,
        "epoch" | "epochs" | "sd" => CellBound::Size,
        "p" | "p_holm" => CellBound::Share,
        "multiply_adds_per_sample" | "forward_passes_per_sample" | "random_numbers_per_sample" | "state_per_weight" => {
            CellBound::Size
        }
        _ if column.ends_with("_accuracy") => CellBound::Share,
        _ if column.ends_with("_loss") => CellBound::Finite,
        _ => CellBound::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MetricRow, RunRow, SummaryRow, read, table::Row};
    use std::fs;

    /// What reading a table with one row says; `cells` are its columns from the left.
    fn message<R: Row + std::fmt::Debug>(row: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("{}\n{row}\n", R::HEADER)).unwrap();
        let said = read::<R>(file.path()).map_or_else(|error| error.to_string(), |rows| format!("{} row", rows.len()));
        said.replace(&*file.path().to_string_lossy(), "FILE")
    }

    #[test]
    fn numbers_that_no_experiment_leaves_are_refused_at_their_place() {
        let summary = |metric: &str, mean: &str, low: &str| {
            format!("a,{metric},test,none,none,none,final,2,0,{mean},0.1,{low},0.9,t95,0.5,0.4,0.6")
        };
        let remedy = "; restore the file or let `creditlab run` write it again";
        for (row, problem) in [
            (
                summary("accuracy", "-1e308", "0.1"),
                "column `mean`: `-1e308` is no share from 0 to 1",
            ),
            (
                summary("own_accuracy", "1.01", "0.1"),
                "column `mean`: `1.01` is no share from 0 to 1",
            ),
            (
                summary("accuracy", "0.5", "-1e308"),
                "column `ci_low`: `-1e308` is no end of an interval of shares",
            ),
            (summary("loss", "NaN", "0.1"), "column `mean`: `NaN` is not finite"),
            (summary("loss", "1e999", "0.1"), "column `mean`: `1e999` is not finite"),
        ] {
            assert_eq!(message::<SummaryRow>(&row), format!("FILE:2: {problem}{remedy}"));
        }
        for row in [summary("accuracy", "1", "-6.3"), summary("loss", "1e308", "-1e308")] {
            assert_eq!(message::<SummaryRow>(&row), "1 row");
        }
        let metric = |epoch: &str, value: &str| format!("a,0,0,{epoch},test,accuracy,none,none,none,{value}");
        assert_eq!(message::<MetricRow>(&metric("0.5", "0.25")), "1 row");
        assert_eq!(
            message::<MetricRow>(&metric("-0.5", "0.25")),
            format!("FILE:2: column `epoch`: `-0.5` is negative{remedy}")
        );
        assert_eq!(
            message::<MetricRow>(&metric("0.5", "25")),
            format!("FILE:2: column `value`: `25` is no share from 0 to 1{remedy}")
        );
        let run = "a,0,finished,,1,1.0,,5,0.1,inf,,,,,,,,,,";
        assert_eq!(
            message::<RunRow>(run),
            format!("FILE:2: column `final_train_accuracy`: `inf` is not finite{remedy}")
        );
    }
}
