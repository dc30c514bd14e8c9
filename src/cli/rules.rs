//! `creditlab rules`: list the learning rules, or tell all about one.

use super::Failure;
use crate::rules::{Entry, Registry};
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    /// A rule's name
    name: Option<String>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    match &arguments.name {
        None => list(registry),
        Some(name) => tell(registry.entry(name).map_err(Failure::Input)?),
    }
    Ok(())
}

fn list(registry: &Registry) {
    let width = registry.entries().map(|entry| entry.name.len()).max().unwrap_or(0);
    for entry in registry.entries() {
        println!("{:width$}  {}", entry.name, entry.source);
    }
    println!("\n`creditlab rules NAME` tells the equations, the options and what the rule needs.");
}

fn tell(entry: &Entry) {
    println!("{}\n", entry.name);
    println!("source     {}", entry.source);
    println!("update     {}", entry.equation);
    match entry.defaults() {
        Ok(rule) => {
            println!("options    {}{}", entry.name, rule.options());
            println!(
                "prediction {}",
                if rule.predicts() {
                    "its own"
                } else {
                    "the network's forward pass"
                }
            );
            println!("\nWhat it needs, with these options:");
            for (what, answer) in rule.needs().table() {
                println!("  {what:34} {answer}");
            }
        }
        Err(error) => println!("options    some have no default: {error}"),
    }
}
