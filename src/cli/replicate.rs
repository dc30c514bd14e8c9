//! `creditlab replicate`: run replications of published results, and hold them to the criteria that their files state.

use super::inputs::{CheckedExperiment, InputArguments};
use super::output::print;
use super::run::{self, ResultArguments};
use super::{Failure, folders};
use crate::experiment::{Plan, Replication};
use crate::replication::{Judged, ReplicationRecord, VerdictRow, judge, judge_theory, lines, markdown, met};
use crate::report;
use crate::results::files;
use crate::rules::Registry;
use clap::Args;
use std::fs;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Which ones, such as R16, or the name of a file; without any they are listed
    #[arg(value_name = "ID", conflicts_with_all = ["quick", "all"])]
    ids: Vec<String>,
    /// All that take a minute of one core at most
    #[arg(long, conflicts_with = "all")]
    quick: bool,
    /// All
    #[arg(long)]
    all: bool,
    /// Where their experiment files are
    #[arg(long, value_name = "DIR", default_value = "experiments/replications")]
    from: PathBuf,
    #[command(flatten)]
    inputs: InputArguments,
    #[command(flatten)]
    results: ResultArguments,
}

/// The record, and the table that is made of it, in the folder of results.
const RECORD: &str = "replications.csv";
const TABLE: &str = "replications.md";

/// An experiment file with claims.
struct File {
    name: String,
    path: PathBuf,
    replication: Replication,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let files = files(arguments, registry)?;
    let chosen = chosen(arguments, &files)?;
    if chosen.is_empty() {
        return print(&list(&files, &record(arguments)?));
    }
    let specs: Vec<PathBuf> = chosen.iter().map(|file| file.path.clone()).collect();
    let experiments = arguments.inputs.experiments(&specs, registry)?;
    let (mut missed, mut asked) = (0, 0);
    run::carry_out(
        &experiments,
        registry,
        &arguments.inputs,
        &arguments.results,
        |experiment| {
            let rows = judged(experiment, arguments)?;
            let (pass, all) = met(&rows);
            missed += all - pass;
            asked += all;
            print(&lines(&rows))
        },
    )?;
    match missed {
        0 => Ok(()),
        1 => Err(Failure::Execution(format!("1 of {asked} criteria is not met"))),
        _ => Err(Failure::Execution(format!("{missed} of {asked} criteria are not met"))),
    }
}

/// All experiment files with claims, in the order of their names.
fn files(arguments: &Arguments, registry: &Registry) -> Result<Vec<File>, Failure> {
    let folder = &arguments.from;
    let problem = |error| {
        let text = format!(
            "{}: {error}; `--from` names the folder of their files",
            folder.display()
        );
        Failure::Input(text)
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let paths = entries.map_err(problem)?.into_iter().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let plan = Plan::read(&path, registry).map_err(|fault| Failure::Input(fault.to_string()))?;
        let name = plan.name;
        files.extend(plan.replication.map(|replication| File {
            name,
            path,
            replication,
        }));
    }
    Ok(files)
}

/// The files that are asked for; none where nothing is.
fn chosen<'f>(arguments: &Arguments, files: &'f [File]) -> Result<Vec<&'f File>, Failure> {
    if arguments.all || arguments.quick {
        let most = if arguments.quick { 1.0 } else { f64::INFINITY };
        let chosen = files.iter().filter(|file| file.replication.minutes <= most);
        return Ok(chosen.collect());
    }
    let mut chosen: Vec<&File> = Vec::new();
    for id in &arguments.ids {
        let wanted = id.to_lowercase();
        let is_meant = |file: &&File| file.name == wanted || file.name.split('_').next() == Some(&wanted);
        let meant: Vec<&File> = files.iter().filter(is_meant).collect();
        if meant.is_empty() {
            let text = format!("there is no replication `{id}`; `creditlab replicate` lists them");
            return Err(Failure::Input(text));
        }
        for file in meant {
            if !chosen.iter().any(|known| known.name == file.name) {
                chosen.push(file);
            }
        }
    }
    Ok(chosen)
}

fn record(arguments: &Arguments) -> Result<ReplicationRecord, Failure> {
    ReplicationRecord::read(&arguments.results.out.join(RECORD)).map_err(Failure::execution)
}

/// A line for each replication: what it takes, and what became of it.
fn list(files: &[File], record: &ReplicationRecord) -> Vec<String> {
    let width = files.iter().map(|file| file.name.len()).max().unwrap_or(0);
    let line = |file: &File| {
        let rows: Vec<VerdictRow> = record.of(&file.name).cloned().collect();
        let state = match met(&rows) {
            _ if rows.is_empty() => "not run".into(),
            (pass, asked) => format!("{pass} of {asked} criteria met"),
        };
        let Replication { minutes, source, .. } = &file.replication;
        format!("{:width$}  {minutes:>6} min  {state:22}  {source}", file.name)
    };
    let mut lines: Vec<String> = files.iter().map(line).collect();
    lines.push(String::new());
    lines.push("`creditlab replicate R16` runs one and judges it; minutes are of one core.".into());
    lines
}

/// Judges the results of an experiment, and joins what became of it to the record and its table.
fn judged(experiment: &CheckedExperiment, arguments: &Arguments) -> Result<Vec<VerdictRow>, Failure> {
    let plan = &experiment.plan;
    let out = &arguments.results.out;
    let folder = folders::open(&out.join(&plan.name))?;
    let Some(replication) = &plan.replication else {
        let text = format!("{}: its file has changed since it was chosen; start again", plan.name);
        return Err(Failure::Input(text));
    };
    let mut verdicts = Vec::new();
    if let Some(theory) = &replication.theory {
        let overlay = report::overlay(theory.form, plan, &folder).map_err(Failure::execution)?;
        report::draw_theory(&folder, &overlay).map_err(Failure::execution)?;
        verdicts.push(judge_theory(theory, &overlay));
    }
    verdicts.extend(judge(replication, &plan.arms, &folder).map_err(Failure::execution)?);
    let judged = Judged {
        experiment: &plan.name,
        replication,
        verdicts: &verdicts,
        changes: &arguments.inputs.changes(),
    };
    let mut record = record(arguments)?;
    record.put(&judged, &folder).map_err(Failure::execution)?;
    let place = |name: &str, bytes: &[u8]| files::place(&out.join(name), bytes).map_err(Failure::execution);
    place(RECORD, &record.encode())?;
    place(TABLE, markdown(&record).as_bytes())?;
    Ok(record.of(&plan.name).cloned().collect())
}
