//! Name arms: what they differ in, what figures call them, and what files call them.

use super::Arm;
use crate::notation::{Document, Mistake, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Paths with values, such as `optimizer.learning_rate` and `0.05`.
pub(super) type Values = Vec<(String, String)>;

/// The path of an arm's rule, which every table names anyway.
const RULE: &str = "rule";

/// Stands for a value that is tuned.
const TUNED: &str = "Tune";

/// All values of an arm, from its fingerprint. Names of variants are no steps of a path; the name itself is the value of the path that leads to it.
fn values(fields: &str) -> Values {
    let mut values = Values::new();
    // further lines are checksums
    let fields = fields.lines().next().unwrap_or_default();
    if let Ok(document) = Document::parse("arm", fields) {
        collect("", &document.root(), document.text(), &mut values);
    }
    values
}

/// Adds the values of a node, whose own path is `path`.
pub(super) fn collect(path: &str, node: &Node<'_>, text: &str, values: &mut Values) {
    let name = node.name().map(|(name, _)| name);
    match node.options() {
        Ok(options) => {
            if let Some(name) = name {
                values.push((path.to_owned(), name.to_owned()));
            }
            for field in &options.fields {
                let path = if path.is_empty() {
                    field.name.to_owned()
                } else {
                    format!("{path}.{}", field.name)
                };
                collect(&path, &field.value, text, values);
            }
        }
        Err(_) => values.push((path.to_owned(), text[node.span()].to_owned())),
    }
}

fn get<'v>(values: &'v Values, path: &str) -> Option<&'v str> {
    values
        .iter()
        .find(|(found, _)| found == path)
        .map(|(_, value)| value.as_str())
}

/// What every arm has at every path: a row for each path, a cell for each arm.
struct Grid<'v> {
    rows: BTreeMap<&'v str, Vec<Option<&'v str>>>,
    arms: usize,
}

