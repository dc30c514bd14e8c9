//! Turn a rule's proposal into the change really applied.

mod change;
mod duration;
mod epsilon;
mod group;
mod optimizer;
mod proposal;
mod recipe;
mod schedule;
mod stepper;

pub use change::Change;
pub use duration::Duration;
pub use epsilon::Epsilon;
pub use group::{Group, parameter_names};
pub use optimizer::Optimizer;
pub use proposal::Proposal;
pub use recipe::Recipe;
pub use schedule::{Factor, Schedule};
pub use stepper::Stepper;
