//! Write the record of replications as a table for readers.

use super::{Judgement, ReplicationRecord, VerdictRow};
use std::fmt::Write;

const HEAD: &str = "# Replications that were run in full

Made by `creditlab replicate`. Settings, sources and criteria stand in the files of `experiments/replications/`, and were fixed before
anything ran. Errors and accuracies are in percent; values are means over seeds with 95 % Student t intervals; differences and quotients
are taken seed by seed. A criterion is met where the mean lies within its bounds. What has no criterion is reported beside. Minutes are
by the clock, of all runs together, on whatever else the machine was doing.

| id | what | published | criterion | ours | outcome |
|---|---|---|---|---|---|
";

/// The table in Markdown: the claims of each experiment, then a line that sums them up.
pub fn markdown(record: &ReplicationRecord) -> String {
    let mut text = HEAD.to_owned();
    for rows in record.0.chunk_by(|a, b| a.experiment == b.experiment) {
        for row in rows {
            let VerdictRow {
                experiment,
                what,
                published,
                ..
            } = row;
            let published = published.map(|value| value.to_string()).unwrap_or_default();
            let (criterion, ours, outcome) = (criterion(row), ours(row), outcome(row.judgement));
            let (id, what) = (id(experiment), what.replace('|', "\\|"));
            let _ = writeln!(
                text,
                "| {id} | {what} | {published} | {criterion} | {ours} | {outcome} |"
            );
        }
        let _ = writeln!(text, "{}", summary(rows));
    }
    text
}

/// `R16` of `r16_convolution_mnist1d`.
fn id(experiment: &str) -> String {
    experiment.split('_').next().unwrap_or_default().to_uppercase()
}

fn criterion(row: &VerdictRow) -> String {
    match (row.at_least.map(bound), row.at_most.map(bound)) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "reported".into(),
    }
}

/// As files have it; what is small with an exponent.
fn bound(value: f64) -> String {
    match value.abs() {
        size if size < 1e-3 && size > 0.0 => format!("{value:e}"),
        _ => value.to_string(),
    }
}

/// `92.37 [88.83, 95.90], n = 3`.
fn ours(row: &VerdictRow) -> String {
    let Some(mean) = row.mean else {
        return match row.diverged {
            0 => "no value".into(),
            diverged => format!("no value; {diverged} runs diverged"),
        };
    };
    let interval = match (row.ci_low, row.ci_high) {
        (Some(low), Some(high)) => format!(" [{}, {}]", number(low), number(high)),
        _ => String::new(),
    };
    let diverged = match row.diverged {
        0 => String::new(),
        diverged => format!(", {diverged} diverged"),
    };
    format!("{}{interval}, n = {}{diverged}", number(mean), row.n)
}

/// Two decimals, three of what is below 1, or three significant digits of what is small.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0.00".into(),
        size if size < 0.01 => format!("{value:.2e}"),
        size if size < 1.0 => format!("{value:.3}"),
        _ => format!("{value:.2}"),
    }
}

fn outcome(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Pass => "pass",
        Judgement::Fail => "FAIL",
        Judgement::Reported => "",
    }
}

/// What became of each claim of an experiment, a line each.
pub fn lines(rows: &[VerdictRow]) -> Vec<String> {
    let width = |text: fn(&VerdictRow) -> String| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0);
    let (wide, value) = (width(|row| row.what.clone()), width(ours));
    let line = |row: &VerdictRow| {
        let outcome = outcome(row.judgement);
        format!(
            "  {outcome:4}  {:wide$}  {:value$}  {}",
            row.what,
            ours(row),
            criterion(row)
        )
    };
    rows.iter().map(line).collect()
}

/// The claims of one experiment that were judged, and how many of them are met.
pub fn met(rows: &[VerdictRow]) -> (usize, usize) {
    let count = |judgement| rows.iter().filter(|row| row.judgement == judgement).count();
    let pass = count(Judgement::Pass);
    (pass, pass + count(Judgement::Fail))
}

fn summary(rows: &[VerdictRow]) -> String {
    let row = &rows[0];
    let (pass, asked) = met(rows);
    let mut text = format!(
        "| | **{pass} of {asked} criteria met**: {}; `{}.ron`",
        row.source, row.experiment
    );
    if !row.changes.is_empty() {
        let _ = write!(text, ", changed: `{}`", row.changes);
    }
    let mut when = row.date.clone();
    if let Some(commit) = row.commit.get(..7) {
        let _ = write!(when, ", commit {commit}");
    }
    let whole = if pass == asked { "**pass**" } else { "**FAIL**" };
    let minutes = row.seconds / 60.0;
    text + &format!(" | | | {when}, {minutes:.1} minutes of runs | {whole} |")
}
