//! What several families of rules share, each thing once; what the members of one share is in its folder.

mod parameters;
mod sample_losses;
mod sweep;
mod tangent;

pub use parameters::{copy_parameters, displace, fit_parameters, forward_with};
pub use sample_losses::SampleLosses;
pub use sweep::{broadcast_error, carry_down_to, output_delta, project, sweep, sweep_down_to};
pub use tangent::Tangent;
