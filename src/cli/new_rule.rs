//! `creditlab new-rule`: write a Cargo package with a rule of one's own, its test and an experiment.

use super::Failure;
use super::init::write_new;
use super::output::print;
use crate::rules::Registry;
use clap::Args;
use std::path::{Path, PathBuf};

/// The files of a package, in which the rule is called [`NAME`] and the package [`PACKAGE`].
const FILES: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("new_rule/package.toml")),
    ("src/main.rs", RULE),
    ("experiments/compare.ron", include_str!("new_rule/compare.ron")),
    ("README.md", include_str!("new_rule/package.md")),
];
/// The program with the rule, which the README shows too.
const RULE: &str = include_str!("new_rule/no_slope.rs");
const NAME: &str = "NoSlope";
const PACKAGE: &str = "no-slope-rule";
/// What stands in `Cargo.toml` for where creditlab is had from.
const SOURCE: &str = "__creditlab__";

#[derive(Args)]
pub struct Arguments {
    /// What the rule is called, as a Rust type: SlowFeedback
    name: String,
    /// Where the package is made [default: the name, as slow-feedback-rule]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Build on the source of creditlab in this folder
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Build on the source of creditlab in this repository; else on the released version
    #[arg(long, value_name = "URL", conflicts_with = "path")]
    git: Option<String>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let name = &*arguments.name;
    if let Some(problem) = problem(name, registry) {
        let text = format!("NAME: `{name}` {problem}; choose a Rust type name, such as SlowFeedback");
        return Err(Failure::Input(text));
    }
    let package = package(name);
    let folder = arguments.folder.clone().unwrap_or_else(|| package.clone().into());
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let text = format!("{} is not empty; name another folder", folder.display());
        return Err(Failure::Input(text));
    }
    let source = source(arguments)?;
    for (file, text) in FILES {
        let text = text
            .replace(NAME, name)
            .replace(PACKAGE, &package)
            .replace(SOURCE, &source);
        write_new(&folder.join(file), &text)?;
    }
    print(&[
        format!("{} is a package with the rule `{name}`; next:", folder.display()),
        String::new(),
        format!("cd {}", folder.display()),
        "cargo test                                    # holds the rule to the laws of learning rules".into(),
        "cargo run -- run experiments/compare.ron      # compares it with Backprop".into(),
    ])
}

/// Why a rule cannot be called so.
fn problem(name: &str, registry: &Registry) -> Option<&'static str> {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let words = |text: &'static str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    match name {
        "" => Some("is empty"),
        _ if !name.starts_with(|c: char| c.is_ascii_uppercase()) => Some("does not begin with a capital letter"),
        _ if !name.chars().all(is_word) => Some("has characters other than letters and digits"),
        "Self" => Some("is a word of the language"),
        _ if name.len() == 1 => Some("is a single letter, which stands for a type of numbers there"),
        _ if registry.entry(name).is_ok() => Some("is a rule that there is"),
        _ if name != NAME && words(RULE).any(|word| word == name) => Some("is taken by what the package uses"),
        _ => None,
    }
}

/// `slow-feedback-rule` for `SlowFeedback`: a hyphen before each capital but those that follow another. What it ends in keeps it apart from
/// other packages and the words of the language.
fn package(name: &str) -> String {
    let mut package = String::new();
    let mut after_small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && after_small {
            package.push('-');
        }
        after_small = !c.is_ascii_uppercase();
        package.push(c.to_ascii_lowercase());
    }
    package + "-rule"
}

/// Where creditlab is had from, as `Cargo.toml` says it.
fn source(arguments: &Arguments) -> Result<String, Failure> {
    Ok(match (&arguments.path, &arguments.git) {
        (Some(path), _) => {
            let path = crate_folder(path)?;
            format!("{{ path = {} }}", toml_text(&path.display().to_string()))
        }
        (None, Some(git)) => format!("{{ git = {} }}", toml_text(git)),
        (None, None) => toml_text(env!("CARGO_PKG_VERSION")),
    })
}

/// The whole path of a folder with the source of creditlab.
fn crate_folder(path: &Path) -> Result<PathBuf, Failure> {
    if !path.join("Cargo.toml").is_file() {
        let text = format!(
            "--path: {} holds no Cargo.toml; name the folder with the source of creditlab",
            path.display()
        );
        return Err(Failure::Input(text));
    }
    path.canonicalize().map_err(Failure::execution)
}

/// A text between quotes, as TOML writes it.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;

    #[test]
    fn names_that_would_not_compile_are_told_why() {
        let registry = builtin();
        for (name, part) in [
            ("", "empty"),
            ("slowFeedback", "capital"),
            ("3Factor", "capital"),
            ("Slow-Feedback", "letters and digits"),
            ("Slow_Feedback", "letters and digits"),
            ("Größe", "letters and digits"),
            ("T", "single letter"),
            ("Backprop", "a rule that there is"),
            ("Self", "word of the language"),
            ("Scalar", "taken"),
            ("Result", "taken"),
        ] {
            let problem = problem(name, &registry).unwrap_or_else(|| panic!("{name} is taken for good"));
            assert!(problem.contains(part), "{name}: {problem}");
        }
        for name in ["SlowFeedback", NAME, "Rule2"] {
            assert_eq!(problem(name, &registry), None, "{name}");
        }
    }

    #[test]
    fn packages_are_called_as_cargo_wants() {
        let names = ["SlowFeedback", NAME, "DFA", "Rule2Fast"];
        assert_eq!(
            names.map(package),
            ["slow-feedback-rule", PACKAGE, "dfa-rule", "rule2-fast-rule"]
        );
    }
}
