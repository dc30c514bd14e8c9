//! Say what is wrong, where, and what to do about it.

use super::{Node, words};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::de::{self, Expected, Unexpected};
use std::fmt;
use thiserror::Error;

/// A range of bytes in a file's text.
pub type Span = std::ops::Range<usize>;

/// What is read, or what is wrong with it.
pub type Result<T, E = Mistake> = std::result::Result<T, E>;

/// A second place that explains the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub span: Span,
    /// What is there.
    pub label: String,
}

/// What is wrong with a file: one sentence, the place, and the remedy where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{title}")]
pub struct Mistake {
    /// The sentence.
    pub title: String,
    /// The place; `None` until somebody knows it, or if the file as a whole is meant.
    pub span: Option<Span>,
    /// What stands beside the caret; may be empty.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// Another place that belongs to it.
    pub mark: Option<Box<Mark>>,
    pub(super) place: Place,
    pub(super) unknown: Option<Box<Unknown>>,
}

/// A name that is none of those that can stand in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub found: String,
    pub names: &'static [&'static str],
}

/// Which part of a value an error without a place is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// All of it.
    Whole,
    /// Its end: something is missing.
    End,
}

impl Mistake {
    /// A mistake whose place is not known yet.
    pub fn new(title: impl Into<String>) -> Self {
        let (title, label) = (title.into(), String::new());
        Self {
            title,
            span: None,
            label,
            help: None,
            mark: None,
            place: Place::Whole,
            unknown: None,
        }
    }

    /// Puts it at `span`, unless it has a place already: the innermost wins.
    pub fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// Says what stands beside the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Puts it on a value and says what that is.
    pub fn about(self, value: &Node<'_>) -> Self {
        let what = value.describe();
        let bare = what.strip_prefix('`').and_then(|what| what.strip_suffix('`'));
        self.label(format!("is {}", bare.unwrap_or(&what))).at(value.span())
    }

    /// Says what to do; nothing where that is empty.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into()).filter(|help| !help.is_empty());
        self
    }

    /// Suggests the one of `names` that `found` is another word for, or that looks most like it, if any does.
    pub fn suggest<'n>(mut self, found: &str, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.help = suggestion(found, names).or(self.help);
        self
    }

    /// Notes that `found` is none of `names`, and suggests one.
    fn none_of(mut self, found: &str, names: &'static [&'static str]) -> Self {
        let found = found.to_owned();
        self = self.suggest(&found, names.iter().copied());
        self.unknown = Some(Box::new(Unknown { found, names }));
        self
    }

    /// Of an unknown name, those that can stand in its place.
    pub fn expected_names(&self) -> &'static [&'static str] {
        self.unknown.as_ref().map_or(&[], |unknown| unknown.names)
    }

    /// Shows a second place.
    pub fn mark(mut self, span: Span, label: impl Into<String>) -> Self {
        self.mark = Some(Box::new(Mark {
            span,
            label: label.into(),
        }));
        self
    }
}

/// ``a`, `b` or `c``: names as they stand in a sentence.
pub fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    joined(names, "or")
}

/// `a`, `b` and `c`.
pub fn all_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    joined(names, "and")
}

fn joined<'n>(names: impl IntoIterator<Item = &'n str>, last_by: &str) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {last_by} {last}", others.join(", ")),
    }
}

/// Says whose field it is about.
pub(super) fn within(mut mistake: Mistake, name: Option<&str>) -> Mistake {
    if let Some(name) = name {
        mistake.title += &format!(" of `{name}`");
    }
    mistake
}

/// Serde's words for what was found, in ours.
fn found(unexpected: Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("`{value}`"),
        Unexpected::Signed(value) => format!("`{value}`"),
        Unexpected::Float(value) => format!("`{value:?}`"),
        Unexpected::Str(_) => "a string".into(),
        Unexpected::Unit => "`()`".into(),
        Unexpected::Option => "an option".into(),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "named options".into(),
        Unexpected::Enum => "a name".into(),
        other => other.to_string(),
    }
}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", found(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let values = if length == 1 { "value" } else { "values" };
        Self {
            place: Place::End,
            ..Self::new(format!("expected {expected}, found {length} {values}"))
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown name `{variant}`"))
            .label(format!("expected {}", list(expected.iter().copied())))
            .none_of(variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let label = match expected {
            [] => "there are no options here".to_owned(),
            names => format!("expected {}", list(names.iter().copied())),
        };
        Self::new(format!("unknown field `{field}`"))
            .label(label)
            .none_of(field, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            place: Place::End,
            ..Self::new(format!("missing field `{field}`"))
        }
        .label(format!("expected `{field}: ..`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("field `{field}` is given twice"))
    }
}

/// A mistake together with the text it is in: ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.render(&Renderer::plain()))]
pub struct Fault {
    /// The file's name, as the user gave it.
    pub file: String,
    /// Its text; empty if it could not be read.
    pub text: String,
    /// What is wrong.
    pub mistake: Box<Mistake>,
}

impl Fault {
    /// The message as lines of text; `renderer` is plain or in colour.
    pub fn render(&self, renderer: &Renderer) -> String {
        let Mistake {
            title,
            span,
            label,
            help,
            mark,
            ..
        } = &*self.mistake;
        let Some(span) = span else {
            let help = help.iter().map(|help| Level::HELP.message(help.as_str()));
            let title = format!("{}: {title}", self.file);
            return renderer.render(&[Group::with_title(Level::ERROR.primary_title(title)).elements(help)]);
        };
        let label = (!label.is_empty()).then_some(label.as_str());
        let mut snippet = Snippet::source(self.text.as_str())
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(self.clamp(span)).label(label));
        if let Some(mark) = mark {
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(self.clamp(&mark.span))
                    .label(mark.label.as_str()),
            );
        }
        let group = Group::with_title(Level::ERROR.primary_title(title.as_str())).element(snippet);
        let help = help.iter().map(|help| Level::HELP.message(help.as_str()));
        renderer.render(&[group.elements(help)])
    }

    /// Line and column of what is wrong, both from 1, as the message has them; `None` where it is about no place in the text.
    pub fn place(&self) -> Option<(usize, usize)> {
        let span = self.clamp(self.mistake.span.as_ref()?);
        let before = &self.text[..span.start];
        let line = before.rsplit('\n').next().unwrap_or_default();
        Some((before.matches('\n').count() + 1, line.chars().count() + 1))
    }

    /// The same range, on the borders of characters and inside the text.
    fn clamp(&self, span: &Span) -> Span {
        let start = self.text.floor_char_boundary(span.start);
        start..self.text.ceil_char_boundary(span.end.max(start))
    }
}

/// The remedy for `found`, which is none of `names`: what the field's own word is called here, else the name that looks most like it.
pub fn suggestion<'n>(found: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let names: Vec<_> = names.into_iter().collect();
    let near = || Some(format!("did you mean `{}`?", nearest(found, names.iter().copied())?));
    words::remedy(found, &names).or_else(near)
}

/// What helps against a name that there is not: [`suggestion`], or else all names that there are.
pub fn remedy<'n>(found: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    suggestion(found, names.iter().copied()).unwrap_or_else(|| format!("there are {}", all_of(names)))
}

/// The one of `names` that looks most like `found`, if any looks like it.
pub fn nearest<'n>(found: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let likeness = |name: &str| strsim::jaro_winkler(&found.to_lowercase(), &name.to_lowercase());
    let best = names
        .into_iter()
        .map(|name| (likeness(name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness > 0.8).map(|(_, name)| name)
}
