//! Take parameters one at a time: what the exact methods for small networks share.

use crate::linalg::Scalar;
use crate::network::{Affine, Network};
use crate::rules::Refusal;

/// Weights and biases of the largest network that is worked on one parameter at a time.
pub const MOST_PARAMETERS: usize = 2000;

/// # Errors
/// A refusal of networks that are too large for a pass per parameter.
pub fn check_size<T: Scalar>(network: &Network<T>) -> Result<(), Refusal> {
    let parameters = network.parameters();
    if parameters <= MOST_PARAMETERS {
        return Ok(());
    }
    let reason = format!("takes a pass for each of {parameters} parameters, and does so for at most {MOST_PARAMETERS}");
    Err(Refusal::new("", reason, "use a smaller network, or `Backprop`"))
}

/// Parameter `k` of a layer: weights first, column by column, then biases.
pub fn parameter<T: Scalar>(arrays: &mut Affine<T>, k: usize) -> &mut T {
    let weights = arrays.weight.len();
    if k < weights {
        &mut arrays.weight[k]
    } else {
        &mut arrays.bias[k - weights]
    }
}
