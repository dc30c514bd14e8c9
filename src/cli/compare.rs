//! `creditlab compare`: set the arms of results side by side, and test them by seed against one of them.

use super::output::{cell, print, say};
use super::{Failure, folders};
use crate::notation::{all_of, list, remedy};
use crate::results::{At, Loaded, Question, ValuesBySeed, compare_seeds, family};
use crate::stats::written::{interval, optional, probability};
use crate::stats::{self, Comparison, LEVEL, Test};
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Results folders, such as results/quickstart
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// What to compare, such as accuracy or loss; of the rule's own prediction for arms that predict in their own way
    #[arg(long)]
    metric: String,
    /// The arm that the others are compared with [default: backprop, or else the first]
    #[arg(long, value_name = "ARM")]
    to: Option<String>,
    /// train, validation, test, .. [default: test, where the metric is measured there]
    #[arg(long)]
    split: Option<String>,
    /// PairedT or Wilcoxon
    #[arg(long, default_value = "PairedT", value_parser = test)]
    test: Test,
    /// final or best_validation
    #[arg(long, default_value = "final", value_parser = at)]
    at: At,
}

/// What is named; `PairedT`, `paired_t` and `paired-t` are the same.
fn named<T: Copy>(text: &str, known: &[(&str, T)]) -> Option<T> {
    let plain = text.to_lowercase().replace(['-', '_'], "");
    known.iter().find(|(name, _)| *name == plain).map(|(_, value)| *value)
}

fn test(text: &str) -> Result<Test, &'static str> {
    let known = [
        ("pairedt", Test::PairedT),
        ("t", Test::PairedT),
        ("wilcoxon", Test::Wilcoxon),
    ];
    named(text, &known).ok_or("expected PairedT or Wilcoxon")
}

fn at(text: &str) -> Result<At, &'static str> {
    let known = [("final", At::Final), ("bestvalidation", At::BestValidation)];
    named(text, &known).ok_or("expected final or best_validation")
}

/// An arm in the table.
struct Line {
    name: String,
    slug: String,
    label: String,
    values: ValuesBySeed,
    diverged: u64,
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let names = names(&arguments.folders)?;
    let metric = &*arguments.metric;
    let read = |path: &PathBuf| Loaded::read(&folders::open(path)?, metric).map_err(Failure::execution);
    let results = arguments.folders.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for (name, result) in names.iter().zip(&results).skip(1) {
        same_task((&names[0], &results[0]), (name, result))?;
    }
    let split = split(&results, metric, arguments.split.as_deref())?;
    let question = Question::new(metric, &split, arguments.at);
    let mut lines = Vec::new();
    for (name, result) in names.iter().zip(&results) {
        lines.extend(
            result
                .arms
                .iter()
                .zip(result.values(&question))
                .map(|(arm, values)| Line {
                    name: if results.len() > 1 {
                        format!("{name}/{}", arm.arm)
                    } else {
                        arm.arm.clone()
                    },
                    slug: arm.arm.clone(),
                    label: arm.label.clone(),
                    values,
                    diverged: result.diverged.get(&arm.arm).copied().unwrap_or_default(),
                }),
        );
    }
    if lines.iter().all(|line| line.values.is_empty()) {
        return Err(nothing_to_compare(&results, &question));
    }
    let to = arm(&lines, arguments.to.as_deref())?;
    print(&table(&lines, to, &question, arguments.test)?)
}

/// What results are called: their folders' names, or, where two are the same, their paths.
fn names(folders: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let path = |folder: &PathBuf| folder.display().to_string();
    for (i, folder) in folders.iter().enumerate() {
        if folders[..i].contains(folder) {
            let text = format!("{}: it is named twice; leave one of them out", folder.display());
            return Err(Failure::Input(text));
        }
    }
    let last = |folder: &PathBuf| folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let names: BTreeSet<_> = folders.iter().map(last).collect();
    let unique = names.len() == folders.len();
    let name = |folder: &PathBuf| last(folder).filter(|_| unique).unwrap_or_else(|| path(folder));
    Ok(folders.iter().map(name).collect())
}

/// Refuses results of different tasks; warns of different splits, and of what is not known.
fn same_task((first, one): (&str, &Loaded), (second, other): (&str, &Loaded)) -> Result<(), Failure> {
    let known = (&one.task, &other.task);
    if let (Some(a), Some(b)) = known
        && a != b
    {
        let text = format!("{first} is of the task {a}, {second} of {b}; only results of one task can be compared");
        return Err(Failure::Input(text));
    }
    if let (Some(a), Some(b)) = (&one.checksum, &other.checksum)
        && a != b
    {
        let text = format!(
            "{first} and {second} were made from different data, though their tasks read alike; run one of them again"
        );
        return Err(Failure::Input(text));
    }
    if known.0.is_none() || known.1.is_none() {
        say(format!(
            "warning: {first} or {second} has no experiment.ron to tell whether their tasks are the same"
        ));
    } else if let (Some(a), Some(b)) = (&one.split, &other.split)
        && a != b
    {
        say(format!(
            "warning: {first} is split by {a}, {second} by {b}: equal seeds do not mean equal parts of the data"
        ));
    }
    Ok(())
}

