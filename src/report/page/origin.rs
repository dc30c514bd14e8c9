//! Say what made a result, and the commands that make it again.

use super::markup::{Heading, code, counted, figures, row, table, words};
use crate::html::escape;
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

/// The commands, and what the manifest tells.
pub fn origin(manifest: Option<&Manifest>) -> String {
    let commands = format!(
        "creditlab verify .                        # carries all runs out again and compares every byte\n\
         creditlab verify . --sample 3             # only three of them\n\
         creditlab run {EXPERIMENT} --out again    # the whole experiment once more, into a folder of its own\n\
         creditlab report .                        # this page and the figures again, from the tables\n"
    );
    let mut text = format!(
        "<p>In the folder of this page:</p>\n<pre>{commands}</pre>\n<p>Where the experiment names files, <code>{EXPERIMENT}</code> must \
         stand in the folder that <code>{MANIFEST}</code> calls <code>paths_relative_to</code>.</p>\n"
    );
    let Some(manifest) = manifest else { return text };
    let field = |name: &str| {
        let value = manifest.field::<serde_json::Value>(name)?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(format!("<dt>{name}</dt><dd><code>{}</code></dd>\n", escape(&value)))
    };
    let fields: String = TOLD.into_iter().filter_map(field).collect();
    let contents = manifest.contents().unwrap_or_default();
    let rows = contents.iter().map(|(name, content)| {
        let rows = content.rows.map_or_else(String::new, |rows| rows.to_string());
        row(None, &[code(name), counted(&rows), code(&content.sha256)])
    });
    let mut headings: Vec<Heading> = words(["file"]).into();
    headings.extend(figures(["rows"]));
    headings.extend(words(["SHA-256"]));
    text += &format!(
        "<p>From <code>{MANIFEST}</code>, which also tells machine, compiler and times:</p>\n<dl class=\"fields\">\n{fields}</dl>\n{}",
        table(&headings, &rows.collect::<String>())
    );
    text
}
