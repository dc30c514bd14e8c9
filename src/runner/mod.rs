//! Carry out runs.

mod batches;
mod changes;
mod gradient_check;
mod measuring;
mod opening;
mod pool;
mod predict;
mod run;
mod saving;
mod seating;
mod settling;
mod store;
mod tables;
mod training;
mod tuning;

pub use gradient_check::{BOUND, Errors, LayerCheck, MOST, STEPS, check, gradient_check};
pub use pool::{Error, Runs, Session};
pub use predict::predict;
pub use run::{Observer, Outcome, run, start};
pub use seating::Seating;
pub use settling::unsettled;
pub use tables::{Call, write};
pub use training::{Diverged, Seat, Training};
pub use tuning::{Choices, choose};
