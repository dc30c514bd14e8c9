//! Say what made a result, and the commands that make it again.

use super::markup::{Heading, code, counted, fields, figures, row, table, words};
use crate::results::manifest::Manifest;
use crate::results::names::{EXPERIMENT, MANIFEST};

/// What a manifest tells that is the same on every machine: all else in it would make pages of equal results differ.
const TOLD: [&str; 6] = [
    "creditlab",
    "numerics_version",
    "task",
    "data_sha256",
    "classes",
    "runs",
];

/// Commands that make results again, and what each does.
const COMMANDS: [(&str, &str); 4] = [
    ("verify .", "carries all runs out again and compares every byte"),
    ("verify . --sample 3", "only three of them"),
    (
        "run experiment.ron --out again",
        "the whole experiment once more, into a folder of its own",
    ),
    ("report .", "this page and the figures again, from the tables"),
];

/// The commands, and what the manifest tells.
pub fn origin(manifest: Option<&Manifest>) -> String {
    let commands: String = COMMANDS
        .iter()
        .map(|(command, what)| format!("creditlab {command:32}  # {what}\n"))
        .collect();
    let mut text = format!(
        "<p>In the folder of this page:</p>\n<pre>{commands}</pre>\n<p>Where the experiment names files, <code>{EXPERIMENT}</code> must \
         stand in the folder that <code>{MANIFEST}</code> calls <code>paths_relative_to</code>, seen from this one.</p>\n"
    );
    let Some(manifest) = manifest else { return text };
    let told = TOLD.into_iter().filter_map(|name| {
        let value = manifest.field::<serde_json::Value>(name)?;
        Some((name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    });
    let told: Vec<(&str, String)> = told.collect();
    let contents = manifest.contents().unwrap_or_default();
    let rows = contents.iter().map(|(name, content)| {
        let rows = content.rows.map_or_else(String::new, |rows| rows.to_string());
        row(None, &[code(name), counted(&rows), code(&content.sha256)])
    });
    let mut headings: Vec<Heading> = words(["file"]).into();
    headings.extend(figures(["rows"]));
    headings.extend(words(["SHA-256"]));
    text += &format!(
        "<p>From <code>{MANIFEST}</code>, which also tells machine, compiler and times:</p>\n{}{}",
        fields(&told),
        table(&headings, &rows.collect::<String>())
    );
    text
}
