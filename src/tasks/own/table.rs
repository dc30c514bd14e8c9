//! Read tables of text line by line, in little memory, and say of every fault in which line and column it is.

use super::TaskError;
use crate::files;
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A longer line is refused.
const LONGEST_LINE: u64 = 1 << 24;
/// More columns are refused.
const MOST_COLUMNS: usize = 1 << 17;

/// A file of lines, each cut into cells by a delimiter; cells may stand in double quotes, but end on their line. Blank lines
/// and blanks about cells are left out.
pub(super) struct Table {
    path: PathBuf,
    delimiter: char,
    header: bool,
    /// What the columns are called, without a header by their numbers.
    pub names: Vec<String>,
}

/// A line of cells.
pub(super) struct Row<'a> {
    table: &'a Table,
    line: usize,
    cells: Vec<Cow<'a, str>>,
}

impl Table {
    /// Reads the first line.
    pub fn open(path: &Path, delimiter: char, header: bool) -> Result<Self, TaskError> {
        let mut table = Self {
            path: path.to_path_buf(),
            delimiter,
            header,
            names: Vec::new(),
        };
        let mut names = Vec::new();
        table.lines(|line, text| {
            let cells = table.cells(text, line, MOST_COLUMNS)?;
            if cells.len() > MOST_COLUMNS {
                return Err(table.error(format!("line {line} has more than {MOST_COLUMNS} columns"), "use fewer"));
            }
            names = cells.into_iter().map(Cow::into_owned).collect();
            Ok(false)
        })?;
        if names.is_empty() {
            return Err(table.error("is empty", "name a file with a row for each sample"));
        }
        if let ([only], false) = (&names[..], delimiter.is_alphanumeric())
            && let Some(other) = only.chars().find(|c| matches!(c, ';' | '\t' | ',' | '|'))
        {
            let remedy = format!("say `delimiter: {other:?}`");
            return Err(table.error(format!("has one column by the delimiter {delimiter:?}"), remedy));
        }
        if !header {
            names = (1..=names.len()).map(|number| number.to_string()).collect();
        } else if names.iter().all(|name| name.parse::<f64>().is_ok()) {
            let reason = "line 1 should hold the names of the columns, and holds numbers";
            return Err(table.error(reason, "say `header: false`, and name columns by their numbers, from 1"));
        }
        table.names = names;
        Ok(table)
    }

