//! Say how a table is written: what stands between cells, before decimals, in the first line, and for what is missing.

use crate::tasks::in_words::{in_words, value_or_name};
use std::fmt;

/// What stands between cells: a character such as `','`, or `Blanks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// One character.
    Character(char),
    /// Spaces and tabs, any number of them; those at the ends of a line count for nothing.
    Blanks,
}

/// What the first line of a table holds: `true` for the names of the columns, `false` for a sample, or `Detect`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Names, if they cannot be data of the columns below; where they could, the table is refused until this is said.
    #[default]
    Detect,
    /// Whether it holds names.
    Given(bool),
}

impl Default for Delimiter {
    fn default() -> Self {
        Self::Character(',')
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(character) => write!(f, "{character:?}"),
            Self::Blanks => f.write_str("Blanks"),
        }
    }
}

in_words!(Delimiter, "a character such as `';'` or `'\\t'`, or `Blanks`");
value_or_name!(Delimiter, Character(char) by visit_char, Blanks, "a character such as `';'` or `'\\t'`, or `Blanks`");
in_words!(Header, "`true`, `false` or `Detect`");
value_or_name!(Header, Given(bool) by visit_bool, Detect, "`true`, `false` or `Detect`");

/// Texts that stand for a missing value wherever they are written, as data frame libraries and data archives write them.
const MISSING: [&str; 5] = ["", "?", "NA", "None", "<NA>"];
/// The same in small and large letters.
const MISSING_IN_ANY_CASE: [&str; 7] = ["nan", "-nan", "null", "n/a", "#n/a", "#na", "1.#qnan"];
/// What groups digits, somewhere in the world.
const GROUPING: [char; 8] = [',', '.', ' ', '\u{a0}', '\u{202f}', '\'', '’', '_'];

/// Whether a cell says that its value is missing.
pub(super) fn is_missing(text: &str) -> bool {
    let in_any_case = || MISSING_IN_ANY_CASE.iter().any(|known| text.eq_ignore_ascii_case(known));
    MISSING.contains(&text) || in_any_case()
}

/// How cells are told apart and numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub delimiter: Delimiter,
    /// What stands before the decimals: `.` or `,`.
    pub decimal: char,
}

impl Format {
    /// The number that a cell holds, which may be infinite or none at all, as floating-point numbers go.
    pub fn number(self, text: &str) -> Option<f64> {
        match self.decimal {
            '.' => text.parse().ok(),
            _ if text.contains('.') => None,
            decimal => text.replacen(decimal, ".", 1).parse().ok(),
        }
    }

    /// A number that data can have.
    pub fn finite(self, text: &str) -> Option<f64> {
        self.number(text).filter(|number| number.is_finite())
    }

    /// What is wrong with a cell that holds no number in this format, and what helps, if it would in another.
    pub fn advice(self, text: &str) -> Option<(&'static str, String)> {
        let decimal = if self.decimal == '.' { ',' } else { '.' };
        let other = Self { decimal, ..self };
        let sign = if decimal == ',' { "comma" } else { "point" };
        let say = format!("say `decimal: {decimal:?}`");
        if let Some(plain) = self.without_groups(text) {
            let or = match other.finite(text) {
                Some(_) => format!("; if the {sign} stands before decimals, {say}"),
                None => String::new(),
            };
            return Some(("has digit groups", format!("write it without them, `{plain}`{or}")));
        }
        if other.finite(text).is_some() {
            let reason = if decimal == ',' {
                "has a decimal comma"
            } else {
                "has a decimal point"
            };
            return Some((reason, say));
        }
        let plain = other.without_groups(text)?;
        Some((
            "has digit groups",
            format!("write it without them, `{plain}`, and {say}"),
        ))
    }

    /// The number without what groups its digits in threes, if something does: `1234.5` for `1,234.5`.
    fn without_groups(self, text: &str) -> Option<String> {
        let unsigned = text.trim_start_matches(['-', '+']);
        let sign = &text[..text.len() - unsigned.len()];
        let (whole, decimals) = match unsigned.split_once(self.decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (unsigned, None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let between = GROUPING.into_iter().find(|&c| c != self.decimal && whole.contains(c))?;
        let groups: Vec<&str> = whole.split(between).collect();
        let (first, others) = groups.split_first()?;
        let grouped =
            (1..=3).contains(&first.len()) && digits(first) && others.iter().all(|g| g.len() == 3 && digits(g));
        let rest = match decimals {
            Some(decimals) if digits(decimals) => format!("{}{decimals}", self.decimal),
            Some(_) => return None,
            None => String::new(),
        };
        grouped.then(|| format!("{sign}{}{rest}", groups.concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: Format = Format {
        delimiter: Delimiter::Character(';'),
        decimal: '.',
    };
    const COMMA: Format = Format { decimal: ',', ..POINT };

    #[test]
    fn the_sign_before_decimals_is_the_one_that_was_said() {
        assert_eq!(POINT.number("-1.5e3"), Some(-1500.0));
        assert_eq!(COMMA.number("-1,5e3"), Some(-1500.0));
        assert_eq!(COMMA.number("12"), Some(12.0));
        assert_eq!(
            (POINT.number("1,5"), COMMA.number("1.5"), COMMA.number("1,5,0")),
            (None, None, None)
        );
    }

    #[test]
    fn digit_groups_are_no_number_and_known_by_name() {
        for (format, text, plain) in [
            (POINT, "1,234.5", "1234.5"),
            (POINT, "-1,234,567", "-1234567"),
            (POINT, "1 234", "1234"),
            (POINT, "12'345.25", "12345.25"),
            (POINT, "1_000", "1000"),
            (COMMA, "1.234,5", "1234,5"),
            (COMMA, "1\u{202f}234", "1234"),
            // said with the other sign before decimals
            (POINT, "1.234,5", "1234,5"),
            (COMMA, "1,234.5", "1234.5"),
        ] {
            assert_eq!(format.number(text), None, "{text}");
            let (reason, remedy) = format.advice(text).unwrap();
            assert_eq!(reason, "has digit groups", "{text}");
            assert!(remedy.contains(&format!("`{plain}`")), "{text}: {remedy}");
        }
        for text in ["12,34.5", "1,2345", ",123", "1,234.5.6", "a,bcd", "1,", "blue"] {
            assert_ne!(
                POINT.advice(text).map(|(reason, _)| reason),
                Some("has digit groups"),
                "{text}"
            );
        }
        assert_eq!(POINT.advice("1,5").unwrap().0, "has a decimal comma");
        assert_eq!(COMMA.advice("1.5").unwrap().0, "has a decimal point");
        // either of two: both are said
        assert!(POINT.advice("1,234").unwrap().1.contains("`decimal: ','`"));
    }

    #[test]
    fn missing_is_what_libraries_and_archives_write() {
        for text in [
            "", "?", "NA", "NaN", "nan", "null", "NULL", "None", "N/A", "n/a", "#N/A", "<NA>",
        ] {
            assert!(is_missing(text), "{text}");
        }
        // severe, mild, none; + and -; Na, the element
        for text in ["none", "-", "+", "Na", "no", "0"] {
            assert!(!is_missing(text), "{text}");
        }
    }
}
