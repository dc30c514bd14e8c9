//! Take the user's own arrays in NPY files.

use super::{Classes, MOST_CLASSES, PartFiles, TaskError, Wanted, check_targets, nearly_every, no_file};
use crate::refusal::Refusal;
use crate::tasks::npy::NpyFile;
use crate::tasks::{DataSet, Facts, Image, Inputs, Kind, Places, Samples, Source, Target, Targets, image};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// More samples than this cannot be numbered.
const MOST_SAMPLES: u64 = u32::MAX as u64;

/// Arrays in NPY files, samples in the first dimension, the others flattened as NumPy's `reshape(n, -1)` does; paths are relative
/// to the experiment file. Numbers are used as they are. Classes are the whole numbers that occur in `y`, in ascending order, or
/// as many as `classes` says.
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
    /// The number of classes, which are then 0, 1, 2 and so on, whether they occur or not; 0 for those that occur.
    pub classes: u32,
    /// How `y` tells a class.
    pub targets: Told,
    /// What `y` says, or the input itself. Targets are then left out.
    pub target: Target,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// How an array tells the class of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Told {
    /// By its number.
    #[default]
    Number,
    /// By as many numbers as there are classes, of which that of the class is 1 and the others are 0.
    OneHot,
}

/// What targets are, once looked at.
enum NpyTargets {
    Classes(Classes<i64>),
    Values(usize),
    Inputs,
}

impl Npy {
    /// Refuses what is said of classes where it has no effect.
    fn check_classes(&self) -> Result<(), Refusal> {
        let values = self.kind == Wanted::Values || self.target == Target::Input;
        let no_effect = |field, reason| Err(Refusal::new(field, reason, "leave it out"));
        match (self.classes, self.targets) {
            (1.., _) | (_, Told::OneHot) if values => {
                let field = if self.classes > 0 {
                    "task.classes"
                } else {
                    "task.targets"
                };
                no_effect(field, "has no effect where targets are values")
            }
            (1.., Told::OneHot) => no_effect(
                "task.classes",
                "has no effect: a one-hot code has a number for each class",
            ),
            (1, _) => Err(Refusal::new(
                "task.classes",
                "1 class leaves nothing to tell apart",
                "use 2 or more",
            )),
            (n, _) if n as usize > MOST_CLASSES => {
                let reason = format!("{n} classes are more than {MOST_CLASSES}");
                Err(Refusal::new(
                    "task.classes",
                    reason,
                    "numbers to be predicted are `kind: Values`",
                ))
            }
            _ => Ok(()),
        }
    }

    fn part(&self, folder: &Path, paths: [&str; 2]) -> Result<PartFiles<NpyFile>, TaskError> {
        let part = PartFiles::open(self.target, folder, paths, NpyFile::open)?;
        if let PartFiles {
            inputs: x,
            targets: Some(y),
        } = &part
        {
            if y.samples() != x.samples() {
                return Err(y.error(format!("has {} targets for {} samples", y.samples(), x.samples())));
            }
            let one_hot = self.targets == Told::OneHot;
            if self.kind == Wanted::Classes && !one_hot && y.features() != 1 {
                let reason = format!("has {} numbers a sample where a class is one", y.features());
                let remedy = "if one of them is 1 and the others 0, say `targets: OneHot`; numbers to be predicted are `kind: Values`";
                return Err(y.fault(reason, remedy));
            }
            if one_hot && y.features() < 2 {
                let reason = "has 1 number a sample, which is no one-hot code";
                return Err(y.fault(reason, "say `targets: Number`"));
            }
        }
        Ok(part)
    }

    /// The files for training and, where there are some, those for test.
    fn parts(&self, folder: &Path) -> Result<Vec<PartFiles<NpyFile>>, TaskError> {
        let mut parts = vec![self.part(folder, [&self.x, &self.y])?];
        if !self.test_x.is_empty() {
            parts.push(self.part(folder, [&self.test_x, &self.test_y])?);
        }
        let total: u64 = parts.iter().map(|part| part.inputs.samples()).sum();
        if total > MOST_SAMPLES {
            let reason = format!("makes {total} samples, more than can be numbered");
            return Err(parts[0].inputs.error(reason));
        }
        if let [training, test] = &parts[..] {
            let (found, expected) = (test.inputs.features(), training.inputs.features());
            if found != expected {
                let reason = format!("has {found} numbers a sample, that for training has {expected}");
                return Err(test.inputs.error(reason));
            }
            if let (Some(test), Some(training)) = (&test.targets, &training.targets)
                && test.features() != training.features()
            {
                let (found, expected) = (test.features(), training.features());
                let reason = format!("has {found} numbers a sample, that for training {expected}");
                return Err(test.error(reason));
            }
        }
        Ok(parts)
    }

    /// Looks all targets through: which classes there are.
    fn answer(&self, parts: &[PartFiles<NpyFile>]) -> Result<NpyTargets, TaskError> {
        let Some(training) = &parts[0].targets else {
            return Ok(NpyTargets::Inputs);
        };
        if self.kind == Wanted::Values {
            return Ok(NpyTargets::Values(training.features()));
        }
        if self.targets == Told::OneHot {
            for y in parts.iter().filter_map(|part| part.targets.as_ref()) {
                one_hot(y)?;
            }
            return Ok(NpyTargets::Classes(numbered(training.features())));
        }
        let classes = match self.classes {
            0 => occurring(training)?,
            classes => numbered(classes as usize),
        };
        let later = if self.classes == 0 { 1 } else { 0 };
        for y in parts[later..].iter().filter_map(|part| part.targets.as_ref()) {
            y.read(|at, value| {
                let class = class(y, at, value)?;
                if classes.number(&class).is_some() {
                    return Ok(());
                }
                let reason = format!("target {at} is {class}");
                Err(match self.classes {
                    0 => y.fault(
                        format!("{reason}, a class that no training sample has"),
                        "number classes alike in both files, or say how many there are: `classes: 10`",
                    ),
                    n => y.fault(
                        format!("{reason}, none of the {n} classes from 0 to {}", n - 1),
                        "number classes from 0",
                    ),
                })
            })?;
        }
        Ok(NpyTargets::Classes(classes))
    }
}

