//! Read CIFAR-10, colour photographs of 32 x 32 pixels, from the binary version in the data folder.

use super::error::DataPlace;
use super::idx::{self, PUBLISHED};
use super::{DataFolders, DataSet, Facts, Inputs, Kind, Places, Samples, Source, Target, Targets, TaskError};
use crate::network::Map;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The files of the binary version, those for training first.
pub(super) const FILES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];
/// The folder of the set.
pub(super) const CIFAR_10: &str = "cifar-10";
/// The folder that the published archive holds.
pub(super) const UNPACKED: &str = "cifar-10-batches-bin";
/// The published archive.
pub(super) const ARCHIVE: &str = "cifar-10-binary.tar.gz";
const IMAGE: Map = Map::new(3, 32, 32);
/// Bytes of a sample: its class, then its pixels, in the order of [`Map`].
const RECORD: usize = 1 + IMAGE.units();
/// Records of a file.
const RECORDS: u32 = 10_000;
const CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

/// What people have in place of the files: the folder that it unpacks to, a file that tells it, and what it is.
const OTHERS: [(&str, &str, &str); 4] = [
    ("", ARCHIVE, "the published archive, which is not unpacked"),
    (
        "cifar-10-batches-py",
        "data_batch_1",
        "the Python version, pickled files",
    ),
    ("cifar-10-batches-mat", "data_batch_1.mat", "the MATLAB version"),
    ("", "cifar-10-python.tar.gz", "the archive of the Python version"),
];

/// CIFAR-10 as published (Krizhevsky 2009), with its own test set; inputs are pixels / 255, the red ones, the green ones, the blue
/// ones, each row by row; classes ten kinds of things and animals. The division is that of [`Mnist`](super::Mnist).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cifar10 {
    /// What the photograph shows, or the image itself.
    pub target: Target,
}

/// Samples where each file has so many.
fn samples(records: u32) -> Samples {
    Samples::new(5 * records, records)
}

impl Source for Cifar10 {
    fn about(&self) -> String {
        "colour photographs, 32 x 32 pixels, 50,000 + 10,000 images, from the data folder `cifar-10` (Krizhevsky 2009)"
            .into()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        let samples = samples(RECORDS);
        let bytes = u64::from(samples.total()) * (IMAGE.units() as u64 + 4);
        Ok(Facts::new(IMAGE.units(), Kind::Classes(CLASSES.len()), samples, bytes).shaped(IMAGE))
    }

    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        load(places.data, RECORDS)
    }
}

/// The data set, if each of its files holds so many records.
fn load(folders: &DataFolders, records: u32) -> Result<DataSet, TaskError> {
    let found = folders.find(CIFAR_10, FILES);
    let paths = found.map_err(|missing| other_version(folders).unwrap_or(missing))?;
    paths.iter().try_for_each(|path| measure(path, records))?;
    let samples = samples(records);
    let mut pixels = Vec::with_capacity(samples.total() as usize * IMAGE.units());
    let mut labels = Vec::with_capacity(samples.total() as usize);
    for path in &paths {
        let mut reader = idx::reader(path, PUBLISHED)?;
        let mut record = [0; RECORD];
        for number in 0..records {
            let read = reader.read_exact(&mut record);
            read.map_err(|error| idx::failed(path, &error, PUBLISHED))?;
            let [label, image @ ..] = &record;
            if usize::from(*label) >= CLASSES.len() {
                let reason = format!("record {number}, counted from 0, begins with {label}, no class from 0 to 9");
                return Err(TaskError::file(path, reason, PUBLISHED));
            }
            labels.push(u32::from(*label));
            pixels.extend_from_slice(image);
        }
    }
    let inputs = Inputs::Bytes {
        values: pixels,
        divisor: 255,
    };
    let names = CLASSES.map(str::to_string).into();
    Ok(DataSet::new(inputs, IMAGE.units(), Targets::Classes { labels, names }, samples).shaped(IMAGE))
}

