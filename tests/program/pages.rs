//! Carry out pages: find what stands in their blocks, run the commands among it, and look for the files that they name.

use crate::data_support::published;
use crate::support::errors;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files of a folder of the crate, those of its folders left out, by name.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// All files of a folder of the crate and of the folders in it.
pub fn all_files(folder: &str) -> Vec<PathBuf> {
    let mut found = files(folder);
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_files(path.strip_prefix(root()).unwrap().to_str().unwrap()));
        }
    }
    found
}

/// Copies these files into a folder, under the names that they have in the crate.
pub fn copy(files: &[PathBuf], folder: &Path) {
    for file in files {
        let to = folder.join(file.strip_prefix(root()).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
}

/// The code blocks of a page, in order, each with its language.
fn fenced(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.split_once('\n')).collect()
}

/// The code blocks of a language.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let blocks = fenced(page).into_iter().filter(|(its, _)| *its == language);
    blocks.map(|(_, block)| block.to_owned()).collect()
}

/// How a page calls the program.
pub const CALL: &str = "cargo run --release -- ";

/// A line of a block of commands, with what the comments above it say of it.
pub struct PageCommand {
    pub line: String,
    /// `# needs MNIST`
    pub needs_mnist: bool,
    /// `# needs Python`
    pub needs_python: bool,
    /// `# takes .. minutes`: longer than a test may.
    pub takes_minutes: bool,
}

/// The commands of a block, in order. A comment holds for the rest of the block; it must be one that is known.
fn commands_of(block: &str) -> Vec<PageCommand> {
    let mut commands = Vec::new();
    let (mut needs_mnist, mut needs_python, mut takes_minutes) = (false, false, false);
    for line in block.lines() {
        match line.strip_prefix("# ") {
            Some("needs MNIST") => needs_mnist = true,
            Some("needs Python") => needs_python = true,
            Some(time) if time.starts_with("takes ") && time.contains("minute") => takes_minutes = true,
            Some(comment) => panic!("`# {comment}` tells nothing of the commands below it"),
            None => commands.push(PageCommand {
                line: line.to_owned(),
                needs_mnist,
                needs_python,
                takes_minutes,
            }),
        }
    }
    commands
}

/// All commands of a page, in order.
pub fn commands(page: &str) -> Vec<PageCommand> {
    blocks(page, "sh").iter().flat_map(|block| commands_of(block)).collect()
}

/// Runs a line with a shell in a folder, `cargo run --release --` being the program.
pub fn shell(line: &str, folder: &Path) -> Output {
    let program = format!("\"{}\" ", env!("CARGO_BIN_EXE_creditlab"));
    let line = line.replace(CALL, &program);
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(folder);
    // where tests find MNIST, the program does
    if let Some(data) = published("mnist").as_deref().and_then(Path::parent) {
        command.env("CREDITLAB_DATA", data);
    }
    command.output().unwrap()
}

/// The same; it must succeed.
#[track_caller]
pub fn succeed(line: &str, folder: &Path) -> String {
    let output = shell(line, folder);
    assert!(output.status.success(), "{line}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether the checks of the crate carry a line out.
pub fn is_checked(line: &str) -> bool {
    let checks = read(&root().join(".ci/run"));
    checks.lines().any(|check| check.trim() == line)
}

/// What there is to do for a command here: the line to run, or why none is.
fn to_do(command: &PageCommand) -> Result<String, &'static str> {
    if command.needs_mnist && published("mnist").is_none() {
        return Err("MNIST is not on this machine");
    }
    if command.needs_python && Command::new("python3").arg("--version").output().is_err() {
        return Err("Python is not on this machine");
    }
    if command.line.starts_with("cargo ") && !command.line.starts_with(CALL) {
        assert!(is_checked(&command.line), "`.ci/run` lacks `{}`", command.line);
        return Err("the checks carry it out");
    }
    if !command.takes_minutes {
        return Ok(command.line.clone());
    }
    match command.line.strip_prefix(&format!("{CALL}run ")) {
        // the same file and settings, up to where training would begin
        Some(arguments) => {
            let checked = arguments.split(" --out ").next().unwrap_or_default();
            Ok(format!("{CALL}check {checked}"))
        }
        None => Err("it follows a command that takes minutes"),
    }
}

/// The name of the file that a block of this language is: its first line is a comment that holds nothing else.
pub fn file_name<'a>(language: &str, block: &'a str) -> Option<&'a str> {
    let comment = match language {
        "ron" => "// ",
        "python" => "# ",
        _ => return None,
    };
    let name = block.lines().next()?.strip_prefix(comment)?.trim();
    (!name.contains(' ')).then_some(name)
}

/// Follows a page in a folder, from block to block: saves its files, carries out its commands, and returns how many there were.
pub fn carry_out(page: &str, folder: &Path) -> usize {
    let mut count = 0;
    for (language, block) in fenced(page) {
        if let Some(name) = file_name(language, block) {
            fs::write(folder.join(name), block).unwrap();
        }
        if language != "sh" {
            continue;
        }
        for command in commands_of(block) {
            count += 1;
            match to_do(&command) {
                Ok(line) => {
                    succeed(&line, folder);
                }
                Err(reason) => println!("skipped, as {reason}: {}", command.line),
            }
        }
    }
    count
}

/// The words of a page that could be paths.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(['`', ' ', '\n', '(', ')', '|']);
    words.map(|word| word.trim_end_matches([',', '.', ':', ';']))
}

/// Where the links of a page lead that stay on this machine.
pub fn links(page: &str) -> impl Iterator<Item = &str> {
    let links = page
        .split("](")
        .skip(1)
        .map(|rest| rest.split([')', '#']).next().unwrap());
    links.filter(|link| !link.starts_with("https://") && !link.is_empty())
}

/// Whether a word looks like a file or folder of ours: what runs leave is not ours, but the files beside it are.
fn is_ours(word: &str) -> bool {
    match word.split_once('/') {
        Some(("results", file)) => file.contains('.') && !file.contains('/'),
        Some(("src" | "tests" | "experiments" | "docs" | "examples" | "benches", path)) => !path.contains(".."),
        _ => false,
    }
}

/// Links of a page lead somewhere, and what in a page or an experiment looks like a file of ours is there.
pub fn assert_names_what_is_there(file: &Path) {
    let text = read(file);
    if file.extension().is_some_and(|extension| extension == "md") {
        for link in links(&text) {
            let there = file.parent().unwrap().join(link).exists();
            assert!(there, "{} links to {link}", file.display());
        }
    }
    for word in words(&text).filter(|word| is_ours(word)) {
        // of a pattern, such as `src/rules/<family>`, what stands before it
        let path = word.split(['<', '*']).next().unwrap();
        assert!(root().join(path).exists(), "{} names {word}", file.display());
    }
}
