//! Say what went wrong, and with which exit status.

use crate::report::ReportError;
use crate::runner::RunError;
use std::fmt::Display;

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
    /// What to say: an error begins with `error:`, by itself or by this.
    pub fn message(&self) -> String {
        let (Self::Input(text) | Self::Execution(text) | Self::Interrupted(text)) = self;
        let text = text.trim_end();
        match self {
            Self::Input(_) | Self::Execution(_) if !text.starts_with("error") => format!("error: {text}"),
            _ => text.to_owned(),
        }
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Execution(_) => 1,
            Self::Interrupted(_) => 130,
        }
    }

    /// Something could not be carried out, because of `error`.
    pub fn execution(error: impl Display) -> Self {
        Self::Execution(error.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Interrupted => Self::Interrupted(error.to_string()),
            error => Self::execution(error),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let text = error.to_string();
        match error {
            RunError::Interrupted { .. } | RunError::Stopped => Self::Interrupted(text),
            RunError::Foreign(_)
            | RunError::NotResults(_)
            | RunError::NoPart(..)
            | RunError::Data(_)
            | RunError::Memory(_)
            | RunError::Task(_)
            | RunError::Refused(_) => Self::Input(text),
            RunError::Results(_) | RunError::Io(..) | RunError::Rule(_) | RunError::Rules { .. } => {
                Self::Execution(text)
            }
        }
    }
}
