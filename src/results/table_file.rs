//! Write a table row by row, for tables too long to keep.

use super::manifest::FileContent;
use super::{Folder, NewFile, ResultsError, Row, table};
use crate::digest::Digesting;
use std::marker::PhantomData;

/// A table that is being written.
pub struct TableFile<'a, R> {
    writer: csv::Writer<Digesting<NewFile<'a>>>,
    rows: u64,
    row: PhantomData<R>,
    folder: &'a Folder,
    name: &'static str,
}

/// A table that is whole, and has yet to get its name.
pub struct WrittenTable<'a> {
    file: NewFile<'a>,
    /// What the manifest is to tell of it.
    pub content: FileContent,
}

impl<'a, R: Row> TableFile<'a, R> {
    /// Writes the header.
    ///
    /// # Errors
    /// As [`Folder::place`].
    pub fn begin(folder: &'a Folder, name: &'static str) -> Result<Self, ResultsError> {
        let file = Digesting::new(folder.begin(name)?);
        let mut writer = csv::WriterBuilder::new()
            .has_headers(false)
            .buffer_capacity(1 << 16)
            .from_writer(file);
        let written = writer.write_record(R::HEADER.split(','));
        written.map_err(|error| failed(folder, name, error))?;
        Ok(Self {
            writer,
            rows: 0,
            row: PhantomData,
            folder,
            name,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn add(&mut self, row: &R) -> Result<(), ResultsError> {
        self.rows += 1;
        let written = self.writer.serialize(row);
        written.map_err(|error| failed(self.folder, self.name, error))
    }

    /// There are no more rows.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn end(self) -> Result<WrittenTable<'a>, ResultsError> {
        let written = self.writer.into_inner();
        let written = written.map_err(|error| self.folder.failed("write", self.name, error.into_error()))?;
        let (file, sha256) = written.finish();
        let rows = Some(self.rows);
        Ok(WrittenTable {
            file,
            content: FileContent { rows, sha256 },
        })
    }
}

impl WrittenTable<'_> {
    /// Brings it to the disk under its name.
    ///
    /// # Errors
    /// As [`NewFile::place`].
    pub fn place(self) -> Result<(), ResultsError> {
        self.file.place()
    }
}

fn failed(folder: &Folder, name: &str, error: csv::Error) -> ResultsError {
    folder.failed("write", name, table::io_error(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::made_up::value;
    use crate::results::{MetricRow, encode};

    #[test]
    fn row_by_row_it_is_the_table_that_is_made_at_once() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let rows: Vec<MetricRow> = (0..3)
            .map(|i| value("a, \"b\"", i, 2 * i, "loss", 0.1 * i as f64))
            .collect();
        for rows in [&rows[..], &[]] {
            let mut table = TableFile::begin(&folder, "metrics.csv").unwrap();
            rows.iter().for_each(|row| table.add(row).unwrap());
            let written = table.end().unwrap();
            let (content, bytes) = (written.content.clone(), encode(rows));
            written.place().unwrap();
            assert_eq!(folder.read("metrics.csv", 1 << 20).unwrap().unwrap(), bytes);
            assert_eq!(content, FileContent::of("metrics.csv", &bytes));
        }
    }

    #[test]
    fn one_that_is_given_up_leaves_what_was_there() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        folder.place("metrics.csv", b"before").unwrap();
        let mut table = TableFile::begin(&folder, "metrics.csv").unwrap();
        table.add(&value("a", 0, 0, "loss", 1.0)).unwrap();
        drop(table.end().unwrap());
        let names: Vec<String> = folder.entries("").unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["metrics.csv"]);
        assert_eq!(folder.read("metrics.csv", 9).unwrap().unwrap(), b"before");
    }
}
