//! `creditlab options`: list the fields of an experiment file, or explain one and all that can stand in it.

use super::Failure;
use super::json::{self, OptionsDocument};
use super::output::{print, width};
use crate::help;
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    /// A path such as optimizer, measure or network.init
    path: Option<String>,
    /// Print JSON, as docs/schemas/options.json describes it
    #[arg(long)]
    json: bool,
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let experiment = help::experiment();
    let Some(path) = &arguments.path else {
        if arguments.json {
            return json::print(&OptionsDocument::of(experiment.parts()));
        }
        let mut lines = experiment.overview(width());
        lines.push(String::new());
        lines.push(
            "`creditlab options PATH`, such as `optimizer` or `network.init`, tells all that can stand there.".into(),
        );
        return print(&lines);
    };
    let found = experiment.find(path).map_err(|problem| {
        let elsewhere = experiment.paths_to(path);
        Failure::Input(match (elsewhere.first(), path.split('.').next()) {
            (Some(place), _) => format!("{problem}; there is `{place}`"),
            (None, Some("rule")) => "`creditlab rules NAME` explains the options of a rule".into(),
            (None, Some("task")) => "`creditlab tasks NAME` explains the options of a task".into(),
            (None, _) => problem,
        })
    })?;
    match arguments.json {
        true => json::print(&OptionsDocument::of([found])),
        false => print(&found.page(width())),
    }
}
