//! Warn of what can be read in a table but looks like a slip: columns that are no measurements, names that are nearly equal.

use super::class_name::ClassName;
use super::scan::Scanned;
use crate::tasks::reading::{few, shown};
use std::collections::BTreeMap;

/// In fewer rows numbers that go up by one are no index.
const FEW_ROWS: u32 = 10;
/// Fewer rows of a class that is a number make one wonder whether it is a class.
const ROWS_OF_A_CLASS: u32 = 10;
/// More warnings of one kind say no more.
const MOST_WARNINGS: usize = 5;

/// Which of several columns count the rows: from 0 or 1, one more in each.
pub(super) struct Counting(Vec<Option<f64>>);

impl Counting {
    pub fn new(columns: usize) -> Self {
        Self(vec![Some(0.0); columns])
    }

    /// The number in a column of a row, rows being numbered from 0.
    pub fn see(&mut self, column: usize, row: u32, number: f64) {
        let first = &mut self.0[column];
        if row == 0 {
            *first = Some(number).filter(|first| matches!(first, 0.0 | 1.0));
        }
        *first = first.filter(|first| number == first + f64::from(row));
    }
}

/// Columns of inputs without a name, those that count the rows, and those that share a name.
pub(super) fn columns(scanned: &Scanned, counting: &Counting) -> Vec<String> {
    let Scanned {
        table, inputs, rows, ..
    } = scanned;
    let unnamed = |column: &usize| {
        let name = &table.names[*column];
        table.header && (name.is_empty() || name.starts_with("Unnamed: "))
    };
    let nameless: Vec<usize> = inputs.iter().copied().filter(unnamed).collect();
    let counts = |(column, first): (&usize, &Option<f64>)| first.filter(|_| !unnamed(column)).map(|_| *column);
    let counters: Vec<usize> = match *rows {
        FEW_ROWS.. => inputs.iter().zip(&counting.0).filter_map(counts).collect(),
        _ => Vec::new(),
    };
    let mut warnings = Vec::new();
    if !nameless.is_empty() {
        let is = ["has no name and is an input", "have no names and are inputs"];
        warnings.push(about(scanned, &nameless, true, is));
    }
    if !counters.is_empty() {
        let is = ["counts the rows and is an input", "count the rows and are inputs"];
        warnings.push(about(scanned, &counters, false, is));
    }
    if table.header {
        let named = inputs.iter().chain(&scanned.targets).filter(|column| !unnamed(column));
        warnings.extend(of_one_name(scanned, named.copied()));
    }
    warnings
}

/// Names that several columns have, one of them an input.
fn of_one_name(scanned: &Scanned, columns: impl Iterator<Item = usize>) -> Vec<String> {
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for column in columns {
        named.entry(&scanned.table.names[column]).or_default().push(column);
    }
    let about_name = |(name, columns): (&str, Vec<usize>)| {
        let name = shown(name);
        let (targets, inputs): (Vec<usize>, Vec<usize>) =
            columns.into_iter().partition(|column| scanned.targets.contains(column));
        let what = match targets.first() {
            None => format!("have the same name, `{name}`, and are inputs"),
            Some(target) => format!(
                "called `{name}`, as the target (column {}) is: among inputs a copy of the target gives the answer away",
                target + 1
            ),
        };
        let [one, more] = match targets.len() {
            0 => [what.clone(), what],
            _ => [format!("is {what}"), format!("are {what}")],
        };
        (!inputs.is_empty()).then(|| about(scanned, &inputs, true, [&one, &more]))
    };
    let several = named.into_iter().filter(|(_, columns)| columns.len() > 1);
    several.take(MOST_WARNINGS).filter_map(about_name).collect()
}

/// A line about columns of inputs: what one of them is, or several are, and how they are left out. `by_number` says them without
/// their names.
fn about(scanned: &Scanned, columns: &[usize], by_number: bool, [one, more]: [&str; 2]) -> String {
    let table = &scanned.table;
    let place = if by_number { "line 1, " } else { "" };
    let named = few(columns.iter().map(|&column| match by_number {
        true => format!("column {}", column + 1),
        false => table.called(column),
    }));
    let what = if columns.len() == 1 { one } else { more };
    let ignore = match scanned.ignored.len() + columns.len() {
        0..=20 => {
            let all = scanned.ignored.iter().chain(columns);
            let list: Vec<_> = all.map(|&column| table.written(column)).collect();
            format!("say `ignore: [{}]`", list.join(", "))
        }
        _ => "list it in `ignore`".to_string(),
    };
    table.warning(&format!(
        "{place}{named} {what}; to leave out what is no input, {ignore}"
    ))
}

/// Classes whose names differ in the size of letters only, and numbers that may be none.
pub(super) fn classes(scanned: &Scanned, found: &BTreeMap<ClassName, usize>) -> Vec<String> {
    let column = scanned.table.called(scanned.targets[0]);
    let mut warnings = Vec::new();
    let mut spellings: BTreeMap<String, Vec<(&ClassName, usize)>> = BTreeMap::new();
    for (class, &line) in found {
        spellings
            .entry(class.text.to_lowercase())
            .or_default()
            .push((class, line));
    }
    for alike in spellings.values().filter(|alike| alike.len() > 1).take(MOST_WARNINGS) {
        let named = few(alike
            .iter()
            .map(|(class, line)| format!("`{}` (line {line})", shown(&class.text))));
        let text = format!(
            "{column}: the classes {named} differ in small and large letters only; write them alike if they are one"
        );
        warnings.push(scanned.table.warning(&text));
    }
    let classes = found.len() as u64;
    if found.len() > super::MANY
        && found.keys().all(ClassName::is_number)
        && u64::from(scanned.rows) < classes * u64::from(ROWS_OF_A_CLASS)
    {
        let text = format!(
            "{column}: the numbers make {classes} classes of {} rows; numbers to be predicted are `kind: Values`",
            scanned.rows
        );
        warnings.push(scanned.table.warning(&text));
    }
    warnings
}
