//! Let a copy of the network's weights descend the energy together with the value nodes.

use super::ValueNodes;
use crate::linalg::{Scalar, assign, join};
use crate::network::{Affine, Network};
use crate::rules::Step;
use crate::update::Proposal;

/// Weights that step with the value nodes, away from where the network's stand.
#[derive(Clone, Debug)]
pub struct MovedWeights<T: Scalar>(Network<T>);

impl<T: Scalar> Default for MovedWeights<T> {
    fn default() -> Self {
        Self(Network { layers: Vec::new() })
    }
}

impl<T: Scalar> MovedWeights<T> {
    /// Goes to where the network's weights stand.
    pub fn start(&mut self, network: &Network<T>) {
        if self.0.layers.len() != network.layers.len() {
            self.0 = network.clone();
        }
        for (moved, layer) in self.0.layers.iter_mut().zip(&network.layers) {
            assign(&mut moved.weight, &layer.weight);
            moved.bias.copy_from(&layer.bias);
        }
    }

    /// The network with these weights.
    pub fn network(&self) -> &Network<T> {
        &self.0
    }

    /// One step of values and weights, both from the same state, and the predictions after it.
    pub fn descend(
        &mut self,
        nodes: &mut ValueNodes<T>,
        step: &Step<'_, T>,
        (rate, weight_rate, nudge): (f64, f64, f64),
    ) {
        nodes.descend_with_weights(&mut self.0, step, rate, weight_rate);
        let moved = Step {
            network: &self.0,
            ..*step
        };
        nodes.predict_from(0, &moved, nudge);
    }

    /// `(W_0 − W_T) / size` of every layer, biases likewise.
    pub fn propose(&self, network: &Network<T>, size: f64, out: &mut Proposal<T>) {
        let factor = T::of(1.0 / size);
        for (l, (layer, moved)) in network.layers.iter().zip(&self.0.layers).enumerate() {
            let Affine { weight, bias } = out.dense(l, layer);
            join(weight, &layer.weight, &moved.weight, move |here, there| {
                factor * (here - there)
            });
            for ((to, &here), &there) in bias.iter_mut().zip(layer.bias.iter()).zip(moved.bias.iter()) {
                *to = factor * (here - there);
            }
        }
    }
}
