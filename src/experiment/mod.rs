//! Read experiment files and expand them to runs.

mod check;
mod label;
mod parse;
mod plan;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod write;

pub use plan::{Plan, Precision};
pub use settings::{
    Arm, Batch, BatchSize, Duration, LastBatch, Measure, Moment, NamedRule, NetworkShape, Order, Save, Settings,
};
