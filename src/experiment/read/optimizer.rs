//! Read the optimizer and refuse impossible numbers where they stand.

use super::Result;
use crate::notation::{Mistake, Node, Options};
use crate::update::{Flaw, Recipe};

/// `end` is the last step; `names` are the network's parameters, which groups speak of.
pub(super) fn read(options: &Options<'_>, steps_per_epoch: u64, end: u64, names: &[String]) -> Result<Recipe> {
    let Some(field) = options.get("optimizer") else {
        return Ok(Recipe::default());
    };
    let recipe: Recipe = field.value.read()?;
    refuse_nothing(&field.value)?;
    recipe
        .check(steps_per_epoch, end, names)
        .map(|()| recipe)
        .map_err(|flaw| blame(&field.value, flaw))
}

/// Refuses a list without anything in it.
fn refuse_nothing(optimizer: &Node<'_>) -> Result<()> {
    for list in ["groups", "schedule"] {
        let found = optimizer.locate(list);
        if let Some(node) = found.filter(|node| node.items().is_some_and(|items| items.is_empty())) {
            let mistake = Mistake::new(format!("an empty `{list}` has no effect")).at(node.span());
            return Err(mistake.help("leave it out"));
        }
    }
    Ok(())
}

/// Puts a flaw on the value it is about, and says what that is; where the file does not have it, on what there is of the path.
fn blame(optimizer: &Node<'_>, flaw: Flaw) -> Mistake {
    let Flaw { path, title, help } = flaw;
    let mut node = optimizer.clone();
    let mut complete = !path.is_empty();
    for step in path.split('.') {
        let next = match (step.parse::<usize>(), node.items()) {
            (Ok(place), Some(items)) => items.get(place).cloned(),
            // one factor stands for a list of one
            (Ok(_), None) => Some(node.clone()),
            (Err(_), _) => node.locate(step),
        };
        match next {
            Some(next) => node = next,
            None => {
                complete = false;
                break;
            }
        }
    }
    let mistake = match help {
        Some(help) => Mistake::new(title).help(help),
        None => Mistake::new(title),
    };
    // of anything else it would say what everybody sees
    let number = node.describe().starts_with('`');
    if complete && number {
        mistake.about(&node)
    } else {
        mistake.at(node.span())
    }
}
