//! `creditlab slurm`: print one script that carries an experiment out on a cluster with Slurm, part by part, and merges it.

use super::inputs::InputArguments;
use super::jobs::{folders, run, words};
use super::output::{count, print};
use super::{Failure, inputs::CheckedExperiment};
use crate::rules::Registry;
use crate::runner::forecast;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// The script, with words between `@` to be filled in.
const TEMPLATE: &str = include_str!("slurm.sh");

#[derive(Args)]
pub struct Arguments {
    /// The experiment file (RON)
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Most parts, a task of the array each; fewer where these would be too short
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    array: u32,
    /// Time limit of a task, as Slurm reads it: 04:00:00. A task that meets it is started again and goes on
    #[arg(long, value_name = "TIME")]
    time: String,
    /// Cores of a task
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    cpus: u16,
    /// The shortest part that is worth a task
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = humantime::parse_duration)]
    at_least: Duration,
    /// One more option for every job, such as --sbatch=--partition=short; may be repeated
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    #[command(flatten)]
    inputs: InputArguments,
    /// Where results folders are made
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let specs = std::slice::from_ref(&arguments.spec);
    let experiments = arguments.inputs.experiments(specs, registry)?;
    print(&[script(arguments, &experiments[0])?])
}

fn script(arguments: &Arguments, experiment: &CheckedExperiment) -> Result<String, Failure> {
    let plan = &experiment.plan;
    let data = arguments.inputs.data(experiment)?;
    let seconds = forecast(plan, &data)?;
    let shortest = arguments.at_least.as_secs_f64().max(1.0) * f64::from(arguments.cpus);
    let parts = ((seconds / shortest) as u32).clamp(1, arguments.array);
    let (name, out) = (&plan.name, words(&[arguments.out.display().to_string()]));
    let options: Vec<String> = arguments
        .sbatch
        .iter()
        .map(|option| format!(" {}", words(std::slice::from_ref(option))))
        .collect();
    let time = words(std::slice::from_ref(&arguments.time));
    let run = words(&run(&arguments.spec, &arguments.inputs, &arguments.out));
    let merge = format!("creditlab merge {}", folders(&arguments.out, name, parts));
    let data = words(&arguments.inputs.data_folder());
    let stages = match plan.tuning {
        None => "runs=$(parts '')\nmerge \"$runs\"".to_owned(),
        Some(_) => "# the trials, from which tuning chooses, then the runs\n\
             trials=$(parts '')\nchosen=$(merge \"$trials\")\n\
             runs=$(parts \"--dependency=afterok:$chosen --kill-on-invalid-dep=yes\")\nmerge \"$runs\""
            .to_owned(),
    };
    let filled = [
        ("OF_PARTS", &count(u64::from(parts), "part")),
        ("PARTS", &parts.to_string()),
        ("NAME", name),
        ("OUT", &out),
        ("SECONDS", &format!("{seconds:.0}")),
        ("TIME", &time),
        ("CPUS", &arguments.cpus.to_string()),
        ("OPTIONS", &options.concat()),
        ("RUN", &run),
        ("MERGE", &merge),
        ("DATA", &data),
        ("STAGES", &stages),
    ];
    let fill = |text: String, (word, value): (&str, &String)| text.replace(&format!("@{word}@"), value);
    Ok(filled.into_iter().fold(TEMPLATE.trim_end().to_owned(), fill))
}
