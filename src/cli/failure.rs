//! Say what went wrong, and turn it into an exit status.

use super::output::say;
use crate::runner::RunError;
use std::fmt::Display;
use std::process::ExitCode;

/// Why a command ended early.
pub enum Failure {
    /// The user's input is wrong; the message says where and what to do.
    Input(String),
    /// Something could not be carried out.
    Execution(String),
    /// The user ended it; what was finished is kept.
    Interrupted(String),
}

impl Failure {
    /// A message that already begins with `error:`, or gets it.
    fn message(&self) -> String {
        let (Self::Input(text) | Self::Execution(text)) = self else {
            let Self::Interrupted(text) = self else {
                unreachable!("two kinds are errors")
            };
            return text.clone();
        };
        if text.starts_with("error") {
            text.clone()
        } else {
            format!("error: {text}")
        }
    }

    /// Prints the message and gives the exit status.
    pub fn report(self) -> ExitCode {
        say(self.message().trim_end());
        ExitCode::from(match self {
            Self::Input(_) => 2,
            Self::Execution(_) => 1,
            Self::Interrupted(_) => 130,
        })
    }

    /// Something could not be carried out, because of `error`.
    pub fn execution(error: impl Display) -> Self {
        Self::Execution(error.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let text = error.to_string();
        match error {
            RunError::Interrupted { .. } | RunError::Stopped => Self::Interrupted(text),
            RunError::Foreign(_)
            | RunError::NotResults(_)
            | RunError::Data(_)
            | RunError::Memory(_)
            | RunError::Task(_)
            | RunError::Refused(_) => Self::Input(text),
            RunError::Results(_) | RunError::Io(..) | RunError::Busy(_) => Self::Execution(text),
        }
    }
}
