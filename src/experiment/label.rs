//! Name arms: what they differ in, and what figures call them.

use super::Arm;
use super::fingerprint::FieldText;
use super::slug::short_slug;
use crate::notation::Document;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Paths with values, such as `optimizer.learning_rate` and `0.05`.
type PathValues<'v> = Vec<(&'v str, &'v str)>;

/// The path of an arm's rule, which every table names anyway.
const RULE: &str = "rule";

/// Stands for a value that is tuned.
const TUNED: &str = "Tune";

/// What arms have in the fields that can tell them from each other. Most arms have most fields in common: each is read once.
struct FieldLeaves<'a>(HashMap<&'a FieldText, Vec<(String, String)>>);

impl<'a> FieldLeaves<'a> {
    /// Reads the fields in which arms differ, or in which one of the paths lies that are `tuned`.
    fn of(arms: &'a [Arm], tuned: &[String]) -> Self {
        let first = &arms[0].fingerprint.fields;
        let mut leaves = HashMap::new();
        for (i, (name, _)) in first.iter().enumerate() {
            let fields = arms.iter().map(|arm| &arm.fingerprint.fields[i]);
            if fields.clone().any(|field| field != &first[i]) || tuned.iter().any(|path| top(path) == *name) {
                fields.for_each(|field| {
                    leaves.entry(field).or_insert_with(|| read(field));
                });
            }
        }
        Self(leaves)
    }

    fn values(&self, arm: &'a Arm) -> PathValues<'_> {
        let fields = arm.fingerprint.fields.iter().filter_map(|field| self.0.get(field));
        fields.flatten().map(|(path, value)| (&**path, &**value)).collect()
    }

    /// What labels are made of: the values of an arm, one word in place of each that is tuned.
    fn fixed(&'a self, arm: &'a Arm) -> PathValues<'a> {
        let mut values = self.values(arm);
        for (tuned, _) in arm.trials.iter().take(1).flat_map(|trial| &trial.taken) {
            let within = |path: &str| {
                path.strip_prefix(tuned.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let at = values.iter().position(|(path, _)| within(path));
            values.retain(|(path, _)| !within(path));
            values.insert(at.unwrap_or(values.len()), (tuned, TUNED));
        }
        values
    }
}

/// The values of a field.
fn read((name, text): &FieldText) -> Vec<(String, String)> {
    Document::parse("arm", text.as_str()).map_or(Vec::new(), |document| document.root().leaves(name))
}

/// The field that a path begins with.
fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

fn get<'v>(values: &PathValues<'v>, path: &str) -> Option<&'v str> {
    values.iter().find(|(found, _)| *found == path).map(|(_, value)| *value)
}

/// What every arm has at every path: a row for each path, a cell for each arm.
struct Grid<'v> {
    rows: BTreeMap<&'v str, Vec<Option<&'v str>>>,
    arms: usize,
}

impl<'v> Grid<'v> {
    fn of(arms: &[&PathValues<'v>]) -> Self {
        let mut rows = BTreeMap::new();
        for (i, values) in arms.iter().enumerate() {
            for (path, value) in *values {
                rows.entry(*path).or_insert_with(|| vec![None; arms.len()])[i] = Some(*value);
            }
        }
        let arms = arms.len();
        Self { rows, arms }
    }

    fn get(&self, path: &str, arm: usize) -> Option<&'v str> {
        self.rows.get(path)?[arm]
    }

    /// Of each arm, whether a path leads to something in it, or beyond it.
    fn reaches(&self, path: &str) -> Vec<bool> {
        let mut reaches = vec![false; self.arms];
        let beyond = format!("{path}.");
        let within = self
            .rows
            .range(&*beyond..)
            .take_while(|(path, _)| path.starts_with(&beyond));
        for (_, row) in within.chain(self.rows.get_key_value(path)) {
            reaches
                .iter_mut()
                .zip(row)
                .for_each(|(reaches, value)| *reaches |= value.is_some());
        }
        reaches
    }