/// Refuses a file of another length than so many records, before memory is taken for them.
fn measure(path: &Path, records: u32) -> Result<(), TaskError> {
    const BINARY: &str = "replace it by the file of this name in `cifar-10-binary.tar.gz`";
    let failed = |error: io::Error| idx::failed(path, &error, PUBLISHED);
    let expected = u64::from(records) * RECORD as u64;
    let mut start = [0; 6];
    let mut reader = idx::reader(path, PUBLISHED)?;
    let begun = io::copy(&mut reader.by_ref().take(6), &mut &mut start[..]).map_err(failed)?;
    // no class is as large as the bytes that these begin with
    let other = match &start {
        [0x80, ..] => Some("is a pickled file, of the Python version"),
        b"MATLAB" => Some("is a file of the MATLAB version"),
        _ => None,
    };
    if let Some(other) = other {
        return Err(TaskError::file(path, other, BINARY));
    }
    let found = begun + io::copy(&mut reader.take(expected), &mut io::sink()).map_err(failed)?;
    if found == expected {
        return Ok(());
    }
    let holds = match found > expected {
        true => "holds more bytes".into(),
        false => format!("holds {found} bytes"),
    };
    let reason = format!("{holds} where the published file has {expected}: {records} records of {RECORD}");
    Err(TaskError::file(path, reason, BINARY))
}

