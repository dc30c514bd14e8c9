//! Hold the experiments of the teaching sources to the numbers that these state.

mod brownlee;
mod nielsen;
mod others;
mod table;

use crate::data_support::published;
use crate::support::{Lab, Table, errors};
use creditlab::arrays::{self, Array};
use std::path::Path;

/// Runs a shipped experiment with more options; the lab has its results in `results/`.
fn run(experiment: &str, options: &[&str]) -> Lab {
    let lab = Lab::new("");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("experiments")
        .join(experiment);
    let mut command = lab.command("run --quiet --no-figures");
    let output = command.arg(file).args(options).output().unwrap();
    assert!(output.status.success(), "{experiment}: {}", errors(&output));
    lab
}

/// Runs a shipped experiment on MNIST; absent where there is none.
fn run_on_mnist(experiment: &str, options: &[&str]) -> Option<Lab> {
    let folder = published("mnist")?;
    let data = folder.parent()?.to_str()?;
    Some(run(experiment, &[&["--data", data], options].concat()))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    (values[(values.len() - 1) / 2] + values[middle]) / 2.0
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected}");
}

#[track_caller]
fn assert_within(found: f64, [low, high]: [f64; 2]) {
    println!("{found} within [{low}, {high}]");
    assert!((low..=high).contains(&found), "{found} is not within [{low}, {high}]");
}

/// The accuracies of each run in percent, epoch by epoch from 0.
fn accuracies(metrics: &Table, arm: &str, split: &str) -> Vec<Vec<f64>> {
    let rows = metrics.select(&format!("arm={arm} metric=accuracy split={split}"));
    let of_seed = |seed| {
        let percent = |share| 100.0 * share;
        let rows = rows.select(&format!("seed={seed}"));
        rows.numbers("value").into_iter().map(percent).collect()
    };
    rows.distinct("seed").into_iter().map(of_seed).collect()
}

/// The median over runs of what `of` makes of each.
fn median_of(runs: &[Vec<f64>], of: impl Fn(&[f64]) -> f64) -> f64 {
    median(runs.iter().map(|run| of(run)).collect())
}

fn best(accuracies: &[f64]) -> f64 {
    accuracies.iter().copied().fold(0.0, f64::max)
}

fn last(accuracies: &[f64]) -> f64 {
    *accuracies.last().unwrap()
}

/// The array of this name in a file of weights, column by column.
fn array(path: &Path, name: &str) -> Vec<f64> {
    let arrays: Vec<Array> = arrays::load(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let array = arrays.iter().find(|array| array.name == name);
    array.unwrap_or_else(|| panic!("an array `{name}`")).values()
}
