//! Carry targets for the activities down from the output: what every form of target propagation shares.

use crate::linalg::{Matrix, Scalar, assign, empty, zip};
use crate::network::Activation;
use crate::rules::Step;
use crate::rules::shared::output_delta;
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the first target is set, a step `η` down the loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Start {
    /// At the last hidden layer, by the exact gradient: `ĥ_{L-1} = h_{L-1} − η W_Lᵀ δ_L` (Lee et al. 2015).
    #[default]
    Penultimate,
    /// At the output: `ĥ_L = h_L − η e`, `e = ∂C/∂h_L`. For the logistic cross-entropy, whose `∂C/∂h_L` has no bound,
    /// `e = h_L − y`, which it is for half squares; a mean over outputs divides it too.
    Output,
}

/// Scratch of [`targets`].
#[derive(Clone, Debug)]
pub struct Targets<T: Scalar> {
    target: Matrix<T>,
    below: Matrix<T>,
}

impl<T: Scalar> Default for Targets<T> {
    fn default() -> Self {
        let [target, below] = [(); 2].map(|()| empty());
        Self { target, below }
    }
}

/// Every hidden layer learns to reach its target: `½ |h_l − ĥ_l|² / η`, with the target held fixed, has the error
/// `δ_l = ((h_l − ĥ_l) / η) ∘ φ'(z_l)`, of the scale of a gradient for any `η`. The output layer follows its exact gradient.
///
/// `lower(l, ĥ_l, out)` leaves `ĥ_{l-1}` in `out`: the methods differ in nothing else.
pub fn targets<T: Scalar>(
    step: &Step<'_, T>,
    start: Start,
    eta: f64,
    work: &mut Targets<T>,
    out: &mut Proposal<T>,
    mut lower: impl FnMut(usize, &Matrix<T>, &mut Matrix<T>),
) {
    output_delta(step, out);
    let (layers, h, top) = (&step.network.layers, &step.trace.a, step.network.top());
    if top == 0 {
        return;
    }
    let (eta, Targets { target, below }) = (T::of(eta), work);
    match start {
        Start::Penultimate => {
            let (_, output) = out.local_from(top - 1, top);
            layers[top].pull(&layers[top].weight, output, target);
            zip(target, &h[top - 1], |gradient, h| h - eta * gradient);
        }
        Start::Output => {
            // with identity units `∂C/∂z_L` is `∂C/∂h_L`
            step.loss
                .delta(Activation::Identity, step.trace.output(), step.targets, below);
            zip(below, &h[top], |error, h| h - eta * error);
            lower(top, below, target);
        }
    }
    for l in (0..top).rev() {
        let delta = out.local(l);
        assign(delta, &h[l]);
        zip(delta, target, |h, target| (h - target) / eta);
        step.multiply_slope(l, delta);
        if l > 0 {
            lower(l, target, below);
            std::mem::swap(target, below);
        }
    }
}

/// The difference form of a target, `ĥ_{l-1} = g_l(ĥ_l) + (h_{l-1} − g_l(h_l))`: what the inverse gets wrong at the activity itself is
/// taken off (Lee et al. 2015). `inverse(l, h, out)` leaves `g_l(h)` in `out`; `back` is scratch.
pub fn difference_target<T: Scalar>(
    step: &Step<'_, T>,
    l: usize,
    target: &Matrix<T>,
    back: &mut Matrix<T>,
    below: &mut Matrix<T>,
    mut inverse: impl FnMut(usize, &Matrix<T>, &mut Matrix<T>),
) {
    inverse(l, target, below);
    inverse(l, &step.trace.a[l], back);
    zip(below, back, |target, back| target - back);
    zip(below, &step.trace.a[l - 1], |difference, h| h + difference);
}
