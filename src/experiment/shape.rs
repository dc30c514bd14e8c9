//! Define the shape of a network, and build it.

use crate::network::{Activation, Init, Network};
use crate::random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

/// The layers of a network; inputs and outputs are the task's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkShape {
    /// Units of each hidden layer, from the input up.
    pub hidden: Vec<usize>,
    /// Of the hidden layers.
    pub activation: Activation,
    /// Of the output layer.
    pub output: Activation,
    /// How weights start.
    pub init: Init,
    /// Whether layers have biases.
    pub bias: bool,
}

impl NetworkShape {
    /// A network of this shape, its weights drawn for `seed`: the same for every arm of that seed.
    pub fn build<T: crate::linalg::Scalar>(&self, inputs: usize, outputs: usize, seed: u64) -> Network<T> {
        let sizes: Vec<_> = [&[inputs], &self.hidden[..], &[outputs]].concat();
        let top = sizes.len() - 2;
        let layer = |(l, size): (usize, &[usize])| {
            let activation = if l == top { self.output } else { self.activation };
            let stream = Stream::new(seed, Purpose::Weights, l as u64, 0);
            self.init.layer(size[1], size[0], self.bias, activation, stream)
        };
        Network {
            layers: sizes.windows(2).enumerate().map(layer).collect(),
        }
    }
}
