//! Read experiment files and expand them to runs.

mod check;
mod label;
mod parse;
mod plan;
mod read;
mod settings;
mod shape;
#[cfg(test)]
mod tests;
mod write;

pub use crate::update::Duration;
pub use plan::{Plan, Precision};
pub use settings::{Arm, Batch, BatchSize, LastBatch, Measure, Moment, NamedRule, Order, Save, Settings};
pub use shape::NetworkShape;
