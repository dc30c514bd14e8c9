//! Give readers of data files hostile input: they refuse it, in little memory, and never panic.
//!
//! Mutations are drawn from the seeds in [`SEEDS`]; a failure prints its seed and number. One test at a time, so that the
//! counting allocator sees one reader alone.

use crate::counting::peak;
use crate::data_support::{idx, npy};
use creditlab::random::{Generator, Purpose, Stream, below};
use creditlab::refusal::Refusal;
use creditlab::tasks::{DataFolders, DataSet, Places, Task, TaskError};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

const SEEDS: [u64; 3] = [1, 2, 3];
/// How many mutated files each reader is given, for each seed: more than a million in all.
const MUTATIONS: u64 = 60_000;
/// A refused file may take twice its size and this.
const SLACK: usize = 16 << 20;

static ALONE: Mutex<()> = Mutex::new(());

/// A folder that is written to thousands of times a second: in memory, where the system offers that.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// A task whose first file is to be spoiled, beside good other ones.
struct Reader {
    folder: tempfile::TempDir,
    file: &'static str,
    task: Task,
    good: Vec<u8>,
}

impl Reader {
    fn new(task: &str, files: &[(&'static str, Vec<u8>)]) -> Self {
        let folder = scratch();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let document = creditlab::notation::Document::parse("task.ron", task).unwrap_or_else(|fault| panic!("{fault}"));
        let task = document.deserialize().unwrap_or_else(|fault| panic!("{fault}"));
        let (file, good) = files[0].clone();
        Self {
            folder,
            file,
            task,
            good,
        }
    }

    fn load(&self) -> Result<DataSet, TaskError> {
        let folder = self.folder.path();
        let facts = self.task.facts(folder)?;
        let data = self.task.load(Places {
            folder,
            data: &DataFolders::none(),
        })?;
        assert_eq!(
            (facts.inputs, facts.kind, facts.samples),
            (data.inputs(), data.kind(), data.samples())
        );
        Ok(data)
    }

    /// Loads it with these bytes in place of its file.
    fn with(&self, bytes: &[u8]) -> (Result<DataSet, TaskError>, usize) {
        fs::write(self.folder.path().join(self.file), bytes).unwrap();
        peak(|| self.load())
    }

    #[track_caller]
    fn refuses(&self, what: &str, bytes: &[u8], part: &str) {
        let (result, peak) = self.with(bytes);
        let message = result.expect_err(what).to_string();
        assert!(message.contains(part), "{what}: {part:?} is not in {message}");
        assert!(
            peak <= 2 * bytes.len() + SLACK,
            "{what}: {peak} bytes for a file of {}",
            bytes.len()
        );
    }

    /// Every beginning of the file is refused, or is a smaller whole file where `may_be_whole`.
    fn truncated(&self, may_be_whole: bool) {
        assert!(self.with(&self.good).0.is_ok(), "the control");
        for length in 0..self.good.len() {
            let (result, _) = self.with(&self.good[..length]);
            assert!(may_be_whole || result.is_err(), "{length} of {} bytes", self.good.len());
        }
    }

    /// Mutates the file again and again: never a panic, and never more memory than allowed. Returns accepted and refused.
    fn mutated(&self, name: &str) {
        let (mut accepted, mut refused, mut most) = (0, 0, 0);
        for seed in SEEDS {
            for number in 0..MUTATIONS {
                let generator = &mut Stream::new(seed, Purpose::Task, 0, number).generator();
                let bytes = mutate(&self.good, generator);
                let (result, peak) = self.with(&bytes);
                assert!(
                    peak <= 8 * bytes.len() + SLACK,
                    "{name}, seed {seed}, number {number}: {peak} bytes"
                );
                match result {
                    Ok(_) => accepted += 1,
                    Err(error) => {
                        refused += 1;
                        let (TaskError::Refused(Refusal { reason, remedy, .. })
                        | TaskError::Data { reason, remedy, .. }) = error;
                        assert!(!reason.is_empty() && !remedy.is_empty(), "seed {seed}, number {number}");
                        assert!(
                            peak <= 2 * bytes.len() + SLACK,
                            "{name}, seed {seed}, number {number}: {peak} bytes"
                        );
                    }
                }
                most = most.max(peak);
            }
        }
        println!("{name}: {accepted} accepted, {refused} refused, {most} bytes in use at most");
        assert!(accepted > 0 && refused > 0, "mutations reach both ends");
    }
}

/// One to four changes: bytes, cuts, repetitions, numbers from the edge of their range.
fn mutate(good: &[u8], generator: &mut Generator) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=below(4, generator) {
        let at = below(bytes.len() as u64 + 1, generator) as usize;
        match below(7, generator) {
            0 if at < bytes.len() => bytes[at] = below(256, generator) as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << below(8, generator),
            2 => bytes.truncate(at),
            3 => {
                let from = below(bytes.len() as u64 + 1, generator) as usize;
                let piece = bytes[from.min(at)..from.max(at)].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => drop(bytes.splice(
                at..at,
                [",", "\"", "\n", "-", "nan", "1e999"][below(6, generator) as usize].bytes(),
            )),
            5 => {
                let end = (at + below(9, generator) as usize).min(bytes.len());
                bytes[at..end].fill([0, 255, 127, 128][below(4, generator) as usize]);
            }
            _ => {
                let end = (at + below(9, generator) as usize).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

const LABELS: [u8; 4] = [0, 1, 0, 1];

fn images(bytes: Vec<u8>) -> Reader {
    Reader::new(
        "Idx(images: \"i\", labels: \"l\")",
        &[("i", bytes), ("l", idx(&[4], &LABELS))],
    )
}

fn labels(bytes: Vec<u8>) -> Reader {
    Reader::new(
        "Idx(images: \"i\", labels: \"l\")",
        &[("l", bytes), ("i", idx(&[4, 1, 3], &[9; 12]))],
    )
}

#[test]
fn images_that_lie_are_refused() {
    let _alone = alone();
    let good = idx(&[4, 1, 3], &[9; 12]);
    let reader = images(good.clone());
    reader.truncated(false);
    images(compress(&good)).truncated(false);
    let body = vec![0; 4096];
    for (what, bytes, part) in [
        ("count of the largest", idx(&[u32::MAX], &body), "ends after 4096"),
        ("burn's 4,112 bytes", idx(&[u32::MAX, 28, 28], &body), "more than"),
        ("product overflow", idx(&[u32::MAX; 4], &body), "more than"),
        ("zero", idx(&[4, 0, 3], &[]), "size of 0"),
        ("more than there is", idx(&[5, 1, 3], &[9; 12]), "ends after 12"),
        ("trailing bytes", [good.clone(), vec![0]].concat(), "goes on"),
        ("wrong magic", [&[1][..], &good[1..]].concat(), "no IDX file"),
        ("wrong type", [&[0, 0, 0x0a][..], &good[3..]].concat(), "type 0x0a"),
        ("no dimension", idx(&[], &[9; 12]), "no dimensions"),
        (
            "fewer images than labels",
            idx(&[3, 1, 3], &[9; 9]),
            "4 labels for 3 images",
        ),
        ("bomb", compress(&idx(&[4, 1, 3], &vec![0; 64 << 20])), "goes on"),
        (
            "bomb that claims itself",
            compress(&idx(&[4, 1 << 12, 1 << 12], &vec![0; (64 << 20) - 1])),
            "ends after",
        ),
        ("an empty file", Vec::new(), "ends too early"),
    ] {
        reader.refuses(what, &bytes, part);
    }
    let reader = labels(idx(&[4], &LABELS));
    reader.truncated(false);
    reader.refuses(
        "more labels than images",
        &idx(&[5], &[0, 1, 0, 1, 0]),
        "5 labels for 4 images",
    );
    reader.refuses("two dimensions", &idx(&[2, 2], &LABELS), "one dimension");
    reader.refuses("one class", &idx(&[4], &[7; 4]), "has 1 class");
}

fn arrays(bytes: Vec<u8>) -> Reader {
    let labels = npy("|u1", false, "(4,)", &LABELS);
    Reader::new("Npy(x: \"x\", y: \"y\")", &[("x", bytes), ("y", labels)])
}

fn floats(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn arrays_that_lie_are_refused() {
    let _alone = alone();
    let good = npy("<f8", false, "(4, 3)", &floats(&[0.5; 12]));
    let reader = arrays(good.clone());
    reader.truncated(false);
    let with = |descr: &str, shape: &str, bytes: usize| npy(descr, false, shape, &vec![0; bytes]);
    for (what, bytes, part) in [
        (
            "count of the largest",
            with("|u1", "(4294967295,)", 4096),
            "bytes in all",
        ),
        (
            "too large a count",
            with("<f8", "(18446744073709551615,)", 4096),
            "more than",
        ),
        (
            "product overflow",
            with("<f8", "(4294967296, 4294967296, 4294967296)", 4096),
            "more than",
        ),
        ("zero", with("<f8", "(4, 0)", 0), "size of 0"),
        ("more than there is", with("<f8", "(5, 3)", 96), "bytes in all"),
        ("trailing bytes", [good.clone(), vec![0]].concat(), "bytes in all"),
        ("wrong magic", [b"\x93NUMPX", &good[6..]].concat(), "no NPY file"),
        ("Python objects", with("|O", "(4, 3)", 96), "type `|O`"),
        ("no dimension", with("<f8", "()", 8), "no dimensions"),
        (
            "many dimensions",
            with("|u1", &format!("({})", "1, ".repeat(65)), 1),
            "cannot be read",
        ),
        (
            "a long header",
            [b"\x93NUMPY\x02\x00\xff\xff\xff\x7f", &good[10..]].concat(),
            "claims a header",
        ),
        (
            "fewer samples than targets",
            with("<f8", "(3, 3)", 72),
            "4 targets for 3 samples",
        ),
        ("an empty file", Vec::new(), "ends too early"),
        (
            "no number at the end",
            npy(
                "<f4",
                false,
                "(4, 2000000)",
                &[vec![0; 31_999_996], vec![0, 0, 0xc0, 0x7f]].concat(),
            ),
            "value [3, 1999999] (row, column, from 0) is NaN",
        ),
    ] {
        reader.refuses(what, &bytes, part);
    }
    let x = npy("<f8", false, "(4, 3)", &floats(&[0.5; 12]));
    let reader = Reader::new(
        "Npy(x: \"x\", y: \"y\")",
        &[("y", npy("<i8", true, "(4,)", &[0; 32])), ("x", x)],
    );
    reader.refuses("one class", &reader.good, "has 1 class");
    reader.refuses(
        "fractions",
        &npy("<f8", false, "(4,)", &floats(&[0.0, 1.0, 1.5, 0.0])),
        "target 2 is 1.5",
    );
    reader.refuses(
        "no number",
        &npy("<f8", false, "(4,)", &floats(&[0.0, 1.0, f64::INFINITY, 0.0])),
        "value [2] (row, from 0) is inf",
    );
}

const TABLE: &str = "size,\"the, weight\",kind\n1.5,-2,red\n3e2,4,\"bl\"\"ue\"\n5,6,red\n";

fn table(bytes: Vec<u8>) -> Reader {
    Reader::new("Csv(path: \"t.csv\", target: \"kind\")", &[("t.csv", bytes)])
}

#[test]
fn tables_that_lie_are_refused() {
    let _alone = alone();
    let reader = table(TABLE.as_bytes().to_vec());
    reader.truncated(true);
    let long = |cell: &str, times: usize| format!("size,x,kind\n1,{},a\n2,1,b\n", cell.repeat(times));
    let many: String = (0..2_000_000)
        .map(|i| format!("{i},1,{}\n", ["a", "b"][i % 2]))
        .collect();
    for (what, text, part) in [
        (
            "a quote that is never closed",
            format!("size,x,kind\n1,\"{}", "a\n".repeat(1 << 22)),
            "a quote is not closed",
        ),
        ("a line of 32 MiB", long("1", 32 << 20), "longer than 16 MiB"),
        ("a cell of 8 MiB", long("1", 8 << 20), "is not finite"),
        ("8 million columns", long(",", 8 << 20), "more cells"),
        ("8 million names", ",".repeat(8 << 20), "more than 131072 columns"),
        (
            "the last of two million rows",
            format!("size,x,kind\n{many}1,,a\n"),
            "line 2000002, column 2 (`x`): the cell is empty",
        ),
        (
            "70,000 classes",
            format!(
                "size,x,kind\n{}",
                (0..70_000).map(|i| format!("1,1,c{i}\n")).collect::<String>()
            ),
            "more than 65536 classes",
        ),
        ("zero bytes", "\0".repeat(1000), "no column"),
        (
            "not a number",
            "size,kind\n1,a\nnan,b\n".into(),
            "`nan` stands for a missing value",
        ),
    ] {
        reader.refuses(what, text.as_bytes(), part);
    }
    reader.refuses("compressed", &compress(TABLE.as_bytes()), "is compressed");
    // the control: a table of two million good rows takes its memory, and little more
    let text = format!("size,x,kind\n{many}");
    let (result, peak) = reader.with(text.as_bytes());
    let held = 2_000_000 * (2 * 8 + 4);
    assert!(
        result.is_ok() && (held..held + held / 2 + SLACK).contains(&peak),
        "{peak} bytes"
    );
}

#[test]
fn mutated_files_are_read_or_refused() {
    let _alone = alone();
    images(idx(&[4, 1, 3], &[9; 12])).mutated("IDX images");
    images(compress(&idx(&[4, 1, 3], &[9; 12]))).mutated("compressed IDX images");
    labels(idx(&[4], &LABELS)).mutated("IDX labels");
    arrays(npy("<f8", false, "(4, 3)", &floats(&[0.5; 12]))).mutated("NPY inputs");
    arrays(npy(">i2", true, "(4, 3)", &[7; 24])).mutated("NPY inputs, Fortran order");
    table(TABLE.as_bytes().to_vec()).mutated("CSV");
    let folds = "row,fold,position\n0,0,0\n1,1,0\n2,0,1\n3,1,1\n";
    let folder = scratch();
    mutated_folds(folder.path(), folds);
}

/// Files of folds are read by the split, not by the task.
fn mutated_folds(folder: &Path, good: &str) {
    let table: String = (0..4).map(|i| format!("{i},{}\n", i % 2)).collect();
    fs::write(folder.join("t.csv"), format!("x,y\n{table}")).unwrap();
    let text = "(task: Csv(path: \"t.csv\", target: \"y\"), split: Folds(file: \"folds.csv\"), arms: [Backprop])";
    fs::write(folder.join("spec.ron"), text).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for seed in SEEDS {
        for number in 0..MUTATIONS / 5 {
            let bytes = mutate(
                good.as_bytes(),
                &mut Stream::new(seed, Purpose::Task, 0, number).generator(),
            );
            fs::write(folder.join("folds.csv"), &bytes).unwrap();
            match creditlab::experiment::Plan::read(&folder.join("spec.ron"), &creditlab::rules::builtin()) {
                Ok(_) => accepted += 1,
                Err(fault) => {
                    refused += 1;
                    assert!(
                        fault.to_string().contains("folds.csv"),
                        "seed {seed}, number {number}: {fault}"
                    );
                }
            }
        }
    }
    println!("folds: {accepted} accepted, {refused} refused");
    assert!(accepted > 0 && refused > 0);
}
