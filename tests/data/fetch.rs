//! Download from a server on the loopback address that behaves well and badly.

use crate::data_support::published;
use creditlab::tasks::{DownloadError, Downloader, PUBLISHED, PublishedFile};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a server does with a request, given the first byte that was asked for.
type Answer = dyn Fn(&str, Option<usize>, &mut TcpStream) + Send + Sync;

/// A server that ends with the process; the requests that it got, each with its range.
pub struct Server {
    pub address: String,
    pub asked: Arc<Mutex<Vec<String>>>,
}

pub fn serve(answer: impl Fn(&str, Option<usize>, &mut TcpStream) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/set", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (log, answer): (_, Arc<Answer>) = (Arc::clone(&asked), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            handle(stream, &log, &*answer);
        }
    });
    Server { address, asked }
}

fn handle(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: &Answer) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or("").to_string();
    let headers: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let range = headers.iter().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("range: bytes=")
            .map(str::to_string)
    });
    let start = range.as_ref().and_then(|range| range.strip_suffix('-')?.parse().ok());
    log.lock()
        .unwrap()
        .push(format!("{path} {}", range.as_deref().unwrap_or("whole")));
    answer(&path, start, &mut stream);
}

pub fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

fn body() -> Vec<u8> {
    (0..100_000u32)
        .flat_map(|i| (i.wrapping_mul(2_654_435_761) >> 8).to_le_bytes())
        .collect()
}

/// Sends `bytes` from `start` on, as servers that know ranges do, but only `most` of them.
pub fn ranged(bytes: &[u8], start: Option<usize>, most: usize, stream: &mut TcpStream) {
    let from = start.unwrap_or(0);
    let (rest, total) = (&bytes[from..], bytes.len());
    let length = format!("Content-Length: {}\r\n", rest.len());
    let rest = &rest[..rest.len().min(most)];
    match start {
        None => send(stream, "200 OK", &length, rest),
        Some(from) => {
            let range = format!("{length}Content-Range: bytes {from}-{}/{total}\r\n", total - 1);
            send(stream, "206 Partial Content", &range, rest);
        }
    }
}

pub fn sha256(bytes: &[u8]) -> &'static str {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Box::leak(digest.into_boxed_str())
}

fn file() -> PublishedFile {
    PublishedFile {
        name: "numbers.gz",
        bytes: body().len() as u64,
        sha256: sha256(&body()),
    }
}

fn fetch(server: &Server, folder: &Path) -> Result<Vec<u8>, DownloadError> {
    let path = Downloader::new().fetch(&file(), &server.address, folder, |_| ())?;
    assert_eq!(path, folder.join("numbers.gz"));
    Ok(fs::read(path).unwrap())
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_placed_whole_and_not_asked_for_again() {
    let server = serve(|_, start, stream| ranged(&body(), start, usize::MAX, stream));
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("new/set");
    let mut seen = Vec::new();
    Downloader::new()
        .fetch(&file(), &server.address, &at, |bytes| seen.push(bytes))
        .unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&400_000));
    assert_eq!(fetch(&server, &at).unwrap(), body());
    assert_eq!(names(&at), ["numbers.gz"]);
    assert_eq!(
        *server.asked.lock().unwrap(),
        ["/set/numbers.gz whole"],
        "the second call only checks"
    );
}

#[test]
fn a_broken_download_is_continued_byte_by_byte() {
    let server = serve(|_, start, stream| ranged(&body(), start, 150_000, stream));
    let folder = tempfile::tempdir().unwrap();
    for found in [150_000, 300_000] {
        let error = fetch(&server, folder.path()).unwrap_err();
        assert!(
            matches!(error, DownloadError::Short { found: f, of: 400_000, .. } if f == found),
            "{error}"
        );
        assert!(error.to_string().contains("the same command continues"));
        assert_eq!(
            names(folder.path()),
            ["numbers.gz.part"],
            "no file of the name before it is whole"
        );
    }
    assert_eq!(fetch(&server, folder.path()).unwrap(), body());
    let asked = server.asked.lock().unwrap();
    let ranges: Vec<&str> = asked.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(ranges, ["whole", "150000-", "300000-"]);
}

#[test]
fn a_server_without_ranges_and_a_spoiled_half_start_anew() {
    let plain = serve(|_, _, stream| ranged(&body(), None, usize::MAX, stream));
    let with_ranges = serve(|_, start, stream| match start {
        Some(start) if start >= body().len() => send(stream, "416 Range Not Satisfiable", "Content-Length: 0\r\n", &[]),
        start => ranged(&body(), start, usize::MAX, stream),
    });
    for server in [&plain, &with_ranges] {
        for half in [&body()[..1234], &[7; 1234][..], &[7; 400_000], &[7; 400_001]] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("numbers.gz.part"), half).unwrap();
            assert_eq!(fetch(server, folder.path()).unwrap(), body());
            assert_eq!(names(folder.path()), ["numbers.gz"]);
        }
    }
}

