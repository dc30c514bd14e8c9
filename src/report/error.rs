//! Say why figures could not be drawn.

use crate::notation::Fault;
use crate::results::ResultsError;
use thiserror::Error;

/// Why figures could not be drawn.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A file could not be read or written.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// Whoever asked for figures asked to end.
    #[error("interrupted before all figures were drawn; `creditlab report` draws them")]
    Interrupted,
    /// Something is to be drawn that the result does not have.
    #[error("{0}")]
    Choice(String),
    /// The drawing itself failed.
    #[error("cannot draw a figure: {0}")]
    Drawing(String),
    /// The data of an experiment could not be read.
    #[error("{0}")]
    Data(#[from] Fault),
    /// The theory that is to be laid over a result does not speak of it.
    #[error(
        "no theory can be laid over this result: {0}; see `creditlab options replication.theory` for what each theory needs"
    )]
    NoTheory(String),
    /// A value has no place on its axis.
    #[error(
        "cannot draw the figure `{figure}`: {value} lies outside its axis `{axis}`\n\
         help: look for it in the tables of the result; if it is right, this is a mistake of the figure"
    )]
    Outside {
        /// The figure.
        figure: &'static str,
        /// The title of the axis.
        axis: String,
        /// The value.
        value: f64,
    },
}
