//! Lay a topic out as a page for a terminal.

use super::{Default, Topic, Value};
use std::collections::BTreeSet;
use textwrap::{Options, wrap};

/// Blanks a level is moved in.
const INDENT: usize = 4;

impl Topic {
    /// What it means and what can stand there, level by level, in lines of at most `width` characters where words allow it.
    pub fn page(&self, width: usize) -> Vec<String> {
        self.lines(width, |page| page.entry(self, 0))
    }

    /// What can stand in its brackets, as in [`Topic::page`], without its own name and meaning.
    pub fn options(&self, width: usize) -> Vec<String> {
        let bare = Self {
            about: String::new(),
            ..self.clone()
        };
        self.lines(width, |page| {
            page.text(&self.about, 0);
            if !self.about.is_empty() && !bare.parts().is_empty() {
                page.lines.push(String::new());
            }
            page.values(&bare, 0);
        })
    }

    /// What stands one level below, and what that means.
    pub fn overview(&self, width: usize) -> Vec<String> {
        self.lines(width, |page| {
            for part in self.parts() {
                page.head(part, 0);
                page.text(&part.meaning, INDENT);
            }
        })
    }

    fn lines(&self, width: usize, fill: impl FnOnce(&mut TerminalPage)) -> Vec<String> {
        let mut page = TerminalPage {
            width,
            lines: Vec::new(),
            explained: BTreeSet::new(),
        };
        fill(&mut page);
        page.lines
    }
}

/// A paragraph for each empty line in the text, moved in.
pub fn paragraphs(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (i, paragraph) in text.split("\n\n").enumerate() {
        if i > 0 {
            lines.push(String::new());
        }
        for line in paragraph.lines() {
            let first = " ".repeat(indent);
            let further = if line.starts_with("- ") {
                format!("{first}  ")
            } else {
                first.clone()
            };
            let options = Options::new(width)
                .initial_indent(&first)
                .subsequent_indent(&further)
                .break_words(false);
            lines.extend(wrap(line, options).into_iter().map(String::from));
        }
    }
    lines
}

struct TerminalPage {
    width: usize,
    lines: Vec<String>,
    /// Types that have been explained: once is enough.
    explained: BTreeSet<String>,
}

impl TerminalPage {
    fn text(&mut self, text: &str, indent: usize) {
        if !text.is_empty() {
            self.lines.extend(paragraphs(text, indent, self.width));
        }
    }

    /// Meaning and values of a topic, without its name.
    fn explain(&mut self, topic: &Topic, indent: usize) {
        self.text(&topic.meaning, indent);
        self.values(topic, indent);
    }

    fn values(&mut self, topic: &Topic, indent: usize) {
        let parts = topic.parts();
        let known = topic
            .kind
            .as_ref()
            .is_some_and(|kind| !self.explained.insert(kind.clone()));
        if known && parts.iter().any(|part| !part.parts().is_empty()) {
            self.text("What can stand here is explained above.", indent);
            return;
        }
        // of a choice, one sentence more about its type says what its names say better
        let one_sentence = !topic.about.trim_end_matches('.').contains(". ") && !topic.about.contains("\n\n");
        if !(one_sentence && matches!(topic.value, Value::OneOf(_) | Value::Forms(_))) {
            self.text(&topic.about, indent);
        }
        match &topic.value {
            Value::Nothing | Value::Words(_) => {}
            Value::Fields(topics) => topics.iter().for_each(|field| self.entry(field, indent)),
            Value::OneOf(topics) => topics.iter().for_each(|topic| self.entry(topic, indent)),
            Value::Several(topics) => topics.iter().for_each(|topic| self.below(topic, indent)),
            Value::Forms(forms) => match one_or_list(forms) {
                Some(one) => self.below(one, indent),
                None => forms.iter().for_each(|form| self.form(form, indent)),
            },
            Value::List(item) => self.below(item, indent),
        }
    }

    /// One of several forms, of which some have no name.
    fn form(&mut self, form: &Topic, indent: usize) {
        if let Value::OneOf(_) = form.value {
            return self.below(form, indent);
        }
        self.text(&form.value.form(), indent);
        self.text(&form.meaning, indent + INDENT);
        self.below(form, indent + INDENT);
    }

    /// What is below a value without a name of its own.
    fn below(&mut self, topic: &Topic, indent: usize) {
        let plain = topic.parts().is_empty();
        if !plain && topic.kind.as_ref().is_none_or(|kind| !self.explained.contains(kind)) {
            self.values(topic, indent);
        }
    }

    /// A name, and below it, moved in, what it means.
    fn entry(&mut self, topic: &Topic, indent: usize) {
        self.head(topic, indent);
        self.explain(topic, indent + INDENT);
    }

    fn head(&mut self, topic: &Topic, indent: usize) {
        let head = head(topic);
        let further = " ".repeat(indent + 2 * INDENT);
        let first = " ".repeat(indent);
        let options = Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&further)
            .break_words(false);
        self.lines.extend(wrap(&head, options).into_iter().map(String::from));
    }
}

/// What can stand alone or in a list, where these are the two forms.
fn one_or_list(forms: &[Topic]) -> Option<&Topic> {
    match forms {
        [one, list] => match &list.value {
            Value::List(item) if item.value == one.value => Some(one),
            _ => None,
        },
        _ => None,
    }
}

/// `name: default`, and the kind of value where names do not tell it.
fn head(topic: &Topic) -> String {
    let name = &topic.name;
    if topic.is_alternative() {
        return topic.written();
    }
    let kind = match &topic.value {
        Value::Words(words) => words.clone(),
        Value::List(item) => match &item.value {
            Value::Words(words) => format!("list of {words}"),
            _ => "list".into(),
        },
        Value::Forms(forms) => match (one_or_list(forms).map(|one| &one.value), topic.parts().is_empty()) {
            (Some(Value::Words(words)), true) => format!("{words}, or a list of them"),
            (Some(_), _) => "one of these, or a list of them".into(),
            (None, _) => "one of these".into(),
        },
        Value::OneOf(_) => "one of these".into(),
        Value::Several(_) | Value::Fields(_) | Value::Nothing => String::new(),
    };
    let note = match &topic.default {
        Default::Needed => "must be given",
        Default::None => "none if left out",
        Default::Value(_) => "",
    };
    let notes: Vec<_> = [&*kind, note].into_iter().filter(|note| !note.is_empty()).collect();
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!("   ({})", notes.join("; "))
    };
    match (&topic.default, &topic.value) {
        // what is in the brackets stands below, with its defaults
        (_, Value::Fields(_)) => format!("{name}: (..){notes}"),
        (Default::Value(default), _) => format!("{name}: {default}{notes}"),
        _ => format!("{name}{notes}"),
    }
}
