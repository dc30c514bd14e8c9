//! Carry targets that are small changes of the forward pass, scaled so that orthogonal weights make gradients of them.

use super::{InverseUnits, Inverses, Start, TargetPass, check_numbers, difference_target, targets};
use crate::linalg::{Matrix, Scalar, assign, zip};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::positive;
use crate::rules::{After, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Optimizer, Proposal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gradient-adjusted incremental target propagation (Ahmad, van Gerven, Ambrogioni 2020). From `ĥ_L = h_L − η e`, `e = ∂C/∂h_L`, small
/// changes are carried down through learned inverses `g_l`, scaled by the squared slope,
///
/// `ĥ_{l-1} = h_{l-1} + g_l(h_l + γ φ'(z_l)² ∘ (ĥ_l − h_l)) − g_l(h_l)`, `δ_l = ((h_l − ĥ_l) / (η γ^{L-l})) ∘ φ'(z_l)`.
///
/// With exact inverses, whose Jacobian is `W_l⁻¹ diag(1/φ'(z_l))`, and orthogonal weights, `W⁻¹ = Wᵀ`, that is the gradient as `γ` goes
/// to 0. The output layer follows its exact gradient.
///
/// The paper has exact inverses of square layers, the surplus units of a wider layer carried along, and a penalty that keeps weights
/// near orthogonal. Here layers have any size, inverses are learned as in `DifferenceTargetPropagation`, and there is no penalty.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GaitPropagation {
    /// `η`, how far the output's target lies down the loss; positive.
    pub step: f64,
    /// `γ`, what a change is made smaller by with each layer that it goes down; positive.
    pub gamma: f64,
    /// Standard deviation of the noise that inverses learn to undo; not negative.
    pub noise: f64,
    /// What trains the inverses: an optimizer with its options.
    pub inverses: Optimizer,
}

impl Default for GaitPropagation {
    fn default() -> Self {
        Self {
            step: 1.0,
            gamma: 0.1,
            noise: 0.1,
            inverses: Optimizer::sgd(0.1),
        }
    }
}

/// `below := h_{l-1} + (ĥ_{l-1} − h_{l-1}) / γ^{L-l+1}` of a `target` that is scaled alike, `h_l + (ĥ_l − h_l) / γ^{L-l}`: so that
/// [`targets`] divides by the step alone. `inverse(l, h, out)` leaves `g_l(h)` in `out`; `point` and `back` are scratch.
pub fn gait_target<T: Scalar>(
    step: &Step<'_, T>,
    gamma: f64,
    (l, target): (usize, &Matrix<T>),
    [point, back]: [&mut Matrix<T>; 2],
    below: &mut Matrix<T>,
    inverse: impl FnMut(usize, &Matrix<T>, &mut Matrix<T>),
) {
    let (h, depth_below_output) = (&step.trace.a, step.network.top() - l);
    let factor = T::of(gamma.powi(depth_below_output as i32 + 1));
    assign(point, target);
    zip(point, &h[l], |target, h| target - h);
    step.multiply_slope(l, point);
    step.multiply_slope(l, point);
    zip(point, &h[l], move |change, h| h + factor * change);
    difference_target(step, l, point, back, below, inverse);
    zip(below, &h[l - 1], move |target, h| h + (target - h) / factor);
}

impl LearningRule for GaitPropagation {
    const NAME: &'static str = "GaitPropagation";
    const SOURCE: &'static str = "Ahmad, van Gerven, Ambrogioni 2020, NeurIPS, arXiv 2006.06438";
    const CITATIONS: &'static [&'static str] = &[references::AHMAD_2020];
    const EQUATION: &'static str = "t_L = h_L - eta e; t_{l-1} = h_{l-1} + g_l(h_l + gamma f'(z_l)^2 o (t_l - h_l)) - g_l(h_l); \
                                    delta_l = (h_l - t_l) / (eta gamma^{L-l}) o f'(z_l); g_l learns to invert layer l";

    type State<T: Scalar> = Inverses<T>;
    type Work<T: Scalar> = (TargetPass<T>, Matrix<T>);

    fn needs(&self) -> Needs {
        Needs {
            noise: self.noise > 0.0,
            ..Start::Output.needs()
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Inverses<T>, Refusal> {
        check_numbers(self.step, self.noise)?;
        positive("gamma", self.gamma, Self::default().gamma)?;
        let (network, layers) = (setting.network, Start::Output.inverted(setting.network.top()));
        Inverses::new(network, layers, InverseUnits::Below, self.inverses, "inverses", stream)
    }

    fn propose<T: Scalar>(
        &self,
        g: &Inverses<T>,
        (work, point): &mut (TargetPass<T>, Matrix<T>),
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let TargetPass {
            targets: walk, z, back, ..
        } = work;
        targets(&step, Start::Output, self.step, walk, out, |l, target, below| {
            let inverse = |l, h: &Matrix<T>, below: &mut Matrix<T>| g.apply(l, h, z, below);
            gait_target(&step, self.gamma, (l, target), [point, back], below, inverse);
        });
    }

    fn adapt<T: Scalar>(&self, g: &mut Inverses<T>, (work, _): &mut (TargetPass<T>, Matrix<T>), after: After<'_, T>) {
        g.reconstruct(self.noise, &mut work.reconstruction, &after);
    }
}
