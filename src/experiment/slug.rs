//! Tell which labels can be shown, what files make of one, and which names a folder can have.

use crate::digest::sha256;
use crate::notation::{Mistake, Result};

/// Far more than a figure has room for; tables on a terminal are as wide as their longest label. The same for labels that are given and
/// for those that are made: `experiment.ron` gives those that were made.
const LONGEST_LABEL: usize = 200;

/// Refuses a label that no table or terminal can show.
///
/// # Errors
/// What is wrong with it, without a place.
pub(crate) fn check_label(label: &str) -> Result<()> {
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

/// Refuses a label with what tells it from others in it, as [`check_label`] the label alone.
pub(super) fn check_made(label: &str) -> Result<()> {
    match label.chars().count() {
        0..=LONGEST_LABEL => Ok(()),
        length => {
            let title = format!("the label of this arm has {length} characters; at most {LONGEST_LABEL} are possible");
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

/// The [`slug`] of a label that is made of an arm's values. One that is too long for a folder is cut, and ends in digits that stand for
/// the whole label.
pub(super) fn short_slug(label: &str) -> String {
    const DIGITS: usize = 8;
    let slug = slug(label);
    if slug.len() <= LONGEST {
        return slug;
    }
    let start = slug[..LONGEST - DIGITS - 1].trim_end_matches(['-', '.']);
    format!("{start}-{}", &sha256(label.as_bytes())[..DIGITS])
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
    fn long_labels_have_short_slugs_of_their_own() {
        let long = |end: &str| format!("Backprop {}{end}", "network.hidden ".repeat(9));
        let [a, b] = ["a", "b"].map(|end| short_slug(&long(end)));
        assert!(a != b && a.starts_with("backprop-network.hidden-network"));
        assert!([&a, &b].iter().all(|slug| not_a_folder(slug).is_none()));
        assert_eq!(short_slug("Backprop"), slug("Backprop"));
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
}
