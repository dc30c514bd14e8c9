//! Let activities settle between input and loss, then let each layer learn from its own prediction error.

use super::{largest, residual};
use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, join, zip_two};
use crate::network::{Network, Trace};
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
        }
    }
}

impl LearningRule for PredictiveCoding {
    const NAME: &'static str = "PredictiveCoding";
    const SOURCE: &'static str = "Whittington, Bogacz 2017, Neural Computation 29:1229; Song et al. 2020, NeurIPS; \
                                  Millidge, Tschantz, Buckley 2020, arXiv 2006.04182";
    const CITATIONS: &'static [&'static str] = &[
        references::WHITTINGTON_2017,
        references::SONG_2020,
        references::MILLIDGE_2020,
    ];
    const EQUATION: &'static str = "F = sum_hidden |v_l - mu_l|^2 / 2 + nudge C(mu_L), mu_l = f(W_l v_{l-1} + b_l); \
                                    v descends F, then dW_l = dF/dW_l / nudge";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Relaxation<T>;

    fn needs(&self) -> Needs {
        match self.schedule {
            // at most, with a tolerance
            Settling::Equilibrium { steps, .. } => Needs::SWEEP.takes(2, 1 + steps),
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
            } => (steps, rate, nudge, tolerance),
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
            Settling::ZeroDivergence => None,
        }
    }

    fn residual<T: Scalar>(&self, _: &(), nodes: &mut Relaxation<T>, step: Step<'_, T>) -> Option<f64> {
        let nudge = match self.schedule {
            Settling::Equilibrium { nudge, .. } => nudge,
            Settling::FixedPrediction { .. } => 1.0,
            Settling::ZeroDivergence => return None,
        };
        let end = nodes.residual(step.network);
        nodes.start(&step, nudge);
        residual(end, nodes.residual(step.network))
    }

    fn propose<T: Scalar>(&self, _: &(), nodes: &mut Relaxation<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let layers = 0..step.network.depth();
        match self.schedule {
            Settling::Equilibrium {
                steps,
                rate,
                nudge,
                tolerance,
            } => {
                nodes.start(&step, nudge);
                for _ in 0..steps {
                    if !nodes.descend_until(step.network, rate, tolerance) {
                        break;
                    }
                    nodes.predict(&step, nudge);
                }
                layers.for_each(|l| nodes.pair(l, step.network, nudge, out));
            }
            Settling::ZeroDivergence => {
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

/// The value nodes, their predictions and errors: the scratch of one relaxation, a column for each sample.
#[derive(Clone, Debug, Default)]
pub struct Relaxation<T: Scalar> {
    /// `v_l` of the hidden layers.
    v: Vec<Matrix<T>>,
    /// `z_l` and `μ_l` of all layers; those of the first layer depend on the input alone and are never computed again.
    predicted: Trace<T>,
    /// `δ_l = ∂F/∂z_l` of all layers; of a hidden first layer only what learns from it asks, and it is not kept.
    delta: Vec<Matrix<T>>,
    /// `∂F/∂v_l` of the hidden layers, or the part of it that comes down from the layer above.
    gradient: Vec<Matrix<T>>,
    /// For each sample the largest `|∂F/∂v|` that counts as rest; none before the first step.
    rest: Vec<f64>,
}

impl<T: Scalar> Relaxation<T> {
    /// Puts the value nodes at their feed-forward values: there the hidden errors are zero.
    pub fn start(&mut self, step: &Step<'_, T>, nudge: f64) {
        let (network, depth) = (step.network, step.network.depth());
        self.v.resize_with(network.top(), empty);
        self.gradient.resize_with(network.top(), empty);
        self.delta.resize_with(depth, empty);
        self.rest.clear();
        self.predicted.fit(depth);
        for l in 0..depth {
            assign(&mut self.predicted.z[l], &step.trace.z[l]);
            assign(&mut self.predicted.a[l], &step.trace.a[l]);
            self.predicted.pooled[l].copy(&step.trace.pooled[l]);
        }
        for (v, a) in self.v.iter_mut().zip(&step.trace.a) {
            assign(v, a);
        }
        self.nudge(step, nudge);
        self.compare(network);
    }

    /// `v_l ← v_l − rate ∂F/∂v_l`, all layers at once: every gradient is made of the errors as they stood.
    pub fn descend(&mut self, network: &Network<T>, rate: f64) {
        self.come_down(network);
        let factor = T::of(-rate);
        for ((v, from_above), mu) in self.v.iter_mut().zip(&self.gradient).zip(&self.predicted.a) {
            zip_two(v, from_above, mu, |v, sum, mu| v + factor * ((sum + v) - mu));
        }
    }

    /// As [`Relaxation::descend`] for the samples that are not at rest yet, as `tolerance` defines it; a sample that once was stays
    /// where it is. Returns whether any has moved; without a tolerance all do.
    pub fn descend_until(&mut self, network: &Network<T>, rate: f64, tolerance: f64) -> bool {
        if tolerance == 0.0 {
            self.descend(network, rate);
            return true;
        }
        self.differentiate(network);
        let samples = self.delta.last().map_or(0, Matrix::ncols);
        let first = self.rest.is_empty();
        self.rest.resize(samples, 0.0);
        let mut moved = false;
        for (i, rest) in self.rest.iter_mut().enumerate() {
            let column = |matrix: &Matrix<T>| i * matrix.nrows()..(i + 1) * matrix.nrows();
            let columns = self
                .gradient
                .iter()
                .map(|gradient| &gradient.as_slice()[column(gradient)]);
            let speed = largest(columns.flatten());
            if first {
                *rest = (tolerance * speed).max(4.0 * T::EPSILON);
            }
            if speed <= *rest {
                *rest = f64::INFINITY;
                continue;
            }
            // so does NaN: it is no rest
            moved = true;
            for (v, gradient) in self.v.iter_mut().zip(&self.gradient) {
                let column = column(v);
                let v = &mut v.as_mut_slice()[column.clone()];
                add_scaled(v, T::of(-rate), &gradient.as_slice()[column]);
            }
        }
        moved
    }

    /// `μ_l = φ(W_l v_{l-1} + b_l)` from the second layer up, and all errors.
    pub fn predict(&mut self, step: &Step<'_, T>, nudge: f64) {
        let predicted = &mut self.predicted;
        for (l, layer) in step.network.layers.iter().enumerate().skip(1) {
            layer.push(&layer.weight, &layer.bias, &self.v[l - 1], &mut predicted.z[l]);
            predicted.activate(l, layer);
        }
        self.nudge(step, nudge);
        self.compare(step.network);
    }

    /// `δ_L = β ∂C/∂z_L`.
    fn nudge(&mut self, step: &Step<'_, T>, nudge: f64) {
        let top = step.network.top();
        let (activation, delta) = (step.network.layers[top].activation, &mut self.delta[top]);
        step.loss
            .delta(activation, self.predicted.output(), step.targets, delta);
        scale(delta, nudge);
    }

    /// The errors of the hidden layers but the first, whose error goes to no layer below.
    fn compare(&mut self, network: &Network<T>) {
        let mut delta = std::mem::take(&mut self.delta);
        for (l, delta) in delta.iter_mut().enumerate().take(self.v.len()).skip(1) {
            self.write_error(l, network, delta);
        }
        self.delta = delta;
    }

    /// `δ_l = (μ_l − v_l) ∘ φ'(z_l)` of a hidden layer; `δ_L` is there.
    fn write_error(&self, l: usize, network: &Network<T>, delta: &mut Matrix<T>) {
        let Some(v) = self.v.get(l) else {
            return assign(delta, &self.delta[l]);
        };
        join(delta, &self.predicted.a[l], v, |mu, v| mu - v);
        self.predicted.multiply_slope(l, &network.layers[l], delta);
    }

    /// `W_{l+1}ᵀ δ_{l+1}`, what comes down to each hidden layer.
    fn come_down(&mut self, network: &Network<T>) {
        for (l, gradient) in self.gradient.iter_mut().enumerate() {
            let above = &network.layers[l + 1];
            above.pull(&above.weight, &self.delta[l + 1], gradient);
        }
    }

    /// `∂F/∂v_l = W_{l+1}ᵀ δ_{l+1} + v_l − μ_l`.
    fn differentiate(&mut self, network: &Network<T>) {
        self.come_down(network);
        for ((gradient, v), mu) in self.gradient.iter_mut().zip(&self.v).zip(&self.predicted.a) {
            zip_two(gradient, v, mu, |sum, v, mu| (sum + v) - mu);
        }
    }

    /// Layer `l` learns: `∂F/∂W_l / β = δ_l v_{l-1}ᵀ / β`.
    pub fn pair(&self, l: usize, network: &Network<T>, nudge: f64, out: &mut Proposal<T>) {
        let post = if l == 0 {
            out.local(l)
        } else {
            let (post, pre) = out.pairs(l);
            assign(pre, &self.v[l - 1]);
            post
        };
        self.write_error(l, network, post);
        scale(post, 1.0 / nudge);
    }

    /// The largest `|∂F/∂v|` over all value nodes and samples: 0 at rest.
    pub fn residual(&mut self, network: &Network<T>) -> f64 {
        self.differentiate(network);
        largest(self.gradient.iter().flat_map(|gradient| gradient.iter()))
    }

    /// `F`, the mean over the samples.
    pub fn energy(&self, step: &Step<'_, T>, nudge: f64) -> f64 {
        let hidden = self.v.iter().zip(&self.predicted.a);
        let squares = hidden.flat_map(|(v, mu)| v.iter().zip(mu.iter()).map(|(&v, &mu)| (v - mu).to_f64().powi(2)));
        let loss = step.loss.mean(self.predicted.output(), step.targets);
        0.5 * squares.sum::<f64>() / step.batch() as f64 + nudge * loss
    }
}

fn scale<T: Scalar>(matrix: &mut Matrix<T>, factor: f64) {
    if factor == 1.0 {
        return;
    }
    let factor = T::of(factor);
    matrix.as_mut_slice().iter_mut().for_each(|x| *x *= factor);
}
