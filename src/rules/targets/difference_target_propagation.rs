//! Give each layer a target for its activity, carried down by learned inverses and corrected for what they get wrong.

use super::{Inverses, Reconstruction, Start, Targets, difference_target, targets};
use crate::linalg::{Matrix, Scalar, empty};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::{After, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
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
}

impl Default for DifferenceTargetPropagation {
    fn default() -> Self {
        Self {
            step: 0.1,
            noise: 0.1,
            start: Start::Penultimate,
            inverses: Optimizer::sgd(0.1),
        }
    }
}

/// Scratch: the targets on their way down, and the training of the inverses.
#[derive(Clone, Debug)]
pub struct Work<T: Scalar> {
    targets: Targets<T>,
    z: Matrix<T>,
    back: Matrix<T>,
    reconstruction: Reconstruction<T>,
}

impl<T: Scalar> Default for Work<T> {
    fn default() -> Self {
        Self {
            targets: Targets::default(),
            z: empty(),
            back: empty(),
            reconstruction: Reconstruction::default(),
        }
    }
}

impl LearningRule for DifferenceTargetPropagation {
    const NAME: &'static str = "DifferenceTargetPropagation";
    const SOURCE: &'static str = "Lee, Zhang, Fischer, Bengio 2015, ECML, arXiv 1412.7525";
    const CITATIONS: &'static [&'static str] = &[references::LEE_2015];
    const EQUATION: &'static str = "t_{L-1} = h_{L-1} - eta dC/dh_{L-1}; t_{l-1} = h_{l-1} + g_l(t_l) - g_l(h_l); \
                                    delta_l = (h_l - t_l) / eta o f'(z_l); g_l learns to invert layer l";

    type State<T: Scalar> = Inverses<T>;
    type Work<T: Scalar> = Work<T>;

    fn needs(&self) -> Needs {
        let exact_start = self.start == Start::Penultimate;
        Needs {
            weight_transport: exact_start, // of the output layer alone
            feedback_path: true,
            update_locking: true,
            phases: 3,
            forward_passes: 2,
            signed_errors: exact_start,
            slope: true,
            noise: self.noise > 0.0,
            error_driven: true,
            ..Needs::default()
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Inverses<T>, Refusal> {
        if !(self.step > 0.0 && self.step.is_finite()) {
            let reason = "must be positive: errors are divided by it";
            return Err(Refusal::new("step", reason, "leave it out for the default"));
        }
        if !(self.noise >= 0.0 && self.noise.is_finite()) {
            let remedy = "leave it out for the default, or take 0.0 for none";
            return Err(Refusal::new("noise", "must not be negative", remedy));
        }
        let top = setting.network.top();
        let layers = match self.start {
            Start::Penultimate => 1..top.max(1),
            Start::Output => 1..top + 1,
        };
        Inverses::new(setting.network, layers, self.inverses, "inverses", stream)
    }

    fn propose<T: Scalar>(&self, g: &Inverses<T>, work: &mut Work<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let Work {
            targets: scratch,
            z,
            back,
            ..
        } = work;
        targets(&step, self.start, self.step, scratch, out, |l, target, below| {
            difference_target(&step, l, target, back, below, |l, h, below| g.apply(l, h, z, below));
        });
    }

    fn adapt<T: Scalar>(&self, g: &mut Inverses<T>, work: &mut Work<T>, after: After<'_, T>) {
        g.learn(self.noise, &mut work.reconstruction, &after);
    }

    fn feedback<T: Scalar>(
        &self,
        g: &Inverses<T>,
        _: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        g.show(l, out)
    }
}
