//! Give each layer a target for its activity, carried down by learned inverses and corrected for what they get wrong.

use super::{InverseUnits, Inverses, Start, TargetPass, check_numbers, difference_target, targets};
use crate::linalg::Scalar;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::require;
use crate::rules::{After, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Optimizer, Proposal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Difference target propagation (Lee, Zhang, Fischer, Bengio 2015). From a first target, `ĥ_{L-1} = h_{L-1} − η ∂C/∂h_{L-1}`,
/// learned inverses `g_l(h) = φ_{l-1}(V_l h + c_l)` carry targets down,
///
/// `ĥ_{l-1} = h_{l-1} + g_l(ĥ_l) − g_l(h_l)`, `δ_l = ((h_l − ĥ_l) / η) ∘ φ'(z_l)`,
///
/// and after each change learn to undo noise: `½ |g_l(f_l(h_{l-1} + ε)) − (h_{l-1} + ε)|²`. The output layer follows its exact gradient.
/// The paper leaves the scale of the local loss to its learning rate; here it is divided by `η`, so that one rate fits all layers.
///
/// With `fixed` the inverses stay as they are drawn (Shibuya, Inoue, Kawakami, Sato 2023): with identity units that is feedback alignment
/// with `B_l = V_lᵀ`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DifferenceTargetPropagation {
    /// `η`, how far the first target lies down the loss; positive.
    pub step: f64,
    /// Standard deviation of `ε`, the noise that inverses learn to undo; not negative.
    pub noise: f64,
    /// Where the first target is set.
    pub start: Start,
    /// What trains the inverses: an optimizer with its options.
    pub inverses: Optimizer,
    /// Whether the inverses stay as they are drawn: then `noise` and `inverses`, which are about their training, are refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fixed: bool,
}

impl Default for DifferenceTargetPropagation {
    fn default() -> Self {
        Self {
            step: 0.1,
            noise: 0.1,
            start: Start::Penultimate,
            inverses: Optimizer::sgd(0.1),
            fixed: false,
        }
    }
}

impl LearningRule for DifferenceTargetPropagation {
    const NAME: &'static str = "DifferenceTargetPropagation";
    const SOURCE: &'static str = "Lee, Zhang, Fischer, Bengio 2015, ECML, arXiv 1412.7525; \
                                  fixed: Shibuya, Inoue, Kawakami, Sato 2023, AAAI, arXiv 2212.10352";
    const CITATIONS: &'static [&'static str] = &[references::LEE_2015, references::SHIBUYA_2023];
    const EQUATION: &'static str = "t_{L-1} = h_{L-1} - eta dC/dh_{L-1}; t_{l-1} = h_{l-1} + g_l(t_l) - g_l(h_l); \
                                    delta_l = (h_l - t_l) / eta o f'(z_l); g_l learns to invert layer l";

    type State<T: Scalar> = Inverses<T>;
    type Work<T: Scalar> = TargetPass<T>;

    fn needs(&self) -> Needs {
        let needs = Needs {
            noise: self.noise > 0.0 && !self.fixed,
            ..self.start.needs()
        };
        if self.fixed { needs.takes(2, 1) } else { needs }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Inverses<T>, Refusal> {
        check_numbers(self.step, self.noise)?;
        if self.fixed {
            let usual = Self::default();
            let (reason, remedy) = (
                "has no effect: the inverses stay as they are drawn",
                "leave it or `fixed` out",
            );
            require(self.noise == usual.noise, "noise", reason, remedy)?;
            require(self.inverses == usual.inverses, "inverses", reason, remedy)?;
        }
        let (network, layers) = (setting.network, self.start.inverted(setting.network.top()));
        Inverses::new(network, layers, InverseUnits::Below, self.inverses, "inverses", stream)
    }

    fn propose<T: Scalar>(&self, g: &Inverses<T>, work: &mut TargetPass<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let TargetPass {
            targets: walk, z, back, ..
        } = work;
        targets(&step, self.start, self.step, walk, out, |l, target, below| {
            difference_target(&step, l, target, back, below, |l, h, below| g.apply(l, h, z, below));
        });
    }

    fn adapt<T: Scalar>(&self, g: &mut Inverses<T>, work: &mut TargetPass<T>, after: After<'_, T>) {
        if !self.fixed {
            g.reconstruct(self.noise, &mut work.reconstruction, &after);
        }
    }
}
