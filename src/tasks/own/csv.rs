//! Take the user's own table.

use super::columns::{Column, Columns};
use super::table::{Row, Table};
use super::{Classes, MOST_CLASSES, TaskError, Wanted};
use crate::tasks::{DataSet, Facts, Inputs, Kind, Places, Samples, Source, Target, Targets};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// A text file with a line for each sample and a column for each input or target; paths are relative to the experiment file.
///
/// All columns but targets and ignored ones are inputs, and hold numbers, which are used as they are. The classes of a target
/// column are its texts in a fixed order, numbers before words, numbers by size and words by their letters, so that the order of
/// rows does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Csv {
    /// Path of the file, relative to the experiment file.
    pub path: String,
    /// The column to be told from the others: a name, a number from 1, a list of them, or `Input`.
    pub target: Columns,
    /// Whether the first line holds the names of the columns.
    #[serde(default = "yes")]
    pub header: bool,
    /// What the target column holds.
    #[serde(default)]
    pub kind: Wanted,
    /// Columns that are left out.
    #[serde(default)]
    pub ignore: Vec<Column>,
    /// A file of the same columns, for test; empty for none.
    #[serde(default)]
    pub test: String,
    /// What stands between cells.
    #[serde(default = "comma")]
    pub delimiter: char,
}

fn yes() -> bool {
    true
}

fn comma() -> char {
    ','
}

/// A text as the name of a class: numbers come first, by size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ClassName {
    /// The number's bits in an order-preserving form; absent last.
    number: (bool, u64),
    text: String,
}

impl ClassName {
    fn new(text: &str) -> Self {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let ordered = |number: f64| {
            let bits = (number + 0.0).to_bits();
            if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
        };
        Self {
            number: (number.is_none(), number.map_or(0, ordered)),
            text: text.to_string(),
        }
    }
}

/// A table that has been looked through.
struct Scanned {
    table: Table,
    /// Columns of inputs.
    inputs: Vec<usize>,
    /// Columns of targets.
    targets: Vec<usize>,
    rows: u32,
}

impl Csv {
    /// The place of a column.
    fn place(column: &Column, field: &'static str, table: &Table, header: bool) -> Result<usize, TaskError> {
        let count = table.names.len();
        let (found, shown) = match column {
            Column::Name(name) => (
                table.names.iter().position(|known| known == name).filter(|_| header),
                format!("{name:?}"),
            ),
            Column::Number(number) => (number.checked_sub(1).filter(|&place| place < count), number.to_string()),
        };
        found.ok_or_else(|| {
            let named = table
                .names
                .iter()
                .take(20)
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ");
            let remedy = match (header, column) {
                (true, _) => format!("its columns are {named}{}", if count > 20 { ", .." } else { "" }),
                (false, _) => format!("name a column by its number, 1 to {count}"),
            };
            TaskError::field(field, format!("the file has no column {shown}"), remedy)
        })
    }

