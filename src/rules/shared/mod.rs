//! What families of rules share, each thing once.

mod feedback;
mod sweep;

pub use feedback::{DirectFeedback, Distribution, Feedback, FeedbackWeights};
pub use sweep::{broadcast, output_delta, sweep};
