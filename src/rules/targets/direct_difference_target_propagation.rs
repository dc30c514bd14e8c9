//! Carry the output's target straight to every hidden layer, through weights that learn to undo the layers in between.

use crate::linalg::{Matrix, Scalar, zip};
use crate::random::Stream;
use crate::references;
use crate::rules::feedback::{
    Carried, Feedback, FeedbackRule, FeedbackWeights, Landing, NoiseAnswers, check_teaching, follow,
};
use crate::rules::shared::{output_delta, output_error, project, require};
use crate::rules::{After, FeedbackPath, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Direct difference target propagation with linear feedback (Meulemans, Carzaniga, Suykens, Sacramento, Grewe 2020, "DDTP-linear"): the
/// output's target, a step down the loss, becomes one of each hidden layer at once, `ĥ_l = h_l + Q_l (ĥ_L − h_L)`. The step cancels:
///
/// `δ_l = (Q_l e) ∘ φ'(z_l)`, `e = ∂C/∂h_L` (for the logistic cross-entropy `h_L − y`), `Q_l` being `n_l × n_out`;
///
/// the output layer follows its exact gradient. After each change `Q_l` descends the difference reconstruction loss: the output answers
/// noise `σ ξ` on `h_l` alone by `d = h_L(h_l + σ ξ) − h_L(h_l)`, and
///
/// `Q_l ← Q_l − rate (mean (Q_l d/σ − ξ) (d/σ)ᵀ + decay Q_l)`.
///
/// At rest `Q_l = Σ Jᵀ (Σ J Jᵀ + B decay I)⁻¹` over the `B` samples of a batch, `J = ∂h_L/∂h_l`: for one sample the damped pseudo-inverse,
/// with which targets are those of Gauss and Newton. It learns stably while `rate` times the largest eigenvalue of `J Jᵀ` is below 2.
///
/// Choices: the answer is that of the changed network, in passes of its own; where a layer pools, noise and target are its activity's.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DirectDifferenceTargetPropagation {
    /// How `Q` starts and is used; rank, sparsity, sign and levels are refused, since `Q` does not stay as it starts.
    pub feedback: Feedback,
    /// `σ`, standard deviation of the noise; positive.
    pub noise: f64,
    /// How fast `Q` learns, positive.
    pub rate: f64,
    /// Damping of the inverse that `Q` learns, not negative; times `rate` below 1.
    pub decay: f64,
}

impl Default for DirectDifferenceTargetPropagation {
    fn default() -> Self {
        Self {
            feedback: Feedback::default(),
            noise: 0.1,
            rate: 0.01,
            decay: 0.1,
        }
    }
}

impl FeedbackRule for DirectDifferenceTargetPropagation {
    const NAME: &'static str = "DirectDifferenceTargetPropagation";
    const SOURCE: &'static str = "Meulemans, Carzaniga, Suykens, Sacramento, Grewe 2020, NeurIPS, arXiv 2006.14331";
    const CITATIONS: &'static [&'static str] = &[references::MEULEMANS_2020];
    const EQUATION: &'static str = "delta_l = (Q_l e) o f'(z_l), e = dC/dh_L; \
        Q_l descends <|Q_l d/sigma - xi|^2 + decay |Q_l|^2> / 2, d = h_L(h_l + sigma xi) - h_L(h_l)";
    const PATH: FeedbackPath = FeedbackPath::Direct;

    type Scratch<T: Scalar> = (NoiseAnswers<T>, Matrix<T>);

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }

    fn needs(&self) -> Needs {
        Needs {
            noise: true,
            ..Needs::BROADCAST.takes(3, 3) // the last one through half of the layers, for each of them
        }
    }

    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        let usual = Self::default();
        let numbers = |rule: &Self| [rule.noise, rule.rate, rule.decay];
        check_teaching(setting, numbers(self), numbers(&usual))?;
        let remedy = "leave the network's `dropout` out, or train with another rule";
        let reason = "has no rule for dropped units in the passes that `Q` learns from";
        require(!setting.network.has_dropout(), "", reason, remedy)?;
        let reason = "has no choice: `Q` learns from noise on what a layer passes on, behind its pool";
        let fits = self.feedback.lands == Landing::Activity;
        require(fits, "feedback.lands", reason, "leave it out")?;
        self.feedback.learned(Self::PATH, setting, stream)
    }

    fn carry<T: Scalar>(
        &self,
        q: &FeedbackWeights<T>,
        work: &mut Carried<T>,
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let used = self
            .feedback
            .used(&q.weights, &mut work.noisy, step.stream.when_drawn_from());
        output_error(step, out.local(step.network.top()));
        self.feedback.send(Self::PATH, step, out, |l| &used[l]);
        output_delta(step, out);
        q.delay(step, work, out);
    }

    fn learn<T: Scalar>(
        &self,
        q: &mut [Matrix<T>],
        (passes, error): &mut (NoiseAnswers<T>, Matrix<T>),
        after: &After<'_, T>,
    ) {
        passes.begin(&after.step);
        let mut generator = after.step.stream.generator();
        for (l, q) in q.iter_mut().enumerate() {
            passes.to_activity(after.step.network, l, self.noise, &mut generator);
            project(T::ONE, q, &passes.answer, error);
            zip(error, &passes.xi[l], |reconstruction, xi| xi - reconstruction);
            follow(q, [self.rate, self.decay], error, &passes.answer);
        }
    }
}
