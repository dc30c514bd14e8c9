//! Bound the memory that data files and batches take.

use crate::counting::peak;
use creditlab::linalg::empty;
use creditlab::tasks::{DataFolders, DataSet, LinearTeacher, Places, Task, TaskError};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::Path;

fn encode(dims: &[u32], values: usize) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    dims.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.resize(bytes.len() + values, 0);
    bytes
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn load(task: &Task, data: &DataFolders) -> Result<DataSet, TaskError> {
    let folder = Path::new("");
    task.load(Places { folder, data })
}

fn mnist() -> Task {
    Task::Mnist(Default::default())
}

#[test]
fn memory_is_bounded() {
    a_damaged_file_takes_at_most_twice_its_size_and_16_mib();
    batches_take_none_after_the_first();
}

fn batches_take_none_after_the_first() {
    let stream = LinearTeacher {
        stream: true,
        ..LinearTeacher::default()
    };
    for task in [
        Task::Digits(Default::default()),
        Task::LinearTeacher(Default::default()),
        Task::LinearTeacher(stream),
    ] {
        let data = load(&task, &DataFolders::none()).unwrap();
        let (mut x, mut y) = (empty::<f32>(), empty::<f32>());
        let samples: Vec<u32> = (0..100).collect();
        let (_, first) = peak(|| data.gather(&samples[..32], &mut x, &mut y));
        assert!(first > 0, "the control: a first batch takes memory");
        let (_, later) = peak(|| samples.chunks(32).for_each(|batch| data.gather(batch, &mut x, &mut y)));
        assert_eq!(later, 0);
    }
}

fn a_damaged_file_takes_at_most_twice_its_size_and_16_mib() {
    const IMAGES: [u32; 3] = [60_000, 28, 28];
    let pixels = 60_000 * 784;
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("mnist");
    fs::create_dir(&folder).unwrap();
    let place = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    place("train-labels-idx1-ubyte", &encode(&[60_000], 60_000));
    place("t10k-images-idx3-ubyte", &encode(&[10_000, 28, 28], 7_840_000));
    place("t10k-labels-idx1-ubyte", &encode(&[10_000], 10_000));
    let folders = DataFolders::with_variables(Some(root.path()), |_| None);
    let images = folder.join("train-images-idx3-ubyte");

    let whole = compress(&encode(&IMAGES, pixels));
    for (what, bytes) in [
        ("3 TB claimed by 4,112 bytes", encode(&[u32::MAX, 28, 28], 4096)),
        ("the right claim of 4,112 bytes", encode(&IMAGES, 4096)),
        ("the same, compressed", compress(&encode(&IMAGES, 4096))),
        ("one byte missing", encode(&IMAGES, pixels - 1)),
        ("a bomb one byte short", compress(&encode(&IMAGES, pixels - 1))),
        ("a bomb that goes on", compress(&encode(&IMAGES, 3 * pixels))),
        ("a bomb cut in its check sum", whole[..whole.len() - 1].to_vec()),
    ] {
        fs::write(&images, &bytes).unwrap();
        let (result, peak) = peak(|| load(&mnist(), &folders));
        let message = result.expect_err(what).to_string();
        assert!(message.contains("train-images-idx3-ubyte"), "{what}: {message}");
        assert!(
            peak <= 2 * bytes.len() + (16 << 20),
            "{what}: {peak} bytes for a file of {}",
            bytes.len()
        );
        println!("{what}: {peak} bytes in use at most");
    }

    // The control: what is whole does take its memory, once.
    fs::write(&images, &whole).unwrap();
    let (result, peak) = peak(|| load(&mnist(), &folders));
    let held = mnist().facts(Path::new("")).unwrap().bytes as usize;
    assert!(
        result.is_ok() && peak >= held && peak < held + (8 << 20),
        "{peak} bytes for {held}"
    );
    println!("whole: {peak} bytes in use at most");
}
