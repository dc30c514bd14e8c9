//! What families of rules share, each thing once.

mod auxiliary;
mod feedback;
mod perturbation;
mod sweep;

pub use auxiliary::Auxiliary;
pub use feedback::{DirectFeedback, Distribution, Feedback, FeedbackWeights};
pub use perturbation::{SampleLosses, draw_noise, noisy_forward};
pub use sweep::{broadcast, output_delta, sweep};
