//! Take the user's own images and labels in IDX files.

use super::{Classes, TaskError, nearly_every};
use crate::refusal::Refusal;
use crate::tasks::idx::{IdxFile, OWN};
use crate::tasks::{DataSet, Facts, Inputs, Kind, Places, Samples, Source, Target, Targets};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// Images and labels in IDX files, plain or gzip; paths are relative to the experiment file. Inputs are unsigned bytes / 255, or
/// numbers of another type as they are, the dimensions behind the first flattened. Classes are the labels that occur, in
/// ascending order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Idx {
    /// Path of the file of images for training.
    pub images: String,
    /// Path of the file of their labels.
    pub labels: String,
    /// Path of the file of images for test; empty for none.
    pub test_images: String,
    /// Path of the file of their labels.
    pub test_labels: String,
    /// The class, or the image itself. Labels are then left out.
    pub target: Target,
}

/// The files of a part, looked through.
struct Part {
    images: IdxFile,
    labels: Option<IdxFile>,
}

impl Idx {
    fn part(&self, folder: &Path, images: &str, labels: &str) -> Result<Part, TaskError> {
        let images = IdxFile::open(&folder.join(images), OWN)?;
        let labels = match self.target {
            Target::Input => None,
            Target::Given => Some(IdxFile::open(&folder.join(labels), OWN)?),
        };
        if let Some(labels) = &labels {
            if labels.dims.len() != 1 {
                let reason = format!("holds {:?} values where labels have one dimension", labels.dims);
                return Err(labels.fault(reason, "name the file of labels, one for each image"));
            }
            if labels.dims[0] != images.dims[0] {
                let reason = format!("holds {} labels for {} images", labels.dims[0], images.dims[0]);
                return Err(labels.fault(reason, "name the files of one part, with a label for each image"));
            }
        }
        Ok(Part { images, labels })
    }

    fn parts(&self, folder: &Path) -> Result<(Part, Option<Part>), TaskError> {
        let training = self.part(folder, &self.images, &self.labels)?;
        if self.test_images.is_empty() {
            return Ok((training, None));
        }
        let test = self.part(folder, &self.test_images, &self.test_labels)?;
        let inputs = |part: &Part| part.images.count / part.images.dims[0] as usize;
        if inputs(&test) != inputs(&training) {
            let reason = format!(
                "has images of {} numbers, those for training have {}",
                inputs(&test),
                inputs(&training)
            );
            return Err(test
                .images
                .fault(reason, "give images for training and test the same size"));
        }
        if test.images.is_bytes() != training.images.is_bytes() {
            let reason = "holds another type of numbers than the images for training, which are not scaled alike";
            return Err(test.images.fault(reason, "write both files with the same type"));
        }
        if test.images.dims[0].checked_add(training.images.dims[0]).is_none() {
            return Err(test.images.fault("makes more images than can be numbered", "use fewer"));
        }
        Ok((training, Some(test)))
    }

    /// The classes that occur in the training file, and the labels of each part as they stand.
    fn classes(training: &Part, test: Option<&Part>) -> Result<(Classes<i64>, Vec<i64>), TaskError> {
        let Some(file) = &training.labels else {
            return Ok((Classes(Vec::new()), Vec::new()));
        };
        let mut labels = labels_of(file)?;
        let found: BTreeSet<i64> = labels.iter().copied().collect();
        if nearly_every(found.len(), labels.len() as u64) {
            let reason = format!(
                "has {} different labels of {} images, nearly every one its own",
                found.len(),
                labels.len()
            );
            return Err(file.fault(
                reason,
                "name the file of labels; numbers to be predicted are read by `Npy`",
            ));
        }
        let classes = Classes::new(found, |reason| {
            file.fault(reason, "give it labels of two or more classes")
        })?;
        if let Some(file) = test.and_then(|test| test.labels.as_ref()) {
            let before = labels.len();
            labels.extend(labels_of(file)?);
            let unknown = |label: &i64| classes.number(label).is_none();
            if let Some(at) = labels[before..].iter().position(unknown) {
                let reason = format!(
                    "label {at} is {}, a class that no training image has",
                    labels[before + at]
                );
                return Err(file.fault(reason, "number classes alike in both files"));
            }
        }
        Ok((classes, labels))
    }
}

