//! What families of rules share, each thing once.

mod feedback;
mod inverse;
mod sweep;
mod target;

pub use feedback::{DirectFeedback, Distribution, Feedback, FeedbackWeights};
pub use inverse::{Inverses, Reconstruction};
pub use sweep::{broadcast, output_delta, sweep};
pub use target::{Start, Targets, difference_target, targets};
