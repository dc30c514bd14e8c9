//! Find the options in the RON text of a rule, and write the rule again with other values.

use std::ops::Range;

/// What can be varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `20` or `0.1`.
    Number,
    /// `true` or `false`.
    Switch,
    /// The value of an enum, with its fields if it has any.
    Choice,
    /// Text, lists and maps: left alone.
    Other,
}

/// A value in a rule's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Such as `feedback.scale`.
    pub path: String,
    pub kind: Kind,
    span: Range<usize>,
}

/// The options of a rule, as RON.
pub struct Options {
    pub text: String,
    pub places: Vec<Place>,
    /// Where the fields of a struct begin.
    openings: Vec<usize>,
}

impl Options {
    pub fn new(text: String) -> Self {
        let mut reader = Reader {
            text: &text,
            at: 0,
            places: Vec::new(),
            openings: Vec::new(),
        };
        reader.value("");
        let Reader { places, openings, .. } = reader;
        Self { text, places, openings }
    }

    /// The text of a value.
    pub fn value(&self, place: &Place) -> &str {
        &self.text[place.span.clone()]
    }

    /// The options with another value at one place.
    pub fn with(&self, place: &Place, value: &str) -> String {
        let mut text = self.text.clone();
        text.replace_range(place.span.clone(), value);
        text
    }

    /// The options with a field that no rule has, once for each struct in them.
    pub fn with_unknown(&self) -> impl Iterator<Item = String> {
        self.openings
            .iter()
            .map(|&at| format!("{}no_such_option:1,{}", &self.text[..at], &self.text[at..]))
    }
}

/// Larger and smaller values of a number; the first that a rule accepts and that change something will do.
pub fn other_numbers(number: &str) -> Vec<String> {
    if let Ok(n) = number.parse::<i64>() {
        let others = [n + 1, n - 1, n + 2, 2 * n, n / 2]
            .into_iter()
            .filter(|other| *other != n);
        return others.map(|other| other.to_string()).collect();
    }
    let x: f64 = number.parse().unwrap_or(0.0);
    let others = [2.0 * x, x / 2.0, x + 0.1, x - 0.1, x + 0.5]
        .into_iter()
        .filter(|other| *other != x);
    others.map(|other| format!("{other:?}")).collect()
}

/// The names in backquotes after `expected`: how the registry's message lists the values of an enum.
pub fn expected_names(error: &str) -> Vec<&str> {
    let (_, list) = error.split_once(" expected ").unwrap_or_default();
    list.split('`').skip(1).step_by(2).collect()
}

/// Reads compact RON, as a rule writes it.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    places: Vec<Place>,
    openings: Vec<usize>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn value(&mut self, path: &str) {
        let start = self.at;
        let kind = match self.peek() {
            Some('(') => return self.fields(path),
            Some(c) if c.is_ascii_digit() || "+-.".contains(c) => {
                self.skip(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                Kind::Number
            }
            Some(c) if c.is_alphabetic() || c == '_' => {
                let word = self.skip(|c| c.is_alphanumeric() || c == '_');
                match word {
                    "true" | "false" => Kind::Switch,
                    "inf" | "NaN" => Kind::Number,
                    "Some" => return self.fields(path),
                    _ => {
                        let place = self.places.len();
                        self.fields(path);
                        let span = start..self.at;
                        let (path, kind) = (path.to_string(), Kind::Choice);
                        return self.places.insert(place, Place { path, kind, span });
                    }
                }
            }
            _ => {
                self.opaque();
                Kind::Other
            }
        };
        let (path, span) = (path.to_string(), start..self.at);
        self.places.push(Place { path, kind, span });
    }

    /// `(name:value,...)`, `(value,...)` or nothing.
    fn fields(&mut self, path: &str) {
        if self.peek() != Some('(') {
            return;
        }
        self.at += 1;
        self.openings.push(self.at);
        while self.peek().is_some_and(|c| c != ')') {
            let start = self.at;
            let name = self.skip(|c| c.is_alphanumeric() || c == '_').to_string();
            if !name.is_empty() && self.peek() == Some(':') {
                self.at += 1;
                let dot = if path.is_empty() { "" } else { "." };
                self.value(&format!("{path}{dot}{name}"));
            } else {
                self.at = start;
                self.value(path);
            }
            self.skip(|c| c == ',');
        }
        self.at += 1;
    }

    /// A string, list or map, up to the end of its last bracket.
    fn opaque(&mut self) {
        let (mut depth, mut quoted, mut escaped) = (0, false, false);
        for (i, c) in self.text[self.at..].char_indices() {
            if escaped {
                escaped = false;
            } else if quoted {
                escaped = c == '\\';
                quoted = c != '"';
            } else {
                match c {
                    '"' => quoted = true,
                    '[' | '{' | '(' => depth += 1,
                    ']' | '}' | ')' => depth -= 1,
                    _ => {}
                }
            }
            if depth == 0 && !quoted && !escaped {
                self.at += i + c.len_utf8();
                return;
            }
        }
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_found_under_its_path() {
        let text =
            r#"(a:(kind:Normal,scale:1.0),b:Slow(steps:20,rate:-1e-3),c:true,d:Some(2),e:"x,(y",f:[1,2],g:None)"#;
        let options = Options::new(text.to_string());
        let found: Vec<_> = options
            .places
            .iter()
            .map(|place| (place.path.as_str(), place.kind, options.value(place)))
            .collect();
        let expected = [
            ("a.kind", Kind::Choice, "Normal"),
            ("a.scale", Kind::Number, "1.0"),
            ("b", Kind::Choice, "Slow(steps:20,rate:-1e-3)"),
            ("b.steps", Kind::Number, "20"),
            ("b.rate", Kind::Number, "-1e-3"),
            ("c", Kind::Switch, "true"),
            ("d", Kind::Number, "2"),
            ("e", Kind::Other, r#""x,(y""#),
            ("f", Kind::Other, "[1,2]"),
            ("g", Kind::Choice, "None"),
        ];
        assert_eq!(found, expected);
        assert_eq!(options.with_unknown().count(), 4);
        assert!(
            options
                .with(&options.places[1], "2.5")
                .starts_with("(a:(kind:Normal,scale:2.5),b")
        );
    }

    #[test]
    fn the_values_of_an_enum_stand_in_the_error() {
        #[derive(Debug, serde::Deserialize)]
        enum Magnitude {
            Uniform,
            Fixed,
            Drawn,
        }
        let document = crate::notation::Document::parse("rule", "NoSuchValue").unwrap();
        let error = document.deserialize::<Magnitude>().unwrap_err().to_string();
        let names = [Magnitude::Uniform, Magnitude::Fixed, Magnitude::Drawn].map(|m| format!("{m:?}"));
        assert_eq!(expected_names(&error), names);
    }
}
