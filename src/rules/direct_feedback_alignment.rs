//! Send the output error straight to every hidden layer through fixed random weights.

use super::shared::{DirectFeedback, Feedback, broadcast};
use super::{Broadcast, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::linalg::{Matrix, Scalar};
use crate::network::Network;
use crate::random::Stream;
use crate::update::Proposal;
use serde::{Deserialize, Serialize};

/// Direct feedback alignment (Nøkland 2016): `δ_l = (B_l δ_L) ∘ φ'(z_l)` with fixed random `B_l`, `n_l × n_out`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DirectFeedbackAlignment {
    /// How `B` is drawn.
    pub feedback: Feedback,
}

impl LearningRule for DirectFeedbackAlignment {
    const NAME: &'static str = "DirectFeedbackAlignment";
    const SOURCE: &'static str = "Nøkland 2016, NeurIPS, arXiv 1609.01596";
    const EQUATION: &'static str = "delta_l = (B_l delta_L) o f'(z_l), B fixed and random";

    type State<T: Scalar> = DirectFeedback<T>;
    type Work<T: Scalar> = ();

    fn needs(&self) -> Needs {
        Needs {
            feedback_path: true,
            update_locking: true,
            phases: 2,
            forward_passes: 1,
            signed_errors: true,
            slope: true,
            broadcast: Broadcast::Vector,
            error_driven: true,
            ..Needs::default()
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<DirectFeedback<T>, Refusal> {
        self.feedback.direct(setting.network, stream)
    }

    fn propose<T: Scalar>(&self, b: &DirectFeedback<T>, _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
        broadcast(&step, out, &b.0);
    }

    fn feedback<T: Scalar>(
        &self,
        b: &DirectFeedback<T>,
        _: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        b.show(l, out)
    }
}
