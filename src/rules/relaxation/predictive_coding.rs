//! Let activities settle between input and loss, then let each layer learn from its own prediction error.

use super::{MovedWeights, ValueNodes, residual};
use crate::linalg::{Matrix, Scalar, beside, zip};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{is_positive, require, require_or_default};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Predictive coding (Whittington, Bogacz 2017): value nodes `v_l`, predicted from below as
/// `μ_l = φ(z_l)`, `z_l = W_l v_{l-1} + b_l`, `v_0` being the input, descend the mean over the samples of the energy
///
/// `F = Σ_{l<L} ½ |v_l − μ_l|² + β C(μ_L)`
///
/// from their feed-forward values; then the weights descend it once. With the errors `δ_l = ∂F/∂z_l`,
///
/// `δ_L = β ∂C/∂z_L`, `δ_l = (μ_l − v_l) ∘ φ'(z_l)`, `∂F/∂v_l = v_l − μ_l + W_{l+1}ᵀ δ_{l+1}`, `∂F/∂W_l = δ_l v_{l-1}ᵀ`.
///
/// The nonlinearity stands outside the weights (`φ(W v)`, not `W φ(v)`), and its slope is taken at the prediction's own `z_l`.
/// The output has no value node: the nudge `β` multiplies the loss at the *current* prediction, and the proposal is divided by it.
/// All value nodes move at once, so an error needs L − 1 steps to reach the first layer.
///
/// Prospective configuration (Song, Millidge, Salvatori, Lukasiewicz, Xu, Bogacz 2024) is `Equilibrium` at `nudge: 1.0` with half squares.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PredictiveCoding {
    /// How long the value nodes settle, and when each layer learns.
    pub schedule: Settling,
}

/// How long the value nodes settle, and when each layer learns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Schedule", deny_unknown_fields)]
pub enum Settling {
    /// All layers learn after `steps` steps, predictions following the values (Whittington, Bogacz 2017). At rest the proposal
    /// is the gradient up to an error of first order in `nudge`.
    Equilibrium {
        /// Steps of the value nodes, at least 1; with a `tolerance` at most so many, and `at_most` is another name for it.
        #[serde(default = "twenty", alias = "at_most")]
        steps: u32,
        /// Step size of the value nodes, `v_l ← v_l − rate ∂F/∂v_l`; positive.
        #[serde(default = "one_tenth")]
        rate: f64,
        /// `β`, what the loss counts for in the energy; positive.
        #[serde(default = "one")]
        nudge: f64,
        /// The nodes of a sample stop once their largest `|∂F/∂v|` is below `tolerance` times what it was at the start, or below what
        /// rounding leaves of it, 4 machine epsilons; 0: never before the last step. Each sample stops by itself, so that a batch
        /// remains the mean of its samples; the others go on, and the cost counts every step until the last sample has stopped.
        #[serde(default)]
        tolerance: f64,
        /// On which side of its rest without a nudge the energy is looked at.
        #[serde(default, skip_serializing_if = "Sides::is_usual")]
        phase: Sides,
    },
    /// Value nodes and a copy of the weights step together, each from the same state ("iPC", Salvatori et al. 2024), and the proposal is how far
    /// the copy went, over `weight_rate` and `nudge`. With `Sgd(learning_rate: weight_rate)` and `nudge: 1.0` that is incremental predictive
    /// coding itself. The copy moves by the mean over the batch, which the samples so share.
    Incremental {
        /// Steps of values and weights, at least 1.
        #[serde(default = "eight")]
        steps: u32,
        /// Step size of the value nodes; positive.
        #[serde(default = "three_tenths")]
        rate: f64,
        /// Step size of the copied weights; positive.
        #[serde(default = "one_fiftieth")]
        weight_rate: f64,
        /// `β`, what the loss counts for in the energy; positive.
        #[serde(default = "one")]
        nudge: f64,
    },
    /// The same dynamics at rate 1, layer `l` learning at step L − l, while what lies below is still at its feed-forward
    /// values (Song, Lukasiewicz, Xu, Bogacz 2020, "Z-IL"): exactly the gradient. No layer's change is seen by the
    /// others before all have learned, and `β` cancels.
    ZeroDivergence,
    /// Predictions and slopes stay at their feed-forward values (Millidge, Tschantz, Buckley 2020). After `t` steps the update `k`
    /// layers below the output is the gradient times `P(X ≥ k)`, `X` binomial with `t` trials of probability `rate`: the gradient
    /// itself in the limit, or after L − 1 steps at rate 1. `β` cancels.
    FixedPrediction {
        /// Steps of the value nodes, at least 1. At the default rate 20 leave 2 parts in 10⁵ two layers below the output.
        #[serde(default = "twenty")]
        steps: u32,
        /// Step size of the value nodes, `v_l ← v_l − rate ∂F/∂v_l`; positive.
        #[serde(default = "one_half")]
        rate: f64,
    },
}

