//! Read tables of text line by line, in little memory, and say of every fault in which line and column it is.

use super::TaskError;
use super::format::{Delimiter, Format, Header};
use super::row::TableRow;
use crate::files;
use crate::tasks::reading::{few, shown};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A longer line is refused.
const LONGEST_LINE: u64 = 1 << 24;
/// More columns are refused.
const MOST_COLUMNS: usize = 1 << 17;
/// Rows that the first line is compared with.
const FIRST_ROWS: usize = 100;

/// A file of lines, each cut into cells by a delimiter; cells may stand in double quotes, but end on their line. Blank lines
/// and blanks about cells are left out.
pub(super) struct Table {
    path: PathBuf,
    pub format: Format,
    /// Whether the first line holds the names of the columns.
    pub header: bool,
    /// What the columns are called, without a header by their numbers.
    pub names: Vec<String>,
}

impl Table {
    /// Reads the first line, and as many more as tell what it is. A text in `called` is what the experiment calls a column.
    pub fn open(path: &Path, format: Format, header: Header, called: &[&str]) -> Result<Self, TaskError> {
        let mut table = Self {
            path: path.to_path_buf(),
            format,
            header: false,
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
        if let [only] = &names[..]
            && let Some(other) = table.other_delimiter(only)?
        {
            let reason = format!("has one column by the delimiter {}", format.delimiter);
            return Err(table.error(reason, format!("say `delimiter: {other}`")));
        }
        table.header = match header {
            Header::Given(names) => names,
            Header::Detect => table.holds_names(&names, called)?,
        };
        if !table.header {
            names = (1..=names.len()).map(|number| number.to_string()).collect();
        }
        table.names = names;
        Ok(table)
    }

    /// What may stand between the cells of a table whose first line is one cell.
    fn other_delimiter(&self, first: &str) -> Result<Option<Delimiter>, TaskError> {
        if let Some(character) = first.chars().find(|c| matches!(c, ';' | '\t' | ',' | '|')) {
            return Ok(Some(Delimiter::Character(character)));
        }
        let words = first.split_whitespace().count();
        let (mut rows, mut alike) = (0, words > 1);
        self.lines(|_, text| {
            rows += 1;
            alike &= text.split_whitespace().count() == words;
            Ok(rows < FIRST_ROWS)
        })?;
        Ok(alike.then_some(Delimiter::Blanks))
    }

    /// Whether the first line holds names. It does if a column of numbers has a word there and none has a number; or if the
    /// experiment calls a column by a word in it.
    fn holds_names(&self, first: &[String], called: &[&str]) -> Result<bool, TaskError> {
        let number = |cell: &str| self.format.finite(cell).is_some();
        if first
            .iter()
            .any(|name| called.contains(&name.as_str()) && !number(name))
        {
            return Ok(true);
        }
        let (mut rows, mut numbers_below) = (0, vec![false; first.len()]);
        self.lines(|line, text| {
            rows += 1;
            if rows == 1 {
                return Ok(true);
            }
            // what is wrong with a row is said when it is read
            let Ok(cells) = self.cells(text, line, first.len()) else {
                return Ok(false);
            };
            let columns = numbers_below.iter_mut().zip(&cells);
            columns.for_each(|(numbers, cell)| *numbers |= number(cell));
            Ok(rows <= FIRST_ROWS)
        })?;
        let above: Vec<&String> = first
            .iter()
            .zip(&numbers_below)
            .filter(|(_, numbers)| **numbers)
            .map(|(name, _)| name)
            .collect();
        let data: Vec<&String> = above.iter().copied().filter(|name| number(name)).collect();
        let words = above
            .iter()
            .any(|name| !number(name) && !super::format::is_missing(name));
        if data.is_empty() && (words || above.is_empty() && !first.iter().any(|name| number(name))) {
            return Ok(true);
        }
        let why = match data.len() {
            0 => "nothing tells it from the lines below".to_string(),
            1 => format!("`{}` stands above numbers", shown(data[0])),
            _ => format!(
                "{} stand above numbers",
                few(data.iter().map(|name| format!("`{}`", shown(name))))
            ),
        };
        let remedy = "say `header: false` if it is a sample, and name columns by their numbers, from 1; `header: true` if it holds names";
        Err(self.error(format!("line 1 could be a sample as well as names: {why}"), remedy))
    }

    /// Hands every row of data to `take`.
    pub fn rows(&self, mut take: impl FnMut(&TableRow<'_>) -> Result<(), TaskError>) -> Result<(), TaskError> {
        let (width, mut header) = (self.names.len(), self.header);
        self.lines(|line, text| {
            if std::mem::take(&mut header) {
                return Ok(true);
            }
            let cells = self.cells(text, line, width)?;
            if cells.len() != width {
                return Err(self.other_width(line, text, &cells));
            }
            take(&TableRow::new(self, line, cells))?;
            Ok(true)
        })
    }

    /// What is wrong with a line that has more or fewer cells than the first one.
    fn other_width(&self, line: usize, text: &str, cells: &[Cow<'_, str>]) -> TaskError {
        let width = self.names.len();
        let delimiter = match self.format.delimiter {
            Delimiter::Character(character) if text.trim_end().ends_with(character) => Some(character),
            _ => None,
        };
        let found = match cells.len() {
            more if more > width => "more".to_string(),
            fewer => fewer.to_string(),
        };
        let reason = format!("line {line} has {found} cells where the first line has {width}");
        let remedy = match delimiter {
            Some(character) if cells.len() == width + 1 && cells[width].is_empty() => {
                format!("leave out the {character:?} at the end of lines, or end the first line with one too")
            }
            _ if cells.len() + 1 == width && self.names[width - 1].is_empty() => {
                "leave out the delimiter at the end of the first line".into()
            }
            _ if cells.len() == width + 1 && self.header => {
                "give every line as many cells as the first one; where rows begin with a name of their own, give that column a name too"
                    .into()
            }
            _ => "give every line as many cells as the first one".into(),
        };
        self.error(reason, remedy)
    }

    /// Whether a column is empty in all rows.
    pub fn is_empty(&self, column: usize) -> bool {
        let (mut empty, mut header) = (true, self.header);
        let looked = self.lines(|line, text| {
            if !std::mem::take(&mut header) {
                let cells = self.cells(text, line, self.names.len())?;
                empty &= cells.get(column).is_none_or(|cell| cell.is_empty());
            }
            Ok(empty)
        });
        looked.is_ok() && empty
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
            let lone = |bytes: &[u8]| bytes.contains(&b'\r');
            if bytes.len() as u64 == LONGEST_LINE && !lone(&bytes) {
                let reason = format!("line {line} is longer than {} MiB", LONGEST_LINE >> 20);
                return Err(self.error(reason, "give each sample a line of its own"));
            }
            if line == 1 && bytes.starts_with(&[0x1f, 0x8b]) {
                return Err(self.error("is compressed", "decompress it first: `gunzip` leaves a plain file"));
            }
            while bytes.pop_if(|byte| matches!(byte, b'\r' | b'\n')).is_some() {}
            if lone(&bytes) {
                let reason = format!("line {line} has a lone carriage return (`\\r`), which ends no line");
                return Err(self.error(reason, "save the file with the line ends `\\n` or `\\r\\n`"));
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
            if !text.trim().is_empty() && !take(line, text)? {
                break;
            }
        }
        Ok(())
    }

    /// The cells of a line, at most one more than `most`.
    fn cells<'t>(&self, text: &'t str, line: usize, most: usize) -> Result<Vec<Cow<'t, str>>, TaskError> {
        let blanks = self.format.delimiter == Delimiter::Blanks;
        let mut cells = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest.filter(|_| cells.len() <= most) {
            let trimmed = if blanks {
                text.trim_start()
            } else {
                text.trim_start_matches([' ', '\u{a0}'])
            };
            if blanks && trimmed.is_empty() {
                break;
            }
            let Some(quoted) = trimmed.strip_prefix('"') else {
                let cut = match self.format.delimiter {
                    Delimiter::Character(character) => text.split_once(character),
                    Delimiter::Blanks => trimmed.split_once(char::is_whitespace),
                };
                let (cell, after) = cut.map_or((trimmed, None), |(cell, after)| (cell, Some(after)));
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
            rest = self
                .after_quotes(&quoted[end + 1..])
                .ok_or_else(|| fault("something follows a quoted cell"))?;
            let cell = &quoted[..end];
            cells.push(if cell.contains('"') {
                Cow::Owned(cell.replace("\"\"", "\""))
            } else {
                Cow::Borrowed(cell.trim())
            });
        }
        Ok(cells)
    }

    /// The line behind a quoted cell and its delimiter, if there is more of it; absent if no delimiter follows.
    fn after_quotes<'t>(&self, text: &'t str) -> Option<Option<&'t str>> {
        let after = match self.format.delimiter {
            Delimiter::Blanks => text.strip_prefix(char::is_whitespace),
            Delimiter::Character(' ') => text.strip_prefix(' '),
            Delimiter::Character(character) => text.trim_start_matches(' ').strip_prefix(character),
        };
        (after.is_some() || text.trim_matches(' ').is_empty()).then_some(after)
    }

    /// An error about the file.
    pub fn error(&self, reason: impl Into<String>, remedy: impl Into<String>) -> TaskError {
        TaskError::file(&self.path, reason, remedy)
    }

    /// A line about what looks like a slip.
    pub fn warning(&self, text: &str) -> String {
        format!("{}: {text}", shown_path(&self.path))
    }

    /// A column as experiments name it: by its name, or where it has none of its own by its number.
    pub fn written(&self, column: usize) -> String {
        let name = &self.names[column];
        let own = self.header && !name.is_empty() && self.names.iter().filter(|other| *other == name).count() == 1;
        match own {
            true => format!("{name:?}"),
            false => (column + 1).to_string(),
        }
    }

    /// A column as messages name it: its number, and its name if it has one.
    pub fn called(&self, column: usize) -> String {
        match &*self.names[column] {
            _ if !self.header => format!("column {}", column + 1),
            "" => format!("column {} (no name)", column + 1),
            name => format!("column {} (`{}`)", column + 1, shown(name)),
        }
    }
}

/// A path without control characters.
fn shown_path(path: &Path) -> String {
    let text = path.display().to_string();
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_debug().collect()
            } else {
                vec![c]
            }
        })
        .collect()
}
