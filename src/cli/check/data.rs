//! Show what was read as what: columns, classes in each part, the range of inputs.

use crate::cli::output::cell;
use crate::experiment::Plan;
use crate::network::Map;
use crate::tasks::{DataSet, Spread, Summary};

/// More classes or columns than this are counted, not listed.
const MOST: usize = 20;

/// Appends what the data hold.
pub fn describe(plan: &Plan, data: &DataSet, summary: &Summary, lines: &mut Vec<String>) {
    lines.push(String::new());
    let reading = data.reading();
    for (title, columns) in [
        ("inputs", &reading.inputs),
        ("target", &reading.targets),
        ("ignored", &reading.ignored),
    ] {
        if !columns.is_empty() {
            lines.push(format!("{title:9}  {}", list(columns)));
        }
    }
    if let Some(image) = data.image() {
        let Map {
            channels,
            rows,
            columns,
        } = image;
        lines.push(format!(
            "image      {channels} x {rows} x {columns}: channels, rows, columns"
        ));
    }
    for (title, spread) in [("range", &summary.inputs), ("values", &summary.values)] {
        if let Some(&Spread { low, high, mean, sd }) = spread.as_ref() {
            lines.push(format!(
                "{title:9}  from {} to {}, mean {}, sd {}, before scaling",
                short(low),
                short(high),
                short(mean),
                short(sd)
            ));
        }
    }
    if !summary.classes.is_empty() {
        let seed = plan.seeds[0];
        lines.push(format!(
            "classes    samples in training, validation and test with seed {seed}"
        ));
        let shown = summary.classes.iter().take(MOST);
        let names: Vec<String> = shown.clone().map(|class| printable(&class.name)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        for (class, name) in shown.zip(names) {
            let (train, validation, test) = (class.train, class.validation, class.test);
            lines.push(format!("  {name:width$}  {train:>7} {validation:>7} {test:>7}"));
        }
        if let more @ 1.. = summary.classes.len().saturating_sub(MOST) {
            lines.push(format!("  and {more} more"));
        }
    }
    lines.extend(summary.warnings.iter().map(|warning| format!("warning: {warning}")));
}

/// Names of columns, one after the other.
fn list(columns: &[String]) -> String {
    let named: Vec<String> = columns.iter().take(MOST).map(|name| printable(name)).collect();
    match columns.len().saturating_sub(MOST) {
        0 => named.join(", "),
        more => format!("{}, and {more} more", named.join(", ")),
    }
}

/// A name as one short word; a column may have none.
fn printable(text: &str) -> String {
    match text {
        "" => "(no name)".into(),
        text => cell(text).chars().take(40).collect(),
    }
}

/// A number in four digits.
fn short(number: f64) -> String {
    let size = number.abs();
    match number {
        0.0 => "0".into(),
        _ if !(1e-3..1e6).contains(&size) => format!("{number:.3e}"),
        _ => {
            let rounded: f64 = format!("{number:.3e}").parse().expect("a number reads back");
            rounded.to_string()
        }
    }
}