/// The labels of a file, whole numbers of whatever type.
fn labels_of(file: &IdxFile) -> Result<Vec<i64>, TaskError> {
    let mut labels = Vec::with_capacity(file.count);
    file.read(|at, value| {
        if value.fract() != 0.0 || value.abs() > f64::from(u32::MAX) {
            return Err(file.fault(
                format!("label {at} is {value}, which is no class"),
                "number classes from 0",
            ));
        }
        labels.push(value as i64);
        Ok(())
    })?;
    Ok(labels)
}

fn samples(training: &Part, test: Option<&Part>) -> Samples {
    Samples {
        training: training.images.dims[0],
        test: test.map_or(0, |test| test.images.dims[0]),
    }
}

impl Source for Idx {
    fn about(&self) -> String {
        format!("images of your own, from {}", self.images)
    }

    fn target(&self) -> Target {
        self.target
    }

    fn check(&self) -> Result<(), Refusal> {
        let missing = |field, remedy: &str| Err(Refusal::new(field, "names no file", remedy));
        if self.images.is_empty() {
            return missing("task.images", "name an IDX file: `images: \"train-images.gz\"`");
        }
        match self.target {
            Target::Given if self.labels.is_empty() => missing(
                "task.labels",
                "name a file of labels, or make an autoencoder of it: `target: Input`",
            ),
            Target::Given if self.test_images.is_empty() != self.test_labels.is_empty() => {
                missing("task.test_labels", "name both test files or none of them")
            }
            Target::Input if !self.labels.is_empty() || !self.test_labels.is_empty() => {
                let reason = "labels have no effect where the target is the input";
                Err(Refusal::new("task.labels", reason, "leave them out"))
            }
            _ => Ok(()),
        }
    }

    fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        let (training, test) = self.parts(folder)?;
        let (classes, _) = Self::classes(&training, test.as_ref())?;
        let inputs = training.images.count / training.images.dims[0] as usize;
        let samples = samples(&training, test.as_ref());
        let width = if training.images.is_bytes() { 1 } else { 8 };
        let bytes = u64::from(samples.total()) * (width * inputs as u64 + 4);
        Ok(Facts::new(inputs, Kind::Classes(classes.0.len()), samples, bytes))
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        let (training, test) = self.parts(places.folder)?;
        let (classes, labels) = Self::classes(&training, test.as_ref())?;
        let images = std::iter::once(&training).chain(&test).map(|part| &part.images);
        let count = images.clone().map(|file| file.count).sum();
        let values = if training.images.is_bytes() {
            let mut values = Vec::with_capacity(count);
            images.into_iter().try_for_each(|file| file.append_to(&mut values))?;
            Inputs::Bytes { values, divisor: 255 }
        } else {
            // numbers that cannot be used are found before memory is taken for all of them
            images.clone().try_for_each(|file| file.read(|_, _| Ok(())))?;
            let mut values = Vec::with_capacity(count);
            for file in images {
                file.read(|_, value| {
                    values.push(value);
                    Ok(())
                })?;
            }
            Inputs::Numbers(values)
        };
        let number = |label: i64| classes.number(&label).expect("labels have been looked through");
        let targets = match self.target {
            Target::Input => Targets::Inputs,
            Target::Given => Targets::Classes {
                labels: labels.into_iter().map(number).collect(),
                names: classes.0.iter().map(i64::to_string).collect(),
            },
        };
        let inputs = training.images.count / training.images.dims[0] as usize;
        let samples = samples(&training, test.as_ref());
        Ok(DataSet::new(values, inputs, targets, samples))
    }
}
