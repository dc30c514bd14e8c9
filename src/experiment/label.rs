//! Name arms: what they differ in, what figures call them, and what files call them.

use super::Arm;
use crate::notation::{Document, Node};

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

/// Whether an arm leaves out what `other` says at a path, while all else that the path leads through is the same.
fn lacks(arm: &Values, path: &str, other: &Values) -> bool {
    let Some((parent, _)) = path.rsplit_once('.') else {
        return false;
    };
    let within = |path: &str| path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'));
    get(arm, parent) == get(other, parent) && arm.iter().any(|(path, _)| path == parent || within(path))
}

/// The paths at which two of the arms have different values, and those of `always`, in the order of the fields. A path that
/// leads to nothing in some arm does not count there, if what it would be part of is something else there, such as another rule.
fn differing(arms: &[&Values], always: &[String]) -> Vec<String> {
    let mut paths: Vec<&str> = Vec::new();
    let owned = arms.iter().flat_map(|arm| arm.iter().map(move |value| (*arm, value)));
    for (owner, (path, value)) in owned {
        let differs = || {
            arms.iter().any(|arm| match get(arm, path) {
                Some(other) => other != value,
                None => lacks(arm, path, owner),
            })
        };
        if path != RULE && !paths.contains(&path.as_str()) && (always.contains(path) || differs()) {
            paths.push(path);
        }
    }
    // Another arm's own options come where they would stand in the first arm.
    let field = |path: &str| path.split('.').next().map(str::to_owned);
    let place = |path: &&str| arms[0].iter().position(|(other, _)| field(other) == field(path));
    paths.sort_by_key(place);
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

/// Gives arms their labels and slugs. An arm without a label of its own is called after its rule and what tells it from other
/// arms of that rule; where one item of the list stands for several arms, its label is a prefix.
pub(super) fn name(arms: &mut [Arm], origins: &[Origin]) {
    let values: Vec<_> = arms.iter().map(fixed).collect();
    let rules: Vec<_> = arms.iter().map(|arm| arm.rule.label.clone()).collect();
    let differences = |i: usize, group: &dyn Fn(usize) -> bool| -> String {
        let same: Vec<_> = (0..values.len()).filter(|j| group(*j)).map(|j| &values[j]).collect();
        let value = |path: &String| get(&values[i], path).filter(|value| *value != TUNED);
        let difference = |path: String| Some(format!(" {path}={}", value(&path)?));
        differing(&same, &[]).into_iter().filter_map(difference).collect()
    };
    for (i, arm) in arms.iter_mut().enumerate() {
        let siblings = |j: usize| origins[j].item == origins[i].item;
        arm.label = match &origins[i].label {
            None => rules[i].clone() + &differences(i, &|j| rules[j] == rules[i]),
            Some(label) => {
                let several = (0..rules.len()).any(|j| siblings(j) && rules[j] != rules[i]);
                let rule = if several {
                    format!(" {}", rules[i])
                } else {
                    String::new()
                };
                label.clone() + &rule + &differences(i, &siblings)
            }
        };
        arm.slug = slug(&arm.label);
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
