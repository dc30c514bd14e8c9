//! Project the target, not the error, to every hidden layer.

use super::{Carried, ErrorSignal, Feedback, FeedbackRule, FeedbackWeights};
use crate::linalg::Scalar;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{output_delta, project, require};
use crate::rules::{Broadcast, FeedbackPath, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Direct random target projection (Frenkel, Lefebvre, Bol 2021): `δ_l = −(B_l y) ∘ φ'(z_l)`, `y` the target, with fixed random
/// `B_l`, `n_l × n_out`. The output layer's update is exact; no hidden update depends on the output.
///
/// The sign: where outputs are at most 1 and targets are one-hot, the error `a − y` has the sign of `−y` at the target, so that
/// `B_l` stands where direct feedback alignment has it, and the target takes the error's place. The authors' code adds `B_l y`; a
/// `B` made for it changes sign here.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomTargetProjection {
    /// How `B` starts and is used.
    pub feedback: Feedback,
}

impl FeedbackRule for RandomTargetProjection {
    const NAME: &'static str = "RandomTargetProjection";
    const SOURCE: &'static str = "Frenkel, Lefebvre, Bol 2021, Frontiers in Neuroscience 15:629892, arXiv 1909.01311";
    const CITATIONS: &'static [&'static str] = &[references::FRENKEL_2021];
    const EQUATION: &'static str = "delta_l = -(B_l y) o f'(z_l), y the target, B fixed and random";
    const PATH: FeedbackPath = FeedbackPath::Direct;

    type Scratch<T: Scalar> = ();

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }

    /// Slopes are needed; errors only at the output, and no layer waits for another.
    fn needs(&self) -> Needs {
        Needs {
            feedback_path: true,
            broadcast: Broadcast::Vector,
            ..Needs::LABELS
        }
    }

    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        let reason = "has no effect: the target is sent back, not the error";
        require(
            self.feedback.error == ErrorSignal::Full,
            "feedback.error",
            reason,
            "leave it out",
        )?;
        self.feedback.fixed(Self::PATH, setting, stream)
    }

    fn carry<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        work: &mut Carried<T>,
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        output_delta(step, out);
        let generator = step.stream.when_drawn_from();
        let used = self.feedback.used(&b.weights, &mut work.noisy, generator);
        for (l, b) in used.iter().enumerate() {
            let delta = out.local(l);
            project(-T::ONE, b, step.targets, delta);
            self.feedback.land(step, l, delta);
        }
        b.delay(step, work, out);
    }
}