impl<'v> Grid<'v> {
    fn of(arms: &[&'v Values]) -> Self {
        let mut rows = BTreeMap::new();
        for (i, values) in arms.iter().enumerate() {
            for (path, value) in *values {
                rows.entry(path.as_str()).or_insert_with(|| vec![None; arms.len()])[i] = Some(value.as_str());
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
fn differing(arms: &[&Values], always: &[String]) -> Vec<String> {
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
    let mut paths: Vec<&str> = found.into_iter().map(|(_, _, path)| path).collect();
    // Another arm's own options come where they would stand in the first arm.
    let field = |path: &str| path.split('.').next().map(str::to_owned);
    let place = |path: &&str| arms[0].iter().position(|(other, _)| field(other) == field(path));
    paths.sort_by_cached_key(place);
    paths.into_iter().map(str::to_owned).collect()
}

/// Fills in the arms' values of the paths in which they differ or which are tuned, and returns these paths.
pub(super) fn fill_in_values(arms: &mut [Arm], tuned: &[String]) -> Vec<String> {
    let values: Vec<_> = arms.iter().map(|arm| values(&arm.fingerprint)).collect();
    let paths = differing(&values.iter().collect::<Vec<_>>(), tuned);
    for (arm, values) in arms.iter_mut().zip(&values) {
        arm.values = paths.iter().map(|path| get(values, path).map(str::to_owned)).collect();
    }
    paths
}

/// What labels are made of: the values of an arm, one word in place of each that is tuned.
fn fixed(arm: &Arm) -> Values {
    let mut values = values(&arm.fingerprint);
    for (tuned, _) in arm.trials.iter().take(1).flat_map(|trial| &trial.taken) {
        let within = |path: &str| {
            path.strip_prefix(tuned.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let at = values.iter().position(|(path, _)| within(path));
        values.retain(|(path, _)| !within(path));
        values.insert(at.unwrap_or(values.len()), (tuned.clone(), TUNED.to_owned()));
    }
    values
}

/// Where an arm comes from: the label in the file, and which item of the list of arms it is.
pub(super) struct Origin {
    pub label: Option<String>,
    pub item: usize,
}

/// Arms that are told from each other: all of one rule, or all that one item of the list stands for.
struct Group {
    /// The paths in which they differ.
    paths: Vec<String>,
    /// Whether they have several rules.
    mixed: bool,
}

/// The groups of arms with equal keys.
fn groups<K: Ord>(keys: impl Iterator<Item = K>, values: &[Values], rules: &[String]) -> BTreeMap<K, Group> {
    let mut members: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (i, key) in keys.enumerate() {
        members.entry(key).or_default().push(i);
    }
    let group = |members: Vec<usize>| Group {
        paths: differing(&members.iter().map(|i| &values[*i]).collect::<Vec<_>>(), &[]),
        mixed: members.iter().any(|i| rules[*i] != rules[members[0]]),
    };
    members
        .into_iter()
        .map(|(key, members)| (key, group(members)))
        .collect()
}

/// Gives arms their labels and slugs. An arm without a label of its own is called after its rule and what tells it from other
/// arms of that rule; where one item of the list stands for several arms, its label is a prefix.
pub(super) fn name(arms: &mut [Arm], origins: &[Origin]) {
    let values: Vec<_> = arms.iter().map(fixed).collect();
    let rules: Vec<_> = arms.iter().map(|arm| arm.rule.label.clone()).collect();
    let of_rules = groups(rules.iter(), &values, &rules);
    let of_items = groups(origins.iter().map(|origin| origin.item), &values, &rules);
    for (i, (arm, origin)) in arms.iter_mut().zip(origins).enumerate() {
        let difference = |path: &String| {
            let value = get(&values[i], path).filter(|value| *value != TUNED)?;
            Some(format!(" {path}={value}"))
        };
        let differences = |group: &Group| group.paths.iter().filter_map(difference).collect::<String>();
        arm.label = match &origin.label {
            None => rules[i].clone() + &differences(&of_rules[&rules[i]]),
            Some(label) => {
                let group = &of_items[&origin.item];
                let rule = if group.mixed {
                    format!(" {}", rules[i])
                } else {
                    String::new()
                };
                label.clone() + &rule + &differences(group)
            }
        };
        arm.slug = slug(&arm.label);
    }
}

/// Far more than a figure has room for; tables on a terminal are as wide as their longest label.
const LONGEST_LABEL: usize = 100;

/// Refuses a label that no table or terminal can show.
///
/// # Errors
/// What is wrong with it, without a place.
pub(super) fn check(label: &str) -> Result<(), Mistake> {
    let length = label.chars().count();
    if length > LONGEST_LABEL {
        let mistake = Mistake::new(format!(
            "a label may have {LONGEST_LABEL} characters, and this one has {length}"
        ));
        return Err(mistake.help("shorten it"));
    }
    match label.chars().find(|c| c.is_control()) {
        None => Ok(()),
        Some(c) => {
            let mistake = Mistake::new(format!(
                "a label cannot hold the control character `{}`",
                c.escape_unicode()
            ));
            Err(mistake.help("use what can be printed on one line"))
        }
    }
}

/// Refuses a label with what tells it from others in it, as [`check`] the label alone.
pub(super) fn check_made(label: &str) -> Result<(), Mistake> {
    const LONGEST: usize = 2 * LONGEST_LABEL;
    match label.chars().count() {
        0..=LONGEST => Ok(()),
        length => {
            let title = format!("the label of this arm has {length} characters; at most {LONGEST} are possible");
            let mistake = Mistake::new(title).label("the values that tell it from others are in its label");
            Err(mistake.help("make an item of the list `arms` of each value, with a `label` of its own"))
        }
    }
}

/// Longer names are refused by some file systems.
const LONGEST: usize = 100;

/// Names that some systems keep for devices, whatever follows a point.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Why a folder cannot have this name on every system, if so; a name that can stays within the folder it is put into.
pub(super) fn not_a_folder(name: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    let ends = ['.', ' '];
    if !name.chars().all(plain) || name.starts_with(ends) || name.ends_with(ends) || name.is_empty() {
        return Some("use letters, digits, `.`, `_`, `-` and blanks inside".into());
    }
    if name.len() > LONGEST {
        return Some(format!("it has {} bytes; use at most {LONGEST}", name.len()));
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |device: &str| {
        let rest = stem.strip_prefix(device)?;
        (rest.chars().count() == 1 && rest.chars().all(char::is_numeric)).then_some(())
    };
    if DEVICES.contains(&&*stem) || numbered("com").or(numbered("lpt")).is_some() {
        return Some(format!("`{stem}` is the name of a device on some systems"));
    }
    None
}

/// `CamelCase` split by `-`, in lower case; anything but `[a-z0-9._-]` becomes `-`, once.
pub(super) fn slug(label: &str) -> String {
    let letters: Vec<char> = label.chars().collect();
    let mut slug = String::new();
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| letters[i]);
        let after = letters.get(i + 1);
        let word = before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            || before.is_some_and(|c| c.is_ascii_uppercase()) && after.is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && word {
            slug.push('-');
        }
        slug.push(match letter.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9' | '.' | '_') => letter,
            _ => '-',
        });
    }
    while slug.contains("--") {
        slug = slug.replace("--", "-");
    }
    slug.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{self, Purpose, Stream};
    use std::path::{Component, Path};

    #[test]
    fn slugs() {
        for (label, expected) in [
            (
                "FeedbackAlignment rule.feedback.scale=0.5",
                "feedback-alignment-rule.feedback.scale-0.5",
            ),
            ("DFA, slow", "dfa-slow"),
            ("Backprop", "backprop"),
            ("DFARule", "dfa-rule"),
            ("Gr\u{f6}\u{df}e 2", "gr-e-2"),
            ("../../etc", "etc"),
            ("network.hidden=[64, 64]", "network.hidden-64-64"),
            ("\u{3b7}", ""),
        ] {
            assert_eq!(slug(label), expected);
        }
    }

    #[test]
    fn names_of_devices_and_long_names() {
        for name in ["con", "NUL", "aux.txt", "com1", "LPT9.x", "Com\u{b9}", "nul .ron"] {
            assert!(not_a_folder(name).is_some(), "{name}");
        }
        for name in ["console", "com", "com10", "nulls", "x.con"] {
            assert_eq!(not_a_folder(name), None, "{name}");
        }
        assert!(not_a_folder(&"x".repeat(100)).is_none() && not_a_folder(&"x".repeat(101)).is_some());
    }

    /// A name that is accepted is one plain step into a folder, on every system.
    #[test]
    fn a_million_nasty_names_stay_inside_their_folder() {
        const PIECES: [&str; 32] = [
            "..",
            ".",
            "/",
            "\\",
            "C:",
            "\0",
            "CON",
            "nul",
            "a",
            "B",
            "7",
            " ",
            "-",
            "_",
            "%2e",
            "#",
            "?",
            "*",
            "\u{ff0f}",
            "\u{2024}",
            "\u{202e}",
            "\u{e9}",
            "\n",
            "\t",
            "~",
            "$",
            "|",
            "<",
            "\u{feff}",
            "com1",
            "xxxxxxxxxx",
            "\u{4e00}",
        ];
        let mut generator = Stream::new(0, Purpose::Task, 0, 0).generator();
        let mut accepted = 0;
        for _ in 0..1_000_000 {
            let pieces = 1 + random::below(5, &mut generator);
            let piece = |_| PIECES[random::below(PIECES.len() as u64, &mut generator) as usize];
            let name: String = (0..pieces).map(piece).collect();
            if not_a_folder(&name).is_some() {
                continue;
            }
            accepted += 1;
            let steps: Vec<_> = Path::new(&name).components().collect();
            assert_eq!(steps, [Component::Normal(name.as_ref())], "{name:?}");
            assert!(
                !name.contains(['/', '\\', ':', '\0', '\u{ff0f}', '\u{2024}', '\u{202e}']),
                "{name:?}"
            );
            let label = slug(&name);
            assert!(
                label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
            );
            assert!(!label.starts_with('.') && !label.ends_with('.'));
        }
        assert!(
            accepted > 10_000,
            "{accepted} of a million are accepted; the test needs some"
        );
    }

    #[test]
    fn paths_that_differ() {
        let a = values("(rule: A(x: 1, y: (z: [1, 2])), optimizer: Sgd(rate: 0.1), stop: Epochs(2), n: true)");
        let b = values("(rule: B(x: 2), optimizer: Sgd(rate: 0.2), stop: Steps(2), n: true)");
        assert_eq!(a[0], ("rule".into(), "A".into()));
        assert_eq!(a[2], ("rule.y.z".into(), "[1, 2]".into()));
        assert_eq!(differing(&[&a, &b], &[]), ["rule.x", "optimizer.rate", "stop"]);
        // an option that one arm leaves out, and one that belongs to something else
        let a = values("(rule: A(f: (x: 1)), optimizer: Sgd(rate: 0.1, clip: 1.0))");
        let b = values("(rule: A(f: (x: 1, y: 2)), optimizer: Sgd(rate: 0.1))");
        let c = values("(rule: A(f: (x: 1)), optimizer: Adam(beta: 0.9))");
        assert_eq!(differing(&[&a, &b], &[]), ["rule.f.y", "optimizer.clip"]);
        assert_eq!(differing(&[&a, &c], &[]), ["optimizer"]);
    }
}
