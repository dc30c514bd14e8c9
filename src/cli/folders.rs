//! Open results that are read: folders whose tables are whole.

use super::Failure;
use super::output::say;
use crate::results::{Folder, manifest};
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