/// Classes from 0 on.
fn numbered(classes: usize) -> Classes<i64> {
    Classes((0..classes as i64).collect())
}

/// The classes that occur in a file.
fn occurring(y: &NpyFile) -> Result<Classes<i64>, TaskError> {
    const VALUES: &str = "numbers to be predicted are `kind: Values`";
    let mut found = BTreeSet::new();
    y.read(|at, value| {
        found.insert(class(y, at, value)?);
        if found.len() > MOST_CLASSES {
            return Err(y.fault(format!("has more than {MOST_CLASSES} classes"), VALUES));
        }
        Ok(())
    })?;
    if nearly_every(found.len(), y.samples()) {
        let reason = format!(
            "has {} different values in {} samples, nearly every one its own",
            found.len(),
            y.samples()
        );
        return Err(y.fault(reason, VALUES));
    }
    Classes::new(found, |reason| {
        y.fault(
            reason,
            "give it two or more classes, or say how many there are: `classes: 10`",
        )
    })
}

/// The class of every sample whose code has a single 1 among zeros.
fn one_hot(y: &NpyFile) -> Result<Vec<u32>, TaskError> {
    const NONE: u32 = u32::MAX;
    const REMEDY: &str = "give each sample one 1 and otherwise 0; numbers to be predicted are `kind: Values`";
    let width = y.features();
    let mut labels = vec![NONE; y.samples() as usize];
    y.read(|at, value| {
        let label = &mut labels[at / width];
        if value == 1.0 && *label == NONE {
            *label = (at % width) as u32;
        } else if value != 0.0 {
            let reason = match value {
                1.0 => format!("value {} is the second 1 of sample {}", y.place(at), at / width),
                _ => format!("value {} is {value}, which no one-hot code has", y.place(at)),
            };
            return Err(y.fault(reason, REMEDY));
        }
        Ok(())
    })?;
    match labels.iter().position(|&label| label == NONE) {
        None => Ok(labels),
        Some(sample) => Err(y.fault(format!("sample {sample} has no 1"), REMEDY)),
    }
}

/// A class as a whole number.
fn class(file: &NpyFile, at: usize, value: f64) -> Result<i64, TaskError> {
    if value.fract() == 0.0 && value.abs() <= (1u64 << f64::MANTISSA_DIGITS) as f64 {
        return Ok(value as i64);
    }
    Err(file.fault(
        format!("target {at} is {value}, which is no class"),
        "classes are whole numbers; numbers to be predicted are `kind: Values`",
    ))
}

fn samples(parts: &[PartFiles<NpyFile>]) -> Samples {
    Samples::of_parts(parts.iter().map(|part| part.inputs.samples() as u32))
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

    fn check(&self) -> Result<(), Refusal> {
        if self.x.is_empty() {
            return no_file("task.x", "name an NPY file: `x: \"x.npy\"`");
        }
        self.check_classes()?;
        check_targets(
            self.target,
            "targets",
            [("task.y", &self.y), ("task.test_y", &self.test_y)],
            &self.test_x,
        )
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        let parts = self.parts(folder)?;
        let kind = match self.answer(&parts)? {
            NpyTargets::Classes(classes) => Kind::Classes(classes.0.len()),
            NpyTargets::Values(outputs) => Kind::Values(outputs),
            NpyTargets::Inputs => Kind::Values(parts[0].inputs.features()),
        };
        let width = if parts.iter().all(|part| part.inputs.is_bytes()) {
            1
        } else {
            8
        };
        let targets: u64 = parts
            .iter()
            .filter_map(|part| Some(8 * part.targets.as_ref()?.count as u64))
            .sum();
        let inputs: u64 = parts.iter().map(|part| width * part.inputs.count as u64).sum();
        Ok(
            Facts::new(parts[0].inputs.features(), kind, samples(&parts), inputs + targets)
                .shaped(image::of_sizes(&parts[0].inputs.dims)),
        )
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        let parts = self.parts(places.folder)?;
        let answer = self.answer(&parts)?;
        let inputs = parts.iter().map(|part| &part.inputs);
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
        let targets = parts.iter().filter_map(|part| part.targets.as_ref());
        let targets = match answer {
            NpyTargets::Inputs => Targets::Inputs,
            NpyTargets::Values(outputs) => Targets::Values {
                values: numbers(targets, Some)?,
                outputs,
            },
            NpyTargets::Classes(classes) => {
                let number = |value| classes.number(&(value as i64));
                let labels = match self.targets {
                    Told::Number => numbers(targets, number)?,
                    Told::OneHot => targets.map(one_hot).collect::<Result<Vec<_>, _>>()?.concat(),
                };
                Targets::Classes {
                    labels,
                    names: classes.0.iter().map(i64::to_string).collect(),
                }
            }
        };
        Ok(
            DataSet::new(inputs, parts[0].inputs.features(), targets, samples(&parts))
                .shaped(image::of_sizes(&parts[0].inputs.dims)),
        )
    }
}
