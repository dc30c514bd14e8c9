//! Read what commands are given: experiment files, data folders, seeds.

use super::Failure;
use crate::experiment::Plan;
use crate::rules::Registry;
use crate::tasks::DataFolders;
use clap::Args;
use std::path::{Path, PathBuf};

/// What `run` and `check` share.
#[derive(Args)]
pub struct Inputs {
    /// Experiment files (RON)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Where data sets are looked for first; then $CREDITLAB_DATA, ./data, the user's data folder
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Inputs {
    /// The plans of all experiment files, in order; all of them are read before anything runs.
    pub fn plans(&self, registry: &Registry) -> Result<Vec<Plan>, Failure> {
        self.specs.iter().map(|spec| plan(spec, registry)).collect()
    }

    /// Where data sets are looked for.
    pub fn folders(&self) -> DataFolders {
        DataFolders::standard(self.data.as_deref())
    }

    /// Number of worker threads.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.map_or_else(cores, usize::from)
    }
}

fn plan(spec: &Path, registry: &Registry) -> Result<Plan, Failure> {
    Plan::read(spec, registry).map_err(|error| Failure::Input(error.to_string()))
}
