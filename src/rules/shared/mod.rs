//! What families of rules share, each thing once.

mod auxiliary;
mod delay;
mod feedback;
mod following;
mod ingredients;
mod inverse;
mod perturbation;
mod sweep;
mod target;

pub use auxiliary::Auxiliary;
pub use delay::Delayed;
pub use feedback::{Carried, Distribution, Feedback, FeedbackWeights, LEARNED, weights_above};
pub use following::{check_mirror, constant_gap, refuse_l2};
pub use ingredients::Sign;
pub use inverse::{Inverses, Reconstruction};
pub use perturbation::{SampleLosses, draw_noise, noisy_forward};
pub use sweep::{broadcast, output_delta, sweep, sweep_down_to};
pub use target::{Start, Targets, difference_target, targets};
