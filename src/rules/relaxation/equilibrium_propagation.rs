//! Let activities settle freely and nudged towards the target, and let weights learn from the difference.

use super::{Around, States, TrainedFor, contrast, residual};
use crate::linalg::{Matrix, Scalar, assign, beside};
use crate::loss::Loss;
use crate::network::{Activation, Network, Output, Trace};
use crate::random::{self, Stream};
use crate::references;
use crate::rules::shared::{is_positive, require, require_or_default};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which states are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Phase")]
pub enum Nudging {
    /// Free, and nudged by `beta`.
    OneSided,
    /// Nudged by `beta` and by `−beta` (Laborieux et al. 2021): errors of first order cancel.
    #[default]
    Centred,
    /// As `OneSided`, with the sign of `beta` drawn for each batch (Scellier, Bengio 2017).
    RandomSign,
}

/// Equilibrium propagation (Scellier, Bengio 2017). States at rest make the energy stationary
///
/// `F = Σ_l [G_l(s_l) − s_l · (W_l s_{l-1} + b_l)] + β C`, `G_l' = φ_l⁻¹`: `s_l = φ_l(W_l s_{l-1} + b_l + W_{l+1}ᵀ s_{l+1} − force_l)`.
///
/// A free phase, `β = 0`, is followed by nudged ones that start where it has ended; then `ΔW_l = (∂F/∂W_l at β − ∂F/∂W_l at 0) / β`, or the
/// like with `β` and `−β`. At rest that is the gradient of the loss of the free state, up to an error of order `β`, or `β²`. It is not
/// Backprop's, since the free state is not the feed-forward pass. No slope enters.
///
/// Squares of bounded output units: the output is a state, and `force_L = β ∂C/∂s_L`. All else: the output is a read-out `z_L = W_L s_{L-1} + b_L`
/// beyond the states, `force_{L-1} = β W_Lᵀ ∂C/∂z_L`, and learns from the nudged states by `∂C/∂z_L`. A prediction is the free phase.
///
/// The paper's units, clipped to 0..1, are `HardLogistic` with four times the weights, biases `4 b − 2`, four times `beta` and 16 times the rates.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EquilibriumPropagation {
    /// Which states are compared.
    pub phase: Nudging,
    /// `β`, what the loss counts for in the energy; positive.
    pub beta: f64,
    /// Steps of the free phase, at least 1.
    pub free: u32,
    /// Steps of a nudged phase, at least 1.
    pub nudged: u32,
    /// Step size of the relaxation; positive.
    pub rate: f64,
}

impl Default for EquilibriumPropagation {
    fn default() -> Self {
        Self {
            phase: Nudging::Centred,
            beta: 0.5,
            free: 20,
            nudged: 10,
            rate: 0.5,
        }
    }
}

/// Scratch: the states of the phases, and the error at the read-out.
#[derive(Clone, Debug, Default)]
pub struct Phases<T: Scalar> {
    free: States<T>,
    nudged: States<T>,
    other: States<T>,
    z: Matrix<T>,
    a: Matrix<T>,
    /// `∂C/∂z_L`, or `∂C/∂s_L` of an output that is a state.
    error: Matrix<T>,
    kept: Matrix<T>,
}

/// How many layers have states: all, where the output is one.
fn states<T: Scalar>(network: &Network<T>, loss: Loss) -> usize {
    let squares = matches!(loss, Loss::Squares { .. } | Loss::HalfSquares { .. });
    let bounded = network.layers[network.top()].activation.range().is_some();
    network.top() + usize::from(squares && bounded)
}

impl<T: Scalar> Phases<T> {
    /// The error of these states, and the force of `β` times it on the last.
    fn nudge(&mut self, which: fn(&mut Self) -> &mut States<T>, step: &Step<'_, T>, beta: f64) {
        let (top, layer) = (step.network.top(), &step.network.layers[step.network.top()]);
        let mut states = std::mem::take(which(self));
        if states.s.len() > top {
            let (z, a) = (&states.s[top], &states.s[top]);
            let output = Output { z, a };
            step.loss
                .delta(Activation::Identity, output, step.targets, &mut self.error);
            assign(&mut states.force, &self.error);
        } else {
            let below = states.s.last().unwrap_or(&step.trace.input);
            layer.push(&layer.weight, &layer.bias, below, &mut self.z);
            layer.activation.apply(&self.z, &mut self.a);
            let output = Output { z: &self.z, a: &self.a };
            step.loss.delta(layer.activation, output, step.targets, &mut self.error);
            if top > 0 {
                layer.pull(&layer.weight, &self.error, &mut states.force);
            }
        }
        states.force.iter_mut().for_each(|force| *force *= T::of(beta));
        *which(self) = states;
    }

    /// A phase nudged by `β`, from where the free one has ended.
    fn relax(
        &mut self,
        which: fn(&mut Self) -> &mut States<T>,
        step: &Step<'_, T>,
        beta: f64,
        rule: &EquilibriumPropagation,
    ) {
        let mut states = std::mem::take(which(self));
        states.start(self.free.s.len(), step.network, step.loss, step.trace);
        states.copy(&self.free);
        *which(self) = states;
        for _ in 0..rule.nudged {
            self.nudge(which, step, beta);
            which(self).relax(&Around::step(step), 1.0, rule.rate, false);
        }
    }
}

