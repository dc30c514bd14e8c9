//! Give each layer the target that learned inverses make of the one above.

use super::{InverseUnits, Inverses, Start, TargetPass, check_numbers, targets};
use crate::linalg::Scalar;
use crate::random::Stream;
use crate::references;
use crate::rules::{After, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Optimizer, Proposal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Target propagation (Bengio 2014), read as by Lee et al. 2015: difference target propagation without the correction,
///
/// `ĥ_{l-1} = g_l(ĥ_l)`, `δ_l = ((h_l − ĥ_l) / η) ∘ φ'(z_l)`,
///
/// with the same first target, `ĥ_{L-1} = h_{L-1} − η ∂C/∂h_{L-1}`, and the same training of the inverses `g_l`.
///
/// What an inverse gets wrong, `h_{l-1} − g_l(h_l)`, stays in the target also where the error is 0, and counts the more the smaller `η` is:
/// small steps teach the reconstruction and not the task. With exact inverses it is `DifferenceTargetPropagation`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TargetPropagation {
    /// `η`, how far the first target lies down the loss; positive. Take it large: 1 to 3 on small images.
    pub step: f64,
    /// Where the first target is set.
    pub start: Start,
    /// Standard deviation of the noise that inverses learn to undo; not negative.
    pub noise: f64,
    /// What trains the inverses: an optimizer with its options.
    pub inverses: Optimizer,
}

impl Default for TargetPropagation {
    fn default() -> Self {
        Self {
            step: 1.0,
            start: Start::Penultimate,
            noise: 0.1,
            inverses: Optimizer::sgd(0.1),
        }
    }
}

impl LearningRule for TargetPropagation {
    const NAME: &'static str = "TargetPropagation";
    const SOURCE: &'static str =
        "Bengio 2014, arXiv 1407.7906; Lee, Zhang, Fischer, Bengio 2015, ECML, arXiv 1412.7525";
    const CITATIONS: &'static [&'static str] = &[references::BENGIO_2014, references::LEE_2015];
    const EQUATION: &'static str = "t_{L-1} = h_{L-1} - eta dC/dh_{L-1}; t_{l-1} = g_l(t_l); \
                                    delta_l = (h_l - t_l) / eta o f'(z_l); g_l learns to invert layer l";

    type State<T: Scalar> = Inverses<T>;
    type Work<T: Scalar> = TargetPass<T>;

    fn needs(&self) -> Needs {
        Needs {
            noise: self.noise > 0.0,
            error_driven: false,
            ..self.start.needs()
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Inverses<T>, Refusal> {
        check_numbers(self.step, self.noise)?;
        let (network, layers) = (setting.network, self.start.inverted(setting.network.top()));
        Inverses::new(network, layers, InverseUnits::Below, self.inverses, "inverses", stream)
    }

    fn propose<T: Scalar>(&self, g: &Inverses<T>, work: &mut TargetPass<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let TargetPass { targets: walk, z, .. } = work;
        targets(&step, self.start, self.step, walk, out, |l, target, below| {
            g.apply(l, target, z, below);
        });
    }

    fn adapt<T: Scalar>(&self, g: &mut Inverses<T>, work: &mut TargetPass<T>, after: After<'_, T>) {
        g.reconstruct(self.noise, &mut work.reconstruction, &after);
    }
}
