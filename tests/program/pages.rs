//! Carry out pages: find what stands in their blocks, and run the commands among it.

use crate::data_support::published;
use crate::support::errors;
use std::path::Path;
use std::process::{Command, Output};

/// The code blocks of a language.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n').map(str::to_owned))
        .collect()
}

/// How a page calls the program.
pub const CALL: &str = "cargo run --release -- ";

/// A line of a block of commands, with what the comments above it say of it.
pub struct PageCommand {
    pub line: String,
    /// `# needs MNIST`
    pub needs_mnist: bool,
    /// `# takes .. minutes`: longer than a test may.
    pub takes_minutes: bool,
}

/// All commands of a page, in order. A comment holds for the rest of its block; it must be one that is known.
pub fn commands(page: &str) -> Vec<PageCommand> {
    let mut commands = Vec::new();
    for block in blocks(page, "sh") {
        let (mut needs_mnist, mut takes_minutes) = (false, false);
        for line in block.lines() {
            match line.strip_prefix("# ") {
                Some("needs MNIST") => needs_mnist = true,
                Some(time) if time.starts_with("takes ") && time.contains("minute") => takes_minutes = true,
                Some(comment) => panic!("`# {comment}` tells nothing of the commands below it"),
                None => commands.push(PageCommand {
                    line: line.to_owned(),
                    needs_mnist,
                    takes_minutes,
                }),
            }
        }
    }
    commands
}

/// Runs a line with a shell in a folder, `cargo run --release --` being the program.
pub fn shell(line: &str, folder: &Path) -> Output {
    let line = match line.strip_prefix(CALL) {
        Some(arguments) => format!("\"{}\" {arguments}", env!("CARGO_BIN_EXE_creditlab")),
        None => line.to_owned(),
    };
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