/// On which side of its rest without a nudge an energy is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Sides {
    /// At `nudge`.
    #[default]
    OneSided,
    /// At `nudge` and at `−nudge`, and the mean of the two is proposed: errors of first order cancel.
    Centred,
}

impl Sides {
    fn is_usual(&self) -> bool {
        *self == Self::OneSided
    }

    /// Of so many steps on each side; with a tolerance at most so many.
    fn needs(self, steps: u32) -> Needs {
        let count = if self == Self::Centred { 2 } else { 1 };
        Needs::SWEEP.takes(1 + count, 1 + count * steps)
    }
}

fn eight() -> u32 {
    8
}

fn three_tenths() -> f64 {
    0.3
}

fn one_fiftieth() -> f64 {
    0.02
}

fn twenty() -> u32 {
    20
}

fn one_tenth() -> f64 {
    0.1
}

fn one_half() -> f64 {
    0.5
}

fn one() -> f64 {
    1.0
}

impl Default for Settling {
    fn default() -> Self {
        Self::Equilibrium {
            steps: twenty(),
            rate: one_tenth(),
            nudge: one(),
            tolerance: 0.0,
            phase: Sides::OneSided,
        }
    }
}

/// Scratch: the value nodes, what they propose at the other side, and weights that step with them.
#[derive(Clone, Debug, Default)]
pub struct Settled<T: Scalar> {
    nodes: ValueNodes<T>,
    other: Proposal<T>,
    joined: Matrix<T>,
    moved: MovedWeights<T>,
}

impl<T: Scalar> Settled<T> {
    /// Lets all samples settle and all layers learn.
    fn settle(
        &mut self,
        (steps, rate, nudge, tolerance): (u32, f64, f64, f64),
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let nodes = &mut self.nodes;
        nodes.start(step, nudge);
        for _ in 0..steps {
            if !nodes.descend_until(step.network, rate, tolerance) {
                break;
            }
            nodes.predict(step, nudge);
        }
        (0..step.network.depth()).for_each(|l| nodes.pair(l, step.network, nudge, out));
    }

    /// `out := ` the mean of `out` and what the other side has proposed.
    fn average(&mut self, depth: usize, out: &mut Proposal<T>) {
        let (other, joined, half) = (&mut self.other, &mut self.joined, T::of(0.5));
        zip(out.local(0), other.local(0), move |here, there| half * (here + there));
        for l in 1..depth {
            let ((post, pre), (other_post, other_pre)) = (out.pairs(l), other.pairs(l));
            beside(post, other_post, joined);
            std::mem::swap(post, joined);
            post.as_mut_slice().iter_mut().for_each(|x| *x *= half);
            beside(pre, other_pre, joined);
            std::mem::swap(pre, joined);
        }
    }
}

