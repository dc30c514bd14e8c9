//! `creditlab jobs`: print a command line for each part of an experiment, for whatever starts them.

use super::Failure;
use super::inputs::InputArguments;
use super::output::{print, say};
use crate::rules::Registry;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Arguments {
    /// The experiment file (RON)
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// How many parts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    parts: u32,
    #[command(flatten)]
    inputs: InputArguments,
    /// Where results folders are made
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let plan = arguments.inputs.plan(&arguments.spec, registry)?;
    let (out, parts) = (&arguments.out, arguments.parts);
    let line = |part: u32| {
        let shard = ["--shard".to_owned(), format!("{part}/{parts}"), "--quiet".to_owned()];
        words(
            &run(&arguments.spec, &arguments.inputs, out)
                .into_iter()
                .chain(shard)
                .collect::<Vec<_>>(),
        )
    };
    print(&(1..=parts).map(line).collect::<Vec<_>>())?;
    let merge = format!("creditlab merge {}", folders(out, &plan.name, parts));
    match plan.tuning {
        None => say(format!("then: {merge}")),
        Some(_) => say(format!(
            "these are the trials; then: {merge}\nthen the same lines again, for the runs, and the same merge"
        )),
    }
    Ok(())
}

/// The words of the command that carries an experiment out.
pub fn run(spec: &Path, inputs: &InputArguments, out: &Path) -> Vec<String> {
    let command = ["creditlab", "run"].map(str::to_owned);
    let place = ["--out".to_owned(), out.display().to_string()];
    let spec = spec.display().to_string();
    command
        .into_iter()
        .chain([spec])
        .chain(inputs.again())
        .chain(place)
        .collect()
}

/// Words as a shell reads them.
pub fn words(words: &[String]) -> String {
    let quoted = words
        .iter()
        .map(|word| shlex::try_quote(word).unwrap_or_else(|_| word.as_str().into()));
    quoted.collect::<Vec<_>>().join(" ")
}

/// What a merge is given: the folders of all parts, as a shell expands them, and where the results go.
pub fn folders(out: &Path, name: &str, parts: u32) -> String {
    let out = words(&[out.display().to_string()]);
    format!("{out}/{name}.shard-*-of-{parts} --out {out}")
}
