//! Step along a proposal: stochastic gradient descent with momentum and decay, on any list of layers.

use super::{Change, Proposal};
use crate::linalg::{Scalar, Vector, zip};
use crate::network::{Affine, Layer, Trace};
use serde::{Deserialize, Serialize};

/// How a proposal becomes a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Optimizer {
    /// With the proposal `u`: `v ← momentum v + u + l2 W`, `W ← (1 − decay) W − learning_rate v`; biases likewise, but without
    /// `decay` and `l2`. A layer that the rule does not train is left alone, decay included.
    Sgd {
        /// Step size, positive.
        learning_rate: f64,
        /// Heavy ball, in `[0, 1)`; the rate stands outside the velocity.
        #[serde(default)]
        momentum: f64,
        /// Share of each weight lost per step; not multiplied by the rate.
        #[serde(default)]
        decay: f64,
        /// Adds `l2 W` to the gradient.
        #[serde(default)]
        l2: f64,
    },
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::Sgd {
            learning_rate: 0.1,
            momentum: 0.9,
            decay: 0.0,
            l2: 0.0,
        }
    }
}

impl Optimizer {
    /// Plain gradient descent.
    pub fn sgd(learning_rate: f64) -> Self {
        Self::Sgd {
            learning_rate,
            momentum: 0.0,
            decay: 0.0,
            l2: 0.0,
        }
    }

    /// The step size.
    pub fn learning_rate(self) -> f64 {
        let Self::Sgd { learning_rate, .. } = self;
        learning_rate
    }

    /// Whether steps along moderate proposals (see [`Proposal::is_moderate`]) cannot overflow a weight: the rate leaves room for
    /// their products, and `l2` shrinks weights rather than blowing them up.
    pub fn is_moderate(self) -> bool {
        let Self::Sgd { learning_rate, l2, .. } = self;
        learning_rate <= 1e6 && learning_rate * l2 <= 1.0
    }

    /// What is wrong with the numbers: the option and what it must be.
    pub fn check(self) -> Result<(), (&'static str, &'static str)> {
        let Self::Sgd {
            learning_rate,
            momentum,
            decay,
            l2,
        } = self;
        if !(learning_rate > 0.0 && learning_rate.is_finite()) {
            return Err(("learning_rate", "must be positive"));
        }
        if !(0.0..1.0).contains(&momentum) {
            return Err(("momentum", "must be at least 0 and less than 1"));
        }
        if !(0.0..1.0).contains(&decay) {
            return Err(("decay", "must be at least 0 and less than 1"));
        }
        if !(l2 >= 0.0 && l2.is_finite()) {
            return Err(("l2", "must not be negative"));
        }
        Ok(())
    }
}

/// An optimizer at work on one list of layers: the network's, or a rule's own.
#[derive(Clone, Debug)]
pub struct Stepper<T: Scalar> {
    optimizer: Optimizer,
    /// `v` of each layer; empty without momentum.
    pub velocity: Vec<Affine<T>>,
}

impl<T: Scalar> Stepper<T> {
    /// At rest.
    pub fn new(optimizer: Optimizer, layers: &[Layer<T>]) -> Self {
        let Optimizer::Sgd { momentum, .. } = optimizer;
        let moving = if momentum == 0.0 { &[] } else { layers };
        Self {
            optimizer,
            velocity: moving.iter().map(Affine::zeros_like).collect(),
        }
    }

    /// See [`Optimizer::is_moderate`].
    pub fn is_moderate(&self) -> bool {
        self.optimizer.is_moderate()
    }

    /// Applies `proposal`, made on the forward pass `trace`, and tells what was done. Without momentum this is one product per layer.
    pub fn apply<'a>(
        &'a mut self,
        layers: &mut [Layer<T>],
        proposal: &'a Proposal<T>,
        trace: &'a Trace<T>,
    ) -> Change<'a, T> {
        let Optimizer::Sgd {
            learning_rate,
            momentum,
            decay,
            l2,
        } = self.optimizer;
        let rate = T::of(-learning_rate);
        let trained = |l: &usize| proposal.trains(*l);
        if self.velocity.is_empty() {
            let keep = T::of((1.0 - decay) - learning_rate * l2);
            for l in (0..layers.len()).filter(trained) {
                proposal.add_weight(l, trace, rate, keep, &mut layers[l].weight);
                proposal.add_bias(l, rate, T::ONE, &mut layers[l].bias);
            }
            return Change {
                keep,
                rate,
                proposal,
                trace,
                velocity: &[],
            };
        }
        let (momentum, keep, l2) = (T::of(momentum), T::of(1.0 - decay), T::of(l2));
        for l in (0..layers.len()).filter(trained) {
            let (v, layer) = (&mut self.velocity[l], &mut layers[l]);
            proposal.add_weight(l, trace, T::ONE, momentum, &mut v.weight);
            proposal.add_bias(l, T::ONE, momentum, &mut v.bias);
            if l2 != T::ZERO {
                zip(&mut v.weight, &layer.weight, |v, w| v + l2 * w);
            }
            zip(&mut layer.weight, &v.weight, |w, v| keep * w + rate * v);
            step_bias(&mut layer.bias, rate, &v.bias);
        }
        Change {
            keep,
            rate,
            proposal,
            trace,
            velocity: &self.velocity,
        }
    }
}

fn step_bias<T: Scalar>(bias: &mut Vector<T>, rate: T, velocity: &Vector<T>) {
    crate::linalg::add_scaled(bias.as_mut_slice(), rate, velocity.as_slice());
}
