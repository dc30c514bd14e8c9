//! Get the sets that are published as an archive, or by another address, from a server on the loopback address.

use crate::data_support::idx;
use crate::fetch::{creditlab, names, ranged, send, serve, sha256, text};
use creditlab::tasks::{DownloadError, Downloader, PUBLISHED, Published, PublishedFile, unpack};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;

const FILES: [&str; 2] = ["one.bin", "two.bin"];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive of these files.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// As the published archive is: a folder with more in it than is read.
fn archive() -> Vec<u8> {
    gzip(&tar(&[
        ("set/readme.html", b"hello"),
        ("set/two.bin", &[2; 1000]),
        ("other/one.bin", b"not this one"),
        ("set/one.bin", b"first"),
    ]))
}

fn unpacked(archive: &[u8], folder: &Path) -> Result<(), DownloadError> {
    let path = folder.join("set.tar.gz");
    fs::write(&path, archive).unwrap();
    unpack(&path, "set", &FILES, folder)
}

#[test]
fn the_files_of_an_archive_are_placed_and_nothing_else_is() {
    let server = serve(|_, start, stream| ranged(&archive(), start, usize::MAX, stream));
    let folder = tempfile::tempdir().unwrap();
    let file = PublishedFile {
        name: "set.tar.gz",
        bytes: archive().len() as u64,
        sha256: sha256(&archive()),
    };
    let path = Downloader::new()
        .fetch(&file, &server.address, folder.path(), |_| ())
        .unwrap();
    // what a call that was stopped left behind
    fs::write(folder.path().join("one.bin.part"), "half").unwrap();
    for _ in 0..2 {
        unpack(&path, "set", &FILES, folder.path()).unwrap();
        assert_eq!(names(folder.path()), ["one.bin", "set.tar.gz", "two.bin"]);
        assert_eq!(fs::read(folder.path().join("one.bin")).unwrap(), b"first");
        assert_eq!(fs::read(folder.path().join("two.bin")).unwrap(), [2; 1000]);
    }
}

