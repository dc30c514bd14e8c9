//! Take the user's own arrays in NPY files.

use super::{Classes, MOST_CLASSES, TaskError, Wanted};
use crate::tasks::npy::NpyFile;
use crate::tasks::{DataSet, Facts, Inputs, Kind, Places, Samples, Source, Target, Targets};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// More samples than this cannot be numbered.
const MOST_SAMPLES: u64 = u32::MAX as u64;

/// Arrays in NPY files, samples in the first dimension, the others flattened as NumPy's `reshape(n, -1)` does; paths are relative
/// to the experiment file. Numbers are used as they are. Classes are the whole numbers that occur in `y`, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Npy {
    /// Path of the inputs for training.
    pub x: String,
    /// Path of their targets.
    pub y: String,
    /// Path of the inputs for test; empty for none.
    pub test_x: String,
    /// Path of their targets.
    pub test_y: String,
    /// Whether targets are classes or values.
    pub kind: Wanted,
    /// What `y` says, or the input itself. Targets are then left out.
    pub target: Target,
}

/// The files of a part, whose headers agree.
struct Part {
    x: NpyFile,
    y: Option<NpyFile>,
}

/// What targets are, once looked at.
enum Answer {
    Classes(Classes<i64>),
    Values(usize),
    Inputs,
}

impl Npy {
    fn part(&self, folder: &Path, x: &str, y: &str) -> Result<Part, TaskError> {
        let x = NpyFile::open(&folder.join(x))?;
        let y = match self.target {
            Target::Input => None,
            Target::Given => Some(NpyFile::open(&folder.join(y))?),
        };
        if let Some(y) = &y {
            if y.samples() != x.samples() {
                return Err(y.error(format!("has {} targets for {} samples", y.samples(), x.samples())));
            }
            if self.kind == Wanted::Classes && y.features() != 1 {
                let reason = format!("has {} numbers a sample where a class is one", y.features());
                return Err(y.error(reason));
            }
        }
        Ok(Part { x, y })
    }

    fn parts(&self, folder: &Path) -> Result<Vec<Part>, TaskError> {
        let training = self.part(folder, &self.x, &self.y)?;
        let mut parts = vec![training];
        if !self.test_x.is_empty() {
            parts.push(self.part(folder, &self.test_x, &self.test_y)?);
        }
        let total: u64 = parts.iter().map(|part| part.x.samples()).sum();
        if total > MOST_SAMPLES {
            return Err(parts[0]
                .x
                .error(format!("makes {total} samples, more than can be numbered")));
        }
        if let [training, test] = &parts[..] {
            if test.x.features() != training.x.features() {
                let (test_inputs, inputs) = (test.x.features(), training.x.features());
                let reason = format!("has {test_inputs} numbers a sample, that for training has {inputs}");
                return Err(test.x.error(reason));
            }
            if let (Some(test), Some(training)) = (&test.y, &training.y)
                && test.features() != training.features()
            {
                let reason = format!(
                    "has {} numbers a sample, that for training {}",
                    test.features(),
                    training.features()
                );
                return Err(test.error(reason));
            }
        }
        Ok(parts)
    }

    /// Looks all targets through: which classes there are.
    fn answer(&self, parts: &[Part]) -> Result<Answer, TaskError> {
        let Some(training) = &parts[0].y else {
            return Ok(Answer::Inputs);
        };
        if self.kind == Wanted::Values {
            return Ok(Answer::Values(training.features()));
        }
        let mut found = BTreeSet::new();
        training.read(|at, value| {
            found.insert(class(training, at, value)?);
            if found.len() > MOST_CLASSES {
                return Err(training.error(format!(
                    "has more than {MOST_CLASSES} classes; numbers are `kind: Values`"
                )));
            }
            Ok(())
        })?;
        let classes = Classes::new(found, |reason| training.error(reason))?;
        if let Some(test) = parts.get(1).and_then(|part| part.y.as_ref()) {
            test.read(|at, value| {
                let class = class(test, at, value)?;
                match classes.number(&class) {
                    Some(_) => Ok(()),
                    None => Err(test.error(format!("target {at} is {class}, a class that no training sample has"))),
                }
            })?;
        }
        Ok(Answer::Classes(classes))
    }
}

