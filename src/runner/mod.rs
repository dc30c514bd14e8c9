//! Carry out runs.

mod batches;
mod measuring;
mod pool;
mod run;
mod store;
mod tables;
mod training;

pub use measuring::Seating;
pub use pool::{Error, Session};
pub use run::{Observer, Outcome, run, start};
pub use tables::{Call, write};
pub use training::{Diverged, Seat, Training};
