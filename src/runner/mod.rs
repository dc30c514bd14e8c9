//! Carry out runs.

mod training;

pub use training::{Diverged, Seat, Training};
