//! Send the output error straight to every hidden layer through fixed random weights.

use super::{Carried, Feedback, FeedbackWeights};
use crate::linalg::{Matrix, Scalar};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::{After, Broadcast, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Direct feedback alignment (Nøkland 2016): `δ_l = (B_l δ_L) ∘ φ'(z_l)` with fixed random `B_l`, `n_l × n_out`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DirectFeedbackAlignment {
    /// How `B` starts and is used.
    pub feedback: Feedback,
}

impl LearningRule for DirectFeedbackAlignment {
    const NAME: &'static str = "DirectFeedbackAlignment";
    const SOURCE: &'static str = "Nøkland 2016, NeurIPS, arXiv 1609.01596";
    const CITATIONS: &'static [&'static str] = &[references::NOKLAND_2016];
    const EQUATION: &'static str = "delta_l = (B_l delta_L) o f'(z_l), B fixed and random";

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
            broadcast: Broadcast::Vector,
            error_driven: true,
            ..Needs::default()
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        self.feedback.direct(setting, stream)
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

    fn adapt<T: Scalar>(&self, b: &mut FeedbackWeights<T>, work: &mut Carried<T>, _: After<'_, T>) {
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
