//! Refuse options and settings that a rule cannot work with.

use crate::linalg::Scalar;
use crate::network::Network;
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
