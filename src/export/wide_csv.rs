//! Write the values of a result as one table with a column for each series: a row is a moment of a run.

use super::ExportedRuns;
use crate::results::{Cell, Folder, ResultsError};
use std::collections::{BTreeSet, HashMap};
use std::io::Write;

/// What the table is called.
pub const FILE: &str = "metrics-wide.csv";

/// Writes the table; gives the number of its rows.
///
/// Its columns are `arm`, `seed`, `step`, `epoch` and one by the name of each series that any run has
/// ([`SeriesName`](super::SeriesName)), in the order of the names' parts. Numbers are written as in `metrics.csv`; a value that was not
/// measured is an empty cell.
///
/// # Errors
/// A table is missing or damaged, or the file system refuses.
pub fn write(result: &Folder, out: &Folder) -> Result<u64, ResultsError> {
    let runs = ExportedRuns::open(result)?;
    let mut names = BTreeSet::new();
    runs.each(|_, _, moments| {
        for (name, _) in moments.iter().flat_map(|moment| &moment.values) {
            if !names.contains(name) {
                names.insert(name.clone());
            }
        }
        Ok(())
    })?;
    let mut file = out.begin(FILE)?;
    let path = out.path().join(FILE);
    let mut add = |rows: &[Vec<Cell<'_>>]| {
        let bytes = encode(rows);
        file.write_all(&bytes).map_err(ResultsError::io("write", &path))
    };
    let texts: Vec<String> = names.iter().map(ToString::to_string).collect();
    let header = ["arm", "seed", "step", "epoch"]
        .into_iter()
        .chain(texts.iter().map(String::as_str));
    add(&[header.map(Cell::Text).collect()])?;
    let mut count = 0;
    runs.each(|arm, seed, moments| {
        let rows = moments.iter().map(|moment| {
            let first = [
                Cell::Text(arm),
                Cell::Whole(seed),
                Cell::Whole(moment.step),
                Cell::number(moment.epoch),
            ];
            let values: HashMap<_, _> = moment.values.iter().map(|(name, value)| (name, *value)).collect();
            let cells = names.iter().map(|name| Cell::Number(values.get(name).copied()));
            first.into_iter().chain(cells).collect()
        });
        count += moments.len() as u64;
        add(&rows.collect::<Vec<_>>())
    })?;
    file.place()?;
    Ok(count)
}

fn encode(rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("every row is as long as the header");
    }
    writer.into_inner().expect("memory can be flushed")
}
