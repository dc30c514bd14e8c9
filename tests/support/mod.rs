//! Run the program in a folder of its own and look at what it leaves.
#![allow(dead_code)] // each test binary uses its own part

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder to work in; it goes when the test ends.
pub struct Lab {
    folder: TempDir,
}

impl Lab {
    /// A lab that holds one experiment, `a.ron`.
    pub fn new(spec: &str) -> Self {
        let lab = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        lab.write("a.ron", spec);
        lab
    }

    /// Where a file of the lab is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The text of a file of the lab.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Puts a file into the lab.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program with blank-separated arguments, not started yet.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_creditlab"));
        command.args(arguments.split_whitespace());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program, which must succeed; returns what it printed.
    pub fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program, which must end with `status` after one message; returns the message.
    pub fn fail(&self, arguments: &str, status: i32) -> String {
        let output = self.run(arguments);
        let message = errors(&output);
        assert_eq!(output.status.code(), Some(status), "{arguments}: {message}");
        assert!(!message.contains("panicked"), "{message}");
        message
    }

    /// Starts the program with both outputs piped.
    pub fn start(&self, arguments: &str) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Everything in a results folder that has to be the same whenever the same experiment was run.
    pub fn tree(&self, results: &str) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        collect(&self.path(results), "", &mut tree);
        tree.remove(".lock");
        // records stand in the order in which runs ended
        tree.retain(|name, _| !name.starts_with(".runs/segment-"));
        tree.remove("manifest.json").expect("a manifest");
        tree
    }

    /// The files of finished runs in a results folder, in their order.
    pub fn segments(&self, results: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path(results).join(".runs"));
        let files = files.map_or(Vec::new(), |files| files.flatten().map(|file| file.path()).collect());
        let is_segment = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("segment-");
        let mut segments: Vec<_> = files.into_iter().filter(is_segment).collect();
        segments.sort();
        segments
    }

    /// The records of finished runs in a results folder, each with its mark.
    pub fn records(&self, results: &str) -> Vec<Vec<u8>> {
        const MARK: &[u8] = b"\nrecord:";
        let mut records = Vec::new();
        for path in self.segments(results) {
            let bytes = fs::read(path).unwrap();
            let windows = bytes.windows(MARK.len()).enumerate();
            let mut places: Vec<_> = windows.filter(|(_, window)| *window == MARK).map(|(i, _)| i).collect();
            places.push(bytes.len());
            records.extend(places.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()));
        }
        records
    }

    /// A table of a results folder.
    pub fn table(&self, path: &str) -> Table {
        Table::parse(&fs::read(self.path(path)).unwrap())
    }

    /// Waits until a file or folder of the lab appears, and says whether it did.
    pub fn wait_for(&self, path: &str) -> bool {
        wait(Duration::from_secs(30), || self.path(path).exists())
    }
}

/// What the program said on standard error.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until something holds, and says whether it did.
pub fn wait(at_most: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < at_most {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    holds()
}

/// Kills a process that this test started. Where it has ended, or is to be spared, waits for its end, which must be a good one. Tells
/// whether it was killed.
pub fn kill(mut child: Child, spare: bool) -> bool {
    if spare || child.try_wait().unwrap().is_some() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        return false;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// Sends a signal, such as `INT`, to a process that this test started.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) -> ExitStatus {
    let process = child.id().to_string();
    Command::new("kill")
        .args([format!("-{name}"), process])
        .status()
        .unwrap()
}

fn collect(folder: &Path, prefix: &str, tree: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), tree);
        } else {
            tree.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// The first file in which two results differ; none if they are the same.
pub fn difference(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let names = a.keys().chain(b.keys());
    names.into_iter().find(|name| a.get(*name) != b.get(*name)).cloned()
}

/// A table, read without the help of the program.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns.
    pub header: Vec<String>,
    /// As many cells a row as there are columns.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads CSV; rows of another length than the header's are a failure.
    pub fn parse(bytes: &[u8]) -> Self {
        assert!(bytes.ends_with(b"\n"), "the last line is whole");
        let mut reader = csv::Reader::from_reader(bytes);
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = cells(reader.headers().unwrap());
        let rows = reader.records().map(|record| cells(&record.unwrap())).collect();
        Self { header, rows }
    }

    fn column(&self, name: &str) -> usize {
        let place = self.header.iter().position(|column| column == name);
        place.unwrap_or_else(|| panic!("a column `{name}` in {:?}", self.header))
    }

    /// The rows where columns have these values: `arm=backprop step=0`.
    pub fn select(&self, conditions: &str) -> Self {
        let conditions: Vec<_> = conditions
            .split_whitespace()
            .map(|condition| condition.split_once('=').unwrap())
            .map(|(column, value)| (self.column(column), value))
            .collect();
        let holds = |row: &&Vec<String>| conditions.iter().all(|(column, value)| row[*column] == *value);
        Self {
            header: self.header.clone(),
            rows: self.rows.iter().filter(holds).cloned().collect(),
        }
    }

    /// The cells of a column.
    pub fn texts(&self, column: &str) -> Vec<&str> {
        let column = self.column(column);
        self.rows.iter().map(|row| row[column].as_str()).collect()
    }

    /// The different cells of a column, sorted.
    pub fn distinct(&self, column: &str) -> Vec<&str> {
        let mut texts = self.texts(column);
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// The numbers of a column without empty cells.
    pub fn numbers(&self, column: &str) -> Vec<f64> {
        self.texts(column).iter().map(|text| text.parse().unwrap()).collect()
    }

    /// The only number of a column.
    pub fn number(&self, column: &str) -> f64 {
        let numbers = self.numbers(column);
        assert_eq!(numbers.len(), 1, "one row: {:?}", self.rows);
        numbers[0]
    }
}
