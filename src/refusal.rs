//! Say why something cannot be had: which option is at fault, what is wrong with it, and what to do about it.

use thiserror::Error;

/// Why something cannot be had as it is asked for, by whoever was asked: a rule, an optimizer, a task.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}; {remedy}", self.sentence())]
pub struct Refusal {
    /// The option at fault, as a path such as `feedback.scale`; empty where it is the setting.
    pub option: String,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl Refusal {
    /// A refusal because of an option, or, with an empty `option`, of the setting.
    pub fn new(option: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// The same for whom `option` is an option of what `place` names, such as `groups.0`.
    pub fn within(mut self, place: &str) -> Self {
        self.option = match &*self.option {
            "" => place.to_owned(),
            option => format!("{place}.{option}"),
        };
        self
    }

    /// What is wrong in a sentence that begins with the option, if there is one.
    pub fn sentence(&self) -> String {
        match &*self.option {
            "" => self.reason.clone(),
            option => format!("`{option}` {}", self.reason),
        }
    }
}