/// The message about a version that is not read, if there is one where the set is looked for.
fn other_version(folders: &DataFolders) -> Option<TaskError> {
    let places = |folder: &Path, inside: &str| -> Vec<PathBuf> {
        let own = folder.join(CIFAR_10);
        match inside {
            "" => vec![own, folder.into()],
            inside => vec![own.join(inside), folder.join(inside), own],
        }
    };
    let candidates = folders.folders().iter().flat_map(|folder| {
        let of_kind = |(inside, file, what): &(&str, &'static str, &'static str)| {
            let (file, what) = (*file, *what);
            places(&folder.path, inside)
                .into_iter()
                .map(move |place| (place, file, what))
        };
        OTHERS.iter().flat_map(of_kind).collect::<Vec<_>>()
    });
    let (place, file, what) = candidates
        .into_iter()
        .find(|(place, file, _)| place.join(file).is_file())?;
    Some(TaskError::Data {
        place: DataPlace::DataSet(CIFAR_10),
        reason: format!(
            "{} holds {what} ({file}); what is read is the binary version",
            place.display()
        ),
        remedy: format!(
            "get it by `creditlab data fetch {CIFAR_10}`, or unpack `{ARCHIVE}` in a folder of data: `tar -xzf {ARCHIVE}` makes the folder `{UNPACKED}`, which is looked in"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::idx::tests::compress;
    use super::*;
    use crate::digest::sha256_of;
    use crate::linalg::empty;
    use std::fs;
    use tempfile::TempDir;

    const FEW: u32 = 2;

    /// SHA-256 of the files as published.
    const SHA256: [&str; 6] = [
        "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    ];

    fn folders(path: &Path) -> DataFolders {
        DataFolders::with_variables(Some(path), |_| None)
    }

    /// The records of file `file`: pixel `i` of record `r` is `i + 7 r + file`, modulo 256, the label twice the file plus `r`, modulo 10.
    fn records(file: usize) -> Vec<u8> {
        let record = |r: usize| {
            let label = ((2 * file + r) % 10) as u8;
            std::iter::once(label).chain((0..3072).map(move |i| (i + 7 * r + file) as u8))
        };
        (0..FEW as usize).flat_map(record).collect()
    }

    /// A folder of six small files.
    fn few(folder: &str, write: impl Fn(&Path, &[u8])) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        let at = root.path().join(folder);
        fs::create_dir_all(&at).unwrap();
        for (file, name) in FILES.iter().enumerate() {
            write(&at.join(name), &records(file));
        }
        root
    }

    fn plain(path: &Path, bytes: &[u8]) {
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn records_are_classes_and_planes_of_red_green_and_blue() {
        let root = few(CIFAR_10, plain);
        let data = load(&folders(root.path()), FEW).unwrap();
        assert_eq!((data.samples(), data.image()), (Samples::new(10, 2), Some(IMAGE)));
        assert_eq!(data.labels().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
        assert_eq!(data.class_names().unwrap()[3], "cat");
        let (mut x, mut y) = (empty::<f64>(), empty::<f64>());
        data.gather(&[7], &mut x, &mut y);
        // file 3, record 1: green, row 2, column 5 is byte 1024 + 2 * 32 + 5 of the pixels
        let pixel = (1024 + 64 + 5 + 7 + 3) % 256;
        assert_eq!(x[1024 + 64 + 5], f64::from(pixel) / 255.0);
        assert_eq!(y[7], 1.0);
        for folder in [UNPACKED, "cifar-10/cifar-10-batches-bin"] {
            let compressed = few(folder, |path, bytes| {
                plain(&path.with_added_extension("gz"), &compress(bytes))
            });
            let again = load(&folders(compressed.path()), FEW).unwrap();
            assert_eq!(again.checksum(), data.checksum(), "{folder}");
        }
    }

    #[track_caller]
    fn refused(file: usize, bytes: &[u8], reason: &str) {
        let root = few(CIFAR_10, plain);
        plain(&root.path().join(CIFAR_10).join(FILES[file]), bytes);
        let message = load(&folders(root.path()), FEW).unwrap_err().to_string();
        assert!(message.contains(reason) && message.contains(FILES[file]), "{message}");
    }

    #[test]
    fn files_that_do_not_fit_are_refused_by_name() {
        let whole = records(2);
        let longer = [&whole[..], &[0]].concat();
        let mut classless = whole.clone();
        classless[RECORD] = 10;
        let binary = "the published file has 6146: 2 records of 3073";
        refused(2, &whole[..6145], &format!("holds 6145 bytes where {binary}"));
        refused(5, &longer, &format!("holds more bytes where {binary}"));
        refused(0, &[], "holds 0 bytes");
        refused(2, &classless, "record 1, counted from 0, begins with 10, no class");
        refused(
            1,
            b"\x80\x02}q\x01(U\x0bbatch_label",
            "is a pickled file, of the Python version",
        );
        refused(4, b"MATLAB 5.0 MAT-file", "is a file of the MATLAB version");
        refused(3, &compress(&longer), "holds more bytes");
        refused(3, &compress(&whole)[..compress(&whole).len() / 2], "ends too early");
        // the control: with the right number of records they fit, and the published set has more
        let root = few(CIFAR_10, plain);
        let message = load(&folders(root.path()), RECORDS).unwrap_err().to_string();
        assert!(
            message.contains("where the published file has 30730000: 10000 records of 3073"),
            "{message}"
        );
    }

    #[test]
    fn versions_that_are_not_read_are_told_apart() {
        for (path, part) in [
            (
                "cifar-10-batches-py/data_batch_1",
                "cifar-10-batches-py holds the Python version, pickled files (data_batch_1)",
            ),
            ("cifar-10/cifar-10-batches-py/data_batch_1", "holds the Python version"),
            ("cifar-10/data_batch_1", "holds the Python version"),
            ("cifar-10/data_batch_1.mat", "holds the MATLAB version"),
            ("cifar-10-batches-mat/data_batch_1.mat", "holds the MATLAB version"),
            ("cifar-10-python.tar.gz", "holds the archive of the Python version"),
            (
                "cifar-10/cifar-10-binary.tar.gz",
                "holds the published archive, which is not unpacked",
            ),
        ] {
            let root = tempfile::tempdir().unwrap();
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            plain(&file, b"");
            let message = load(&folders(root.path()), FEW).unwrap_err().to_string();
            for part in [
                part,
                "what is read is the binary version",
                "creditlab data fetch cifar-10",
                "tar -xzf",
            ] {
                assert!(message.contains(part), "{path}: {message}");
            }
        }
        let empty = tempfile::tempdir().unwrap();
        let message = load(&folders(empty.path()), FEW).unwrap_err().to_string();
        assert!(
            message.contains("no such folder") && message.contains("place its 6 files data_batch_1.bin"),
            "{message}"
        );
        // beside the binary version another one is no matter
        let root = few(CIFAR_10, plain);
        plain(&root.path().join("cifar-10/data_batch_1"), b"");
        assert!(load(&folders(root.path()), FEW).is_ok());
    }

    #[test]
    fn the_published_files_are_read_whole() {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
        let folders = DataFolders::with_variables(Some(&beside), |name| std::env::var_os(name));
        let Ok(paths) = folders.find(CIFAR_10, FILES) else {
            println!("skipped: CIFAR-10 is not on this machine");
            return;
        };
        for (path, expected) in paths.iter().zip(SHA256) {
            assert_eq!(
                sha256_of(idx::reader(path, PUBLISHED).unwrap()).unwrap(),
                expected,
                "{}",
                path.display()
            );
        }
        let data = load(&folders, RECORDS).unwrap();
        let mut counts = [0; 10];
        data.labels()
            .unwrap()
            .iter()
            .for_each(|&label| counts[label as usize] += 1);
        assert_eq!(counts, [6000; 10]);
    }
}
