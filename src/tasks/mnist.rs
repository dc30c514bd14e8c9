//! Read MNIST and Fashion-MNIST, images of 28 x 28 pixels, from the data folder.

use super::idx::{self, IdxFile};
use super::{DataFolders, DataSet, Facts, Inputs, Kind, Places, Samples, Source, Target, Targets, TaskError};
use crate::network::Map;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the files of both sets are called.
pub(super) const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];
/// The folders of the two sets.
pub(super) const MNIST: &str = "mnist";
pub(super) const FASHION_MNIST: &str = "fashion-mnist";
const SIDE: u32 = 28;
const IMAGE: Map = Map::new(1, SIDE as usize, SIDE as usize);
const PIXELS: usize = IMAGE.units();
const CLASSES: usize = 10;
const DIGITS: [&str; CLASSES] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const CLOTHES: [&str; CLASSES] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];
const SAMPLES: Samples = Samples::new(60_000, 10_000);

/// MNIST as published (LeCun, Cortes, Burges 1998), with its own test set; inputs are pixels / 255, classes the ten digits.
///
/// The division is one exactly rounded operation in the precision of the run: with `precision: F64` pixels are divided in double
/// precision, and differ from pixels that were divided in single precision and then converted, by up to 3e-8.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mnist {
    /// The digit, or the image itself.
    pub target: Target,
}

/// Fashion-MNIST as published (Xiao, Rasul, Vollgraf 2017), with its own test set; inputs are pixels / 255, classes ten kinds
/// of clothing, divided as those of [`Mnist`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FashionMnist {
    /// The kind of clothing, or the image itself.
    pub target: Target,
}

fn facts() -> Facts {
    let bytes = u64::from(SAMPLES.total()) * (PIXELS as u64 + 4);
    Facts::new(PIXELS, Kind::Classes(CLASSES), SAMPLES, bytes).shaped(IMAGE)
}

impl Source for Mnist {
    fn about(&self) -> String {
        "handwritten digits, 28 x 28 pixels, 60,000 + 10,000 images, from the data folder `mnist` (LeCun et al. 1998)"
            .into()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(facts())
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        load(places.data, MNIST, DIGITS, SAMPLES)
    }
}

impl Source for FashionMnist {
    fn about(&self) -> String {
        "clothes, 28 x 28 pixels, 60,000 + 10,000 images, from the data folder `fashion-mnist` (Xiao et al. 2017)"
            .into()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(facts())
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        load(places.data, FASHION_MNIST, CLOTHES, SAMPLES)
    }
}

/// The data set in this folder, if its files hold so many samples.
fn load(
    folders: &DataFolders,
    folder: &'static str,
    names: [&str; CLASSES],
    samples: Samples,
) -> Result<DataSet, TaskError> {
    let [train_images, train_labels, test_images, test_labels] = folders.find(folder, FILES)?;
    let images = [
        open(&train_images, &[samples.training, SIDE, SIDE])?,
        open(&test_images, &[samples.test, SIDE, SIDE])?,
    ];
    let mut pixels = Vec::with_capacity(images.iter().map(|file| file.count).sum());
    images.iter().try_for_each(|file| file.append_to(&mut pixels))?;

    let mut labels = Vec::new();
    for (path, count) in [(train_labels, samples.training), (test_labels, samples.test)] {
        let (file, mut of_part) = (open(&path, &[count])?, Vec::new());
        file.append_to(&mut of_part)?;
        if let Some(at) = of_part.iter().position(|&label| usize::from(label) >= CLASSES) {
            return Err(file.error(format!("label {at} is {}, no class from 0 to 9", of_part[at])));
        }
        labels.extend(of_part.into_iter().map(u32::from));
    }
    let names = names.map(str::to_string).into();
    let inputs = Inputs::Bytes {
        values: pixels,
        divisor: 255,
    };
    Ok(DataSet::new(inputs, PIXELS, Targets::Classes { labels, names }, samples).shaped(IMAGE))
}

