//! Tell in what two experiments differ, leaf by leaf, where the second does more than add to the first.

use crate::notation::{Document, Node};
use std::collections::BTreeMap;

/// Paths with values, such as `optimizer.learning_rate` and `0.05`.
type Leaves = Vec<(String, String)>;

/// The longest value that is told whole, in characters.
const LONGEST: usize = 40;

/// What experiment files with every default written out have that is of no arm.
const OF_NO_ARM: [&str; 3] = ["name", "seeds", "arms"];

/// What `new` has in place of what `old` has: `optimizer.learning_rate 0.1 -> 0.01`, with the arm's label before it where not all
/// arms changed so, `no arm` for those that are gone, and `seeds 10 -> 5`. Both must be written as `experiment.ron` is. Arms and
/// seeds that come to the old ones are no change, nor are fields that only one of the two has.
pub fn changes(old: &Document, new: &Document) -> Vec<String> {
    let (old_arms, new_arms) = (arms(old), arms(new));
    let mut common = 0;
    // with the arms that changed so
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    let mut gone = Vec::new();
    for (label, old) in &old_arms {
        let Some(new) = new_arms.get(label) else {
            gone.push(format!("no arm `{label}`"));
            continue;
        };
        common += 1;
        for change in leaves(old, new) {
            match found.iter_mut().find(|(found, _)| *found == change) {
                Some((_, labels)) => labels.push(label),
                None => found.push((change, vec![label])),
            }
        }
    }
    let mut told: Vec<String> = Vec::new();
    for (change, labels) in found {
        match labels.len() {
            all if all == common => told.push(change),
            _ => told.extend(labels.iter().map(|label| format!("`{label}` {change}"))),
        }
    }
    told.extend(seeds(old, new));
    told.extend(gone);
    told
}

/// The values of each arm by its label, those that all arms share included.
fn arms(document: &Document) -> BTreeMap<String, Leaves> {
    let mut arms = BTreeMap::new();
    let Ok(root) = document.root().options() else {
        return arms;
    };
    for arm in root.get("arms").and_then(|arms| arms.value.items()).unwrap_or_default() {
        let Ok(own) = arm.options() else { continue };
        let label = own.read::<String>("label").ok().flatten().unwrap_or_default();
        let mut values = Leaves::new();
        for field in &root.replaced_by(&own).fields {
            if !OF_NO_ARM.contains(&field.name) && field.name != "label" {
                values.extend(field.value.leaves(field.name));
            }
        }
        arms.insert(label, values);
    }
    arms
}

/// The values that both have and that differ. What stands within something that has another name now is not told.
fn leaves(old: &Leaves, new: &Leaves) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut renamed: Vec<&str> = Vec::new();
    let new: BTreeMap<&str, &str> = new.iter().map(|(path, value)| (&**path, &**value)).collect();
    for (path, before) in old {
        let within = |outer: &&str| path.strip_prefix(*outer).is_some_and(|rest| rest.starts_with('.'));
        let Some(after) = new.get(&**path) else { continue };
        if before != after && !renamed.iter().any(within) {
            told.push(format!("{path} {} -> {}", short(before), short(after)));
            renamed.push(path);
        }
    }
    told
}

/// `seeds 10 -> 5`, if a seed of the old experiment is none of the new one.
fn seeds(old: &Document, new: &Document) -> Option<String> {
    let read = |document: &Document| -> Option<(Vec<u64>, String)> {
        let node: Node<'_> = document.root().locate("seeds")?;
        let text = document.text()[node.span()].to_owned();
        let seeds = match text.parse::<u64>() {
            Ok(count) => (0..count).collect(),
            Err(_) => node.read().ok()?,
        };
        Some((seeds, text))
    };
    let ((old, before), (new, after)) = (read(old)?, read(new)?);
    let new: std::collections::BTreeSet<u64> = new.into_iter().collect();
    let lost = old.iter().any(|seed| !new.contains(seed));
    lost.then(|| format!("seeds {} -> {}", short(&before), short(&after)))
}

fn short(value: &str) -> String {
    if value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    let start: String = value.chars().take(LONGEST - 2).collect();
    start + ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(old: &str, new: &str) -> Vec<String> {
        let read = |text: &str| Document::parse("a.ron", text).unwrap_or_else(|fault| panic!("{fault}"));
        changes(&read(old), &read(new))
    }

    const OLD: &str = "(name: \"a\", seeds: 3, optimizer: Sgd(learning_rate: 0.1, momentum: 0.9), stop: Epochs(2), \
         arms: [(label: \"A\", rule: A(x: 1)), (label: \"B\", rule: B)])";

    #[test]
    fn what_all_arms_share_is_told_once_and_what_is_added_is_no_change() {
        assert!(between(OLD, OLD).is_empty());
        let more = OLD.replace("seeds: 3", "seeds: [2, 1, 0, 7]");
        let more = more.replace("(label: \"A\"", "(label: \"C\", rule: C), (label: \"A\"");
        assert!(between(OLD, &more).is_empty());
        let slower = OLD.replace("0.1", "0.01").replace("Epochs(2)", "Steps(9)");
        let told = ["optimizer.learning_rate 0.1 -> 0.01", "stop Epochs(2) -> Steps(9)"];
        assert_eq!(between(OLD, &slower), told);
        // the same, now written in each arm
        let each = slower.replace("optimizer: Sgd(learning_rate: 0.01, momentum: 0.9), ", "");
        let each = each.replace(", rule", ", optimizer: Sgd(learning_rate: 0.01, momentum: 0.9), rule");
        assert_eq!(between(OLD, &each), told);
    }

    #[test]
    fn an_arm_that_changed_alone_is_named_and_what_is_gone_is_told() {
        let new = OLD.replace("A(x: 1)", "A(x: 2)");
        assert_eq!(between(OLD, &new), ["`A` rule.x 1 -> 2"]);
        let new = OLD
            .replace("(label: \"A\", rule: A(x: 1)), ", "")
            .replace("seeds: 3", "seeds: 2");
        assert_eq!(between(OLD, &new), ["seeds 3 -> 2", "no arm `A`"]);
        // what was within something else is not set against what is not there
        let new = OLD.replace("Sgd(learning_rate: 0.1, momentum: 0.9)", "Adam(learning_rate: 0.01)");
        assert_eq!(between(OLD, &new), ["optimizer Sgd -> Adam"]);
    }
}
