//! Let feedback weights go through the same changes as the forward weights, so that both converge.

use super::{Carried, Feedback, FeedbackWeights, LEARNED, constant_gap, refuse_l2};
use crate::linalg::{Matrix, Scalar};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::{After, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Proposal, Recipe};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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

impl LearningRule for KolenPollack {
    const NAME: &'static str = "KolenPollack";
    const SOURCE: &'static str = "Kolen, Pollack 1994, ICNN; Akrout et al. 2019, NeurIPS, arXiv 1904.05391";
    const CITATIONS: &'static [&'static str] = &[references::KOLEN_1994, references::AKROUT_2019];
    const EQUATION: &'static str =
        "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B_l gets the change and the decay of W_l";

    type State<T: Scalar> = FeedbackWeights<T>;
    type Work<T: Scalar> = Carried<T>;

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            feedback_path: true,
            update_locking: true,
            phases: 2,
            forward_passes: 1,
            signed_errors: true,
            slope: true,
            error_driven: true,
            ..Needs::default()
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        refuse_l2(setting.optimizer)?;
        self.feedback
            .check(LEARNED, "would not outlast the first change of B")?;
        self.feedback.start(FeedbackPath::Sequential, setting, stream)
    }

    fn warning(&self, optimizer: &Recipe) -> Option<String> {
        constant_gap(optimizer)
    }

    fn dropout(&self) -> bool {
        true
    }

    fn files(&self) -> Vec<PathBuf> {
        self.feedback.files()
    }

    fn propose<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        work: &mut Carried<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        self.feedback.carry(b, work, &step, out);
    }

    fn adapt<T: Scalar>(&self, b: &mut FeedbackWeights<T>, work: &mut Carried<T>, after: After<'_, T>) {
        for (l, b) in b.weights.iter_mut().enumerate().skip(1) {
            after.change.follow(l, b);
        }
        b.send(work);
    }

    fn feedback<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        _: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        b.show(l, out)
    }
}
