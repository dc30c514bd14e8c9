//! Read experiment files and expand them to runs.

mod check;
mod compare;
mod label;
mod parse;
mod plan;
mod read;
mod settings;
mod shape;
#[cfg(test)]
mod tests;
mod write;

pub use compare::{Compare, METRICS, Occasion, Part, written as written_compare};
pub use plan::{Plan, Precision};
pub use settings::{Arm, Batch, BatchSize, Duration, LastBatch, Measure, Moment, NamedRule, Order, Save, Settings};
pub use shape::NetworkShape;
