//! Read experiment files and expand them to runs.

mod plan;
mod settings;

pub use plan::{Plan, Precision};
pub use settings::{
    Arm, Batch, BatchSize, Duration, LastBatch, Measure, Moment, NamedRule, NetworkShape, Order, Save, Settings,
};
