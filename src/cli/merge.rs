//! `creditlab merge`: join what parts of an experiment have kept, and write its tables when nothing is missing.

use super::inputs::MachineArguments;
use super::output::{count, print, ranges, say};
use super::progress::Progress;
use super::run::finish;
use super::{Failure, folders, interruption};
use crate::results::Folder;
use crate::results::manifest::Manifest;
use crate::rules::Registry;
use crate::runner::{Session, StageStanding};
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

/// More arms are counted, not named.
const MOST_ARMS: usize = 10;

#[derive(Args)]
pub struct Arguments {
    /// Folders that `creditlab run SPEC --shard I/N` has made
    #[arg(required = true, value_name = "DIR")]
    parts: Vec<PathBuf>,
    /// Where the results folder is made, or is
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    #[command(flatten)]
    machine: MachineArguments,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Leave out the figures and the page that shows them
    #[arg(long)]
    no_figures: bool,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let clock = Instant::now();
    let first = &arguments.parts[0];
    let stored = Folder::open(first).map_err(|error| Failure::Input(error.to_string()))?;
    let manifest = Manifest::read(&stored).map_err(Failure::execution)?;
    let plan = folders::plan(&stored, manifest.as_ref(), registry)?;
    drop(stored);
    let data = arguments.machine.load(&plan)?;
    let interrupted = interruption::watch().map_err(Failure::execution)?;
    let session = Session::open(&plan, &data, &arguments.out.join(&plan.name), false)?;
    if !arguments.quiet {
        session.notices().iter().for_each(say);
    }
    let taken = session.adopt(&arguments.parts)?;
    if !arguments.quiet {
        let parts = count(arguments.parts.len() as u64, "folder");
        say(format!(
            "{}: {} taken over from {parts}",
            plan.name,
            count(taken as u64, "run")
        ));
    }
    let standing = session.standing();
    let missing = standing.missing().len();
    if missing == 0 {
        let progress = Progress::new(&plan.name, arguments.quiet, &interrupted);
        let overview = arguments.machine.pool()?.install(|| session.run(&progress))?;
        let how = (arguments.no_figures, arguments.quiet);
        return finish(&session, overview, registry, clock, &interrupted, how);
    }
    if missing == standing.total() && plan.tuning.is_some() && !standing.tuning {
        return print(&[format!(
            "{}: no trial is missing, and the best of them are chosen; next come the {}: start all parts again, and merge them again",
            plan.name,
            count(missing as u64, "run")
        )]);
    }
    Err(Failure::Execution(lacks(&plan.name, &standing)))
}

/// What is missing, and what to do.
fn lacks(name: &str, standing: &StageStanding) -> String {
    let (missing, what) = (standing.missing(), if standing.tuning { "trial run" } else { "run" });
    let mut text = format!(
        "{name}: of {} {} are missing, and there are no tables yet:",
        count(standing.total() as u64, what),
        missing.len()
    );
    let arms: Vec<_> = missing.chunk_by(|a, b| a.0.label == b.0.label).collect();
    for runs in arms.iter().take(MOST_ARMS) {
        let mut seeds: Vec<u64> = runs.iter().map(|(_, seed)| *seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        text += &format!(
            "\n  {}: {}, seeds {}",
            runs[0].0.label,
            count(runs.len() as u64, what),
            ranges(&seeds)
        );
    }
    if arms.len() > MOST_ARMS {
        text += &format!("\n  and {} more arms", arms.len() - MOST_ARMS);
    }
    text + "\nhelp: start the parts that have not ended again, with the same commands, or the rest in new parts; then merge again"
}
