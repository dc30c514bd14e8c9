//! `creditlab init`: write a first experiment to begin with.

use super::Failure;
use super::output::print;
use clap::Args;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What it is called.
const NAME: &str = "first.ron";
/// The experiment, which the README shows too.
const EXPERIMENT: &str = include_str!("init/first.ron");

#[derive(Args)]
pub struct Arguments {
    /// Where it is written; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let path = arguments.folder.join(NAME);
    let path = path.strip_prefix(".").unwrap_or(&path);
    write_new(path, EXPERIMENT)?;
    let file = path.display();
    print(&[
        format!("{file} is a first experiment; next:"),
        String::new(),
        format!("creditlab check {file}    # what it would do"),
        format!("creditlab run {file}      # seconds; then open results/first/report.html"),
        "creditlab options             # all that can stand in such a file".into(),
    ])
}

/// Writes a file, and the folders above it, where nothing has its name yet.
pub fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Input(format!(
            "{} is there already and stays as it is; name another folder, or move it away",
            path.display()
        )),
        _ => Failure::Execution(format!("cannot write {}: {error}", path.display())),
    };
    if let Some(folder) = path.parent() {
        let made = fs::create_dir_all(folder);
        made.map_err(|error| Failure::Execution(format!("cannot make the folder {}: {error}", folder.display())))?;
    }
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
