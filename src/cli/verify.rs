//! `creditlab verify`: carry out stored runs again, and compare every byte that they leave.

use super::inputs::MachineArguments;
use super::output::{count, print};
use super::progress::Progress;
use super::{Failure, folders, interruption};
use crate::experiment::Plan;
use crate::linalg::{self, NUMERICS_VERSION};
use crate::results::manifest::{Manifest, TimeOfRun};
use crate::results::names::{COMPARISONS, TABLES, TUNING};
use crate::results::{self, Difference, Folder, TuningRow, difference};
use crate::rules::Registry;
use crate::runner::Session;
use crate::tasks::DataSet;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

#[derive(Args)]
pub struct Arguments {
    /// A results folder, such as results/quickstart
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only so many runs, the same ones each time; else all of them, with tuning, and every table
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    sample: Option<u64>,
    /// Print what it would take, and run nothing
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    machine: MachineArguments,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let stored = folders::open(&arguments.folder)?;
    let manifest = Manifest::read(&stored).map_err(Failure::execution)?;
    let plan = folders::plan(&stored, manifest.as_ref(), registry)?;
    let plans = match arguments.sample {
        None => vec![plan.clone()],
        Some(runs) => settled(&plan, &stored)?.sample(usize::try_from(runs).unwrap_or(usize::MAX)),
    };
    let runs: u64 = plans
        .iter()
        .map(|plan| (plan.arms.len() * plan.seeds.len()) as u64)
        .sum();
    let mut lines = Vec::new();
    if let Some(seconds) = seconds(manifest.as_ref(), &plans) {
        lines.push(format!("{}, which took {seconds:.1} s of one core", count(runs, "run")));
    }
    if arguments.plan {
        let tuned = plan.tuning.is_some() && arguments.sample.is_none();
        lines.extend(tuned.then(|| "tuning is carried out again too".to_owned()));
        return print(&lines);
    }
    let data = arguments.machine.load(&plan)?;
    let interrupted = interruption::watch().map_err(Failure::execution)?;
    let pool = arguments.machine.pool()?;
    for one in &plans {
        let whole = arguments.sample.is_none();
        if let Some(found) = again(one, &data, &stored, whole, &pool, &interrupted, arguments.quiet)? {
            return Err(Failure::Execution(differs(
                &arguments.folder,
                &found,
                manifest.as_ref(),
            )));
        }
    }
    if arguments.quiet {
        return Ok(());
    }
    let what = match arguments.sample {
        None => "all tables and weights",
        Some(_) => "rows and weights",
    };
    print(&[format!(
        "{}: {}, {what} byte for byte the same",
        arguments.folder.display(),
        count(runs, "run")
    )])
}

/// The plan with what tuning chose, as `tuning.csv` says.
fn settled(plan: &Plan, stored: &Folder) -> Result<Plan, Failure> {
    if plan.tuning.is_none() {
        return Ok(plan.clone());
    }
    let rows: Vec<TuningRow> = results::read(&stored.path().join(TUNING)).map_err(Failure::execution)?;
    let tuned = plan.arms.iter().filter(|arm| !arm.trials.is_empty());
    let chosen = tuned.map(|arm| {
        let row = rows.iter().find(|row| row.arm == arm.slug && row.chosen);
        let trial = row.and_then(|row| usize::try_from(row.trial).ok()?.checked_sub(1));
        trial.filter(|trial| *trial < arm.trials.len())
    });
    match chosen.collect::<Option<Vec<usize>>>() {
        Some(chosen) => Ok(plan.settled(&chosen)),
        None => Err(Failure::Execution(format!(
            "{TUNING} does not say what was chosen for every arm"
        ))),
    }
}

/// What the runs of these plans took of one core, as far as the manifest knows.
fn seconds(manifest: Option<&Manifest>, plans: &[Plan]) -> Option<f64> {
    let times = manifest?.times_of_runs();
    let is_asked = |time: &&TimeOfRun| {
        let of_plan = |plan: &Plan| plan.seeds.contains(&time.seed) && plan.arms.iter().any(|arm| arm.slug == time.arm);
        plans.iter().any(of_plan)
    };
    // a manifest that lacks them tells nothing
    let total = times.iter().filter(is_asked).map(|time| time.seconds).sum();
    (!times.is_empty()).then_some(total)
}

/// Carries a plan out in a folder of its own, which is removed, and compares.
fn again(
    plan: &Plan,
    data: &DataSet,
    stored: &Folder,
    whole: bool,
    pool: &rayon::ThreadPool,
    interrupted: &AtomicBool,
    quiet: bool,
) -> Result<Option<Difference>, Failure> {
    let temporary = tempfile::tempdir().map_err(Failure::execution)?;
    let session = Session::open(plan, data, &temporary.path().join(&plan.name), false)?;
    let progress = Progress::new(&plan.name, quiet, interrupted);
    pool.install(|| session.run(&progress))?;
    let now = session.folder();
    if let Some(found) = difference::of_runs(stored, now).map_err(Failure::execution)? {
        return Ok(Some(found));
    }
    let others = TABLES.into_iter().filter(|name| whole && *name != COMPARISONS);
    for name in others {
        if let Some(found) = difference::of_file(name, stored, now).map_err(Failure::execution)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What is said of a difference, with what may be behind it.
fn differs(folder: &Path, found: &Difference, manifest: Option<&Manifest>) -> String {
    let mut text = format!("{}: not the same: {found}", folder.display());
    let then = |field: &str| manifest.and_then(|manifest| manifest.text(field));
    let numerics = manifest.and_then(|manifest| manifest.number("numerics_version"));
    if let Some(numerics) = numerics.filter(|numerics| *numerics != u64::from(NUMERICS_VERSION)) {
        text += &format!("\nit was made with numerics {numerics}; this program has numerics {NUMERICS_VERSION}");
    }
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let now = [
        ("simd", linalg::simd().ok().map(ToString::to_string)),
        ("target", Some(target)),
    ];
    for (field, now) in now {
        if let (Some(then), Some(now)) = (then(field), now)
            && then != now
        {
            text += &format!("\nit was made on a processor with {then}; this one has {now}");
        }
    }
    if let Some(version) = then("creditlab").filter(|version| *version != env!("CARGO_PKG_VERSION")) {
        text += &format!(
            "\nit was made by creditlab {version}; this is {}",
            env!("CARGO_PKG_VERSION")
        );
    }
    text
}
