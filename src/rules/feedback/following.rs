//! Check the settings of rules whose feedback weights follow the forward weights or mirror them.

use crate::rules::Refusal;
use crate::update::Recipe;

/// Feedback weights that go through the changes of `W` must decay as `W` does.
///
/// # Errors
/// A refusal of `l2`.
pub fn refuse_l2(optimizer: &Recipe) -> Result<(), Refusal> {
    if !optimizer.has_l2() {
        return Ok(());
    }
    let reason = "cannot use `l2`: it pulls W alone towards 0, and the gap to B would stay for ever";
    Err(Refusal::new("", reason, "use the optimizer's `decay`, which B shares"))
}

/// A warning where nothing closes the gap between `W` and what follows it.
pub fn constant_gap(optimizer: &Recipe) -> Option<String> {
    let text = "without the optimizer's `decay` the gap between W and B stays constant";
    (!optimizer.decays()).then(|| text.to_string())
}

/// Checks the numbers of a rule whose feedback weights learn from noise: `B ← (1 − leak) B + rate ...`.
///
/// # Errors
/// A refusal of the number at fault.
pub fn check_mirror(rate: f64, leak: f64, sigma: f64) -> Result<(), Refusal> {
    let positive = |option, value: f64| match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(Refusal::new(option, "must be positive", "leave it out for the default")),
    };
    positive("rate", rate)?;
    positive("sigma", sigma)?;
    if (0.0..1.0).contains(&leak) {
        return Ok(());
    }
    let reason = "must be at least 0 and less than 1";
    Err(Refusal::new("leak", reason, "leave it out for the default"))
}
