//! Check the settings of rules whose feedback weights follow the forward weights or mirror them.

use crate::linalg::{Matrix, Scalar};
use crate::network::Layer;
use crate::rules::Refusal;
use crate::rules::shared::{is_positive, require};
use crate::update::Recipe;

/// Feedback weights that go through the changes of `W` must decay as `W` does.
///
/// # Errors
/// A refusal of `l2`.
pub fn refuse_l2(optimizer: &Recipe) -> Result<(), Refusal> {
    let reason = "cannot use `l2`: it pulls W alone towards 0, and the gap to B would stay for ever";
    let remedy = "use the optimizer's `decay`, which B shares";
    require(!optimizer.has_l2(), "", reason, remedy)
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
    let remedy = "leave it out for the default";
    require(is_positive(rate), "rate", "must be positive", remedy)?;
    require(is_positive(sigma), "sigma", "must be positive", remedy)?;
    let fits = (0.0..1.0).contains(&leak);
    require(fits, "leak", "must be at least 0 and less than 1", remedy)
}

/// `b ← keep b + rate Σ_i post_i pre_iᵀ` in the shape of the layer's weights, the sum being over samples; where a weight is used at many
/// places, over samples of the mean over those places whose input is on the map.
pub fn pair_mean<T: Scalar>(layer: &Layer<T>, rate: T, post: &Matrix<T>, pre: &Matrix<T>, keep: T, b: &mut Matrix<T>) {
    let scale = |b: &mut Matrix<T>, factor: &dyn Fn(T) -> T| {
        let columns = b.as_mut_slice().chunks_exact_mut(layer.weight.nrows());
        for (column, places) in columns.zip(layer.wiring.seen_at().into_iter().flatten()) {
            let factor = factor(T::of(places.max(1) as f64));
            column.iter_mut().for_each(|b| *b *= factor);
        }
    };
    if layer.wiring.seen_at().is_none() {
        return layer.pair(rate, post, pre, keep, b);
    }
    scale(b, &|places| keep * places);
    layer.pair(rate, post, pre, T::ONE, b);
    scale(b, &|places| T::ONE / places);
}
