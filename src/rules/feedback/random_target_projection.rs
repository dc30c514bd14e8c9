//! Project the target, not the error, to every hidden layer.

use super::{Carried, ErrorSignal, Feedback, FeedbackWeights};
use crate::linalg::{Matrix, Scalar, multiply, plain, reshape};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::output_delta;
use crate::rules::{After, Broadcast, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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

impl LearningRule for RandomTargetProjection {
    const NAME: &'static str = "RandomTargetProjection";
    const SOURCE: &'static str = "Frenkel, Lefebvre, Bol 2021, Frontiers in Neuroscience 15:629892, arXiv 1909.01311";
    const CITATIONS: &'static [&'static str] = &[references::FRENKEL_2021];
    const EQUATION: &'static str = "delta_l = -(B_l y) o f'(z_l), y the target, B fixed and random";

    type State<T: Scalar> = FeedbackWeights<T>;
    type Work<T: Scalar> = Carried<T>;

    /// Slopes are needed; errors only at the output, and no layer waits for another.
    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            feedback_path: true,
            phases: 1,
            forward_passes: 1,
            signed_errors: true,
            slope: true,
            label_inside: true,
            broadcast: Broadcast::Vector,
            ..Needs::default()
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        if self.feedback.error != ErrorSignal::Full {
            let reason = "has no effect: the target is sent back, not the error";
            return Err(Refusal::new("feedback.error", reason, "leave it out"));
        }
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
        output_delta(&step, out);
        let mut generator = step.stream.generator();
        let used = self.feedback.used(&b.weights, &mut work.noisy, &mut generator);
        for (l, b) in used.iter().enumerate() {
            let delta = out.local(l);
            reshape(delta, b.nrows(), step.batch());
            multiply(-T::ONE, plain(b), plain(step.targets), T::ZERO, delta);
            step.multiply_slope(l, delta);
        }
        b.delay(&step, work, out);
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