#[test]
fn archives_that_are_none_and_files_that_are_other_ones_are_refused() {
    let whole = archive();
    let long = gzip(&tar(&[("set/one.bin", b"first"), ("set/two.bin", &[3; 100_000])]));
    for (what, bytes, part) in [
        ("no gzip", b"hello".to_vec(), "cannot be unpacked"),
        ("no tar", gzip(&[7; 2000]), "cannot be unpacked"),
        ("an empty one", gzip(&tar(&[])), "it lacks `set/one.bin`"),
        (
            "one without a file",
            gzip(&tar(&[("set/one.bin", b"")])),
            "it lacks `set/two.bin`",
        ),
        ("half of one", long[..long.len() / 2].to_vec(), "cannot be unpacked"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let message = unpacked(&bytes, folder.path()).expect_err(what).to_string();
        let path = folder.path().join("set.tar.gz").display().to_string();
        for part in [part, &path, "remove it, and start again"] {
            assert!(message.contains(part), "{what}: {message}");
        }
        assert!(!folder.path().join("two.bin").exists(), "{what}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("two.bin"), "mine").unwrap();
    let error = unpacked(&whole, folder.path()).unwrap_err();
    assert!(
        matches!(&error, DownloadError::Foreign(path) if path.ends_with("two.bin")),
        "{error}"
    );
    assert_eq!(fs::read(folder.path().join("two.bin")).unwrap(), b"mine");
}

fn set(name: &str) -> &'static Published {
    PUBLISHED.iter().find(|set| set.name == name).unwrap()
}

/// Each set is asked for by the names that its publisher gives, its licence is said, and what is not the published file is refused.
#[test]
fn every_set_is_asked_for_by_its_names_and_refused_where_it_is_another() {
    for (name, first, licence) in [
        ("mnist", "train-images-idx3-ubyte.gz", "CC BY-SA 3.0"),
        ("fashion-mnist", "train-images-idx3-ubyte.gz", "MIT"),
        ("cifar-10", "cifar-10-binary.tar.gz", "no licence is stated"),
    ] {
        let files = set(name).files;
        assert_eq!(files[0].name, first);
        let short = serve(|_, _, stream| ranged(b"few", None, usize::MAX, stream));
        let missing = serve(|_, _, stream| send(stream, "404 Not Found", "Content-Length: 0\r\n", &[]));
        for (server, part) in [
            (&short, format!("{first}: ended after 3 of {} bytes", files[0].bytes)),
            (&missing, format!("{first}: the server answers 404")),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let output = creditlab(
                folder.path(),
                &["data", "fetch", name, "--data", "d", "--from", &server.address],
            );
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(&part) && said.contains(licence), "{said}");
            assert_eq!(*server.asked.lock().unwrap(), [format!("/set/{first} whole")]);
            let placed = names(&folder.path().join("d").join(name));
            assert_eq!(placed, [format!("{first}.part")], "no file of a published name");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let list = text(&creditlab(folder.path(), &["data", "list"]).stdout);
    for part in [
        "`creditlab data fetch cifar-10` downloads 170.1 MB (no licence is stated)",
        "Cifar10           colour photographs",
    ] {
        assert!(list.contains(part), "{list}");
    }
}

/// Sets of the published sizes, though not of the published pixels, are found, checked and read.
#[test]
fn sets_of_the_right_form_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        let at = folder.path().join("d").join(name);
        fs::create_dir_all(&at).unwrap();
        at
    };
    let fashion = at("FashionMNIST/raw");
    for (name, dims) in [
        ("train-images-idx3-ubyte.gz", &[60_000, 28, 28][..]),
        ("train-labels-idx1-ubyte.gz", &[60_000]),
        ("t10k-images-idx3-ubyte.gz", &[10_000, 28, 28]),
        ("t10k-labels-idx1-ubyte.gz", &[10_000]),
    ] {
        let values = vec![1; dims.iter().product::<u32>() as usize];
        fs::write(fashion.join(name), gzip(&idx(dims, &values))).unwrap();
    }
    let cifar = at("cifar-10");
    // record r of each file is of class r modulo 10, and all of its pixels are 20 times that
    let records: Vec<u8> = (0..10_000u32)
        .flat_map(|r| [vec![(r % 10) as u8], vec![(20 * (r % 10)) as u8; 3072]].concat())
        .collect();
    let compressed = gzip(&records);
    for name in set("cifar-10").contents {
        fs::write(cifar.join(format!("{name}.gz")), &compressed).unwrap();
    }
    for (said, name) in [
        ("fashion-mnist", "fashion-mnist"),
        ("FashionMNIST", "fashion-mnist"),
        ("cifar10", "cifar-10"),
    ] {
        let nobody = ["--data", "d", "--from", "http://127.0.0.1:1"];
        let output = creditlab(folder.path(), &[&["data", "fetch", said][..], &nobody].concat());
        let said = text(&output.stdout);
        assert!(
            said.contains(&format!("{name} is already in d/")) && said.contains("whole"),
            "{}",
            text(&output.stderr)
        );
    }
    let experiment = "(
        task: Cifar10,
        scale: (inputs: Channels(mean: [0.4914, 0.4822, 0.4465], sd: [0.2470, 0.2435, 0.2616])),
        augment: (shift: 4, mirror: true),
        network: [4],
        arms: [Backprop],
    )";
    fs::write(folder.path().join("a.ron"), experiment).unwrap();
    let output = creditlab(folder.path(), &["check", "a.ron", "--data", "d"]);
    let said = text(&output.stdout);
    for part in [
        "(3072 inputs, 10 outputs)",
        "image      3 x 32 x 32: channels, rows, columns",
        "45000 training, 5000 validation, 10000 test samples",
        "images     in training batches shifted by up to 4 pixels and mirrored with probability 1/2, anew in each epoch",
        "range      from 0 to 0.7059, mean 0.3529",
        "truck",
    ] {
        assert!(said.contains(part), "{said}\n{}", text(&output.stderr));
    }
    // the control: one record less is another set
    fs::write(cifar.join("test_batch.bin.gz"), gzip(&records[3073..])).unwrap();
    let output = creditlab(folder.path(), &["data", "fetch", "cifar-10", "--data", "d"]);
    let said = text(&output.stderr);
    for part in [
        "cifar-10 is in d/cifar-10, but it is not the published one",
        "holds 30726927 bytes where the published file has 30730000: 10000 records of 3073",
        "move the folder away",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

/// Without the binary version `check` says what is there, and what helps.
#[test]
fn other_versions_of_cifar_10_are_told_in_the_experiment() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("data/cifar-10-batches-py")).unwrap();
    fs::write(
        folder.path().join("data/cifar-10-batches-py/data_batch_1"),
        b"\x80\x02}",
    )
    .unwrap();
    fs::write(folder.path().join("a.ron"), "(task: Cifar10, arms: [Backprop])").unwrap();
    let output = creditlab(folder.path(), &["check", "a.ron"]);
    let said = text(&output.stderr);
    insta::assert_snapshot!(said, @r"
    error: data set `cifar-10`: data/cifar-10-batches-py holds the Python version, pickled files (data_batch_1); what is read is the binary version
     --> a.ron:1:8
      |
    1 | (task: Cifar10, arms: [Backprop])
      |        ^^^^^^^ is the name `Cifar10`
      |
      = help: get it by `creditlab data fetch cifar-10`, or unpack `cifar-10-binary.tar.gz` in a folder of data: `tar -xzf cifar-10-binary.tar.gz` makes the folder `cifar-10-batches-bin`, which is looked in
    ");
    assert_eq!(output.status.code(), Some(2));
}
