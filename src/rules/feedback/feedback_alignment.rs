//! Send errors down fixed random weights instead of the transposed forward weights.

use super::{Carried, Feedback, FeedbackWeights};
use crate::linalg::{Matrix, Scalar};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::{After, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Feedback alignment (Lillicrap, Cownden, Tweed, Akerman 2016): backpropagation with a fixed random `B_l` in place of `W_l`,
///
/// `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`. The output layer's update is exact.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeedbackAlignment {
    /// How `B` starts and is used.
    pub feedback: Feedback,
}

impl LearningRule for FeedbackAlignment {
    const NAME: &'static str = "FeedbackAlignment";
    const SOURCE: &'static str = "Lillicrap, Cownden, Tweed, Akerman 2016, Nature Communications 7:13276";
    const CITATIONS: &'static [&'static str] = &[references::LILLICRAP_2016];
    const EQUATION: &'static str = "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l), B fixed and random";

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
        self.feedback.weights(setting, stream)
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
