//! Turn a rule's proposal into the change really applied.

mod change;
mod optimizer;
mod proposal;

pub use change::Change;
pub use optimizer::{Optimizer, Stepper};
pub use proposal::Proposal;
