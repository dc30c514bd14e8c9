//! `creditlab report`: draw figures, compare arms and write the page again from the files of results.

use super::output::print;
use super::{Failure, folders};
use crate::rules::Registry;
use crate::{report, results};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Results folders, such as results/quickstart
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    for folder in &arguments.folders {
        let folder = folders::open(folder)?;
        let _lock = folder.lock().map_err(Failure::execution)?;
        let compared = results::rewrite_comparisons(&folder).map_err(Failure::execution)?;
        let mut drawn = report::write_in(&folder, registry, &|| false).map_err(Failure::execution)?;
        drawn.extend(compared);
        let lines: Vec<_> = drawn.iter().map(|path| path.display().to_string()).collect();
        print(&lines)?;
    }
    Ok(())
}
