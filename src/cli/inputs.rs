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
    /// The plans of all experiment files, in order; all of them are read before anything runs. No two share a name.
    pub fn plans(&self, registry: &Registry) -> Result<Vec<Plan>, Failure> {
        let plans: Vec<Plan> = self
            .specs
            .iter()
            .map(|spec| plan(spec, registry))
            .collect::<Result<_, _>>()?;
        for (i, plan) in plans.iter().enumerate() {
            if let Some(first) = plans[..i].iter().position(|first| first.name == plan.name) {
                let (first, second) = (self.specs[first].display(), self.specs[i].display());
                let text = format!(
                    "{first} and {second} are both called `{}` and would share a results folder; give one of them another `name`",
                    plan.name
                );
                return Err(Failure::Input(text));
            }
        }
        Ok(plans)
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
    let problem = if !spec.exists() {
        "there is no such file; name an experiment file, such as experiments/quickstart.ron"
    } else if spec.is_dir() {
        "this is a folder; name an experiment file in it, such as experiments/quickstart.ron"
    } else {
        return Plan::read(spec, registry).map_err(|error| Failure::Input(error.to_string()));
    };
    Err(Failure::Input(format!("{}: {problem}", spec.display())))
}
