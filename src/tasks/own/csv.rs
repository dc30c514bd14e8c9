//! Take the user's own table.

use super::columns::{Column, Columns};
use super::format::{Delimiter, Format, Header};
use super::row::Role;
use super::scan::{self, Scanned};
use super::{TaskError, Wanted, no_file};
use crate::refusal::Refusal;
use crate::tasks::reading::Reading;
use crate::tasks::{DataSet, Facts, Image, Inputs, Kind, Places, Samples, Source, Target, Targets, image};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A text file with a line for each sample and a column for each input or target; paths are relative to the experiment file.
///
/// All columns but targets and ignored ones are inputs, and hold numbers, which are used as they are. The classes of a target
/// column are its texts in a fixed order, numbers before words, numbers by size and words by their letters, so that the order of
/// rows does not matter; numbers of equal value, `1` and `1.0`, are one class. A cell that is empty or holds `?`, `NA`, `N/A`,
/// `NaN`, `null` or `None` is missing, and is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WrittenCsv")]
#[schemars(!from, deny_unknown_fields)]
pub struct Csv {
    /// Path of the file, relative to the experiment file.
    pub path: String,
    /// The column to be told from the others: a name, a number from 1, a list of them, or `Input`.
    pub target: Columns,
    /// Whether the first line holds the names of the columns.
    #[schemars(default)]
    pub header: Header,
    /// What the target column holds; where it is not said, a list of columns holds values, and one column classes.
    #[schemars(default)]
    pub kind: Wanted,
    /// Columns that are left out.
    #[schemars(default)]
    pub ignore: Vec<Column>,
    /// Path of a file of the same columns, for test; empty for none.
    #[schemars(default)]
    pub test: String,
    /// What stands between cells.
    #[schemars(default = "comma")]
    pub delimiter: Delimiter,
    /// What stands before decimals: `'.'` or `','`.
    #[schemars(default = "point")]
    pub decimal: char,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// The options as an experiment writes them.
#[derive(Deserialize)]
#[serde(rename = "Csv", deny_unknown_fields)]
struct WrittenCsv {
    path: String,
    target: Columns,
    #[serde(default)]
    header: Header,
    kind: Option<Wanted>,
    #[serde(default)]
    ignore: Vec<Column>,
    #[serde(default)]
    test: String,
    #[serde(default)]
    delimiter: Delimiter,
    #[serde(default = "point")]
    decimal: char,
    #[serde(default)]
    image: Option<Image>,
}

fn point() -> char {
    '.'
}

/// As an experiment writes it.
fn comma() -> &'static str {
    "','"
}

impl From<WrittenCsv> for Csv {
    fn from(written: WrittenCsv) -> Self {
        let kind = written.kind.unwrap_or(match written.target {
            Columns::Several(_) => Wanted::Values,
            Columns::One(_) | Columns::Input => Wanted::Classes,
        });
        Self {
            path: written.path,
            target: written.target,
            header: written.header,
            kind,
            ignore: written.ignore,
            test: written.test,
            delimiter: written.delimiter,
            decimal: written.decimal,
            image: written.image,
        }
    }
}

impl Csv {
    /// How its cells are written.
    pub(super) fn format(&self) -> Format {
        Format {
            delimiter: self.delimiter,
            decimal: self.decimal,
        }
    }
}

impl Source for Csv {
    fn about(&self) -> String {
        format!("a table of your own, from {}", self.path)
    }

    fn target(&self) -> Target {
        match self.target {
            Columns::Input => Target::Input,
            Columns::One(_) | Columns::Several(_) => Target::Given,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.path.is_empty() {
            return no_file("task.path", "name a file: `path: \"measured.csv\"`");
        }
        if let Delimiter::Character(character) = self.delimiter
            && (!character.is_ascii()
                || matches!(character, '"' | '\n' | '\r' | '.' | '-' | '+')
                || character.is_ascii_alphanumeric())
        {
            let reason = format!("{character:?} cannot stand between cells");
            return Err(Refusal::new(
                "task.delimiter",
                reason,
                "use `','`, `';'`, `'\\t'`, or `Blanks`",
            ));
        }
        if !matches!(self.decimal, '.' | ',') {
            let reason = format!("{:?} cannot stand before decimals", self.decimal);
            return Err(Refusal::new("task.decimal", reason, "use `'.'` or `','`"));
        }
        match (&self.target, self.kind) {
            (Columns::Several(columns), _) if columns.is_empty() => Err(Refusal::new(
                "task.target",
                "names no column",
                "name one or more columns, or `Input`",
            )),
            (Columns::Several(_), Wanted::Classes) => Err(Refusal::new(
                "task.target",
                "several columns cannot name one class",
                "name one column, or leave `kind` out: several columns are values",
            )),
            _ => Ok(()),
        }
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        let (scanned, classes) = scan::look(self, folder)?;
        let (inputs, outputs) = (scanned[0].inputs.len(), scanned[0].targets.len());
        let samples = samples(&scanned);
        let kind = classes.map_or(Kind::Values(outputs), |classes| Kind::Classes(classes.0.len()));
        let bytes = 8 * u64::from(samples.total()) * (inputs + outputs) as u64;
        Ok(Facts::new(inputs, kind, samples, bytes))
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        let (scanned, classes) = scan::look(self, places.folder)?;
        let samples = samples(&scanned);
        let (inputs, outputs) = (scanned[0].inputs.len(), scanned[0].targets.len());
        let mut x = Vec::with_capacity(samples.total() as usize * inputs);
        let (mut labels, mut values) = (Vec::new(), Vec::new());
        for Scanned {
            table,
            inputs,
            targets,
            rows,
            ..
        } in &scanned
        {
            let mut left = *rows;
            let changed = || table.error("has changed while it was read", "start again");
            table.rows(|row| {
                left = left.checked_sub(1).ok_or_else(changed)?;
                for &column in inputs {
                    x.push(row.number(column, Role::Input)?);
                }
                for &column in targets {
                    match &classes {
                        Some(classes) => {
                            let class = classes.number(&scan::class_of(row, column)?);
                            labels.push(class.ok_or_else(changed)?);
                        }
                        None => values.push(row.number(column, Role::Target)?),
                    }
                }
                Ok(())
            })?;
            if left > 0 {
                return Err(changed());
            }
        }
        let targets = match classes {
            Some(classes) => Targets::Classes {
                labels,
                names: classes.0.into_iter().map(|class| class.text).collect(),
            },
            None if outputs == 0 => Targets::Inputs,
            None => Targets::Values { values, outputs },
        };
        let data = DataSet::new(Inputs::Numbers(x), inputs, targets, samples);
        Ok(data.described(reading(scanned)))
    }
}

fn samples(scanned: &[Scanned]) -> Samples {
    Samples::of_parts(scanned.iter().map(|part| part.rows))
}

/// What the columns are called, and what was odd in the files.
fn reading(scanned: Vec<Scanned>) -> Reading {
    let training = &scanned[0];
    let names = |columns: &[usize]| {
        columns
            .iter()
            .map(|&column| training.table.names[column].clone())
            .collect()
    };
    Reading {
        inputs: names(&training.inputs),
        targets: names(&training.targets),
        ignored: names(&training.ignored),
        warnings: scanned.iter().flat_map(|scanned| scanned.warnings.clone()).collect(),
    }
}