    /// Hands every row of data to `take`.
    pub fn rows(&self, mut take: impl FnMut(&Row<'_>) -> Result<(), TaskError>) -> Result<(), TaskError> {
        let (width, mut header) = (self.names.len(), self.header);
        self.lines(|line, text| {
            if std::mem::take(&mut header) {
                return Ok(true);
            }
            let cells = self.cells(text, line, width)?;
            if cells.len() != width {
                let found = match cells.len() {
                    more if more > width => "more".to_string(),
                    fewer => fewer.to_string(),
                };
                let reason = format!("line {line} has {found} cells where the first line has {width}");
                return Err(self.error(reason, "give every line as many cells as the first one"));
            }
            take(&Row {
                table: self,
                line,
                cells,
            })?;
            Ok(true)
        })
    }

    /// Hands every line that is not blank to `take`, with its number from 1, until that says to end.
    fn lines(&self, mut take: impl FnMut(usize, &str) -> Result<bool, TaskError>) -> Result<(), TaskError> {
        let failed = |error: std::io::Error| {
            let remedy = "name a readable file; paths are relative to the experiment file";
            self.error(format!("cannot be read: {error}"), remedy)
        };
        let mut reader = BufReader::new(files::open(&self.path).map_err(failed)?);
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes);
            if read.map_err(failed)? == 0 {
                break;
            }
            if bytes.len() as u64 == LONGEST_LINE {
                let reason = format!("line {line} is longer than {} MiB", LONGEST_LINE >> 20);
                return Err(self.error(reason, "give each sample a line of its own"));
            }
            if line == 1 && bytes.starts_with(&[0x1f, 0x8b]) {
                return Err(self.error("is compressed", "decompress it first: `gunzip` leaves a plain file"));
            }
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                let column = bytes[..error.valid_up_to()].len() + 1;
                let reason = format!("line {line} is no UTF-8 text, from its byte {column} on");
                self.error(reason, "save the file as plain text in UTF-8")
            })?;
            let text = if line == 1 {
                text.trim_start_matches('\u{feff}')
            } else {
                text
            };
            let text = text.trim_end_matches(['\r', '\n']);
            if !text.trim().is_empty() && !take(line, text)? {
                break;
            }
        }
        Ok(())
    }

    /// The cells of a line, at most one more than `most`.
    fn cells<'t>(&self, text: &'t str, line: usize, most: usize) -> Result<Vec<Cow<'t, str>>, TaskError> {
        let mut cells = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest.filter(|_| cells.len() <= most) {
            let trimmed = text.trim_start_matches([' ', '\u{a0}']);
            let Some(quoted) = trimmed.strip_prefix('"') else {
                let (cell, after) = match text.split_once(self.delimiter) {
                    Some((cell, after)) => (cell, Some(after)),
                    None => (text, None),
                };
                cells.push(Cow::Borrowed(cell.trim()));
                rest = after;
                continue;
            };
            let fault = |reason: &str| {
                let reason = format!("line {line}, column {}: {reason}", cells.len() + 1);
                self.error(
                    reason,
                    "close each quoted cell on its line, and write a quote within it twice",
                )
            };
            let mut end = quoted.find('"');
            while let Some(at) = end.filter(|&at| quoted[at + 1..].starts_with('"')) {
                end = quoted[at + 2..].find('"').map(|more| at + 2 + more);
            }
            let end = end.ok_or_else(|| fault("a quote is not closed"))?;
            let after = quoted[end + 1..].trim_start_matches(' ');
            rest = match after.strip_prefix(self.delimiter) {
                None if after.is_empty() => None,
                None => return Err(fault("something follows a quoted cell")),
                after => after,
            };
            let cell = &quoted[..end];
            cells.push(if cell.contains('"') {
                Cow::Owned(cell.replace("\"\"", "\""))
            } else {
                Cow::Borrowed(cell.trim())
            });
        }
        Ok(cells)
    }

    /// An error about the file.
    pub fn error(&self, reason: impl Into<String>, remedy: impl Into<String>) -> TaskError {
        TaskError::file(&self.path, reason, remedy)
    }
}

impl Row<'_> {
    /// A cell, which must not be empty.
    pub fn text(&self, column: usize) -> Result<&str, TaskError> {
        match &*self.cells[column] {
            "" => Err(self.error(column, "is empty", "give it a value, or leave the row out")),
            text => Ok(text),
        }
    }

    /// A cell that is a finite number.
    pub fn number(&self, column: usize) -> Result<f64, TaskError> {
        let text = self.text(column)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(self.error(
                column,
                "is not finite",
                "leave the row out, or put a number in its place",
            )),
            Err(_) if self.line == 1 && !self.table.header => Err(self.error(
                column,
                "is not a number",
                "if the first line holds names, say `header: true`",
            )),
            Err(_) if text.replacen(',', ".", 1).parse::<f64>().is_ok() => {
                Err(self.error(column, "is not a number", "write decimals with a point"))
            }
            Err(_) => {
                let name = &self.table.names[column];
                let written = if self.table.header {
                    format!("{name:?}")
                } else {
                    name.clone()
                };
                let remedy = format!(
                    "inputs are numbers: write a category as one column of 0 and 1 for each of its values, or leave the column out: `ignore: [{written}]`"
                );
                Err(self.error(column, "is not a number", remedy))
            }
        }
    }

    /// An error about a cell.
    pub fn error(&self, column: usize, reason: &str, remedy: impl Into<String>) -> TaskError {
        let name = match self.table.header {
            true => format!(" (`{}`)", self.table.names[column]),
            false => String::new(),
        };
        let shown: String = self.cells[column]
            .chars()
            .take(60)
            .flat_map(char::escape_debug)
            .collect();
        let shown = if shown.is_empty() {
            "the cell".into()
        } else {
            format!("`{shown}`")
        };
        let reason = format!("line {}, column {}{name}: {shown} {reason}", self.line, column + 1);
        self.table.error(reason, remedy)
    }
}
