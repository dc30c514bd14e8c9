//! Measure sizes: weights, updates, activities.

use super::metric::metrics;
use super::{Gradients, LayerGroup};
use crate::linalg::{Matrix, Scalar, sum_of_pairs};
use crate::network::{Activation, Network};

metrics! {
    /// size of the weights, layer by layer
    WEIGHT_NORM = "weight_norm", Weights, Number, Neither;
    /// size of the update, layer by layer
    UPDATE_NORM = "update_norm", Probe, Number, Neither;
    /// mean activity, layer by layer
    ACTIVITY_MEAN = "activity_mean", Probe, Number, Neither;
    /// share of the activities at which the activation is nearly flat, layer by layer
    ACTIVITY_SATURATION = "activity_saturation", Probe, Share, Neither;
}

/// The norm of each group of layers, whose squares are added up layer by layer; absent where none of them is there.
pub(super) fn norms(squares: &[Option<f64>]) -> Vec<(LayerGroup, f64)> {
    let norm = |group: LayerGroup| {
        let there: Vec<f64> = squares[group.layers(squares.len())].iter().flatten().copied().collect();
        (!there.is_empty()).then(|| (group, there.iter().sum::<f64>().sqrt()))
    };
    LayerGroup::of_depth(squares.len()).filter_map(norm).collect()
}

/// The sum of a function of numbers, made by [`sum_of_pairs`].
fn sum<T: Scalar>(values: &[T], of: impl Fn(f64) -> f64) -> f64 {
    sum_of_pairs(values, values, |x, _| of(x.to_f64()))
}

pub(super) fn square_sum<T: Scalar>(values: &[T]) -> f64 {
    sum(values, |x| x * x)
}

/// `weight_norm`: the Frobenius norm of the weights of each group of layers, biases left out.
pub fn weight_norms<T: Scalar>(network: &Network<T>) -> Vec<(LayerGroup, f64)> {
    let squares = network
        .layers
        .iter()
        .map(|layer| Some(square_sum(layer.weight.as_slice())));
    norms(&squares.collect::<Vec<_>>())
}

/// `update_norm`: the norm of the rule's proposal on the probe batch in each group of layers, weights and biases together; absent
/// where no layer of the group is trained.
pub fn gradient_norms<T: Scalar>(update: &Gradients<T>) -> Vec<(LayerGroup, f64)> {
    let squares = |l| {
        let [weight, bias] = update.pieces(l);
        Some(square_sum(weight?) + square_sum(bias?))
    };
    norms(&(0..update.depth()).map(squares).collect::<Vec<_>>())
}

/// `activity_mean`: the mean activity of a layer over units and the samples of the probe batch, added up by [`sum_of_pairs`].
pub fn activity_mean<T: Scalar>(a: &Matrix<T>) -> f64 {
    sum(a.as_slice(), |a| a) / a.len() as f64
}

/// `activity_saturation`: the share of a layer's activities, over units and samples, at which the slope of the activation is less
/// than a tenth of its largest value; for ReLU this is the share of silent units, and `z` is what they hear. Absent for the identity.
pub fn activity_saturation<T: Scalar>(activation: Activation, z: &Matrix<T>, a: &Matrix<T>) -> Option<f64> {
    if activation == Activation::Identity {
        return None;
    }
    let least = 0.1 * activation.steepest();
    let mut slopes = Matrix::from_element(a.nrows(), a.ncols(), T::ONE);
    activation.multiply_slope(z, a, &mut slopes);
    let saturated = sum(slopes.as_slice(), |slope| f64::from(u8::from(slope < least)));
    Some(saturated / a.len() as f64)
}
