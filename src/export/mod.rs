//! Write a result in the formats of other programs, from its tables alone.
//!
//! | file | holds |
//! |---|---|
//! | [`wide_csv`] | a table with a column for each series |
//! | [`tensorboard`] | a file of events for each run |
//! | [`tfrecord`] | records of bytes with checksums, as TensorBoard reads them |

mod series_name;
pub mod tensorboard;
pub mod tfrecord;
pub mod wide_csv;

pub use series_name::SeriesName;

use crate::results::names::METRICS_TABLE;
use crate::results::{ArmTable, Folder, MetricRow, ResultsError, rows_of_runs};
use std::collections::{BTreeMap, HashSet};

/// The runs of a result one by one, each of their moments with the values measured then by name.
struct ExportedRuns<'a> {
    result: &'a Folder,
    /// The rule of each arm, by its slug.
    rules: BTreeMap<String, String>,
}

/// What was measured in a run after so many changes.
struct ExportedMoment {
    step: u64,
    epoch: f64,
    /// In the order of the table.
    values: Vec<(SeriesName, f64)>,
}

impl<'a> ExportedRuns<'a> {
    fn open(result: &'a Folder) -> Result<Self, ResultsError> {
        let arms = ArmTable::read(&result.path().join("arms.csv"))?.rows;
        let rules = arms.into_iter().map(|arm| (arm.arm, arm.rule)).collect();
        Ok(Self { result, rules })
    }

    /// Calls `see` with the arm, the seed and the moments of each run, in the order of the table.
    fn each(
        &self,
        mut see: impl FnMut(&str, u64, &[ExportedMoment]) -> Result<(), ResultsError>,
    ) -> Result<(), ResultsError> {
        for run in rows_of_runs(&self.result.path().join(METRICS_TABLE))? {
            let run = run?;
            let (arm, seed) = run[0].run();
            let rule = self.rules.get(arm).map_or("", String::as_str);
            let moments = run.chunk_by(|a, b| a.step == b.step);
            let moments = moments
                .map(|rows| self.moment(rows, rule))
                .collect::<Result<Vec<_>, _>>()?;
            see(arm, seed, &moments)?;
        }
        Ok(())
    }

    fn moment(&self, rows: &[MetricRow], rule: &str) -> Result<ExportedMoment, ResultsError> {
        let values: Vec<_> = rows.iter().map(|row| (SeriesName::of(row, rule), row.value)).collect();
        let mut seen = HashSet::new();
        if let Some((name, _)) = values.iter().find(|(name, _)| !seen.insert(name)) {
            let MetricRow { arm, seed, step, .. } = &rows[0];
            return Err(ResultsError::Unfit {
                folder: self.result.path().to_owned(),
                problem: format!(
                    "{METRICS_TABLE} has two values of `{name}` for arm `{arm}`, seed {seed}, step {step}"
                ),
            });
        }
        let (step, epoch) = (rows[0].step, rows[0].epoch);
        Ok(ExportedMoment { step, epoch, values })
    }
}
