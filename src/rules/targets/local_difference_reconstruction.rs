//! Train linear inverses to the transposed Jacobian of the layer that they invert, so that targets become gradients.

use super::{InverseUnits, Inverses, LayerTargets, Start, check_numbers, difference_target, targets};
use crate::cost;
use crate::linalg::{Matrix, Scalar, assign, beside, reshape, zip};
use crate::random::{self, Stream};
use crate::references;
use crate::rules::shared::{is_positive, require};
use crate::rules::{After, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Optimizer, Proposal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Difference target propagation whose inverses minimise the local difference reconstruction loss (Ernoult, Normandin, Moudgil, Spinney,
/// Belilovsky, Rish, Richards, Bengio 2022, "L-DRL"). From `ĥ_L = h_L − η e`, `e = ∂C/∂h_L`, linear `g_l(h) = V_l h` carry targets down,
///
/// `ĥ_{l-1} = h_{l-1} + g_l(ĥ_l) − g_l(h_l)`, `δ_l = ((h_l − ĥ_l) / η) ∘ φ'(z_l)`.
///
/// After each change layer `l` answers noise `σ ξ` on its input by `d = f_l(h_{l-1} + σ ξ) − f_l(h_{l-1})`, and `V_l` descends
/// `−ξ · V_l d / σ + ½ |V_l ζ|²`, `ξ` and `ζ` standard normal: in expectation it goes to `mean W_lᵀ diag(φ'(z_l))`, the transposed Jacobian
/// of the layer, with which targets carry the gradient. The output layer follows its exact gradient.
///
/// In the paper `g_l` has units of its own, and its Jacobian is trained at every sample; it is linear here, so that one `V_l` is right for
/// all samples as far as slopes are alike. On a map the sums over a filter's positions make the inverse learn faster by their number, so
/// its rate is to be smaller by it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LocalDifferenceReconstruction {
    /// `η`, how far the output's target lies down the loss; positive. With identity units it has no effect but on rounding.
    pub step: f64,
    /// `σ`, standard deviation of the noise that layers answer; positive.
    pub noise: f64,
    /// What trains the inverses: an optimizer with its options. The smaller its rate, the less noise is left in them.
    pub inverses: Optimizer,
}

impl Default for LocalDifferenceReconstruction {
    fn default() -> Self {
        Self {
            step: 0.1,
            noise: 0.1,
            inverses: Optimizer::sgd(0.1),
        }
    }
}

/// Scratch: the targets on their way down, and what layers answer to noise.
#[derive(Clone, Debug, Default)]
pub struct DifferencePass<T: Scalar> {
    targets: LayerTargets<T>,
    z: Matrix<T>,
    back: Matrix<T>,
    xi: Matrix<T>,
    noisy: Matrix<T>,
    answer: Matrix<T>,
    proposal: Proposal<T>,
}

impl LearningRule for LocalDifferenceReconstruction {
    const NAME: &'static str = "LocalDifferenceReconstruction";
    const SOURCE: &'static str =
        "Ernoult, Normandin, Moudgil, Spinney, Belilovsky, Rish, Richards, Bengio 2022, ICML, arXiv 2201.13415";
    const CITATIONS: &'static [&'static str] = &[references::ERNOULT_2022];
    const EQUATION: &'static str = "t_L = h_L - eta e; t_{l-1} = h_{l-1} + V_l (t_l - h_l); delta_l = (h_l - t_l) / eta o f'(z_l); \
                                    V_l descends -<xi . V_l d / sigma> + <|V_l zeta|^2> / 2, d = f_l(h_{l-1} + sigma xi) - f_l(h_{l-1})";

    type State<T: Scalar> = Inverses<T>;
    type Work<T: Scalar> = DifferencePass<T>;

    fn needs(&self) -> Needs {
        Needs {
            noise: true,
            ..Start::Output.needs().takes(3, 3)
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Inverses<T>, Refusal> {
        check_numbers(self.step, self.noise)?;
        let reason = "must be positive: answers are divided by it";
        require(is_positive(self.noise), "noise", reason, "leave it out for the default")?;
        let (network, layers) = (setting.network, Start::Output.inverted(setting.network.top()));
        Inverses::new(
            network,
            layers,
            InverseUnits::Identity,
            self.inverses,
            "inverses",
            stream,
        )
    }

    fn propose<T: Scalar>(
        &self,
        g: &Inverses<T>,
        work: &mut DifferencePass<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let DifferencePass {
            targets: walk, z, back, ..
        } = work;
        targets(&step, Start::Output, self.step, walk, out, |l, target, below| {
            difference_target(&step, l, target, back, below, |l, h, below| g.apply(l, h, z, below));
        });
    }

    fn adapt<T: Scalar>(&self, inverses: &mut Inverses<T>, work: &mut DifferencePass<T>, after: After<'_, T>) {
        let DifferencePass {
            z,
            back,
            xi,
            noisy,
            answer,
            proposal,
            ..
        } = work;
        let (sigma, layers) = (T::of(self.noise), &after.step.network.layers);
        inverses.learn(proposal, &after, |l, g, generator, post, pre| {
            let h = after.step.trace.below(l);
            random::normal(reshape(xi, h.nrows(), h.ncols()).as_mut_slice(), 1.0, generator);
            assign(noisy, h);
            zip(noisy, xi, move |h, xi| h + sigma * xi);
            layers[l].forward(noisy, z, answer);
            layers[l].forward(h, z, back);
            zip(answer, back, move |noisy, still| (noisy - still) / sigma);
            let zeta = &mut *z;
            random::normal(zeta.as_mut_slice(), 1.0, generator);
            cost::aside(|| g.push(&g.weight, &g.bias, zeta, noisy));
            xi.neg_mut();
            beside(xi, noisy, post);
            beside(answer, zeta, pre);
        });
    }
}
