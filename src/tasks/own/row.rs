//! Take the cells of one line of a table, and say what is wrong with one of them and what helps.

use super::TaskError;
use super::format::{Delimiter, Format, is_missing};
use super::table::Table;
use crate::tasks::reading::shown;
use std::borrow::Cow;

/// A line of cells.
pub(super) struct TableRow<'a> {
    table: &'a Table,
    /// Its number, from 1.
    pub line: usize,
    cells: Vec<Cow<'a, str>>,
}

/// What a column of numbers is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Target,
}

impl<'a> TableRow<'a> {
    pub fn new(table: &'a Table, line: usize, cells: Vec<Cow<'a, str>>) -> Self {
        Self { table, line, cells }
    }

    /// How its table is written.
    pub fn format(&self) -> Format {
        self.table.format
    }

    /// A cell, whose value must not be missing.
    pub fn text(&self, column: usize) -> Result<&str, TaskError> {
        let text = &*self.cells[column];
        if !is_missing(text) {
            return Ok(text);
        }
        let name = self.written(column);
        if !text.is_empty() {
            let reason = "stands for a missing value";
            return Err(self.error(column, reason, "put a value in its place, or leave the row out"));
        }
        if self.table.is_empty(column) {
            let place = self.table.called(column);
            let reason = format!("{place} is empty in all rows, as a delimiter at the end of each line makes it");
            return Err(self.table.error(reason, format!("leave it out: `ignore: [{name}]`")));
        }
        let remedy = match self.table.format.delimiter {
            Delimiter::Character(' ') => {
                "give it a value, or leave the row out; where several blanks stand between cells, say `delimiter: Blanks`"
            }
            _ => "give it a value, or leave the row out",
        };
        Err(self.error(column, "is empty", remedy))
    }

    /// A cell that is a finite number.
    pub fn number(&self, column: usize, role: Role) -> Result<f64, TaskError> {
        let text = &*self.cells[column];
        match self.table.format.number(text) {
            Some(number) if number.is_finite() => Ok(number),
            Some(_) if !is_missing(text) => {
                let remedy = "leave the row out, or put a number in its place";
                Err(self.error(column, "is not finite", remedy))
            }
            _ => Err(self.no_number(column, self.text(column)?, role)),
        }
    }

    /// What is wrong with a cell that holds no number, and what helps.
    fn no_number(&self, column: usize, text: &str, role: Role) -> TaskError {
        const REASON: &str = "is not a number";
        if self.table.header
            && self
                .cells
                .iter()
                .zip(&self.table.names)
                .all(|(cell, name)| cell == name)
        {
            let reason = format!("line {} holds the names of the columns again", self.line);
            return self.table.error(reason, "leave the line out");
        }
        if let Some((reason, remedy)) = self.table.format.advice(text) {
            return self.error(column, reason, remedy);
        }
        if let Some(other) = self.other_delimiter(text) {
            let remedy = format!("if {other:?} stands between cells, say `delimiter: {other:?}`");
            return self.error(column, REASON, remedy);
        }
        if self.line == 1 && !self.table.header {
            return self.error(column, REASON, "if the first line holds names, say `header: true`");
        }
        let remedy = match role {
            Role::Target => {
                "targets that are values are numbers; words are classes: `kind: Classes`, with one column".into()
            }
            Role::Input => format!(
                "inputs are numbers: write a category as one column of 0 and 1 for each of its values, or leave the column out: `ignore: [{}]`",
                self.written(column)
            ),
        };
        self.error(column, REASON, remedy)
    }

    /// What stands in a cell where another delimiter would cut it into numbers.
    fn other_delimiter(&self, text: &str) -> Option<char> {
        let cuts = |c: &char| {
            text.split(*c)
                .filter(|part| !part.trim().is_empty())
                .all(|part| part.trim().parse::<f64>().is_ok())
        };
        [';', '\t', '|', ','].into_iter().find(|c| text.contains(*c) && cuts(c))
    }

    /// A column as experiments name it.
    fn written(&self, column: usize) -> String {
        self.table.written(column)
    }

    /// An error about a cell.
    pub fn error(&self, column: usize, reason: &str, remedy: impl Into<String>) -> TaskError {
        let shown = match &*self.cells[column] {
            "" => "the cell".into(),
            text => format!("`{}`", shown(text)),
        };
        let place = self.table.called(column);
        self.table
            .error(format!("line {}, {place}: {shown} {reason}", self.line), remedy)
    }
}
