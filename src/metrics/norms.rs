//! Measure sizes: weights, updates, activities.

use super::metric::metrics;
use super::{Gradients, LayerGroup};
use crate::linalg::{Matrix, Scalar};
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

fn norm<'a, T: Scalar>(pieces: impl Iterator<Item = &'a [T]>) -> f64 {
    pieces.flatten().map(|x| x.to_f64() * x.to_f64()).sum::<f64>().sqrt()
}

/// `weight_norm`: the Frobenius norm of the weights of a group of layers, biases left out.
pub fn weight_norm<T: Scalar>(network: &Network<T>, group: LayerGroup) -> f64 {
    norm(
        network.layers[group.layers(network.depth())]
            .iter()
            .map(|layer| layer.weight.as_slice()),
    )
}

/// `update_norm`: the norm of the rule's proposal on the probe batch, weights and biases together; absent where no layer of the
/// group is trained.
pub fn gradient_norms<T: Scalar>(update: &Gradients<T>, depth: usize, group: LayerGroup) -> Option<f64> {
    let mut pieces = group.layers(depth).flat_map(|l| update.pieces(l)).flatten().peekable();
    pieces.peek()?;
    Some(norm(pieces))
}

/// `activity_mean`: the mean activity of a layer over units and the samples of the probe batch.
pub fn activity_mean<T: Scalar>(a: &Matrix<T>) -> f64 {
    a.iter().map(|a| a.to_f64()).sum::<f64>() / a.len() as f64
}

/// `activity_saturation`: the share of a layer's activities, over units and samples, at which the slope of the activation is less
/// than a tenth of its largest value; for ReLU this is the share of silent units, and `z` is what they hear. Absent for the identity.
pub fn activity_saturation<T: Scalar>(activation: Activation, z: &Matrix<T>, a: &Matrix<T>) -> Option<f64> {
    if activation == Activation::Identity {
        return None;
    }
    let least = 0.1 * activation.steepest();
    let saturated = z
        .iter()
        .zip(a)
        .filter(|(z, a)| activation.slope(**z, **a).to_f64() < least)
        .count();
    Some(saturated as f64 / a.len() as f64)
}
