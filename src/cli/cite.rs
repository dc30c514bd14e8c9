//! `creditlab cite`: print the BibTeX entries of the program, of rules, and of all that results used.

use super::Failure;
use super::output::print;
use crate::notation::Node;
use crate::references;
use crate::results::{self, Folder};
use crate::rules::Registry;
use crate::tasks::Task;
use clap::Args;
use std::path::Path;

#[derive(Args)]
pub struct Arguments {
    /// Names of rules, or results folders such as results/quickstart
    #[arg(value_name = "RULE|DIR")]
    subjects: Vec<String>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let mut entries = vec![references::program()];
    for subject in &arguments.subjects {
        let used = if Path::new(subject).is_dir() {
            of_result(Path::new(subject), registry)?
        } else {
            registry.entry(subject).map_err(Failure::Input)?.citations.to_vec()
        };
        for entry in used {
            if !entries.iter().any(|known| known == entry) {
                entries.push(entry.to_owned());
            }
        }
    }
    print(&[entries.join("\n\n")])
}

/// What `experiment.ron` names: its task, and the rules that train, sit as shadows or are compared with.
fn of_result(folder: &Path, registry: &Registry) -> Result<Vec<&'static str>, Failure> {
    let opened = Folder::open(folder).map_err(Failure::execution)?;
    let Some(file) = results::experiment(&opened).map_err(Failure::execution)? else {
        let text = format!(
            "{} holds no results; name a folder that `creditlab run` made, such as results/quickstart, or a rule",
            folder.display()
        );
        return Err(Failure::Input(text));
    };
    let root = file.root();
    let task = root.locate("task").and_then(|task| task.read::<Task>().ok());
    let mut found: Vec<&'static str> = task.map_or_else(Vec::new, |task| task.citations().to_vec());
    let mut rules = Vec::new();
    let arms = root.locate("arms").and_then(|arms| arms.items()).unwrap_or_default();
    for arm in &arms {
        rules.extend(arm.locate("rule"));
        rules.extend(
            arm.locate("shadows")
                .and_then(|shadows| shadows.items())
                .unwrap_or_default(),
        );
        rules.extend(references_of(arm));
    }
    rules.extend(references_of(&root));
    for rule in rules {
        // a rule in a list may be `(label: "..", rule: ..)`
        let rule = rule.locate("rule").unwrap_or(rule);
        let entry = rule.name().and_then(|(name, _)| registry.entry(name).ok());
        found.extend(entry.map_or(&[][..], |entry| entry.citations));
    }
    Ok(found)
}

/// The rules that `measure: (against: [..])` names.
fn references_of<'d>(node: &Node<'d>) -> Vec<Node<'d>> {
    let against = node.locate("measure.against");
    against.and_then(|rules| rules.items()).unwrap_or_default()
}
