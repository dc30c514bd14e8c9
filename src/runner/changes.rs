//! Say what tables that are there show and those of another plan will not.

use crate::experiment::{self, Plan};
use crate::linalg::NUMERICS_VERSION;
use crate::notation::Document;
use crate::results::manifest::Manifest;
use crate::results::{self, Folder, ResultsError, names};
use crate::tasks::DataSet;
use std::path::Path;

/// More changes are counted, not told.
const TOLD: usize = 6;

/// The differences between the experiment whose tables are in a folder and a plan; none where there are no tables, or where the
/// plan only adds to them.
///
/// # Errors
/// If the file system refuses.
pub fn of_tables(folder: &Folder, plan: &Plan, data: &DataSet) -> Result<Vec<String>, ResultsError> {
    // a damaged manifest tells of nothing
    let manifest = Manifest::read(folder).ok().flatten();
    let Some(manifest) = manifest.filter(Manifest::is_finished) else {
        return Ok(Vec::new());
    };
    let old = match results::experiment(folder) {
        Ok(Some(old)) => old,
        Ok(None) | Err(ResultsError::Experiment(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let Ok(new) = Document::parse_of_any_size(names::EXPERIMENT, plan.text.as_str()) else {
        return Ok(Vec::new());
    };
    let mut changes = experiment::changes(&old, &new);
    if manifest
        .text("data_sha256")
        .is_some_and(|before| before != data.checksum())
    {
        changes.push("other data".into());
    }
    if let Some(before) = manifest.number("numerics_version")
        && before != u64::from(NUMERICS_VERSION)
    {
        changes.push(format!("numerics version {before} -> {NUMERICS_VERSION}"));
    }
    Ok(changes)
}

/// The changes as a warning with its remedy.
pub fn sentence(folder: &Path, changes: &[String], hidden: usize) -> String {
    let more = match changes.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let told = changes[..changes.len().min(TOLD)].join(", ");
    let runs = if hidden == 1 { "run is" } else { "runs are" };
    format!(
        "warning: the tables in {} are replaced: {told}{more}; {hidden} finished {runs} kept and not shown\nhelp: to keep both, \
         give this experiment another folder with --out, or another `name`",
        folder.display()
    )
}
