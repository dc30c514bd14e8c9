//! Let feedback weights go through the same changes as the forward weights, so that both converge.

use super::{Feedback, FeedbackRule, FeedbackWeights, constant_gap, refuse_l2};
use crate::linalg::{Matrix, Scalar};
use crate::random::Stream;
use crate::references;
use crate::rules::{After, FeedbackPath, Refusal, Setting};
use crate::update::Recipe;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Learned feedback (Kolen, Pollack 1994; Akrout et al. 2019): feedback alignment whose `B_l` receives the change that `W_l`
/// receives and decays by the same factor.
///
/// `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`, `B_l ← (1 − decay) B_l + ΔW_l`, hence `W_l − B_l` shrinks by `1 − decay` at every step,
/// whatever the data. The decay is the optimizer's; without it the gap stays constant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KolenPollack {
    /// How `B` starts and is used; rank, sparsity, sign and levels are refused, since `B` does not stay as it starts.
    pub feedback: Feedback,
}

impl FeedbackRule for KolenPollack {
    const NAME: &'static str = "KolenPollack";
    const SOURCE: &'static str = "Kolen, Pollack 1994, ICNN; Akrout et al. 2019, NeurIPS, arXiv 1904.05391";
    const CITATIONS: &'static [&'static str] = &[references::KOLEN_1994, references::AKROUT_2019];
    const EQUATION: &'static str =
        "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B_l gets the change and the decay of W_l";
    const PATH: FeedbackPath = FeedbackPath::Sequential;

    type Scratch<T: Scalar> = ();

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }

    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        refuse_l2(setting.optimizer)?;
        self.feedback.learned(Self::PATH, setting, stream)
    }

    fn warning(&self, optimizer: &Recipe) -> Option<String> {
        constant_gap(optimizer)
    }

    fn learn<T: Scalar>(&self, b: &mut [Matrix<T>], _: &mut (), after: &After<'_, T>) {
        for (l, b) in b.iter_mut().enumerate().skip(1) {
            after.change.follow(l, b);
        }
    }
}
