//! Define the rows of `tuning.csv`, and read from them where a choice may have been cut off.

use super::table::Row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What one run of a trial was given and reached: a row of `tuning.csv`, one for each path that is tuned, in the order of arms,
/// trials, paths and seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TuningRow {
    /// The arm's slug.
    pub arm: String,
    /// Which trial of the arm, from 1.
    pub trial: u64,
    /// What is tuned.
    pub path: String,
    /// What stands there in this trial.
    pub setting: String,
    /// The run's seed.
    pub seed: u64,
    /// What trials are judged by.
    pub metric: String,
    /// `validation`.
    pub split: String,
    /// At the end of training; empty for a run that diverged.
    pub value: Option<f64>,
    /// Whether the trial's values are those of the reported runs.
    pub chosen: bool,
}

impl Row for TuningRow {
    const HEADER: &'static str = "arm,trial,path,setting,seed,metric,split,value,chosen";
}

/// A number that was chosen at an end of its list: a better one may lie beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The arm's slug.
    pub arm: String,
    /// What was tuned.
    pub path: String,
    /// What was chosen.
    pub setting: String,
    /// Whether it is the largest of the list, not the smallest.
    pub largest: bool,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.largest { "largest" } else { "smallest" };
        write!(f, "{} = {} is the {end} of its list", self.path, self.setting)
    }
}

/// The choices at an end of their list, by arm and path. Lists of anything but numbers have no ends, nor have those of one number.
pub fn edges(rows: &[TuningRow]) -> Vec<Edge> {
    let mut lists: BTreeMap<(&str, &str), Vec<&TuningRow>> = BTreeMap::new();
    for row in rows {
        lists.entry((&row.arm, &row.path)).or_default().push(row);
    }
    let edge = |rows: Vec<&TuningRow>| {
        let number = |row: &TuningRow| row.setting.parse::<f64>().ok();
        let numbers = rows.iter().map(|row| number(row)).collect::<Option<Vec<f64>>>()?;
        let row = rows.iter().find(|row| row.chosen)?;
        let chosen = number(row)?;
        let below = numbers.iter().any(|number| *number < chosen);
        let above = numbers.iter().any(|number| *number > chosen);
        (below != above).then(|| Edge {
            arm: row.arm.clone(),
            path: row.path.clone(),
            setting: row.setting.clone(),
            largest: below,
        })
    };
    lists.into_values().filter_map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, setting: &str, chosen: bool) -> TuningRow {
        TuningRow {
            arm: "a".into(),
            trial: 1,
            path: path.into(),
            setting: setting.into(),
            seed: 1_000_000,
            metric: "accuracy".into(),
            split: "validation".into(),
            value: None,
            chosen,
        }
    }

    #[test]
    fn ends_are_those_of_numbers() {
        let rows = [
            row("rate", "0.1", false),
            row("rate", "1e-2", true),
            row("rate", "0.3", false),
            row("scale", "2", true),
            row("scale", "1", false),
            row("middle", "2", true),
            row("middle", "1", false),
            row("middle", "3", false),
            row("rule", "Adam", true),
            row("rule", "Sgd", false),
            row("one", "1", true),
        ];
        let said: Vec<_> = edges(&rows).iter().map(Edge::to_string).collect();
        assert_eq!(
            said,
            [
                "rate = 1e-2 is the smallest of its list",
                "scale = 2 is the largest of its list"
            ]
        );
    }
}
