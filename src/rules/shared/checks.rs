//! Refuse options and settings that a rule cannot work with.

use crate::linalg::Scalar;
use crate::network::{Layer, Network, layer_name};
use crate::rules::Refusal;
use std::fmt::Debug;

/// # Errors
/// A refusal of `option`, or, where it is empty, of the setting, unless it `fits`.
pub fn require(
    fits: bool,
    option: impl Into<String>,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Result<(), Refusal> {
    if fits {
        return Ok(());
    }
    Err(Refusal::new(option, reason, remedy))
}

/// As [`require`]; the remedy is to leave the option out.
///
/// # Errors
/// As [`require`].
pub fn require_or_default(fits: bool, option: &str, reason: &str, default: impl Debug) -> Result<(), Refusal> {
    require(
        fits,
        option,
        reason,
        format!("leave it out for the default {default:?}"),
    )
}

/// Whether a number is more than 0, and finite.
pub fn is_positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}

/// # Errors
/// A refusal of a value that is not positive, or not finite.
pub fn positive(option: &str, value: f64, default: f64) -> Result<(), Refusal> {
    require_or_default(is_positive(value), option, "must be positive", default)
}

/// # Errors
/// A refusal of 0.
pub fn at_least_one(option: &str, number: usize, default: usize) -> Result<(), Refusal> {
    require_or_default(number > 0, option, "must be at least 1", default)
}

/// # Errors
/// A refusal of networks without hidden layers.
pub fn has_hidden_layer<T: Scalar>(network: &Network<T>) -> Result<(), Refusal> {
    let reason = "trains hidden layers, and there is none";
    require(network.depth() > 1, "", reason, "add a hidden layer")
}

/// # Errors
/// A refusal of networks with a layer that pools.
pub fn has_no_pool<T: Scalar>(network: &Network<T>, reason: &str) -> Result<(), Refusal> {
    let pools = network.layers.iter().any(|layer| layer.pool.is_some());
    require(!pools, "", reason, "use a stride")
}

/// For rules that keep every weight in one place.
///
/// # Errors
/// A refusal of layers that use their weights at several places.
pub fn shares_no_weights<T: Scalar>(network: &Network<T>, keeps: &str) -> Result<(), Refusal> {
    for (l, layer) in network.layers.iter().enumerate() {
        let uses = layer.wiring.uses();
        let reason = format!(
            "{keeps}, and {} shares its weights among {uses} positions",
            layer_name(l)
        );
        require(uses == 1, "", reason, "use `Local`")?;
    }
    Ok(())
}

/// For rules that take the weights of a layer for a matrix between its units and those below.
///
/// # Errors
/// A refusal of layers whose weights are none.
pub fn has_full_weights<T: Scalar>(network: &Network<T>) -> Result<(), Refusal> {
    let full = network
        .layers
        .iter()
        .all(|layer| layer.wiring.is_full() && layer.pool.is_none());
    let reason = "treats weights as a matrix of units, which a convolution's filters are not";
    require(full, "", reason, "use dense layers, or `FeedbackAlignment`")
}

/// For rules whose units learn from what the others of their layer receive.
///
/// # Errors
/// A refusal of layers whose units do not receive the same.
pub fn receives_the_same<'a, T: Scalar>(layers: impl IntoIterator<Item = &'a Layer<T>>) -> Result<(), Refusal> {
    for (l, layer) in layers.into_iter().enumerate() {
        let fits = layer.wiring.uses() == layer.wiring.positions();
        let reason = format!(
            "lets the units of a layer share what they learn from, and the units of {} see different places",
            layer_name(l)
        );
        require(fits, "", reason, "use `Conv`")?;
    }
    Ok(())
}
