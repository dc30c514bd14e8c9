//! What several families of rules share, each thing once; what the members of one share is in its folder.

mod checks;
mod parameters;
mod sample_losses;
mod sweep;
mod tangent;

pub use checks::{
    at_least_one, has_full_weights, has_hidden_layer, has_no_pool, is_positive, positive, receives_the_same, require,
    require_or_default, shares_no_weights,
};
pub use parameters::{copy_parameters, displace, fit_parameters, forward_with};
pub use sample_losses::SampleLosses;
pub use sweep::{
    broadcast_error, carry_down_to, output_delta, output_error, project, pull_to_units, sweep, sweep_down_to,
};
pub use tangent::Tangent;
