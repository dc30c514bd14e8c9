//! Open results that are read: folders whose tables are whole, and what they were made from.

use super::Failure;
use super::output::say;
use crate::experiment::Plan;
use crate::results::manifest::{self, Manifest};
use crate::results::names::{EXPERIMENT, MANIFEST, UNDER_WAY};
use crate::results::{self, Folder};
use crate::rules::Registry;
use std::path::Path;

/// Opens a results folder after a check that its tables belong together, and says what cannot be known of them.
pub fn open(path: &Path) -> Result<Folder, Failure> {
    let problem = if !path
        .try_exists()
        .map_err(|error| Failure::execution(format!("{}: {error}", path.display())))?
    {
        "there is no such folder; name a results folder, such as results/quickstart"
    } else if !path.join("metrics.csv").is_file() && !path.join("manifest.json").is_file() {
        "it holds no results; name a folder that `creditlab run` made, such as results/quickstart"
    } else {
        let folder = Folder::open(path).map_err(Failure::execution)?;
        if let Some(warning) = manifest::check(&folder).map_err(Failure::execution)? {
            say(format!("warning: {warning}"));
        }
        return Ok(folder);
    };
    Err(Failure::Input(format!("{}: {problem}", path.display())))
}

/// Opens a folder for what is made of results, which is no results folder; made if it is not there.
pub fn for_output(path: &Path) -> Result<Folder, Failure> {
    if path.join(MANIFEST).exists() {
        let text = format!(
            "--out: {} is a results folder; give a folder beside it, such as exports",
            path.display()
        );
        return Err(Failure::Input(text));
    }
    let made = std::fs::create_dir_all(path);
    made.map_err(|error| Failure::Execution(format!("cannot make the folder {}: {error}", path.display())))?;
    Folder::open(path).map_err(Failure::execution)
}

/// The plan that a result was made from; paths in it are relative to the folder that its manifest names.
pub fn plan(stored: &Folder, manifest: Option<&Manifest>, registry: &Registry) -> Result<Plan, Failure> {
    plan_in(EXPERIMENT, stored, manifest, registry)
}

/// The plan whose runs are under way in a results folder, or else that of the result in it.
pub fn plan_under_way(stored: &Folder, manifest: Option<&Manifest>, registry: &Registry) -> Result<Plan, Failure> {
    let is_under_way = stored.file(UNDER_WAY).map_err(Failure::execution)?.is_some();
    let name = if is_under_way { UNDER_WAY } else { EXPERIMENT };
    plan_in(name, stored, manifest, registry)
}

fn plan_in(name: &str, stored: &Folder, manifest: Option<&Manifest>, registry: &Registry) -> Result<Plan, Failure> {
    let Some(mut document) = results::experiment_in(stored, name).map_err(Failure::execution)? else {
        let path = stored.path().join(name);
        let text = format!("{}: it is not there, so nothing tells what was run", path.display());
        return Err(Failure::Input(text));
    };
    if let Some(folder) = manifest.and_then(Manifest::paths_relative_to) {
        document = document.relative_to(stored.path().join(folder));
    }
    Plan::parse(&document, registry).map_err(|fault| Failure::Input(fault.to_string()))
}
