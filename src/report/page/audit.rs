//! Show how settings were chosen: every trial, what it reached, and where a better value may lie beyond what was tried.

use super::super::data::{ArmRuns, Data};
use super::markup::{Heading, code, counted, figures, row, said, table, words};
use crate::html::escape;
use crate::results::TuningRow;
use crate::stats::{self, written::optional};

/// What was tried for each arm; nothing where nothing was tuned.
pub fn tuning(data: &Data, trials: &[TuningRow]) -> String {
    let Some(first) = trials.first() else {
        return String::new();
    };
    let mut headings: Vec<Heading> = words(["Arm"]).into();
    headings.extend(figures(["trial"]));
    headings.extend(words(["settings"]));
    headings.extend([Heading::Figures(format!("mean {} {}", first.split, first.metric))]);
    headings.extend(figures(["seeds", "diverged"]));
    headings.extend(words(["chosen"]));
    let rows: String = trials
        .chunk_by(|a, b| (&a.arm, a.trial) == (&b.arm, b.trial))
        .map(|trial| of_trial(data, trial))
        .collect();
    let untuned: Vec<&str> = labels(data, |arm| arm.tuned == Some(false)).collect();
    let edges: Vec<String> = data
        .arms
        .iter()
        .flat_map(|arm| arm.edges.iter().map(|edge| format!("{}, {edge}", arm.row.label)))
        .collect();
    let remarks = [
        ("Run with the settings that they were given", untuned.join("; ")),
        (
            "Tuned to an end of what was tried, so that a better value may lie beyond",
            edges.join("; "),
        ),
    ];
    let remarks = remarks.iter().filter(|(_, arms)| !arms.is_empty());
    let remarks: String = remarks
        .map(|(what, arms)| format!("<p>{what}: {}.</p>\n", escape(arms)))
        .collect();
    format!(
        "{remarks}<details class=\"open-on-paper\"><summary>Every trial</summary>\n{}</details>\n",
        table(&headings, &rows)
    )
}

fn labels(data: &Data, holds: impl Fn(&ArmRuns) -> bool) -> impl Iterator<Item = &str> {
    let arms = data.arms.iter().filter(move |arm| holds(arm));
    arms.map(|arm| &*arm.row.label)
}

/// The rows of one trial: a path that is tuned and a seed each.
fn of_trial(data: &Data, trial: &[TuningRow]) -> String {
    let first = &trial[0];
    let of_first = |row: &&TuningRow| row.path == first.path;
    let values: Vec<f64> = trial.iter().filter(of_first).filter_map(|row| row.value).collect();
    let seeds = trial.iter().filter(of_first).count();
    let of_seed = trial.iter().filter(|row| row.seed == first.seed);
    let settings: Vec<String> = of_seed.map(|row| format!("{}={}", row.path, row.setting)).collect();
    let place = data.arms.iter().position(|arm| arm.row.arm == first.arm);
    let label = place.map_or(&*first.arm, |place| &data.arms[place].row.label);
    let cells = [
        said(label),
        counted(&first.trial.to_string()),
        code(&settings.join(" ")),
        counted(&optional(stats::mean(&values))),
        counted(&seeds.to_string()),
        counted(&(seeds - values.len()).to_string()),
        said(if first.chosen { "chosen" } else { "" }),
    ];
    row(place, &cells)
}
