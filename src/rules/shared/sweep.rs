//! Carry the output error down: the backward sweep through feedback weights, and the direct broadcast.

use crate::linalg::{Matrix, Scalar, multiply, plain, reshape};
use crate::network::Activation;
use crate::rules::Step;
use crate::update::Proposal;

/// `δ_L = ∂loss/∂z_L`: the output layer learns as in backpropagation, whatever the hidden layers do.
pub fn output_delta<T: Scalar>(step: &Step<'_, T>, out: &mut Proposal<T>) {
    let top = step.network.top();
    step.loss.delta(
        step.network.layers[top].activation,
        step.trace.output(),
        step.targets,
        out.local(top),
    );
}

/// `∂loss/∂h_L`: with identity units it is what [`output_delta`] is.
pub fn output_error<T: Scalar>(step: &Step<'_, T>, error: &mut Matrix<T>) {
    step.loss
        .delta(Activation::Identity, step.trace.output(), step.targets, error);
}

/// `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)` from the top: every rule with sequential feedback is this line with its own `B`.
/// `feedback(l)` gives `B_l`, in the shape of `W_l`, for `l ≥ 1`.
pub fn sweep<'a, T: Scalar>(step: &Step<'_, T>, out: &mut Proposal<T>, feedback: impl Fn(usize) -> &'a Matrix<T>) {
    sweep_down_to(0, step, out, feedback);
}

/// As [`sweep`], but only down to the layer `lowest`; those below are left untrained.
pub fn sweep_down_to<'a, T: Scalar>(
    lowest: usize,
    step: &Step<'_, T>,
    out: &mut Proposal<T>,
    feedback: impl Fn(usize) -> &'a Matrix<T>,
) {
    output_delta(step, out);
    carry_down_to(lowest, step, out, feedback);
}

/// As [`sweep_down_to`], but the error of the output layer is what `out` already holds there.
pub fn carry_down_to<'a, T: Scalar>(
    lowest: usize,
    step: &Step<'_, T>,
    out: &mut Proposal<T>,
    feedback: impl Fn(usize) -> &'a Matrix<T>,
) {
    for l in (lowest..step.network.top()).rev() {
        let (delta, above) = out.local_from(l, l + 1);
        step.network.layers[l + 1].pull(feedback(l + 1), above, delta);
        step.multiply_slope(l, delta);
    }
}

/// `δ_l = (B_l δ_L) ∘ φ'(z_l)`: the error that `out` holds for the output layer goes straight to every hidden layer. `direct(l)`
/// gives `B_l`, `n_l × n_out`, and `land(l, delta)` takes its slope.
pub fn broadcast_error<'a, T: Scalar>(
    step: &Step<'_, T>,
    out: &mut Proposal<T>,
    direct: impl Fn(usize) -> &'a Matrix<T>,
    land: impl Fn(usize, &mut Matrix<T>),
) {
    for l in 0..step.network.top() {
        let (delta, error) = out.local_from(l, step.network.top());
        project(T::ONE, direct(l), error, delta);
        land(l, delta);
    }
}

/// What comes down from the units of layer `l + 1` through `weight`, in the shape of its weights, to those of layer `l`: where that pools, to the
/// ones that won in the feed-forward pass.
pub fn pull_to_units<T: Scalar>(
    step: &Step<'_, T>,
    l: usize,
    weight: &Matrix<T>,
    above: &Matrix<T>,
    to: &mut Matrix<T>,
) {
    let layers = &step.network.layers;
    layers[l + 1].pull(weight, above, to);
    if let Some(pool) = layers[l].pool {
        pool.down(&step.trace.pooled[l].winners, to);
    }
}

/// `to := factor b error`, `b` being feedback that belongs to no layer.
pub fn project<T: Scalar>(factor: T, b: &Matrix<T>, error: &Matrix<T>, to: &mut Matrix<T>) {
    reshape(to, b.nrows(), error.ncols());
    multiply(factor, plain(b), plain(error), T::ZERO, to);
}
