//! Find rules by the name that experiment files use.

use super::guest::{self, Guest};
use super::{LearningRule, Rule};
use crate::notation::{Document, Mistake, Node, list, read_or_lead, suggestion};
use schemars::{Schema, schema_for};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of a rule before its options are.
#[derive(Clone)]
pub struct Entry {
    /// See [`LearningRule::NAME`].
    pub name: &'static str,
    /// See [`LearningRule::SOURCE`].
    pub source: &'static str,
    /// See [`LearningRule::CITATIONS`].
    pub citations: &'static [&'static str],
    /// See [`LearningRule::EQUATION`].
    pub equation: &'static str,
    kind: RuleKind,
}

/// Where a rule comes from.
#[derive(Clone)]
enum RuleKind {
    /// A type of this language.
    Type {
        schema: fn() -> Schema,
        read: fn(&Node<'_>) -> Result<Rule, Mistake>,
    },
    /// From outside.
    Guest(Arc<dyn Guest>),
}

impl Entry {
    /// What its options are, with their documentation.
    pub fn schema(&self) -> Schema {
        match &self.kind {
            RuleKind::Type { schema, .. } => schema(),
            RuleKind::Guest(guest) => guest::schema(&**guest),
        }
    }

    fn read(&self, options: &Node<'_>) -> Result<Rule, Mistake> {
        match &self.kind {
            RuleKind::Type { read, .. } => read(options),
            RuleKind::Guest(guest) => guest::read(guest, options),
        }
    }

    /// The rule with all options at their defaults.
    ///
    /// # Errors
    /// That some option has none.
    pub fn defaults(&self) -> Result<Rule, String> {
        state(self.name, |node| self.read(&Node::Options(node.options()?)))
    }
}

/// Reads a rule from a text of its own.
fn state(text: &str, read: impl Fn(&Node<'_>) -> Result<Rule, Mistake>) -> Result<Rule, String> {
    let document = Document::parse("rule", text).map_err(|fault| fault.to_string())?;
    read(&document.root()).map_err(|mistake| document.fault(mistake).to_string())
}

fn read<R: LearningRule>(options: &Node<'_>) -> Result<Rule, Mistake> {
    read_or_lead::<R>(options).map(|rule| Arc::new(rule) as Rule)
}

/// The rules that experiment files can name.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, Entry>);

impl Registry {
    /// Adds a rule: one line per rule, ours and yours.
    ///
    /// # Panics
    /// If there already is a rule of this name.
    pub fn with<R: LearningRule>(mut self) -> Self {
        let entry = Entry {
            name: R::NAME,
            source: R::SOURCE,
            citations: R::CITATIONS,
            equation: R::EQUATION,
            kind: RuleKind::Type {
                schema: || schema_for!(R),
                read: read::<R>,
            },
        };
        assert!(
            self.0.insert(R::NAME, entry).is_none(),
            "two rules are called `{}`",
            R::NAME
        );
        self
    }

    /// Adds a rule from outside.
    ///
    /// # Errors
    /// There already is a rule of this name.
    pub fn with_guest(mut self, guest: Arc<dyn Guest>) -> Result<Self, String> {
        let name = guest.name();
        if self.0.contains_key(name) {
            return Err(format!(
                "there already is a rule called `{name}`; give yours another name"
            ));
        }
        let entry = Entry {
            name,
            source: guest.source(),
            citations: &[],
            equation: guest.equation(),
            kind: RuleKind::Guest(guest),
        };
        self.0.insert(name, entry);
        Ok(self)
    }

    /// Every rule, by name.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }

    /// The rule of this name.
    ///
    /// # Errors
    /// That there is none, with the nearest name.
    pub fn entry(&self, name: &str) -> Result<&Entry, String> {
        self.0.get(name).ok_or_else(|| {
            let near = suggestion(name, self.0.keys().copied()).map(|near| format!("; {near}"));
            format!("no rule is called `{name}`{}", near.unwrap_or_default())
        })
    }

    /// The rule that `Name`, `Name()` or `Name(option: value)` states.
    ///
    /// # Errors
    /// What is wrong with the text, and where in it.
    pub fn rule(&self, text: &str) -> Result<Rule, String> {
        state(text, |node| self.read(node))
    }

    /// The rule that a value of an experiment file states.
    ///
    /// # Errors
    /// No rule has this name, or it has no such options; the mistake has its exact place.
    pub fn read(&self, node: &Node<'_>) -> Result<Rule, Mistake> {
        let names = || self.0.keys().copied();
        let Some((name, span)) = node.name() else {
            return Err(node.wrong_name("the name of a rule"));
        };
        let Some(entry) = self.0.get(name) else {
            let mistake = Mistake::new(format!("unknown rule `{name}`")).at(span);
            return Err(mistake
                .label(format!("expected {}", list(names())))
                .suggest(name, names()));
        };
        entry.read(&Node::Options(node.options()?))
    }
}
