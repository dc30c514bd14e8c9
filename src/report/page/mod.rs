//! Put a result on one page that needs nothing else: what was asked, what came out, its figures, and what makes it again.

mod audit;
mod exhibit;
mod markup;
mod origin;
mod outcome;
mod settings;

use super::ReportError;
use super::data::Data;
use crate::html::{Page, escape};
use crate::results::manifest::Manifest;
use crate::results::{self, ArmTable, ComparisonRow, Folder, TuningRow, names};
use crate::rules::Registry;
pub use exhibit::Exhibit;
use serde_json::json;
use settings::StoredExperiment;
use std::collections::BTreeMap;

/// Most runs of an arm that can be shown behind their mean.
pub const RUNS_BEHIND: usize = 12;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page of the result in a folder.
///
/// # Errors
/// A file that is damaged is named.
pub fn text(folder: &Folder, registry: &Registry, data: &Data, exhibits: &[Exhibit]) -> Result<String, ReportError> {
    let document = results::experiment(folder)?;
    let root = document.as_ref().map(StoredExperiment::of);
    let experiment = root.as_ref();
    let paths = ArmTable::read(&folder.path().join("arms.csv"))?.paths;
    let comparisons: Vec<ComparisonRow> = rows_of(folder, names::COMPARISONS)?;
    let trials: Vec<TuningRow> = rows_of(folder, names::TUNING)?;
    let manifest = Manifest::read(folder)?;
    let name = experiment.and_then(|experiment| experiment.name.clone());
    let title = name.unwrap_or_else(|| "Result".to_owned());
    let mut body = format!("<h1>{}</h1>\n", escape(&title));
    body += &markup::section("asked", "What was asked", &outcome::asked(data, experiment));
    body += &markup::section(
        "came-out",
        "What came out",
        &outcome::came_out(data, &paths, &comparisons),
    );
    let figures: String = exhibits.iter().map(Exhibit::html).collect();
    body += &markup::section("figures", "Figures", &(how_to_read() + &figures));
    body += &markup::section("comparisons", "Comparisons", &outcome::compared(data, &comparisons));
    body += &markup::section("arms", "Settings of each arm", &settings::arms(data, experiment));
    body += &markup::section("rules", "Rules", &settings::rules(data, experiment, registry));
    body += &markup::section("tuning", "Tuning", &audit::tuning(data, &trials));
    body += &markup::section("origin", "Where it comes from", &origin::origin(manifest.as_ref()));
    body += "<div id=\"reading\" role=\"status\" hidden></div>\n";
    let numbers: BTreeMap<&str, &str> = exhibits
        .iter()
        .map(|exhibit| (exhibit.name, &*exhibit.numbers))
        .collect();
    let arms: Vec<_> = data
        .arms
        .iter()
        .map(|arm| json!({ "slug": arm.row.arm, "label": arm.row.label }))
        .collect();
    Ok(Page {
        title: &title,
        style: STYLE,
        body: &body,
        data: &json!({ "arms": arms, "numbers": numbers }).to_string(),
        script: SCRIPT,
    }
    .text())
}

/// What readers can do with figures.
fn how_to_read() -> String {
    format!(
        "<p class=\"screen\">Point at an arm, in a line, a legend or the table above, and it is lit up everywhere; click it in the \
         table to keep it lit. Point into a plot to read its values, or move to it with the tab key and use the arrow keys: left and \
         right for the moment, up and down for the arm. Of an arm with more than {RUNS_BEHIND} seeds, so many, evenly spread, can be \
         shown behind its mean.</p>\n"
    )
}

/// The rows of a table that need not be there.
fn rows_of<R: results::Row>(folder: &Folder, table: &str) -> Result<Vec<R>, ReportError> {
    Ok(match folder.file(table)? {
        Some(_) => results::read(&folder.path().join(table))?,
        None => Vec::new(),
    })
}