    /// Looks a file through: every cell that will be used.
    fn scan(
        &self,
        path: &Path,
        mut class: impl FnMut(&Row<'_>, usize) -> Result<(), TaskError>,
    ) -> Result<Scanned, TaskError> {
        let table = Table::open(path, self.delimiter, self.header)?;
        let of = |columns: &[Column], field| -> Result<Vec<usize>, TaskError> {
            let places = columns
                .iter()
                .map(|column| Self::place(column, field, &table, self.header));
            places.collect()
        };
        let targets = match &self.target {
            Columns::Input => Vec::new(),
            Columns::One(column) => of(std::slice::from_ref(column), "task.target")?,
            Columns::Several(columns) => of(columns, "task.target")?,
        };
        if let Some(at) = (1..targets.len()).find(|&at| targets[..at].contains(&targets[at])) {
            let reason = format!("column {} is named twice", targets[at] + 1);
            return Err(TaskError::field("task.target", reason, "name each column once"));
        }
        let ignored = of(&self.ignore, "task.ignore")?;
        if ignored.iter().any(|column| targets.contains(column)) {
            return Err(TaskError::field(
                "task.ignore",
                "ignores the target",
                "leave it out of one of the two",
            ));
        }
        let used = |column: &usize| !targets.contains(column) && !ignored.contains(column);
        let inputs: Vec<usize> = (0..table.names.len()).filter(used).collect();
        if inputs.is_empty() {
            return Err(table.error("has no column of inputs", "give it columns besides the target"));
        }
        let mut rows = 0u32;
        table.rows(|row| {
            rows = rows
                .checked_add(1)
                .ok_or_else(|| table.error("has more rows than can be numbered", "use fewer"))?;
            inputs.iter().try_for_each(|&column| row.number(column).map(|_| ()))?;
            targets.iter().try_for_each(|&column| match self.kind {
                Wanted::Classes => class(row, column),
                Wanted::Values => row.number(column).map(|_| ()),
            })
        })?;
        if rows == 0 {
            return Err(table.error("has no rows of data", "give each sample a line"));
        }
        Ok(Scanned {
            table,
            inputs,
            targets,
            rows,
        })
    }

    /// Looks all files through: the tables and the classes.
    fn look(&self, folder: &Path) -> Result<(Vec<Scanned>, Option<Classes<ClassName>>), TaskError> {
        let mut found = BTreeSet::new();
        let training = self.scan(&folder.join(&self.path), |row, column| {
            found.insert(ClassName::new(row.text(column)?));
            if found.len() <= MOST_CLASSES {
                return Ok(());
            }
            let reason = format!("makes more than {MOST_CLASSES} classes");
            Err(row.error(column, &reason, "numbers to be predicted are `kind: Values`"))
        })?;
        let classes = if training.targets.is_empty() || self.kind == Wanted::Values {
            None
        } else {
            let fractions = found
                .iter()
                .filter(|class| class.text.parse::<f64>().is_ok_and(|x| x.fract() != 0.0));
            if found.len() > 20 && 2 * fractions.count() > found.len() {
                let name = &training.table.names[training.targets[0]];
                let reason = format!(
                    "column `{name}` has {} different values in {} rows, most of them fractions",
                    found.len(),
                    training.rows
                );
                return Err(training
                    .table
                    .error(reason, "numbers to be predicted are `kind: Values`"));
            }
            let fault = |reason| {
                training
                    .table
                    .error(reason, "name a target column with two or more different values")
            };
            Some(Classes::new(found, fault)?)
        };
        let mut scanned = vec![training];
        if !self.test.is_empty() {
            let test = self.scan(&folder.join(&self.test), |row, column| {
                let known = classes
                    .as_ref()
                    .and_then(|classes| classes.number(&ClassName::new(row.text(column).ok()?)));
                match known {
                    Some(_) => Ok(()),
                    None => Err(row.error(
                        column,
                        "is a class that no training row has",
                        "name classes alike in both files",
                    )),
                }
            })?;
            if test.table.names != scanned[0].table.names {
                let remedy = "give both files the same columns in the same order";
                return Err(test
                    .table
                    .error(format!("has other columns than {}", self.path), remedy));
            }
            if test.rows.checked_add(scanned[0].rows).is_none() {
                return Err(test.table.error("makes more rows than can be numbered", "use fewer"));
            }
            scanned.push(test);
        }
        Ok((scanned, classes))
    }

    fn samples(scanned: &[Scanned]) -> Samples {
        Samples {
            training: scanned[0].rows,
            test: scanned.get(1).map_or(0, |test| test.rows),
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

    fn check(&self) -> Result<(), TaskError> {
        if self.path.is_empty() {
            return Err(TaskError::field(
                "task.path",
                "names no file",
                "name a file: `path: \"measured.csv\"`",
            ));
        }
        if !self.delimiter.is_ascii()
            || matches!(self.delimiter, '"' | '\n' | '\r' | '.' | '-' | '+')
            || self.delimiter.is_ascii_alphanumeric()
        {
            let reason = format!("{:?} cannot stand between cells", self.delimiter);
            return Err(TaskError::field(
                "task.delimiter",
                reason,
                "use `','`, `';'` or `'\\t'`",
            ));
        }
        match (&self.target, self.kind) {
            (Columns::Several(columns), _) if columns.is_empty() => Err(TaskError::field(
                "task.target",
                "names no column",
                "name one or more columns, or `Input`",
            )),
            (Columns::Several(_), Wanted::Classes) => Err(TaskError::field(
                "task.target",
                "several columns cannot name one class",
                "name one column, or say `kind: Values`",
            )),
            _ => Ok(()),
        }
    }

    fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        let (scanned, classes) = self.look(folder)?;
        let (inputs, outputs) = (scanned[0].inputs.len(), scanned[0].targets.len());
        let samples = Self::samples(&scanned);
        let kind = classes.map_or(Kind::Values(outputs), |classes| Kind::Classes(classes.0.len()));
        let bytes = 8 * u64::from(samples.total()) * (inputs + outputs) as u64;
        Ok(Facts::new(inputs, kind, samples, bytes))
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        let (scanned, classes) = self.look(places.folder)?;
        let samples = Self::samples(&scanned);
        let (inputs, outputs) = (scanned[0].inputs.len(), scanned[0].targets.len());
        let total = samples.total() as usize;
        let mut x = Vec::with_capacity(total * inputs);
        let (mut labels, mut values) = (Vec::new(), Vec::new());
        for Scanned {
            table,
            inputs,
            targets,
            rows,
        } in &scanned
        {
            let mut left = *rows;
            let changed = || table.error("has changed while it was read", "start again");
            table.rows(|row| {
                left = left.checked_sub(1).ok_or_else(changed)?;
                for &column in inputs {
                    x.push(row.number(column)?);
                }
                for &column in targets {
                    match &classes {
                        Some(classes) => {
                            let class = classes.number(&ClassName::new(row.text(column)?));
                            labels.push(class.ok_or_else(changed)?);
                        }
                        None => values.push(row.number(column)?),
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
        Ok(DataSet::new(Inputs::Numbers(x), inputs, targets, samples))
    }
}