/// A class as a whole number.
fn class(file: &NpyFile, at: usize, value: f64) -> Result<i64, TaskError> {
    if value.fract() == 0.0 && value.abs() <= (1u64 << f64::MANTISSA_DIGITS) as f64 {
        return Ok(value as i64);
    }
    Err(file.error(format!(
        "target {at} is {value}, which is no class; numbers are `kind: Values`"
    )))
}

fn samples(parts: &[Part]) -> Samples {
    Samples {
        training: parts[0].x.samples() as u32,
        test: parts.get(1).map_or(0, |test| test.x.samples() as u32),
    }
}

/// The values of all files, one after the other, in row-major order.
fn numbers<'a, N: Clone + Default>(
    files: impl Iterator<Item = &'a NpyFile> + Clone,
    convert: impl Fn(f64) -> Option<N>,
) -> Result<Vec<N>, TaskError> {
    let mut all = vec![N::default(); files.clone().map(|file| file.count).sum()];
    let mut start = 0;
    for file in files {
        file.read(|at, value| {
            all[start + at] = convert(value).ok_or_else(|| file.error("has changed while it was read"))?;
            Ok(())
        })?;
        start += file.count;
    }
    Ok(all)
}

impl Source for Npy {
    fn about(&self) -> String {
        format!("arrays of your own, from {}", self.x)
    }

    fn target(&self) -> Target {
        self.target
    }

    fn check(&self) -> Result<(), TaskError> {
        let missing = |field, remedy: &str| Err(TaskError::field(field, "names no file", remedy));
        if self.x.is_empty() {
            return missing("task.x", "name an NPY file: `x: \"x.npy\"`");
        }
        match self.target {
            Target::Given if self.y.is_empty() => missing(
                "task.y",
                "name a file of targets, or make an autoencoder of it: `target: Input`",
            ),
            Target::Given if self.test_x.is_empty() != self.test_y.is_empty() => {
                missing("task.test_y", "name both test files or none of them")
            }
            Target::Input if !self.y.is_empty() || !self.test_y.is_empty() => {
                let reason = "targets have no effect where the target is the input";
                Err(TaskError::field("task.y", reason, "leave them out"))
            }
            _ => Ok(()),
        }
    }

    fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        let parts = self.parts(folder)?;
        let kind = match self.answer(&parts)? {
            Answer::Classes(classes) => Kind::Classes(classes.0.len()),
            Answer::Values(outputs) => Kind::Values(outputs),
            Answer::Inputs => Kind::Values(parts[0].x.features()),
        };
        let width = if parts.iter().all(|part| part.x.is_bytes()) {
            1
        } else {
            8
        };
        let targets: u64 = parts
            .iter()
            .filter_map(|part| Some(8 * part.y.as_ref()?.count as u64))
            .sum();
        let inputs: u64 = parts.iter().map(|part| width * part.x.count as u64).sum();
        Ok(Facts::new(
            parts[0].x.features(),
            kind,
            samples(&parts),
            inputs + targets,
        ))
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        let parts = self.parts(places.folder)?;
        let answer = self.answer(&parts)?;
        let inputs = parts.iter().map(|part| &part.x);
        // numbers that cannot be used are found before memory is taken for all of them
        inputs
            .clone()
            .filter(|file| file.is_float())
            .try_for_each(|file| file.read(|_, _| Ok(())))?;
        let inputs = if inputs.clone().all(NpyFile::is_bytes) {
            Inputs::Bytes {
                values: numbers(inputs, |value| Some(value as u8))?,
                divisor: 1,
            }
        } else {
            Inputs::Numbers(numbers(inputs, Some)?)
        };
        let targets = parts.iter().filter_map(|part| part.y.as_ref());
        let targets = match answer {
            Answer::Inputs => Targets::Inputs,
            Answer::Values(outputs) => Targets::Values {
                values: numbers(targets, Some)?,
                outputs,
            },
            Answer::Classes(classes) => {
                let number = |value| classes.number(&(value as i64));
                Targets::Classes {
                    labels: numbers(targets, number)?,
                    names: classes.0.iter().map(i64::to_string).collect(),
                }
            }
        };
        Ok(DataSet::new(inputs, parts[0].x.features(), targets, samples(&parts)))
    }
}
