//! Read RON so that every mistake is reported at its exact place in the file.
//!
//! [`Document`] holds a file's text and its syntax tree; [`Node`] is a value in that tree and a [`serde::Deserializer`], so
//! an ordinary `#[derive(Deserialize)]` type is read with exact positions. Every error is a [`Mistake`]; with its text it
//! becomes a [`Fault`] that prints the line, a caret and the remedy.
//!
//! What has a name and options is written `Name`, `Name()` or `Name(option: value)`; the three mean the same where the
//! options have defaults. A struct is written `(option: value)` or `Name(option: value)`; a value without a name stands in
//! brackets after the name of a newtype or tuple variant only (`Epochs(20)`). `Some(..)` may be left out. There are no
//! maps: curly brackets are refused.

mod access;
mod brackets;
mod deserialize;
mod document;
mod mistake;
mod neat;
mod nested;
mod node;
mod number;
#[cfg(test)]
mod tests;
mod variant;
mod walk;
mod words;

pub use document::Document;
pub use mistake::{Fault, Mark, Mistake, Result, Span, all_of, list, nearest, remedy, suggestion};
pub use neat::neat;
pub use nested::read_or_lead;
pub use node::{Field, Node, Options};
pub use variant::Variant;
pub use walk::join;
