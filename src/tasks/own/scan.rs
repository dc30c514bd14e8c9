//! Look a table through before memory is taken for it: its columns, its classes, and what looks like a slip.

use super::class_name::ClassName;
use super::columns::{Column, Columns};
use super::csv::Csv;
use super::format::Header;
use super::row::{Role, TableRow};
use super::slips::{self, Counting};
use super::table::Table;
use super::{Classes, MOST_CLASSES, TaskError, Wanted};
use crate::tasks::reading::shown;
use std::collections::BTreeMap;
use std::path::Path;

/// A table that has been looked through.
pub(super) struct Scanned {
    pub table: Table,
    /// Columns of inputs.
    pub inputs: Vec<usize>,
    /// Columns of targets.
    pub targets: Vec<usize>,
    /// Columns that are left out.
    pub ignored: Vec<usize>,
    pub rows: u32,
    /// What looks like a slip.
    pub warnings: Vec<String>,
}

/// The class that a cell names.
pub(super) fn class_of(row: &TableRow<'_>, column: usize) -> Result<ClassName, TaskError> {
    Ok(ClassName::new(row.text(column)?, row.format()))
}

/// Looks all files through: the tables and the classes.
pub(super) fn look(csv: &Csv, folder: &Path) -> Result<(Vec<Scanned>, Option<Classes<ClassName>>), TaskError> {
    // each class with the line that names it first
    let mut found = BTreeMap::new();
    let mut training = scan(csv, &folder.join(&csv.path), csv.header, |row, column| {
        found.entry(class_of(row, column)?).or_insert(row.line);
        if found.len() <= MOST_CLASSES {
            return Ok(());
        }
        let reason = format!("makes more than {MOST_CLASSES} classes");
        Err(row.error(column, &reason, "numbers to be predicted are `kind: Values`"))
    })?;
    let classes = if training.targets.is_empty() || csv.kind == Wanted::Values {
        None
    } else {
        refuse_values(&training, &found)?;
        training.warnings.extend(slips::classes(&training, &found));
        let fault = |reason| {
            let remedy = "name a target column with two or more different values";
            training.table.error(reason, remedy)
        };
        Some(Classes::new(found.into_keys().collect(), fault)?)
    };
    let mut scanned = vec![training];
    if !csv.test.is_empty() {
        scanned.push(look_at_test(csv, folder, &scanned[0], classes.as_ref())?);
    }
    Ok((scanned, classes))
}

/// Refuses targets that are numbers to be predicted, not classes.
fn refuse_values(training: &Scanned, found: &BTreeMap<ClassName, usize>) -> Result<(), TaskError> {
    let fractions = found.keys().filter(|class| class.is_fraction()).count();
    let of_rows = match super::nearly_every(found.len(), training.rows.into()) {
        true => ", nearly every row its own",
        false if found.len() > super::MANY && 2 * fractions > found.len() => ", most of them fractions",
        false => return Ok(()),
    };
    let column = training.table.called(training.targets[0]);
    let reason = format!(
        "{column}, the target, has {} different values in {} rows{of_rows}",
        found.len(),
        training.rows
    );
    let remedy = match found.keys().all(ClassName::is_number) {
        true => "numbers to be predicted are `kind: Values`",
        false => "name the column that holds the class; numbers to be predicted are `kind: Values`",
    };
    Err(training.table.error(reason, remedy))
}

/// Looks the table for test through, which has the columns and the classes of the one for training.
fn look_at_test(
    csv: &Csv,
    folder: &Path,
    training: &Scanned,
    classes: Option<&Classes<ClassName>>,
) -> Result<Scanned, TaskError> {
    let header = Header::Given(training.table.header);
    let test = scan(csv, &folder.join(&csv.test), header, |row, column| {
        let class = class_of(row, column)?;
        match classes.and_then(|classes| classes.number(&class)) {
            Some(_) => Ok(()),
            None => Err(row.error(
                column,
                "is a class that no training row has",
                "name classes alike in both files",
            )),
        }
    })?;
    if test.table.names != training.table.names {
        let remedy = "give both files the same columns in the same order";
        return Err(test.table.error(format!("has other columns than {}", csv.path), remedy));
    }
    if test.rows.checked_add(training.rows).is_none() {
        return Err(test.table.error("makes more rows than can be numbered", "use fewer"));
    }
    // what is odd in its columns has been said of those for training
    Ok(Scanned {
        warnings: Vec::new(),
        ..test
    })
}

