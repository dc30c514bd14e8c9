//! Name arms: what they differ in, what figures call them, and what files call them.

use super::Arm;
use crate::notation::{Document, Node};

/// Paths with values, such as `optimizer.learning_rate` and `0.05`.
pub(super) type Values = Vec<(String, String)>;

/// The path of an arm's rule, which every table names anyway.
const RULE: &str = "rule";

/// Stands for a value that is tuned.
const TUNED: &str = "Tune";

/// All values of an arm. Names of variants are no steps of a path; the name itself is the value of the path that leads to it.
pub(super) fn values(fields: &str) -> Values {
    let mut values = Values::new();
    if let Ok(document) = Document::parse("arm", fields) {
        collect("", &document.root(), document.text(), &mut values);
    }
    values
}

fn collect(path: &str, node: &Node<'_>, text: &str, values: &mut Values) {
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

/// The paths at which two of the arms have different values, and those of `always`, in the order of the fields. A path that
/// leads to nothing in some arm, such as the option of another rule, does not count there.
fn differing(arms: &[&Values], always: &[String]) -> Vec<String> {
    let mut paths: Vec<&str> = Vec::new();
    for (path, value) in arms.iter().copied().flatten() {
        let differs = || arms.iter().filter_map(|arm| get(arm, path)).any(|other| other != value);
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
    fn paths_that_differ() {
        let a = values("(rule: A(x: 1, y: (z: [1, 2])), optimizer: Sgd(rate: 0.1), stop: Epochs(2), n: true)");
        let b = values("(rule: B(x: 2), optimizer: Sgd(rate: 0.2), stop: Steps(2), n: true)");
        assert_eq!(a[0], ("rule".into(), "A".into()));
        assert_eq!(a[2], ("rule.y.z".into(), "[1, 2]".into()));
        assert_eq!(differing(&[&a, &b], &[]), ["rule.x", "optimizer.rate", "stop"]);
    }
}
