//! `creditlab tasks`: list the tasks, or tell all about one.

use super::Failure;
use super::json::{self, TasksDocument};
use super::output::{print, width};
use crate::help::{self, Topic, paragraphs};
use crate::notation::remedy;
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    /// A task's name
    name: Option<String>,
    /// Print JSON, as docs/schemas/tasks.json describes it
    #[arg(long)]
    json: bool,
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let tasks = help::tasks();
    let Some(name) = &arguments.name else {
        return match arguments.json {
            true => json::print(&TasksDocument::of(&tasks)),
            false => print(&list(&tasks)),
        };
    };
    let Some(task) = tasks.iter().find(|task| task.name == *name) else {
        let help = remedy(name, tasks.iter().map(|task| &*task.name));
        return Err(Failure::Input(format!("no task is called `{name}`; {help}")));
    };
    match arguments.json {
        true => json::print(&TasksDocument::of([task])),
        false => print(&tell(task)),
    }
}

fn list(tasks: &[Topic]) -> Vec<String> {
    let wide = tasks.iter().map(|task| task.name.len()).max().unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for task in tasks {
        let mut text = paragraphs(&task.meaning, wide, width());
        if let Some(first) = text.first_mut() {
            first.replace_range(..wide, &format!("{:wide$}", task.name));
        }
        lines.extend(text);
    }
    lines.push(String::new());
    lines.push(
        "`creditlab tasks NAME` tells every option. `creditlab data list` tells where files are looked for.".into(),
    );
    lines
}

fn tell(task: &Topic) -> Vec<String> {
    let width = width();
    let mut lines = vec![task.written(), String::new()];
    lines.extend(paragraphs(&task.meaning, 0, width));
    lines.push(String::new());
    lines.extend(task.options(width));
    lines
}
