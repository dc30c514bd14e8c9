//! Carry out the pages of `docs/sources`: their commands, and the paths and links that they name.

use crate::data_support::published;
use crate::pages::{self, CALL, PageCommand};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files of a folder, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What there is to do for a command here: the line to run, or why none is.
fn to_do(command: &PageCommand, has_mnist: bool) -> Result<String, &'static str> {
    if command.needs_mnist && !has_mnist {
        return Err("MNIST is not on this machine");
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

/// Carries out a page in a folder with the experiments that pages speak of; returns how many commands there were.
fn carry_out(page: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let sources = folder.path().join("experiments/sources");
    fs::create_dir_all(&sources).unwrap();
    for file in files("experiments/sources").iter().filter(|file| file.is_file()) {
        fs::copy(file, sources.join(file.file_name().unwrap())).unwrap();
    }
    let commands = pages::commands(&read(&root().join("docs/sources").join(page)));
    let has_mnist = commands.iter().any(|command| command.needs_mnist) && published("mnist").is_some();
    for command in &commands {
        match to_do(command, has_mnist) {
            Ok(line) => {
                pages::succeed(&line, folder.path());
            }
            Err(reason) => println!("skipped, as {reason}: {}", command.line),
        }
    }
    commands.len()
}

#[test]
fn the_page_on_intuition_does_what_it_says() {
    assert!(carry_out("3blue1brown-what-is-backpropagation.md") >= 5);
}

#[test]
fn the_page_on_calculus_does_what_it_says() {
    assert!(carry_out("3blue1brown-calculus.md") >= 5);
}

#[test]
fn the_page_on_nielsen_does_what_it_says() {
    assert!(carry_out("nielsen.md") >= 10);
}

#[test]
fn the_page_on_olah_does_what_it_says() {
    assert!(carry_out("olah.md") >= 5);
}

#[test]
fn the_page_on_brownlee_does_what_it_says() {
    assert!(carry_out("brownlee.md") >= 5);
}

#[test]
fn the_page_on_hecht_nielsen_does_what_it_says() {
    assert!(carry_out("hecht-nielsen.md") >= 5);
}

/// Links lead somewhere, and what looks like a file of ours is there; every page is linked from the first.
#[test]
fn pages_name_what_is_there() {
    let pages = files("docs/sources");
    assert_eq!(pages.len(), 7, "six sources and the list of them");
    let list = read(&root().join("docs/sources/README.md"));
    let others = ["experiments/sources/README.md", "experiments/README.md"].map(|path| root().join(path));
    for page in pages.iter().chain(&others) {
        let text = read(page);
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(
            name == "README.md" || list.contains(&format!("]({name})")),
            "{name} is not in the list"
        );
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            assert!(
                page.parent().unwrap().join(link).exists(),
                "{} links to {link}",
                page.display()
            );
        }
        for word in text.split(['`', ' ', '\n', '(', ')', '|']) {
            let word = word.trim_end_matches([',', '.', ':', ';']);
            let is_ours = ["src/", "tests/", "experiments/", "docs/"]
                .iter()
                .any(|start| word.starts_with(start));
            if is_ours && !word.contains("..") {
                assert!(root().join(word).exists(), "{} names {word}", page.display());
            }
            if word.ends_with(".ron") && !word.contains('/') {
                let file = root().join("experiments/sources").join(word);
                let beside = root().join("experiments").join(word);
                assert!(file.exists() || beside.exists(), "{} names {word}", page.display());
            }
        }
    }
}