/// A file that must have these sizes.
fn open(path: &Path, dims: &[u32]) -> Result<IdxFile, TaskError> {
    let file = IdxFile::open(path, idx::PUBLISHED)?;
    if !file.is_bytes() {
        return Err(file.error("holds numbers of another type than the published file, whose pixels are bytes"));
    }
    if file.dims != dims {
        return Err(file.error(format!(
            "holds {:?} values where the published file has {dims:?}",
            file.dims
        )));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::super::idx::tests::{compress, encode};
    use super::*;
    use sha2::{Digest, Sha256};
    use std::fs;
    use tempfile::TempDir;

    const FEW: Samples = Samples::new(3, 2);

    fn folders(path: &Path) -> DataFolders {
        DataFolders::with_variables(Some(path), |_| None)
    }

    fn few_loaded(path: &Path) -> Result<DataSet, TaskError> {
        load(&folders(path), MNIST, DIGITS, FEW)
    }

    /// A folder with five small samples; pixel values count up, labels are 7, 8, 9 and 0, 1.
    fn few(write: impl Fn(&Path, &[u8])) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join(MNIST);
        fs::create_dir(&at).unwrap();
        let pixels: Vec<u8> = (0..5 * PIXELS).map(|i| (i % 256) as u8).collect();
        write(&at.join(FILES[0]), &encode(&[3, 28, 28], &pixels[..3 * PIXELS]));
        write(&at.join(FILES[1]), &encode(&[3], &[7, 8, 9]));
        write(&at.join(FILES[2]), &encode(&[2, 28, 28], &pixels[3 * PIXELS..]));
        write(&at.join(FILES[3]), &encode(&[2], &[0, 1]));
        folder
    }

    fn plain(path: &Path, bytes: &[u8]) {
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn training_samples_come_first_and_compression_does_not_matter() {
        let folder = few(plain);
        let data = few_loaded(folder.path()).unwrap();
        assert_eq!(data.labels().unwrap(), [7, 8, 9, 0, 1]);
        let compressed = few(|path, bytes| plain(&path.with_added_extension("gz"), &compress(bytes)));
        assert_eq!(few_loaded(compressed.path()).unwrap().checksum(), data.checksum());
    }

    #[track_caller]
    fn refused(file: usize, bytes: &[u8], reason: &str) {
        let folder = few(plain);
        plain(&folder.path().join(MNIST).join(FILES[file]), bytes);
        let message = few_loaded(folder.path()).unwrap_err().to_string();
        assert!(message.contains(reason) && message.contains(FILES[file]), "{message}");
    }

    #[test]
    fn files_that_do_not_fit_are_refused_by_name() {
        refused(
            0,
            &encode(&[2, 28, 28], &[0; 2 * PIXELS]),
            "holds [2, 28, 28] values where the published file has [3, 28, 28]",
        );
        refused(1, &encode(&[4], &[0; 4]), "holds [4]");
        refused(2, &encode(&[2, 784], &[0; 2 * PIXELS]), "holds [2, 784]");
        refused(3, &encode(&[2], &[9, 10]), "label 1 is 10, no class");
        refused(0, &encode(&[3, 28, 28], &[0; 2 * PIXELS]), "ends after 1568");
    }

    #[test]
    fn a_missing_set_says_where_it_was_looked_for_and_what_helps() {
        let empty = tempfile::tempdir().unwrap();
        let message = load(&folders(empty.path()), MNIST, DIGITS, SAMPLES)
            .unwrap_err()
            .to_string();
        let looked = empty.path().join(MNIST).display().to_string();
        for part in FILES.into_iter().chain([looked.as_str(), "--data DIR"]) {
            assert!(message.contains(part), "{message}");
        }
    }

    /// Checksums of the decompressed files as published.
    #[test]
    fn the_published_files_are_read_whole() {
        let folders = DataFolders::with_variables(
            Some(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data")),
            |name| std::env::var_os(name),
        );
        let Ok(paths) = folders.find(MNIST, FILES) else {
            println!("skipped: MNIST is not on this machine");
            return;
        };
        let published = [
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ];
        for (path, expected) in paths.iter().zip(published) {
            let file = IdxFile::open(path, idx::PUBLISHED).unwrap();
            let mut values = Vec::new();
            file.append_to(&mut values).unwrap();
            let digest = Sha256::digest(encode(&file.dims, &values));
            assert_eq!(
                digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
                expected
            );
        }
        let data = load(&folders, MNIST, DIGITS, SAMPLES).unwrap();
        let facts = facts();
        assert_eq!(
            (data.inputs(), data.kind(), data.samples()),
            (facts.inputs, facts.kind, facts.samples)
        );
        // The first ten labels of the training and of the test set.
        let labels = data.labels().unwrap();
        assert_eq!(labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(labels[60_000..60_010], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    }
}
