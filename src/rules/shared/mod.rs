//! What families of rules share, each thing once.

mod auxiliary;
mod delay;
mod feedback;
mod feedback_weights;
mod following;
mod ingredients;
mod inverse;
mod one_by_one;
mod perturbation;
mod residual;
mod similarity;
mod sweep;
mod tangent;
mod target;

pub use crate::network::Distribution;
pub use auxiliary::Auxiliary;
pub use delay::Delayed;
pub use feedback::{ErrorSignal, Feedback, LEARNED};
pub use feedback_weights::{Carried, FeedbackWeights, weights_above};
pub use following::{check_mirror, constant_gap, refuse_l2};
pub use ingredients::Sign;
pub use inverse::{Inverses, Reconstruction};
pub use one_by_one::{MOST_PARAMETERS, check_size, parameter};
pub use perturbation::{
    SampleLosses, Variant, begin_arrays, begin_columns, copy_parameters, credit, credit_parameters, displace,
    draw_noise, draw_parameter_noise, forward_with, noisy_forward,
};
pub use residual::{largest, residual};
pub use similarity::Similarity;
pub use sweep::{broadcast_error, carry_down_to, output_delta, project, sweep, sweep_down_to};
pub use tangent::Tangent;
pub use target::{Start, Targets, difference_target, targets};