impl LearningRule for PredictiveCoding {
    const NAME: &'static str = "PredictiveCoding";
    const SOURCE: &'static str = "Whittington, Bogacz 2017, Neural Computation 29:1229; Song et al. 2020, NeurIPS; \
                                  Millidge, Tschantz, Buckley 2020, arXiv 2006.04182; Salvatori et al. 2024, ICLR";
    const CITATIONS: &'static [&'static str] = &[
        references::WHITTINGTON_2017,
        references::SONG_2020,
        references::MILLIDGE_2020,
        references::SALVATORI_2024,
    ];
    const EQUATION: &'static str = "F = sum_hidden |v_l - mu_l|^2 / 2 + nudge C(mu_L), mu_l = f(W_l v_{l-1} + b_l); \
                                    v descends F, then dW_l = dF/dW_l / nudge";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Settled<T>;

    fn needs(&self) -> Needs {
        match self.schedule {
            Settling::Equilibrium { steps, phase, .. } => phase.needs(steps),
            Settling::Incremental { steps, .. } => Needs::SWEEP.takes(2, 1 + steps).of_a_batch(),
            // `ZeroDivergence` needs one for each layer, a number that is the network's
            Settling::ZeroDivergence | Settling::FixedPrediction { .. } => Needs::SWEEP,
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        let (steps, rate, nudge, tolerance) = match self.schedule {
            Settling::Equilibrium {
                steps,
                rate,
                nudge,
                tolerance,
                ..
            } => (steps, rate, nudge, tolerance),
            Settling::Incremental {
                steps,
                rate,
                weight_rate,
                nudge,
            } => {
                let remedy = "leave it out for the default, or take a number between 0 and 1";
                let reason = "must be positive: the proposal is divided by it";
                require(is_positive(weight_rate), "schedule.weight_rate", reason, remedy)?;
                (steps, rate, nudge, 0.0)
            }
            Settling::FixedPrediction { steps, rate } => (steps, rate, 1.0, 0.0),
            Settling::ZeroDivergence => return Ok(()),
        };
        let reason = "must be at least 1: before the first step no hidden layer has an error";
        require_or_default(steps > 0, "schedule.steps", reason, twenty())?;
        let remedy = "leave it out for the default, or take a number between 0 and 1";
        require(is_positive(rate), "schedule.rate", "must be positive", remedy)?;
        let reason = "must be positive: the proposal is divided by it";
        require_or_default(is_positive(nudge), "schedule.nudge", reason, one())?;
        let reason = "must be at least 0 and less than 1, where the nodes start";
        let remedy = "take a small number, such as 1e-6, or leave it out for a fixed number of steps";
        require((0.0..1.0).contains(&tolerance), "schedule.tolerance", reason, remedy)
    }

    fn settles(&self) -> Option<&'static str> {
        match self.schedule {
            Settling::Equilibrium { tolerance: 0.0, .. } => {
                Some("use `schedule: Equilibrium(tolerance: 1e-6, at_most: 500)`, or more `steps`")
            }
            Settling::Equilibrium { .. } => Some("use a larger `at_most`, or another `rate`"),
            Settling::FixedPrediction { .. } => Some("use more `steps`, or a `rate` nearer to 1"),
            Settling::Incremental { .. } => Some("use more `steps`, or a smaller `weight_rate`"),
            Settling::ZeroDivergence => None,
        }
    }

    fn residual<T: Scalar>(&self, _: &(), work: &mut Settled<T>, step: Step<'_, T>) -> Option<f64> {
        let (nudge, nodes) = (self.nudge()?, &mut work.nodes);
        let end = match self.schedule {
            Settling::Incremental { .. } => nodes.residual(work.moved.network()),
            _ => nodes.residual(step.network),
        };
        nodes.start(&step, nudge);
        residual(end, nodes.residual(step.network))
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut Settled<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let layers = 0..step.network.depth();
        match self.schedule {
            Settling::Equilibrium {
                steps,
                rate,
                nudge,
                tolerance,
                phase,
            } => {
                if phase == Sides::Centred {
                    let mut other = std::mem::take(&mut work.other);
                    other.begin(&step.network.layers, step.batch());
                    work.settle((steps, rate, -nudge, tolerance), &step, &mut other);
                    work.other = other;
                }
                work.settle((steps, rate, nudge, tolerance), &step, out);
                if phase == Sides::Centred {
                    work.average(step.network.depth(), out);
                }
            }
            Settling::Incremental {
                steps,
                rate,
                weight_rate,
                nudge,
            } => {
                work.nodes.start(&step, nudge);
                work.moved.start(step.network);
                for _ in 0..steps {
                    work.moved.descend(&mut work.nodes, &step, (rate, weight_rate, nudge));
                }
                work.moved.propose(step.network, weight_rate * nudge, out);
            }
            Settling::ZeroDivergence => {
                let nodes = &mut work.nodes;
                nodes.start(&step, 1.0);
                for l in layers.rev() {
                    nodes.pair(l, step.network, 1.0, out);
                    if l > 0 {
                        nodes.descend(step.network, 1.0);
                        nodes.predict(&step, 1.0);
                    }
                }
            }
            Settling::FixedPrediction { steps, rate } => {
                let nodes = &mut work.nodes;
                nodes.start(&step, 1.0);
                for _ in 0..steps {
                    nodes.descend(step.network, rate);
                    nodes.compare(step.network);
                }
                layers.for_each(|l| nodes.write_error(l, step.network, out.local(l)));
            }
        }
    }
}

impl PredictiveCoding {
    /// What the loss counts for in the energy that value nodes settle in; absent where nothing settles.
    fn nudge(&self) -> Option<f64> {
        match self.schedule {
            Settling::Equilibrium { nudge, .. } | Settling::Incremental { nudge, .. } => Some(nudge),
            Settling::FixedPrediction { .. } => Some(1.0),
            Settling::ZeroDivergence => None,
        }
    }
}
