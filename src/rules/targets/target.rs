//! Carry targets for the activities down from the output: what every form of target propagation shares.

use super::Reconstruction;
use crate::linalg::{Matrix, Scalar, assign, zip};
use crate::rules::shared::{is_positive, output_delta, output_error, require};
use crate::rules::{Needs, Refusal, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

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

impl Start {
    /// What carrying targets down and training inverses needs, noise aside.
    pub fn needs(self) -> Needs {
        let penultimate = self == Self::Penultimate;
        Needs {
            weight_transport: penultimate, // of the output layer alone
            signed_errors: penultimate,
            ..Needs::FEEDBACK.takes(3, 2)
        }
    }

    /// The layers whose inverses carry targets down, counted from 0, the output layer being `top`.
    pub fn inverted(self, top: usize) -> Range<usize> {
        match self {
            Self::Penultimate => 1..top.max(1),
            Self::Output => 1..top + 1,
        }
    }
}

/// Refuses numbers with which no target can be set, or no inverse learned.
///
/// # Errors
/// A refusal of `step` or `noise`.
pub fn check_numbers(step: f64, noise: f64) -> Result<(), Refusal> {
    let reason = "must be positive: errors are divided by it";
    require(is_positive(step), "step", reason, "leave it out for the default")?;
    let fits = noise >= 0.0 && noise.is_finite();
    let remedy = "leave it out for the default, or take 0.0 for none";
    require(fits, "noise", "must not be negative", remedy)
}

/// Scratch of [`targets`].
#[derive(Clone, Debug, Default)]
pub struct LayerTargets<T: Scalar> {
    target: Matrix<T>,
    below: Matrix<T>,
}

/// Scratch of rules with learned inverses: the targets on their way down, what an inverse needs, and its training.
#[derive(Clone, Debug, Default)]
pub struct TargetPass<T: Scalar> {
    /// The walk.
    pub targets: LayerTargets<T>,
    /// Pre-activation of an inverse.
    pub z: Matrix<T>,
    /// What an inverse makes of the activity itself.
    pub back: Matrix<T>,
    /// The training.
    pub reconstruction: Reconstruction<T>,
}

/// Every hidden layer learns to reach its target: `½ |h_l − ĥ_l|² / η`, with the target held fixed, has the error
/// `δ_l = ((h_l − ĥ_l) / η) ∘ φ'(z_l)`, of the scale of a gradient for any `η`. The output layer follows its exact gradient.
///
/// `lower(l, ĥ_l, out)` leaves `ĥ_{l-1}` in `out`: the methods differ in nothing else.
pub fn targets<T: Scalar>(
    step: &Step<'_, T>,
    start: Start,
    eta: f64,
    work: &mut LayerTargets<T>,
    out: &mut Proposal<T>,
    mut lower: impl FnMut(usize, &Matrix<T>, &mut Matrix<T>),
) {
    output_delta(step, out);
    let (layers, h, top) = (&step.network.layers, &step.trace.a, step.network.top());
    if top == 0 {
        return;
    }
    let (eta, LayerTargets { target, below }) = (T::of(eta), work);
    match start {
        Start::Penultimate => {
            let (_, output) = out.local_from(top - 1, top);
            layers[top].pull(&layers[top].weight, output, target);
            zip(target, &h[top - 1], move |gradient, h| h - eta * gradient);
        }
        Start::Output => {
            output_error(step, below);
            zip(below, &h[top], move |error, h| h - eta * error);
            lower(top, below, target);
        }
    }
    for l in (0..top).rev() {
        let delta = out.local(l);
        assign(delta, &h[l]);
        zip(delta, target, move |h, target| (h - target) / eta);
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
