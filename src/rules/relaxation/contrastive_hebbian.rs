//! Let activities settle with the output free and with the output clamped, and let weights learn from the difference.

use super::{Around, States, TrainedFor, contrast, residual};
use crate::linalg::{Scalar, assign};
use crate::loss::Loss;
use crate::network::{Activation, Network, Trace};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{is_positive, require, require_or_default};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Contrastive Hebbian learning (Movellan 1990; Xie, Seung 2003): all layers relax together, weak feedback coming down through the forward weights,
///
/// `h_l ← h_l + rate (φ_l(W_l h_{l-1} + b_l + gain W_{l+1}ᵀ h_{l+1}) − h_l)`,
///
/// once with the output free (`softmax(z_L)` for the cross-entropy) and once with it clamped to the target. Then
///
/// `ΔW_l = c gain^{l-L} (ȟ_l ȟ_{l-1}ᵀ − ĥ_l ĥ_{l-1}ᵀ)`, free minus clamped, `c` being the factor of the loss (2 for squares).
///
/// The error of every layer is of order `gain`: the gradient in the limit. No slope enters. Both phases start at the feed-forward pass, and a prediction
/// is the free phase. The label is inside the network.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContrastiveHebbian {
    /// Strength of the feedback, positive; small, or layers disturb each other.
    pub gain: f64,
    /// Steps of each phase, at least 1.
    pub steps: u32,
    /// Step size of the relaxation; positive.
    pub rate: f64,
}

impl Default for ContrastiveHebbian {
    fn default() -> Self {
        Self {
            gain: 0.1,
            steps: 20,
            rate: 0.5,
        }
    }
}

/// Scratch: the states of the two phases.
#[derive(Clone, Debug, Default)]
pub struct FreeAndClamped<T: Scalar> {
    free: States<T>,
    clamped: States<T>,
}

impl LearningRule for ContrastiveHebbian {
    const NAME: &'static str = "ContrastiveHebbian";
    const SOURCE: &'static str = "Xie, Seung 2003, Neural Computation 15:441";
    const CITATIONS: &'static [&'static str] = &[references::XIE_2003];
    const EQUATION: &'static str = "h_l settles at f(W_l h_{l-1} + b_l + gain W_{l+1}' h_{l+1}), output free or clamped; \
                                    dW_l = c gain^{l-L} (free - clamped) h_l h_{l-1}'";

    type State<T: Scalar> = TrainedFor;
    type Work<T: Scalar> = FreeAndClamped<T>;

    fn needs(&self) -> Needs {
        Needs {
            label_inside: true,
            ..Needs::STATES.takes(2, 2 * self.steps)
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<TrainedFor, Refusal> {
        let usual = Self::default();
        let reason = "must be positive: differences are divided by it";
        require_or_default(is_positive(self.gain), "gain", reason, usual.gain)?;
        require_or_default(self.steps > 0, "steps", "must be at least 1", usual.steps)?;
        require_or_default(is_positive(self.rate), "rate", "must be positive", usual.rate)?;
        let squares = matches!(setting.loss, Loss::Squares { .. } | Loss::HalfSquares { .. });
        let output = setting.network.layers[setting.network.top()].activation;
        let reason =
            "clamps the output to targets, and its difference from them is no error of squares behind a nonlinearity";
        require(
            !squares || output == Activation::Identity,
            "",
            reason,
            "use LogisticCrossEntropy",
        )?;
        Ok(TrainedFor(setting.loss))
    }

    fn settles(&self) -> Option<&'static str> {
        Some("use more `steps`, or another `rate`")
    }

    fn residual<T: Scalar>(&self, _: &TrainedFor, work: &mut FreeAndClamped<T>, step: Step<'_, T>) -> Option<f64> {
        let around = Around::step(&step);
        let end = work.clamped.speed(&around, self.gain, true);
        self.clamp(&mut work.clamped, &step);
        residual(end, work.clamped.speed(&around, self.gain, true))
    }

    fn propose<T: Scalar>(
        &self,
        _: &TrainedFor,
        work: &mut FreeAndClamped<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let (FreeAndClamped { free, clamped }, around) = (work, Around::step(&step));
        free.start(step.network.depth(), step.network, step.loss, step.trace);
        self.clamp(clamped, &step);
        for _ in 0..self.steps {
            free.relax(&around, self.gain, self.rate, false);
            clamped.relax(&around, self.gain, self.rate, true);
        }
        free.look(&around);
        clamped.look(&around);
        let (top, factor) = (step.network.top(), step.loss.factor(step.network.outputs()));
        for l in 0..=top {
            let k = factor * self.gain.powi(l as i32 - top as i32);
            contrast(&step, l, k, [&mut *clamped, &mut *free], out);
        }
    }

    fn predicts(&self) -> bool {
        true
    }

    fn predict<T: Scalar>(
        &self,
        trained: &TrainedFor,
        work: &mut FreeAndClamped<T>,
        network: &Network<T>,
        trace: &mut Trace<T>,
    ) {
        network.forward(trace);
        let free = &mut work.free;
        free.start(network.depth(), network, trained.0, trace);
        for _ in 0..self.steps {
            let around = Around {
                network,
                loss: trained.0,
                first: &trace.z[0],
            };
            free.relax(&around, self.gain, self.rate, false);
        }
        free.answer(network, trace);
    }
}

impl ContrastiveHebbian {
    /// States at the feed-forward pass, and the output at the target.
    fn clamp<T: Scalar>(&self, states: &mut States<T>, step: &Step<'_, T>) {
        states.start(step.network.depth(), step.network, step.loss, step.trace);
        assign(&mut states.s[step.network.top()], step.targets);
    }
}
