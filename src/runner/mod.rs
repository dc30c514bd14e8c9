//! Carry out runs.

mod batches;
mod gradient_check;
mod measuring;
mod pool;
mod run;
mod settling;
mod store;
mod tables;
mod training;
mod tuning;

pub use gradient_check::{BOUND, Errors, LayerCheck, MOST, STEPS, check, gradient_check};
pub use measuring::Seating;
pub use pool::{Error, Runs, Session};
pub use run::{Observer, Outcome, run, start};
pub use settling::unsettled;
pub use tables::{Call, write};
pub use training::{Diverged, Seat, Training};
pub use tuning::{Choices, choose};