#[test]
fn what_is_not_the_published_file_is_never_placed() {
    let spoiled = || {
        let mut bytes = body();
        bytes[200_000] ^= 1;
        bytes
    };
    type Reply = Box<dyn Fn(&str, Option<usize>, &mut TcpStream) + Send + Sync>;
    let endless = |_: &str, _: Option<usize>, stream: &mut TcpStream| {
        send(stream, "200 OK", "", &[]);
        // a length is not told, and bytes come until nobody listens
        while stream.write_all(&[0; 65536]).is_ok() {}
    };
    let cases: [(&str, Reply, &str); 6] = [
        (
            "other bytes",
            Box::new(move |_, start, stream| ranged(&spoiled(), start, usize::MAX, stream)),
            "its SHA-256 is",
        ),
        (
            "a longer file",
            Box::new(|_, start, stream| ranged(&[body(), vec![0]].concat(), start, usize::MAX, stream)),
            "more than 400000 bytes",
        ),
        ("bytes without end", Box::new(endless), "more than 400000 bytes"),
        (
            "no such file",
            Box::new(|_, _, stream| send(stream, "404 Not Found", "Content-Length: 0\r\n", &[])),
            "the server answers 404",
        ),
        (
            "a failure",
            Box::new(|_, _, stream| send(stream, "503 Busy", "Content-Length: 0\r\n", &[])),
            "the server answers 503",
        ),
        (
            "no HTTP",
            Box::new(|_, _, stream| drop(stream.write_all(b"hello\r\n\r\n"))),
            "http://127.0.0.1",
        ),
    ];
    for (what, reply, part) in cases {
        let server = serve(reply);
        let folder = tempfile::tempdir().unwrap();
        let message = fetch(&server, folder.path()).expect_err(what).to_string();
        assert!(
            message.contains(part) && message.contains("--from"),
            "{what}: {message}"
        );
        assert!(!folder.path().join("numbers.gz").exists(), "{what}");
        let kept = fs::read(folder.path().join("numbers.gz.part")).unwrap_or_default();
        assert!(kept.is_empty(), "{what}: nothing wrong is continued");
    }
    let nobody = Server {
        address: "http://127.0.0.1:1/set".into(),
        asked: Arc::default(),
    };
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        fetch(&nobody, folder.path()),
        Err(DownloadError::Refused { .. })
    ));
}

#[test]
fn a_file_of_the_user_s_own_is_not_touched_and_two_do_not_write_at_once() {
    let server = serve(|_, start, stream| ranged(&body(), start, usize::MAX, stream));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("numbers.gz"), "mine").unwrap();
    let error = fetch(&server, folder.path()).unwrap_err();
    assert!(matches!(error, DownloadError::Foreign(_)), "{error}");
    assert_eq!(fs::read(folder.path().join("numbers.gz")).unwrap(), b"mine");
    let folder = tempfile::tempdir().unwrap();
    let held = fs::File::create(folder.path().join("numbers.gz.part")).unwrap();
    held.lock().unwrap();
    assert!(matches!(fetch(&server, folder.path()), Err(DownloadError::Busy(_))));
    drop(held);
    assert_eq!(fetch(&server, folder.path()).unwrap(), body());
}