impl EquilibriumPropagation {
    fn settle_freely<T: Scalar>(&self, states: &mut States<T>, around: &Around<'_, T>) {
        for _ in 0..self.free {
            states.relax(around, 1.0, self.rate, false);
        }
    }
}

impl LearningRule for EquilibriumPropagation {
    const NAME: &'static str = "EquilibriumPropagation";
    const SOURCE: &'static str = "Scellier, Bengio 2017, Frontiers in Computational Neuroscience 11:24; \
                                  Laborieux et al. 2021, Frontiers in Neuroscience 15:633674";
    const CITATIONS: &'static [&'static str] = &[references::SCELLIER_2017, references::LABORIEUX_2021];
    const EQUATION: &'static str = "s_l settles at f(W_l s_{l-1} + b_l + W_{l+1}' s_{l+1} - beta dC/ds_l); \
                                    dW_l = -(s_l s_{l-1}' at beta - s_l s_{l-1}' at -beta) / (2 beta)";

    type State<T: Scalar> = TrainedFor;
    type Work<T: Scalar> = Phases<T>;

    fn needs(&self) -> Needs {
        let phases = if self.phase == Nudging::Centred { 2 } else { 1 };
        Needs {
            draws: self.phase == Nudging::RandomSign,
            ..Needs::STATES.takes(1 + phases, self.free + phases * self.nudged)
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<TrainedFor, Refusal> {
        let usual = Self::default();
        let reason = "must be positive: differences are divided by it";
        require_or_default(is_positive(self.beta), "beta", reason, usual.beta)?;
        require_or_default(self.free > 0, "free", "must be at least 1", usual.free)?;
        require_or_default(self.nudged > 0, "nudged", "must be at least 1", usual.nudged)?;
        require_or_default(is_positive(self.rate), "rate", "must be positive", usual.rate)?;
        let count = states(setting.network, setting.loss);
        let bounded = setting.network.layers[..count]
            .iter()
            .all(|layer| layer.activation.range().is_some());
        let reason = "lets states act on each other, which without a bound need not come to rest";
        require(bounded, "", reason, "use Tanh, Logistic, HardTanh, HardLogistic or Erf")?;
        Ok(TrainedFor(setting.loss))
    }

    fn settles(&self) -> Option<&'static str> {
        Some("use more steps, `free` and `nudged`, or another `rate`")
    }

    fn residual<T: Scalar>(&self, _: &TrainedFor, work: &mut Phases<T>, step: Step<'_, T>) -> Option<f64> {
        let around = Around::step(&step);
        let end = work.nudged.speed(&around, 1.0, false);
        work.free
            .start(states(step.network, step.loss), step.network, step.loss, step.trace);
        residual(end, work.free.speed(&around, 1.0, false))
    }

    fn propose<T: Scalar>(&self, _: &TrainedFor, work: &mut Phases<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let (network, count) = (step.network, states(step.network, step.loss));
        work.free.start(count, network, step.loss, step.trace);
        self.settle_freely(&mut work.free, &Around::step(&step));
        let flips = self.phase == Nudging::RandomSign && random::uniform(&mut step.stream.generator()) < 0.5;
        let beta = if flips { -self.beta } else { self.beta };
        let centred = self.phase == Nudging::Centred;
        if centred {
            work.relax(|work| &mut work.other, &step, -beta, self);
            work.nudge(|work| &mut work.other, &step, -beta);
            std::mem::swap(&mut work.kept, &mut work.error);
        }
        work.relax(|work| &mut work.nudged, &step, beta, self);
        work.nudge(|work| &mut work.nudged, &step, beta);
        let Phases {
            free,
            nudged,
            other,
            error,
            kept,
            ..
        } = work;
        let around = Around::step(&step);
        let (with, k) = if centred {
            (other, 0.5 / beta)
        } else {
            (free, 1.0 / beta)
        };
        nudged.look(&around);
        with.look(&around);
        for l in 0..count {
            contrast(&step, l, k, [&mut *nudged, &mut *with], out);
        }
        if count == 0 {
            assign(out.local(0), error);
        } else if count < network.depth() {
            let (post, pre) = out.pairs(count);
            if centred {
                beside(error, kept, post);
                post.as_mut_slice().iter_mut().for_each(|error| *error *= T::of(0.5));
                beside(&nudged.s[count - 1], &with.s[count - 1], pre);
            } else {
                assign(post, error);
                assign(pre, &nudged.s[count - 1]);
            }
        }
    }

    fn predicts(&self) -> bool {
        true
    }

    fn predict<T: Scalar>(
        &self,
        trained: &TrainedFor,
        work: &mut Phases<T>,
        network: &Network<T>,
        trace: &mut Trace<T>,
    ) {
        network.forward(trace);
        let free = &mut work.free;
        free.start(states(network, trained.0), network, trained.0, trace);
        let around = Around {
            network,
            loss: trained.0,
            first: &trace.z[0],
        };
        self.settle_freely(free, &around);
        free.answer(network, trace);
    }
}
