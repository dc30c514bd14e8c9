//! Read the optimizer and refuse impossible numbers where they stand.

use super::Result;
use crate::notation::{Mistake, Node, Options};
use crate::refusal::Refusal;
use crate::update::Recipe;

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
        .map_err(|refusal| blame(&field.value, refusal))
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

/// Puts a refusal on the value it is about, and says what that is; where the file does not have it, on what there is of the path.
fn blame(optimizer: &Node<'_>, refusal: Refusal) -> Mistake {
    let Refusal { option, reason, remedy } = refusal;
    let mistake = Mistake::new(reason).help(remedy);
    match optimizer.follow(&option) {
        // of anything but a number it would say what everybody sees
        (node, true) if node.describe().starts_with('`') => mistake.about(&node),
        (node, _) => mistake.at(node.span()),
    }
}
