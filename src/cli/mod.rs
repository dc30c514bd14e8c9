//! Offer the commands on the command line; the only place that prints.

mod arms;
mod check;
mod cite;
mod compare;
mod completions;
mod data;
mod explain;
mod export;
mod failure;
mod folders;
mod gradcheck;
mod graph;
mod init;
mod inputs;
mod interruption;
mod jobs;
mod json;
mod man;
mod merge;
mod new_rule;
mod options;
mod output;
mod predict;
mod progress;
mod replicate;
mod report;
mod rules;
mod run;
mod slurm;
mod surface;
mod tasks;
mod verify;
mod watch;

use crate::linalg;
use crate::rules::Registry;
use clap::{CommandFactory, Parser, Subcommand};
use failure::Failure;
use std::ffi::OsString;
use std::process::ExitCode;

/// A laboratory for the credit-assignment problem: exact backpropagation beside biologically motivated learning rules.
#[derive(Parser)]
#[command(name = "creditlab", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Lines of text alone: no colours, no progress bars, no drawn characters
    #[arg(long, global = true)]
    plain: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Write a first experiment to begin with
    Init(init::Arguments),
    /// Run experiments; started again, go on where the last call ended
    Run(run::Arguments),
    /// Show how far experiments are that other processes carry out
    Watch(watch::Arguments),
    /// Join what parts of an experiment have kept, and write its tables when nothing is missing
    Merge(merge::Arguments),
    /// Print a command line for each part of an experiment, for GNU parallel, HyperQueue or xargs
    Jobs(jobs::Arguments),
    /// Print a script that carries an experiment out on a cluster with Slurm
    Slurm(slurm::Arguments),
    /// Check experiments and print what they would do, without running anything
    Check(check::Arguments),
    /// Print BibTeX entries: of the program, of rules, or of all that results used
    Cite(cite::Arguments),
    /// Draw the figures of results again from their files, and write their page
    Report(report::Arguments),
    /// Write a result for other programs: TensorBoard, or a table with a column for each series
    Export(export::Arguments),
    /// List data sets, show where they are looked for, or download one
    Data(data::Arguments),
    /// Run replications of published results, and hold them to their criteria
    Replicate(replicate::Arguments),
    /// Carry out stored runs again, and compare every byte
    Verify(verify::Arguments),
    /// Set the arms of results side by side, with paired tests by seed
    Compare(compare::Arguments),
    /// Compare exact gradients with finite differences, layer by layer
    Gradcheck(gradcheck::Arguments),
    /// Take one pass apart: all its quantities with their equations, and a rule's update beside the gradient
    Explain(explain::Arguments),
    /// Take the derivatives of an expression, forward and in reverse, over the graph of its operations
    Graph(graph::Arguments),
    /// Draw the ways of training on a slice through the cost, with its plateaus and troughs
    Surface(surface::Arguments),
    /// Apply a saved network to new rows of data
    Predict(predict::Arguments),
    /// List the learning rules, or tell all about one
    Rules(rules::Arguments),
    /// List the tasks, or tell all about one
    Tasks(tasks::Arguments),
    /// List the fields of an experiment file, or explain one and all that can stand in it
    Options(options::Arguments),
    /// Write a Cargo package with a rule of your own, its test and an experiment
    NewRule(new_rule::Arguments),
    /// Print a script by which a shell completes commands and options
    Completions(completions::Arguments),
    /// Write manual pages, one for each command
    Man(man::Arguments),
}

/// Runs the command that the process was started with, with these rules. Your own rules are added with
/// [`Registry::with`]: `creditlab::cli::main(creditlab::rules::builtin().with::<MyRule>())`.
///
/// Exit status: 0 done; 1 something could not be carried out; 2 the input is wrong; 130 interrupted, resumable.
pub fn main(registry: Registry) -> ExitCode {
    ExitCode::from(call(std::env::args_os(), &registry))
}

/// Runs the command that these arguments state, the first being the program's name, with these rules; returns the exit status.
pub fn call(arguments: impl IntoIterator<Item = OsString>, registry: &Registry) -> u8 {
    let given: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&given) {
        Ok(arguments) => arguments,
        // what was given is not known here, but by looking for it
        Err(error) => return output::usage(&error, given.iter().any(|argument| argument == "--plain")),
    };
    output::set_plain(arguments.plain);
    // what is said here, a product could only panic with
    if let Err(refusal) = linalg::simd() {
        output::say(format!("error: {refusal}"));
        return 2;
    }
    let done = match arguments.command {
        Command::Init(arguments) => init::main(&arguments),
        Command::Run(arguments) => run::main(&arguments, registry),
        Command::Watch(arguments) => watch::main(&arguments, registry),
        Command::Merge(arguments) => merge::main(&arguments, registry),
        Command::Jobs(arguments) => jobs::main(&arguments, registry),
        Command::Slurm(arguments) => slurm::main(&arguments, registry),
        Command::Check(arguments) => check::main(&arguments, registry),
        Command::Cite(arguments) => cite::main(&arguments, registry),
        Command::Report(arguments) => report::main(&arguments, registry),
        Command::Export(arguments) => export::main(&arguments),
        Command::Data(arguments) => data::main(&arguments),
        Command::Replicate(arguments) => replicate::main(&arguments, registry),
        Command::Verify(arguments) => verify::main(&arguments, registry),
        Command::Compare(arguments) => compare::main(&arguments),
        Command::Gradcheck(arguments) => gradcheck::main(&arguments, registry),
        Command::Explain(arguments) => explain::main(&arguments, registry),
        Command::Graph(arguments) => graph::main(&arguments),
        Command::Surface(arguments) => surface::main(&arguments, registry),
        Command::Predict(arguments) => predict::main(&arguments),
        Command::Rules(arguments) => rules::main(&arguments, registry),
        Command::Tasks(arguments) => tasks::main(&arguments),
        Command::Options(arguments) => options::main(&arguments),
        Command::NewRule(arguments) => new_rule::main(&arguments, registry),
        Command::Completions(arguments) => completions::main(&arguments, Arguments::command()),
        Command::Man(arguments) => man::main(&arguments, Arguments::command()),
    };
    match done {
        Ok(()) => 0,
        Err(failure) => {
            output::say(failure.message());
            failure.status()
        }
    }
}
