//! `creditlab rules`: list the learning rules, or tell all about one.

use super::Failure;
use super::json::{self, RulesDocument};
use super::output::{print, width};
use crate::conformance::{audit, is_confirmed};
use crate::help::{self, paragraphs};
use crate::notation::neat;
use crate::rules::{Entry, Registry};
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    /// A rule's name
    name: Option<String>,
    /// Print JSON, as docs/schemas/rules.json describes it
    #[arg(long)]
    json: bool,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let named = arguments.name.as_ref().map(|name| registry.entry(name));
    let named = named.transpose().map_err(Failure::Input)?;
    match (named, arguments.json) {
        (None, true) => json::print(&RulesDocument::of(registry.entries())),
        (Some(entry), true) => json::print(&RulesDocument::of([entry].into_iter())),
        (None, false) => print(&list(registry)),
        (Some(entry), false) => print(&tell(registry, entry)),
    }
}

fn list(registry: &Registry) -> Vec<String> {
    let width = registry.entries().map(|entry| entry.name.len()).max().unwrap_or(0);
    let mut lines: Vec<_> = registry
        .entries()
        .map(|entry| format!("{:width$}  {}", entry.name, entry.source))
        .collect();
    lines.push(String::new());
    lines.push("`creditlab rules NAME` tells the equations, every option and what the rule needs.".into());
    lines
}

fn tell(registry: &Registry, entry: &Entry) -> Vec<String> {
    let (topic, width) = (help::rule(entry), width());
    let mut lines = vec![
        entry.name.into(),
        String::new(),
        format!("source     {}", entry.source),
        format!("update     {}", entry.equation),
    ];
    let explain = |lines: &mut Vec<String>| {
        lines.push(String::new());
        lines.extend(paragraphs(&topic.meaning, 0, width));
        let options = topic.options(width);
        if !options.is_empty() {
            lines.extend([String::new(), "Options, with their defaults:".into(), String::new()]);
            lines.extend(options);
        }
    };
    let rule = match entry.defaults() {
        Ok(rule) => rule,
        Err(error) => {
            lines.push(format!("options    some have no default: {error}"));
            explain(&mut lines);
            return lines;
        }
    };
    let prediction = if rule.predicts() {
        "its own"
    } else {
        "the network's forward pass"
    };
    lines.push(format!(
        "options    {}",
        neat(&format!("{}{}", entry.name, rule.options()))
    ));
    lines.push(format!("prediction {prediction}"));
    explain(&mut lines);
    lines.push(String::new());
    lines.push(
        "What it needs, with these options; what an experiment on a small network can tell is confirmed by it:".into(),
    );
    let findings = audit(registry, entry.name).unwrap_or_default();
    for (what, answer) in rule.needs().table() {
        let confirmed = if is_confirmed(&findings, what) {
            ", confirmed"
        } else {
            ""
        };
        lines.push(format!("  {what:34} {answer}{confirmed}"));
    }
    lines
}