/// The split to compare on.
fn split(results: &[Loaded], metric: &str, given: Option<&str>) -> Result<String, Failure> {
    let names: BTreeSet<&str> = results
        .iter()
        .flat_map(|result| result.metrics.keys())
        .map(String::as_str)
        .collect();
    let splits: BTreeSet<&str> = results.iter().flat_map(|result| result.splits(metric)).collect();
    if splits.is_empty() {
        let help = remedy(metric, names);
        return Err(Failure::Input(format!("unknown metric `{metric}`; {help}")));
    }
    let usual = if splits.contains("test") {
        "test"
    } else {
        splits.iter().next().copied().unwrap_or_default()
    };
    match given {
        Some(given) if !splits.contains(given) => {
            let splits = all_of(splits.iter().copied());
            Err(Failure::Input(format!(
                "`{metric}` is not measured on `{given}`, but on {splits}"
            )))
        }
        given => Ok(given.unwrap_or(usual).to_owned()),
    }
}

/// Why no arm has a value.
fn nothing_to_compare(results: &[Loaded], question: &Question<'_>) -> Failure {
    let Question { metric, split, at, .. } = question;
    let finished = results
        .iter()
        .any(|result| result.runs() > result.diverged.values().sum());
    Failure::Input(match at {
        _ if !finished => "no run has finished; there is nothing to compare".into(),
        At::BestValidation => {
            format!("no run has a best validation step with `{metric}` on `{split}`; leave `--at` out")
        }
        At::Final => format!(
            "`{metric}` has no single value a run on `{split}`; compare another metric, such as accuracy or loss"
        ),
    })
}

/// The place of the arm that the others are compared with.
fn arm(lines: &[Line], to: Option<&str>) -> Result<usize, Failure> {
    let Some(to) = to else {
        return Ok(lines.iter().position(|line| line.slug == "backprop").unwrap_or(0));
    };
    if let Some(place) = lines.iter().position(|line| line.name == to) {
        return Ok(place);
    }
    let matches = |line: &&Line| line.slug == to || line.label == to;
    let found: Vec<&Line> = lines.iter().filter(matches).collect();
    let names = lines.iter().map(|line| &*line.name);
    match found[..] {
        [only] => Ok(lines.iter().position(|line| line.name == only.name).unwrap_or(0)),
        [] => {
            let help = remedy(to, names);
            Err(Failure::Input(format!("there is no arm `{to}`; {help}")))
        }
        _ => {
            let names = list(found.iter().map(|line| &*line.name));
            Err(Failure::Input(format!(
                "several results have an arm `{to}`; name one of them: {names}"
            )))
        }
    }
}

/// What stands above each column.
const HEAD: &str = "arm,n,diverged,mean,95 % interval,pairs,difference,95 % interval,p,p_holm,d_z";

fn table(lines: &[Line], to: usize, question: &Question<'_>, test: Test) -> Result<Vec<String>, Failure> {
    let name = &lines[to].name;
    let others = lines.iter().enumerate().filter(|(place, _)| *place != to);
    let comparisons: Vec<Comparison> = others
        .map(|(_, line)| compare_seeds(&line.values, &lines[to].values, test))
        .collect();
    if !comparisons.is_empty() && comparisons.iter().all(|comparison| comparison.n == 0) {
        return Err(Failure::Input(format!(
            "no arm has a finished run with a seed of `{name}`; pairs need equal seeds: run both with the same `--seeds`"
        )));
    }
    let (corrected, size) = family(&comparisons);
    let mut answers: Vec<_> = comparisons
        .iter()
        .zip(corrected)
        .map(|(comparison, p_holm)| compared(comparison, p_holm))
        .collect();
    answers.insert(to, Vec::new());
    let mut rows: Vec<Vec<String>> = vec![HEAD.split(',').map(str::to_owned).collect()];
    let own = lines.iter().map(described);
    rows.extend(own.zip(answers).map(|(own, answer)| [own, answer].concat()));

    let Question { metric, split, at, .. } = question;
    let at = match at {
        At::Final => "the last measurement",
        At::BestValidation => "the lowest validation loss",
    };
    let method = match test {
        Test::PairedT => "paired t test, t intervals",
        Test::Wilcoxon => "Wilcoxon's signed-rank test, BCa bootstrap intervals of the differences",
    };
    let mut text = vec![format!("{metric} on {split} at {at}, against {name}"), String::new()];
    text.extend(columns(&rows));
    text.push(String::new());
    text.push(format!(
        "pairs: seeds with which both finished. {method}; Holm's correction for {size} tests."
    ));
    Ok(text)
}

/// An arm's own numbers.
fn described(line: &Line) -> Vec<String> {
    let sample: Vec<f64> = line.values.values().copied().collect();
    vec![
        line.name.clone(),
        sample.len().to_string(),
        line.diverged.to_string(),
        optional(stats::mean(&sample).filter(|mean| mean.is_finite())),
        interval(stats::t_interval(&sample, LEVEL)),
    ]
}

/// An arm against the one it is compared with.
fn compared(comparison: &Comparison, p_holm: Option<f64>) -> Vec<String> {
    let n = comparison.n.to_string();
    vec![
        if comparison.n == 0 { "no common seeds".into() } else { n },
        optional(comparison.mean_difference),
        interval(comparison.interval),
        probability(comparison.finding.map(|finding| finding.p)),
        probability(p_holm),
        comparison.cohen_dz.map(|dz| format!("{dz:.2}")).unwrap_or_default(),
    ]
}

/// Cells under each other, the first column to the left, the others to the right.
fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let cells = |row: &Vec<String>| row.iter().map(|text| cell(text)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            0 => format!("{cell:<width$}", width = widths[column]),
            _ => format!("{cell:>width$}", width = widths[column]),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
