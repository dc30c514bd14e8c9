//! Read experiment files and expand them to runs.

mod arms;
mod changes;
mod check;
mod compare;
pub(crate) mod fields;
mod files;
mod fingerprint;
mod hidden;
mod label;
mod layout;
mod names;
mod parse;
mod plan;
mod read;
mod replication;
mod sample;
mod set;
mod settings;
mod shape;
mod size;
mod slug;
#[cfg(test)]
mod tests;
mod trials;
mod tuning;
mod warnings;
mod write;

pub use crate::update::Duration;
pub use changes::changes;
pub use compare::{Compare, METRICS, Occasion, Part, written as written_compare};
pub use fingerprint::Fingerprint;
pub use hidden::{Extent, HiddenEntry, LocalStart};
pub use layout::{LayerPlan, NetworkInputs};
pub use names::SETTINGS;
pub use parse::MOST_SEEDS;
pub use plan::{Plan, Precision};
pub use replication::{Claim, ClaimedAt, ClosedForm, Replication};
pub use set::set;
pub use settings::{
    Answering, Arm, BatchSize, Batching, Due, LastBatch, Measure, Moment, NamedRule, Order, Save, Settings, Stop,
    Trial, When,
};
pub use shape::{NetworkShape, PerLayer};
pub(crate) use slug::check_label;
pub use tuning::{Criterion, FIRST_SEED, Tuning};
