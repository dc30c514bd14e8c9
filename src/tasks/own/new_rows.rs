//! Read rows of inputs from a table for a network that has learned from another one.

use super::Csv;
use super::format::{Delimiter, Format, Header};
use super::row::Role;
use super::table::Table;
use crate::tasks::TaskError;
use std::path::Path;

/// The inputs of every row of a table, row by row. It is cut into cells as `learned`, the table that was learned from, and its
/// columns are found by the names they had there, `columns`; without a line of names by their numbers, or, where it has no
/// others, in their order. Without `learned` it has commas and one column for each of `inputs`, under a line of names or none.
/// Targets and other columns do not matter.
///
/// # Errors
/// If the file is missing or damaged, lacks a column, or an input is no number.
pub fn new_rows(
    path: &Path,
    learned: Option<&Csv>,
    columns: Option<&[String]>,
    inputs: usize,
) -> Result<Vec<f64>, TaskError> {
    let plain = Format {
        delimiter: Delimiter::Character(','),
        decimal: '.',
    };
    let is_word = |name: &String| name.parse::<usize>().is_err();
    // columns without names are called by their numbers
    let header = learned.is_some() && columns.is_some_and(|columns| columns.iter().any(is_word));
    let table = Table::open(path, learned.map_or(plain, Csv::format), Header::Given(header), &[])?;
    let places = match columns.filter(|_| learned.is_some()) {
        Some(columns) if header || table.names.len() != inputs => by_name(&table, columns)?,
        _ if table.names.len() == inputs => (0..inputs).collect(),
        _ => {
            let reason = format!(
                "has {} columns where the network has {inputs} inputs",
                table.names.len()
            );
            return Err(table.error(reason, "give it one column for each input, in the order of the task"));
        }
    };
    let mut x = Vec::new();
    let mut first = true;
    table.rows(|row| {
        // nobody has said whether the first line holds names
        if std::mem::take(&mut first)
            && learned.is_none()
            && (0..inputs).all(|column| row.number(column, Role::Input).is_err())
        {
            return Ok(());
        }
        for &column in &places {
            x.push(row.number(column, Role::Input)?);
        }
        Ok(())
    })?;
    if x.is_empty() {
        return Err(table.error("has no rows of data", "give each sample a line"));
    }
    Ok(x)
}

/// The place of each column.
fn by_name(table: &Table, columns: &[String]) -> Result<Vec<usize>, TaskError> {
    let place = |column: &String| {
        let mut places = (0..table.names.len()).filter(|&place| table.names[place] == *column);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (None, _) => Err(table.error(
                format!("has no column `{column}`"),
                "give it every column that the network has learned from, under the same names",
            )),
            (Some(first), Some(second)) => Err(table.error(
                format!("calls its columns {} and {} `{column}`", first + 1, second + 1),
                "give each column a name of its own",
            )),
        }
    };
    columns.iter().map(place).collect()
}
