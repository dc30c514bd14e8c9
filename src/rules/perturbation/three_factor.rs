//! Reinforce the noise of every unit with a reward that all of them are told.

use super::{begin_columns, credit, draw_noise, noisy_forward};
use crate::linalg::{Matrix, Scalar};
use crate::network::Trace;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{SampleLosses, positive, require, require_or_default};
use crate::rules::{After, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the reward is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Baseline {
    /// The running mean of the reward over earlier steps, each with the weight `rate` when it is new; before the first
    /// step, the mean reward of the batch without noise. It knows nothing of the present noise, so that no bias comes
    /// of it.
    Running {
        /// Weight of the newest reward in the running mean, in `(0, 1]`.
        #[serde(default = "one_tenth")]
        rate: f64,
    },
    /// The mean reward of the present batch under noise. It includes the sample itself, which shrinks the expected
    /// update by `1 − 1/batch`, and a batch of one teaches nothing.
    Batch,
}

fn one_tenth() -> f64 {
    0.1
}

/// A three-factor rule (Frémaux, Gerstner 2016), reward-modulated Hebbian learning: presynaptic activity, times what is
/// unexpected in the postsynaptic unit, times a global reward,
///
/// `ΔW_l = −(R − R̄) (ξ_l / σ) a_{l-1}ᵀ`, `Δb_l = −(R − R̄) ξ_l / σ`, in the sign of a gradient.
///
/// The unexpected part is noise on the pre-activation, `z_l = W_l a_{l-1} + b_l + σ ξ_l`, one `ξ` for each unit and
/// sample; the reward is minus the sample's loss under this noise, `R = −C(z + σξ)`; `a_{l-1}` is the activity without
/// noise. Any baseline `R̄` that does not depend on the present noise leaves the expectation alone, which is therefore
/// that of [`NodePerturbation`](super::NodePerturbation): there the baseline is the sample's own reward without noise.
/// A single baseline for all samples costs variance, about `Var C / σ²` for each unit, so that larger noise is needed
/// than there.
///
/// The review leaves the form of the unexpected part open; this is its covariance rule in discrete time, without
/// eligibility traces, since the reward follows at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ThreeFactor {
    /// `σ`, the standard deviation of the noise on each unit's pre-activation; positive.
    pub sigma: f64,
    /// `R̄`, what the reward is compared with.
    pub baseline: Baseline,
}

impl Default for ThreeFactor {
    fn default() -> Self {
        Self {
            sigma: 0.3,
            baseline: Baseline::Running { rate: one_tenth() },
        }
    }
}

/// The running mean of the loss, which is minus the reward; shown as `loss.baseline`, with the total weight of what it
/// holds, 0 at first.
#[derive(Clone, Debug)]
pub struct Expectation<T: Scalar> {
    /// Mean, weight.
    pub mean: [T; 2],
    kept: bool,
}

impl<T: Scalar> Learned<T> for Expectation<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        if self.kept {
            see("loss.baseline", Shape::matrix(2, 1), &mut self.mean);
        }
    }
}

/// Scratch: the noise, the pass it makes, and the losses.
#[derive(Debug, Default)]
pub struct RewardedNoise<T: Scalar> {
    /// `ξ_l`, `n_l × batch`.
    pub xi: Vec<Matrix<T>>,
    noisy: Trace<T>,
    losses: SampleLosses,
}

impl ThreeFactor {
    /// Adds `weight δ_l`, for the noise in `work.xi`, to the columns that `out` holds for each layer.
    pub fn add_estimate<T: Scalar>(
        &self,
        expected: &Expectation<T>,
        step: &Step<'_, T>,
        weight: f64,
        work: &mut RewardedNoise<T>,
        out: &mut Proposal<T>,
    ) {
        let RewardedNoise { xi, noisy, losses } = work;
        noisy_forward(step.network, &step.trace.input, T::of(self.sigma), xi, noisy);
        let losses = losses.measure(step.loss, noisy.output(), step.targets);
        let [mean, known] = expected.mean.map(T::to_f64);
        let baseline = match self.baseline {
            Baseline::Running { .. } if known > 0.0 => mean,
            Baseline::Running { .. } => step.loss.mean(step.trace.output(), step.targets),
            Baseline::Batch => average(losses),
        };
        credit(xi, |i| weight * (losses[i] - baseline) / self.sigma, out);
    }
}

impl LearningRule for ThreeFactor {
    const NAME: &'static str = "ThreeFactor";
    const SOURCE: &'static str = "Frémaux, Gerstner 2016, Frontiers in Neural Circuits 9:85";
    const CITATIONS: &'static [&'static str] = &[references::FREMAUX_2016];
    const EQUATION: &'static str = "delta_l = -(R - mean R) xi_l / sigma, R = -C(z + sigma xi), xi normal";

    type State<T: Scalar> = Expectation<T>;
    type Work<T: Scalar> = RewardedNoise<T>;

    fn needs(&self) -> Needs {
        Needs {
            batch_statistics: true,
            ..Needs::PERTURBATION
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<Expectation<T>, Refusal> {
        positive("sigma", self.sigma, Self::default().sigma)?;
        match self.baseline {
            Baseline::Running { rate } => {
                let (fits, reason) = (rate > 0.0 && rate <= 1.0, "must be more than 0 and at most 1");
                require_or_default(fits, "baseline.rate", reason, one_tenth())?;
            }
            Baseline::Batch => {
                let reason = "is the reward itself in batches of one, so that nothing would be learned";
                require(
                    setting.batch > 1,
                    "baseline",
                    reason,
                    "use `Running()` or larger batches",
                )?;
            }
        }
        Ok(Expectation {
            mean: [T::ZERO; 2],
            kept: self.baseline != Baseline::Batch,
        })
    }

    fn propose<T: Scalar>(
        &self,
        expected: &Expectation<T>,
        work: &mut RewardedNoise<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        draw_noise(&step.trace.z, &mut step.stream.generator(), &mut work.xi);
        begin_columns(&step, out);
        self.add_estimate(expected, &step, 1.0, work, out);
    }

    fn adapt<T: Scalar>(&self, expected: &mut Expectation<T>, work: &mut RewardedNoise<T>, _: After<'_, T>) {
        let Baseline::Running { rate } = self.baseline else {
            return;
        };
        let [mean, known] = expected.mean.map(T::to_f64);
        // the mean of what was seen, though little: at first each step has the same weight
        let seen = (1.0 - rate) * known + rate;
        let mean = mean + (average(work.losses.losses()) - mean) * rate / seen;
        expected.mean = [T::of(mean), T::of(seen)];
    }
}

fn average(losses: &[f64]) -> f64 {
    losses.iter().sum::<f64>() / losses.len() as f64
}