    /// The first arm that has something else at a path than another one, or something that another one leaves out, while all else
    /// that the path leads through is the same there.
    fn first_to_differ(&self, path: &str) -> Option<usize> {
        let row = &self.rows[path];
        let mut owners = (0..self.arms).filter(|arm| row[*arm].is_some());
        let first = owners.next()?;
        if owners.any(|other| row[other] != row[first]) {
            return Some(first);
        }
        let (parent, _) = path.rsplit_once('.')?;
        let lack = |arm: &usize| row[*arm].is_none();
        if !(0..self.arms).any(|arm| lack(&arm)) {
            return None;
        }
        let reaches = self.reaches(parent);
        let lacking = (0..self.arms).filter(|arm| lack(arm) && reaches[*arm]);
        let parents: BTreeSet<Option<&str>> = lacking.map(|arm| self.get(parent, arm)).collect();
        (first..self.arms).find(|arm| row[*arm].is_some() && parents.contains(&self.get(parent, *arm)))
    }
}

/// The paths at which two of the arms have different values, and those of `always`, in the order of the fields. A path that
/// leads to nothing in some arm does not count there, if what it would be part of is something else there, such as another rule.
fn differing(arms: &[&PathValues<'_>], always: &[String]) -> Vec<String> {
    let grid = Grid::of(arms);
    let mut found = Vec::new();
    for path in grid.rows.keys().filter(|path| **path != RULE) {
        let owner = match always.iter().any(|always| always == path) {
            true => (0..arms.len()).find(|arm| grid.get(path, *arm).is_some()),
            false => grid.first_to_differ(path),
        };
        if let Some(owner) = owner {
            found.push((owner, arms[owner].iter().position(|(other, _)| other == path), *path));
        }
    }
    found.sort_unstable();
    // Another arm's own options come where they would stand in the first arm.
    let place = |(.., path): &(_, _, &str)| arms[0].iter().position(|(other, _)| top(other) == top(path));
    found.sort_by_cached_key(place);
    found.into_iter().map(|(.., path)| path.to_owned()).collect()
}

/// Fills in the arms' values of the paths in which they differ or which are tuned, and returns these paths.
pub(super) fn fill_in_values(arms: &mut [Arm], tuned: &[String]) -> Vec<String> {
    let leaves = FieldLeaves::of(arms, tuned);
    let values: Vec<_> = arms.iter().map(|arm| leaves.values(arm)).collect();
    let paths = differing(&values.iter().collect::<Vec<_>>(), tuned);
    let of_arm = |values| paths.iter().map(|path| get(values, path).map(str::to_owned)).collect();
    let filled: Vec<_> = values.iter().map(of_arm).collect();
    for (arm, values) in arms.iter_mut().zip(filled) {
        arm.values = values;
    }
    paths
}

/// Where an arm comes from: the label in the file, and which item of the list of arms it is.
pub(super) struct Origin {
    pub label: Option<String>,
    pub item: usize,
}

/// Arms that are told from each other: all of one rule, or all that one item of the list stands for.
struct Siblings {
    /// The paths in which they differ.
    paths: Vec<String>,
    /// Whether they have several rules.
    mixed: bool,
}

/// The arms with equal keys; `None` is the key of arms that nobody asks about.
fn siblings<K: Ord>(keys: impl Iterator<Item = K>, values: &[PathValues<'_>], arms: &[Arm]) -> BTreeMap<K, Siblings> {
    let mut members: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (i, key) in keys.enumerate() {
        members.entry(key).or_default().push(i);
    }
    let told = |members: Vec<usize>| Siblings {
        paths: differing(&members.iter().map(|i| &values[*i]).collect::<Vec<_>>(), &[]),
        mixed: members
            .iter()
            .any(|i| arms[*i].rule.label != arms[members[0]].rule.label),
    };
    members.into_iter().map(|(key, members)| (key, told(members))).collect()
}

/// Gives arms their labels and slugs. An arm without a label of its own is called after its rule and what tells it from other
/// arms of that rule; where one item of the list stands for several arms, its label is a prefix.
pub(super) fn name(arms: &mut [Arm], origins: &[Origin]) {
    let tuned = arms
        .iter()
        .flat_map(|arm| arm.trials.first())
        .flat_map(|trial| &trial.taken);
    let tuned: BTreeSet<String> = tuned.map(|(path, _)| path.clone()).collect();
    let leaves = FieldLeaves::of(arms, &tuned.into_iter().collect::<Vec<_>>());
    let values: Vec<_> = arms.iter().map(|arm| leaves.fixed(arm)).collect();
    let of_rules = siblings(arms.iter().map(|arm| &arm.rule.label), &values, arms);
    let of_items = siblings(origins.iter().map(|origin| origin.item), &values, arms);
    let label = |(i, arm): (usize, &Arm)| {
        let rule = &arm.rule.label;
        let difference = |path: &String| {
            let value = get(&values[i], path).filter(|value| *value != TUNED)?;
            Some(format!(" {path}={value}"))
        };
        let differences = |siblings: &Siblings| siblings.paths.iter().filter_map(difference).collect::<String>();
        match &origins[i].label {
            None => rule.clone() + &differences(&of_rules[rule]),
            Some(label) => {
                let siblings = &of_items[&origins[i].item];
                let rule = if siblings.mixed {
                    format!(" {rule}")
                } else {
                    String::new()
                };
                label.clone() + &rule + &differences(siblings)
            }
        }
    };
    let labels: Vec<_> = arms.iter().enumerate().map(label).collect();
    for (arm, label) in arms.iter_mut().zip(labels) {
        arm.slug = short_slug(&label);
        arm.label = label;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_differ() {
        let told = |arms: [&[(&'static str, &str)]; 2]| {
            let leaves = arms.map(|fields| -> Vec<_> {
                let fields = fields.iter().map(|(name, text)| (*name, (*text).to_owned()));
                fields.flat_map(|field| read(&field)).collect()
            });
            let values = [&leaves[0], &leaves[1]].map(|leaves: &Vec<(String, String)>| -> PathValues<'_> {
                leaves.iter().map(|(path, value)| (&**path, &**value)).collect()
            });
            differing(&[&values[0], &values[1]], &[])
        };
        let rule = ("rule", "A(x: 1, y: (z: [1, 2]))");
        let leaves = read(&(rule.0, rule.1.into()));
        assert_eq!(leaves[0], ("rule".into(), "A".into()));
        assert_eq!(leaves[2], ("rule.y.z".into(), "[1, 2]".into()));
        assert_eq!(
            told([
                &[
                    rule,
                    ("optimizer", "Sgd(rate: 0.1)"),
                    ("stop", "Epochs(2)"),
                    ("n", "true")
                ],
                &[
                    ("rule", "B(x: 2)"),
                    ("optimizer", "Sgd(rate: 0.2)"),
                    ("stop", "Steps(2)"),
                    ("n", "true")
                ],
            ]),
            ["rule.x", "optimizer.rate", "stop"]
        );
        // an option that one arm leaves out, and one that belongs to something else
        let a = [("rule", "A(f: (x: 1))"), ("optimizer", "Sgd(rate: 0.1, clip: 1.0)")];
        let b = [("rule", "A(f: (x: 1, y: 2))"), ("optimizer", "Sgd(rate: 0.1)")];
        let c = [("rule", "A(f: (x: 1))"), ("optimizer", "Adam(beta: 0.9)")];
        assert_eq!(told([&a, &b]), ["rule.f.y", "optimizer.clip"]);
        assert_eq!(told([&a, &c]), ["optimizer"]);
    }
}
