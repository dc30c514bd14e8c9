//! Let a controller drive the output to its target, and each cell learn from the feedback that this takes.

use super::Controller;
use crate::linalg::{Matrix, Scalar, assign, zip};
use crate::random::Stream;
use crate::references;
use crate::rules::feedback::{
    Carried, ErrorSignal, Feedback, FeedbackWeights, Landing, NoiseAnswers, check_teaching, follow,
};
use crate::rules::shared::{is_positive, positive, require, require_or_default};
use crate::rules::{After, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Outputs of the largest network whose controller is solved for.
pub const MOST_OUTPUTS: usize = 128;

/// Deep feedback control (Meulemans, Tristany Farinha, Garcia Ordonez, Vilimelis Aceituno, Sacramento, Grewe 2021), settled. Each cell
/// has a compartment for feedback, beside one for what comes from below,
///
/// `v_l = W_l φ(v_{l-1}) + b_l + Q_l u`, `Q_L = I`, `Q_l` being `n_l × n_out`,
///
/// and a controller with leak `α` finds the signal `u` at which `r* − h_L = α u`, where the target is `r* = h_L − η e` of the forward
/// pass, `e = ∂C/∂h_L` (for the logistic cross-entropy `h_L − y`). What the feedback has changed teaches the weights, scaled as a
/// gradient, on the activities under control:
///
/// `post_l = −(1 + α)/η Q_l u` or `−(1 + α)/η (φ(v_l) − φ(W_l h_{l-1} + b_l))`, `pre_l = h_{l-1}`.
///
/// After each change `Q` learns from a pass with noise `σ ξ_l` on the pre-activations of all hidden layers,
/// `Q_l ← Q_l + rate (mean ξ_l ((h_L(noisy) − h_L)/σ)ᵀ − decay Q_l)`, and goes to `mean Jᵀ/decay` in expectation, `J = ∂h_L/∂v_l`.
///
/// With `Q = Jᵀ`, one sample and small `η`, the update is the gradient as `α` grows, and as it goes to 0 the smallest change of all `v`
/// that takes the output to its target (Gauss, Newton). The controller is stable while all eigenvalues of `J Q + α I` have a positive
/// real part.
///
/// Choices: `Q` learns apart from control, where in the paper a noisy controller is at work meanwhile; where a layer pools, feedback
/// arrives at its units.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeepFeedbackControl {
    /// `α`, leak of the controller, positive: the larger, the weaker is its control and the nearer the update to the gradient.
    pub alpha: f64,
    /// `η`, how far the target lies down the loss; positive.
    pub step: f64,
    /// How the controller's signal is found.
    pub settle: Control,
    /// What teaches the weights.
    pub plasticity: Plasticity,
    /// How `Q` starts and is used; rank, sparsity, sign and levels are refused, since `Q` does not stay as it starts, and so are `error` and
    /// `lands`: a controller sends no errors, and its feedback arrives at the units.
    pub feedback: Feedback,
    /// `σ`, standard deviation of the noise that `Q` learns from; positive.
    pub noise: f64,
    /// How fast `Q` learns, positive.
    pub rate: f64,
    /// Share of `Q` lost after each batch, over `rate`: not negative, and times `rate` below 1.
    pub decay: f64,
}

/// How the controller's signal is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Control {
    /// By the formula of a network that is linear around the forward pass, `u = (J Q + α I)⁻¹ (r* − h_L)` for each sample ("DFC-SSA").
    #[default]
    Linear,
    /// By running it from 0, `u ← u + rate (r* − h_L(u) − α u)`.
    Simulate {
        /// Steps of the controller, each a pass of the network; at least 1.
        #[serde(default = "usual_steps")]
        steps: u32,
        /// Step size, positive; stable while it is below 2 over the largest eigenvalue of `J Q + α I`.
        #[serde(default = "usual_rate")]
        rate: f64,
    },
}

impl Control {
    /// Forward passes of a step, those that teach `Q` included.
    fn passes(self) -> u32 {
        match self {
            Self::Linear => 4, // and one for each output
            Self::Simulate { steps, .. } => 3 + steps,
        }
    }
}

fn usual_steps() -> u32 {
    50
}

fn usual_rate() -> f64 {
    0.05
}

/// What teaches the weights of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Plasticity {
    /// The voltage of the compartment for feedback, `Q_l u`.
    #[default]
    Voltage,
    /// How far it moves the cell's rate from what comes from below alone, `φ(v_l) − φ(W_l h_{l-1} + b_l)`, as in the paper's experiments.
    Rate,
}

impl Default for DeepFeedbackControl {
    fn default() -> Self {
        Self {
            alpha: 10.0,
            step: 0.1,
            settle: Control::Linear,
            plasticity: Plasticity::Voltage,
            feedback: Feedback::default(),
            noise: 0.1,
            rate: 0.1,
            decay: 1.0,
        }
    }
}

/// Scratch: control, and the passes that teach `Q`.
#[derive(Debug, Default)]
pub struct ControlPass<T: Scalar> {
    controller: Controller<T>,
    carried: Carried<T>,
    passes: NoiseAnswers<T>,
    below: Matrix<T>,
}

