//! Find the options in the RON text of a rule, and write the rule again with other values.

use crate::notation::{Document, Node, join};
use ron2::ast::Expr;
use std::ops::Range;

/// What can be varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// `20` or `0.1`.
    Number,
    /// `true` or `false`.
    Switch,
    /// The value of an enum, with its fields if it has any.
    Choice,
    /// Text and lists: left alone.
    Other,
}

/// A value in a rule's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionPlace {
    /// Such as `feedback.scale`.
    pub path: String,
    pub kind: OptionKind,
    span: Range<usize>,
}

/// The options of a rule, as RON.
pub struct RuleOptions {
    pub text: String,
    pub places: Vec<OptionPlace>,
    /// Where the fields of a struct begin.
    openings: Vec<usize>,
}

impl RuleOptions {
    /// # Panics
    /// If the text is no RON; every rule writes its options so.
    pub fn new(text: String) -> Self {
        let document = Document::parse("options", text.as_str()).unwrap_or_else(|fault| panic!("{fault}"));
        let (places, openings) = (Vec::new(), Vec::new());
        let mut options = Self { text, places, openings };
        options.look("", &document.root());
        options
    }

    /// Adds the places in a value, itself first.
    fn look(&mut self, path: &str, node: &Node<'_>) {
        let span = node.span();
        let kind = match node {
            Node::Value(Expr::Number(_)) => Some(OptionKind::Number),
            Node::Value(Expr::Bool(_)) => Some(OptionKind::Switch),
            Node::Value(Expr::Struct(_)) => Some(OptionKind::Choice),
            Node::Value(Expr::Option(option)) if option.value.is_none() => Some(OptionKind::Choice),
            Node::Value(Expr::Unit(_) | Expr::AnonStruct(_) | Expr::Tuple(_) | Expr::Option(_)) => None,
            _ => Some(OptionKind::Other),
        };
        let place = |kind| OptionPlace {
            path: path.to_owned(),
            kind,
            span: span.clone(),
        };
        self.places.extend(kind.map(place));
        if kind == Some(OptionKind::Other) {
            return;
        }
        if let Some(bracket) = self.text[span.clone()].find('(') {
            self.openings.push(span.start + bracket + 1);
        }
        for (step, child) in node.children() {
            self.look(&join(path, step.as_deref()), &child);
        }
    }

    /// The text of a value.
    pub fn value(&self, place: &OptionPlace) -> &str {
        &self.text[place.span.clone()]
    }

    /// The options with another value at one place.
    pub fn with(&self, place: &OptionPlace, value: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_found_under_its_path() {
        let text = r#"(a:(kind:Normal,scale:1.0),b:Slow(steps:20,rate:-1e-3),c:true,d:Some(2),e:"x,(y",f:[1,2],g:None,h:Two(inf,4))"#;
        let options = RuleOptions::new(text.to_string());
        let found: Vec<_> = options
            .places
            .iter()
            .map(|place| (place.path.as_str(), place.kind, options.value(place)))
            .collect();
        let expected = [
            ("a.kind", OptionKind::Choice, "Normal"),
            ("a.scale", OptionKind::Number, "1.0"),
            ("b", OptionKind::Choice, "Slow(steps:20,rate:-1e-3)"),
            ("b.steps", OptionKind::Number, "20"),
            ("b.rate", OptionKind::Number, "-1e-3"),
            ("c", OptionKind::Switch, "true"),
            ("d", OptionKind::Number, "2"),
            ("e", OptionKind::Other, r#""x,(y""#),
            ("f", OptionKind::Other, "[1,2]"),
            ("g", OptionKind::Choice, "None"),
            ("h", OptionKind::Choice, "Two(inf,4)"),
            ("h", OptionKind::Number, "inf"),
            ("h", OptionKind::Number, "4"),
        ];
        assert_eq!(found, expected);
        assert_eq!(options.with_unknown().count(), 5);
        assert!(
            options
                .with(&options.places[1], "2.5")
                .starts_with("(a:(kind:Normal,scale:2.5),b")
        );
    }
}
