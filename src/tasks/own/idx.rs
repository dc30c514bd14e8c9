//! Take the user's own images and labels in IDX files.

use super::{Classes, PartFiles, TaskError, check_targets, nearly_every, no_file};
use crate::network::Map;
use crate::refusal::Refusal;
use crate::tasks::idx::{IdxFile, OWN};
use crate::tasks::{DataSet, Facts, Image, Inputs, Kind, Places, Samples, Source, Target, Targets, image};
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
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

impl Idx {
    fn part(&self, folder: &Path, paths: [&str; 2]) -> Result<PartFiles<IdxFile>, TaskError> {
        let part = PartFiles::open(self.target, folder, paths, |path| IdxFile::open(path, OWN))?;
        if let PartFiles {
            inputs: images,
            targets: Some(labels),
        } = &part
        {
            if labels.dims.len() != 1 {
                let reason = format!("holds {:?} values where labels have one dimension", labels.dims);
                return Err(labels.fault(reason, "name the file of labels, one for each image"));
            }
            if labels.dims[0] != images.dims[0] {
                let reason = format!("holds {} labels for {} images", labels.dims[0], images.dims[0]);
                return Err(labels.fault(reason, "name the files of one part, with a label for each image"));
            }
        }
        Ok(part)
    }

    /// The files for training and, where there are some, those for test.
    fn parts(&self, folder: &Path) -> Result<Vec<PartFiles<IdxFile>>, TaskError> {
        let mut parts = vec![self.part(folder, [&self.images, &self.labels])?];
        if !self.test_images.is_empty() {
            parts.push(self.part(folder, [&self.test_images, &self.test_labels])?);
        }
        if let [PartFiles { inputs: training, .. }, PartFiles { inputs: test, .. }] = &parts[..] {
            let [found, expected] = [test, training].map(IdxFile::features);
            if found != expected {
                let reason = format!("has images of {found} numbers, those for training have {expected}");
                return Err(test.fault(reason, "give images for training and test the same size"));
            }
            if test.is_bytes() != training.is_bytes() {
                let reason = "holds another type of numbers than the images for training, which are not scaled alike";
                return Err(test.fault(reason, "write both files with the same type"));
            }
            if test.dims[0].checked_add(training.dims[0]).is_none() {
                return Err(test.fault("makes more images than can be numbered", "use fewer"));
            }
        }
        Ok(parts)
    }

    /// The classes that occur in the training file, and the labels of each part as they stand.
    fn classes(parts: &[PartFiles<IdxFile>]) -> Result<(Classes<i64>, Vec<i64>), TaskError> {
        let mut files = parts.iter().filter_map(|part| part.targets.as_ref());
        let Some(file) = files.next() else {
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
        if let Some(file) = files.next() {
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

/// The image that the sizes of a file tell.
fn map(file: &IdxFile) -> Option<Map> {
    image::of_sizes(&file.dims.iter().map(|&size| size.into()).collect::<Vec<_>>())
}

fn samples(parts: &[PartFiles<IdxFile>]) -> Samples {
    Samples::of_parts(parts.iter().map(|part| part.inputs.dims[0]))
}

impl Source for Idx {
    fn about(&self) -> String {
        format!("images of your own, from {}", self.images)
    }

    fn target(&self) -> Target {
        self.target
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.images.is_empty() {
            return no_file("task.images", "name an IDX file: `images: \"train-images.gz\"`");
        }
        check_targets(
            self.target,
            "labels",
            [("task.labels", &self.labels), ("task.test_labels", &self.test_labels)],
            &self.test_images,
        )
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        let parts = self.parts(folder)?;
        let (classes, _) = Self::classes(&parts)?;
        let (images, samples) = (&parts[0].inputs, samples(&parts));
        let width = if images.is_bytes() { 1 } else { 8 };
        let bytes = u64::from(samples.total()) * (width * images.features() as u64 + 4);
        Ok(Facts::new(images.features(), Kind::Classes(classes.0.len()), samples, bytes).shaped(map(images)))
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        let parts = self.parts(places.folder)?;
        let (classes, labels) = Self::classes(&parts)?;
        let images = parts.iter().map(|part| &part.inputs);
        let count = images.clone().map(|file| file.count).sum();
        let values = if parts[0].inputs.is_bytes() {
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
        let inputs = parts[0].inputs.features();
        let data = DataSet::new(values, inputs, targets, samples(&parts));
        Ok(data.shaped(map(&parts[0].inputs)))
    }
}
