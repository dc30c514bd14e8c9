//! Explain what can stand in experiment files, from the documentation, types and defaults of what reads them.
//!
//! A rule's options, a task's, and the fields of an experiment derive [`JsonSchema`](schemars::JsonSchema); a [`Topic`] is read from the schema.
//! `creditlab rules`, `creditlab tasks`, `creditlab options` and the tables of the reference are made of topics, so that nothing is
//! explained twice.

mod default;
mod definitions;
mod page;
mod schema;
#[cfg(test)]
mod tests;
mod topic;

pub use page::paragraphs;
pub use topic::{Default, Topic, Value};

use crate::experiment::fields::ExperimentFields;
use crate::rules::Entry;
use crate::tasks::Task;
use schemars::schema_for;

/// The fields of an experiment file.
pub fn experiment() -> Topic {
    schema::topic("experiment", &schema_for!(ExperimentFields))
}

/// The options of a rule.
pub fn rule(entry: &Entry) -> Topic {
    schema::topic(entry.name, &entry.schema())
}

/// The tasks, in the order of the listing.
pub fn tasks() -> Vec<Topic> {
    match schema::topic("task", &schema_for!(Task)).value {
        Value::OneOf(tasks) => tasks,
        _ => unreachable!("tasks are an enum"),
    }
}