/// However steadily bytes drip: without a limit for the whole, a byte a minute would be waited for, for years.
#[test]
fn a_transfer_ends_and_the_next_call_continues() {
    let dripping = serve(|_, start, stream| {
        let length = body().len() - start.unwrap_or(0);
        send(stream, "200 OK", &format!("Content-Length: {length}\r\n"), &body()[..1]);
        // nothing more, and the connection stays
        let _ = stream.read(&mut [0]);
    });
    let folder = tempfile::tempdir().unwrap();
    let impatient = Downloader::new().at_most(Duration::ZERO);
    let error = impatient
        .fetch(&file(), &dripping.address, folder.path(), |_| ())
        .unwrap_err();
    let expected = format!(
        "{}/numbers.gz: ended after 1 of 400000 bytes (it took longer than 0 s)\nthe same command continues from there",
        dripping.address
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(fs::read(folder.path().join("numbers.gz.part")).unwrap(), body()[..1]);
    let server = serve(|_, start, stream| ranged(&body(), start, usize::MAX, stream));
    assert_eq!(fetch(&server, folder.path()).unwrap(), body());
    assert_eq!(*server.asked.lock().unwrap(), ["/set/numbers.gz 1-"]);
}

/// Files of the right names are not yet the data set.
#[test]
fn junk_is_not_already_there() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("d/mnist");
    fs::create_dir_all(&set).unwrap();
    for file in PUBLISHED[0].files {
        fs::write(set.join(file.name), "junk").unwrap();
    }
    let output = creditlab(
        folder.path(),
        &["data", "fetch", "mnist", "--data", "d", "--from", "http://127.0.0.1:1"],
    );
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    for part in [
        "mnist is in d/mnist, but it is not the published one",
        "train-images-idx3-ubyte.gz",
        "move the folder away, and start again",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(output.stdout.is_empty());
    assert_eq!(
        fs::read(set.join(PUBLISHED[0].files[0].name)).unwrap(),
        b"junk",
        "it is not touched"
    );
}

pub fn creditlab(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_creditlab"));
    command.args(arguments).current_dir(folder);
    command
        .env_remove("CREDITLAB_DATA")
        .env("HOME", folder)
        .env_remove("XDG_DATA_HOME");
    command.output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_commands_list_show_and_fetch() {
    let folder = tempfile::tempdir().unwrap();
    let list = creditlab(folder.path(), &["data", "list"]);
    let said = text(&list.stdout);
    assert!(list.status.success());
    for part in [
        "Digits",
        "WheatSeeds",
        "built in",
        "Mnist1d",
        "generated",
        "not found in data/mnist",
        "fetch fashion-mnist` downloads 30.9 MB",
        "Csv, Idx, Npy",
    ] {
        assert!(said.contains(part), "{part:?}\n{said}");
    }
    let path = text(&creditlab(folder.path(), &["data", "path", "--data", "mine"]).stdout);
    let first = path.lines().next().unwrap();
    assert_eq!(first, "mine  (--data)");
    assert!(path.contains("data  (the working directory)"));

    for (name, part) in [
        ("minst", "did you mean `mnist`?"),
        ("iris", "`Iris` needs no download"),
        ("mnist1d", "`Mnist1d` needs no download"),
    ] {
        let output = creditlab(folder.path(), &["data", "fetch", name]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(part), "{}", text(&output.stderr));
    }
    let server = serve(|_, _, stream| send(stream, "404 Not Found", "Content-Length: 0\r\n", &[]));
    let output = creditlab(folder.path(), &["data", "fetch", "mnist", "--from", &server.address]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("train-images-idx3-ubyte.gz: the server answers 404") && said.contains("CC BY-SA"),
        "{said}"
    );
    // a relative data folder that is a file
    fs::write(folder.path().join("file"), "").unwrap();
    let output = creditlab(
        folder.path(),
        &["data", "fetch", "mnist", "--data", "file", "--from", &server.address],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot be written"));
}

/// The smallest published files go through the command; the largest here was compressed again, and is refused for it.
#[test]
fn published_files_have_the_checksums_that_are_expected() {
    let Some(mnist) = published("mnist") else { return };
    for file in PUBLISHED[0]
        .files
        .iter()
        .filter(|file| !file.name.starts_with("train-images"))
    {
        let mut bytes = Vec::new();
        fs::File::open(mnist.join(file.name))
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        assert_eq!(
            (bytes.len() as u64, sha256(&bytes)),
            (file.bytes, file.sha256),
            "{}",
            file.name
        );
    }
    let served = mnist.clone();
    let server = serve(move |path, start, stream| {
        let name = path.rsplit('/').next().unwrap();
        ranged(&fs::read(served.join(name)).unwrap(), start, usize::MAX, stream);
    });
    let folder = tempfile::tempdir().unwrap();
    let output = creditlab(
        folder.path(),
        &["data", "fetch", "mnist", "--data", "d", "--from", &server.address],
    );
    let said = text(&output.stderr);
    match fs::metadata(mnist.join("train-images-idx3-ubyte.gz")).unwrap().len() {
        9_912_422 => assert!(output.status.success(), "{said}"),
        _ => assert!(
            said.contains("train-images-idx3-ubyte.gz") && said.contains("bytes"),
            "{said}"
        ),
    }
    // once it is whole, nothing is asked for
    let parent = mnist.parent().unwrap().display().to_string();
    let output = creditlab(
        folder.path(),
        &[
            "data",
            "fetch",
            "Mnist",
            "--data",
            &parent,
            "--from",
            "http://127.0.0.1:1",
        ],
    );
    assert!(
        text(&output.stdout).contains("is already in"),
        "{}",
        text(&output.stderr)
    );
}