impl LearningRule for DeepFeedbackControl {
    const NAME: &'static str = "DeepFeedbackControl";
    const SOURCE: &'static str = "Meulemans, Tristany Farinha, Garcia Ordonez, Vilimelis Aceituno, Sacramento, Grewe 2021, \
                                  NeurIPS, arXiv 2106.07887";
    const CITATIONS: &'static [&'static str] = &[references::MEULEMANS_2021];
    const EQUATION: &'static str = "v_l = W_l f(v_{l-1}) + b_l + Q_l u, Q_L = I, r* - h_L = alpha u, r* = h_L - eta e; \
        post_l = -(1 + alpha)/eta Q_l u, pre_l the controlled h_{l-1}; Q_l learns <xi_l (noisy h_L - h_L)'>/sigma - decay Q_l";

    type State<T: Scalar> = FeedbackWeights<T>;
    type Work<T: Scalar> = ControlPass<T>;

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            slope: self.settle == Control::Linear,
            noise: true,
            ..Needs::BROADCAST.takes(3, self.settle.passes())
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        let usual = Self::default();
        positive("alpha", self.alpha, usual.alpha)?;
        let reason = "must be positive: the proposal is divided by it";
        require_or_default(is_positive(self.step), "step", reason, usual.step)?;
        let outputs = setting.network.outputs();
        if let Control::Simulate { steps, rate } = self.settle {
            require_or_default(steps > 0, "settle.steps", "must be at least 1", usual_steps())?;
            require_or_default(is_positive(rate), "settle.rate", "must be positive", usual_rate())?;
        } else {
            let reason = format!(
                "solves a system of all outputs for each sample, and does so for at most {MOST_OUTPUTS}, not {outputs}"
            );
            require(outputs <= MOST_OUTPUTS, "settle", reason, "use `settle: Simulate()`")?;
        }
        let numbers = |rule: &Self| [rule.noise, rule.rate, rule.decay];
        check_teaching(setting, numbers(self), numbers(&usual))?;
        let (feedback, remedy) = (&self.feedback, "leave it out");
        let reason = "is about errors that are sent, and a controller sends its own signal";
        require(feedback.error == ErrorSignal::Full, "feedback.error", reason, remedy)?;
        let reason = "has no choice: a controller's feedback arrives at the units";
        require(feedback.lands == Landing::Activity, "feedback.lands", reason, remedy)?;
        let pools = setting.network.layers.iter().any(|layer| layer.pool.is_some());
        let lands = if pools { Landing::Units } else { Landing::Activity };
        let feedback = Feedback {
            lands,
            ..feedback.clone()
        };
        feedback.learned(FeedbackPath::Direct, setting, stream)
    }

    fn propose<T: Scalar>(
        &self,
        q: &FeedbackWeights<T>,
        work: &mut ControlPass<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let (controller, drawn) = (&mut work.controller, step.stream.when_drawn_from());
        let used = self.feedback.used(&q.weights, &mut work.carried.noisy, drawn);
        controller.aim(&step, self.step);
        match self.settle {
            Control::Linear => controller.solve(&step, used, self.alpha),
            Control::Simulate { steps, rate } => controller.simulate(&step, used, self.alpha, (steps, rate)),
        }
        let (scale, controlled) = (T::of(-(1.0 + self.alpha) / self.step), &controller.controlled);
        for (l, (layer, feedback)) in step.network.layers.iter().zip(&controller.feedback).enumerate() {
            let post = if l == 0 {
                out.local(0)
            } else {
                let (post, pre) = out.pairs(l);
                assign(pre, &controlled.a[l - 1]);
                post
            };
            assign(post, feedback);
            if self.plasticity == Plasticity::Rate {
                let (z, below) = (&controlled.z[l], &mut work.below);
                zip(post, z, |feedback, z| z - feedback);
                layer.activation.apply(post, below);
                assign(post, controlled.units(l));
                zip(post, below, |under_control, below| under_control - below);
            }
            post.iter_mut().for_each(|post| *post *= scale);
        }
        q.delay(&step, &mut work.carried, out);
    }

    fn adapt<T: Scalar>(&self, q: &mut FeedbackWeights<T>, work: &mut ControlPass<T>, after: After<'_, T>) {
        let passes = &mut work.passes;
        passes.begin(&after.step);
        passes.to_pre_activations(after.step.network, self.noise, &mut after.step.stream.generator());
        for (q, xi) in q.weights.iter_mut().zip(&passes.xi) {
            follow(q, [self.rate, self.decay], xi, &passes.answer);
        }
        q.send(&mut work.carried);
    }

    fn files(&self) -> Vec<PathBuf> {
        self.feedback.files()
    }

    fn settles(&self) -> Option<&'static str> {
        matches!(self.settle, Control::Simulate { .. })
            .then_some("use more `steps` in `settle`, or another `rate` there")
    }

    fn residual<T: Scalar>(&self, _: &FeedbackWeights<T>, work: &mut ControlPass<T>, _: Step<'_, T>) -> Option<f64> {
        self.settles().and_then(|_| work.controller.residual())
    }
}