/// Looks a file through: every cell that will be used.
fn scan(
    csv: &Csv,
    path: &Path,
    header: Header,
    mut class: impl FnMut(&TableRow<'_>, usize) -> Result<(), TaskError>,
) -> Result<Scanned, TaskError> {
    let mut scanned = open(csv, path, header)?;
    let Scanned {
        table, inputs, targets, ..
    } = &scanned;
    let mut rows = 0u32;
    let mut counting = Counting::new(inputs.len());
    table.rows(|row| {
        for (at, &column) in inputs.iter().enumerate() {
            counting.see(at, rows, row.number(column, Role::Input)?);
        }
        rows = rows
            .checked_add(1)
            .ok_or_else(|| table.error("has more rows than can be numbered", "use fewer"))?;
        targets.iter().try_for_each(|&column| match csv.kind {
            Wanted::Classes => class(row, column),
            Wanted::Values => row.number(column, Role::Target).map(|_| ()),
        })
    })?;
    if rows == 0 {
        return Err(table.error("has no rows of data", "give each sample a line"));
    }
    scanned.rows = rows;
    scanned.warnings = slips::columns(&scanned, &counting);
    Ok(scanned)
}

/// Opens a table and tells its columns apart; no row has been looked at.
fn open(csv: &Csv, path: &Path, header: Header) -> Result<Scanned, TaskError> {
    let named = match &csv.target {
        Columns::Input => &[],
        Columns::One(column) => std::slice::from_ref(column),
        Columns::Several(columns) => columns.as_slice(),
    };
    let name = |column: &'_ Column| match column {
        Column::Name(name) => Some(name.clone()),
        Column::Number(_) => None,
    };
    let called: Vec<String> = named.iter().chain(&csv.ignore).filter_map(name).collect();
    let called: Vec<&str> = called.iter().map(String::as_str).collect();
    let table = Table::open(path, csv.format(), header, &called)?;
    let of = |columns: &[Column], field| -> Result<Vec<usize>, TaskError> {
        columns.iter().map(|column| place(column, field, &table)).collect()
    };
    let targets = of(named, "task.target")?;
    if let Some(at) = (1..targets.len()).find(|&at| targets[..at].contains(&targets[at])) {
        let reason = format!("column {} is named twice", targets[at] + 1);
        return Err(TaskError::field("task.target", reason, "name each column once"));
    }
    let ignored = of(&csv.ignore, "task.ignore")?;
    if ignored.iter().any(|column| targets.contains(column)) {
        let remedy = "leave it out of one of the two";
        return Err(TaskError::field("task.ignore", "ignores the target", remedy));
    }
    let used = |column: &usize| !targets.contains(column) && !ignored.contains(column);
    let inputs: Vec<usize> = (0..table.names.len()).filter(used).collect();
    if inputs.is_empty() {
        return Err(table.error("has no column of inputs", "give it columns besides the target"));
    }
    Ok(Scanned {
        table,
        inputs,
        targets,
        ignored,
        rows: 0,
        warnings: Vec::new(),
    })
}

/// The place of a column. A name must be that of one column.
fn place(column: &Column, field: &'static str, table: &Table) -> Result<usize, TaskError> {
    let count = table.names.len();
    let (found, written) = match column {
        Column::Name(name) => {
            let mut places = (0..count).filter(|&place| table.header && table.names[place] == *name);
            let first = places.next();
            if let (Some(first), Some(second)) = (first, places.next()) {
                let (first, second) = (first + 1, second + 1);
                let reason = format!("columns {first} and {second} of the file are both called {name:?}");
                let remedy = format!(
                    "name the one that is meant by its number, {first} or {second}, and ignore a copy of the target"
                );
                return Err(TaskError::field(field, reason, remedy));
            }
            (first, format!("{name:?}"))
        }
        Column::Number(number) => (number.checked_sub(1).filter(|&place| place < count), number.to_string()),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = table
            .names
            .iter()
            .take(20)
            .map(|name| format!("`{}`", shown(name)))
            .collect();
        let remedy = match table.header {
            true => format!(
                "its columns are {}{}",
                names.join(", "),
                if count > 20 { ", .." } else { "" }
            ),
            false => format!("name a column by its number, 1 to {count}"),
        };
        TaskError::field(field, format!("the file has no column {written}"), remedy)
    })
}
