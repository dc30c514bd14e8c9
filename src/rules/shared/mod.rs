//! What families of rules share, each thing once.

mod auxiliary;
mod feedback;
mod inverse;
mod one_by_one;
mod perturbation;
mod similarity;
mod sweep;
mod tangent;
mod target;

pub use auxiliary::Auxiliary;
pub use feedback::{DirectFeedback, Distribution, Feedback, FeedbackWeights};
pub use inverse::{Inverses, Reconstruction};
pub use one_by_one::{MOST_PARAMETERS, check_size, parameter};
pub use perturbation::{
    SampleLosses, Variant, begin_arrays, begin_columns, copy_parameters, credit, credit_parameters, displace,
    draw_noise, draw_parameter_noise, forward_with, noisy_forward,
};
pub use similarity::Similarity;
pub use sweep::{broadcast, output_delta, project, sweep};
pub use tangent::Tangent;
pub use target::{Start, Targets, difference_target, targets};
