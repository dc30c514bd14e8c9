//! What families of rules share, each thing once.

mod auxiliary;
mod feedback;
mod perturbation;
mod inverse;
mod sweep;
mod target;

pub use auxiliary::Auxiliary;
pub use feedback::{DirectFeedback, Distribution, Feedback, FeedbackWeights};
pub use perturbation::{SampleLosses, draw_noise, noisy_forward};
pub use inverse::{Inverses, Reconstruction};
pub use sweep::{broadcast, output_delta, sweep};
pub use target::{Start, Targets, difference_target, targets};
