//! Hold layers that a rule owns beside the network's, with the optimizer that trains them.

use crate::linalg::Scalar;
use crate::network::{Layer, Trace};
use crate::rules::learned::visit_layer;
use crate::rules::{Learned, Shape};
use crate::update::{Proposal, Recipe, Stepper};

/// Layers with names, such as `layer1.label`. Files show `name.weight`, `name.bias` and what the optimizer remembers, with momentum
/// `name.velocity.weight` and `name.velocity.bias`.
#[derive(Clone, Debug)]
pub struct Auxiliary<T: Scalar> {
    /// The layers.
    pub layers: Vec<Layer<T>>,
    names: Vec<String>,
    stepper: Stepper<T>,
}

impl<T: Scalar> Auxiliary<T> {
    /// Layers under names, at rest. The optimizer's groups speak of the network, not of them.
    pub fn new(layers: Vec<(String, Layer<T>)>, optimizer: &Recipe) -> Self {
        let (names, layers): (Vec<_>, Vec<_>) = layers.into_iter().unzip();
        Self {
            stepper: Stepper::new(optimizer.ungrouped(), &layers),
            layers,
            names,
        }
    }

    /// Takes a step along `proposal`, which has one update for each of these layers and was made on the forward pass `trace`.
    pub fn learn(&mut self, proposal: &Proposal<T>, trace: &Trace<T>) {
        self.stepper.apply(&mut self.layers, proposal, trace);
    }
}

impl<T: Scalar> Learned<T> for Auxiliary<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for (name, layer) in self.names.iter().zip(&mut self.layers) {
            visit_layer(name, layer, see);
        }
        self.stepper.visit(self.names.iter().cloned(), see);
    }
}
