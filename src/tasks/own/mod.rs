//! Take the user's own files: tables, images, arrays.

mod class_name;
mod columns;
mod csv;
mod format;
mod idx;
mod new_rows;
mod npy;
mod row;
mod scan;
mod slips;
mod table;

pub use columns::{Column, Columns};
pub use csv::Csv;
pub use format::{Delimiter, Header};
pub use idx::Idx;
pub use new_rows::new_rows;
pub use npy::{Npy, Told};

use super::{Target, TaskError};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// More classes than this are taken for a mistake.
const MOST_CLASSES: usize = 1 << 16;
/// So many classes are taken as they are, however few samples each has.
const MANY: usize = 20;

/// What a column of targets holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Wanted {
    /// Names of classes, each value another one.
    #[default]
    Classes,
    /// Numbers, which make it a regression.
    Values,
}

/// The files of a part of the samples, looked through; no targets where the inputs are their own.
struct PartFiles<F> {
    inputs: F,
    targets: Option<F>,
}

impl<F> PartFiles<F> {
    /// Looks them through by `open`.
    fn open(
        target: Target,
        folder: &Path,
        [inputs, targets]: [&str; 2],
        open: impl Fn(&Path) -> Result<F, TaskError>,
    ) -> Result<Self, TaskError> {
        Ok(Self {
            inputs: open(&folder.join(inputs))?,
            targets: match target {
                Target::Input => None,
                Target::Given => Some(open(&folder.join(targets))?),
            },
        })
    }
}

/// Refuses a path that is missing.
fn no_file(field: &str, remedy: impl Into<String>) -> Result<(), Refusal> {
    Err(Refusal::new(field, "names no file", remedy))
}

/// Refuses paths of targets, for training and for test, that are missing, or named without effect: where the targets are the
/// inputs. `what` stands in the files.
fn check_targets(
    target: Target,
    what: &str,
    [(field, path), (test_field, test_path)]: [(&str, &str); 2],
    test_inputs: &str,
) -> Result<(), Refusal> {
    match target {
        Target::Given if path.is_empty() => no_file(
            field,
            format!("name a file of {what}, or make an autoencoder of it: `target: Input`"),
        ),
        Target::Given if test_inputs.is_empty() != test_path.is_empty() => {
            no_file(test_field, "name both test files or none of them")
        }
        Target::Input if !path.is_empty() || !test_path.is_empty() => {
            let reason = format!("{what} have no effect where the target is the input");
            Err(Refusal::new(field, reason, "leave them out"))
        }
        _ => Ok(()),
    }
}

/// The classes that stand in a file, by value, in ascending order: independent of the order of rows.
struct Classes<C>(Vec<C>);

impl<C: Ord> Classes<C> {
    /// The classes of a training file; `fault` makes the error.
    fn new(found: BTreeSet<C>, fault: impl FnOnce(String) -> TaskError) -> Result<Self, TaskError> {
        if found.len() < 2 {
            return Err(fault(format!(
                "has {} class, which leaves nothing to tell apart",
                found.len()
            )));
        }
        Ok(Self(found.into_iter().collect()))
    }

    /// The number of a class.
    fn number(&self, class: &C) -> Option<u32> {
        self.0.binary_search(class).ok().map(|place| place as u32)
    }
}

/// Whether nearly every sample is a class of its own, as numbers are that are to be predicted.
fn nearly_every(classes: usize, samples: u64) -> bool {
    classes > MANY && 2 * classes as u64 > samples
}
