//! Define the shape of a network, and build it.

use crate::linalg::Scalar;
use crate::network::{Activation, BiasInit, Distribution, Init, Layer, Network, WeightFile, Wiring};
use crate::random::{Purpose, Stream};
use schemars::JsonSchema;
use serde::Serialize;

/// A value for layers: one for all of them, or one for each, from the input up.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PerLayer<X> {
    /// Written as the value.
    Same(X),
    /// Written as a list.
    Each(Vec<X>),
}

impl<X> PerLayer<X> {
    /// No layer has one.
    pub fn none() -> Self {
        Self::Each(Vec::new())
    }

    /// Whether no layer has one.
    pub fn is_none(&self) -> bool {
        self.values().is_empty()
    }

    /// The value of layer `l`, from 0.
    pub fn get(&self, l: usize) -> Option<&X> {
        match self {
            Self::Same(value) => Some(value),
            Self::Each(values) => values.get(l),
        }
    }

    /// The values as written.
    pub fn values(&self) -> &[X] {
        match self {
            Self::Same(value) => std::slice::from_ref(value),
            Self::Each(values) => values,
        }
    }

    /// The values as written, to be changed.
    pub fn values_mut(&mut self) -> &mut [X] {
        match self {
            Self::Same(value) => std::slice::from_mut(value),
            Self::Each(values) => values,
        }
    }
}

/// The layers of a network; inputs and outputs are the task's.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct NetworkShape {
    /// Units of each hidden layer, from the input up; `[]` for none. Written alone, `network: [64, 64]`.
    pub hidden: Vec<usize>,
    /// The nonlinearity of the hidden layers.
    pub activation: PerLayer<Activation>,
    /// The nonlinearity of the output layer; by default what the loss expects, `Logistic` for `LogisticCrossEntropy`, else
    /// `Identity`.
    pub output: Activation,
    /// How weights start, the output layer's too.
    pub init: PerLayer<Init>,
    /// Whether layers have biases, the output layer too.
    pub bias: PerLayer<bool>,
    /// How biases start, the output layer's too. Layers that start from a file, and those without biases, have none to start.
    #[serde(skip_serializing_if = "PerLayer::is_none")]
    pub bias_init: PerLayer<BiasInit>,
    /// Probability with which a unit of a hidden layer is dropped from a training step, for one sample; at least 0 and less than 1.
    /// Those that stay are scaled up, see [`Network::drop_units`]. Evaluation and the probe batch use the whole net.
    pub dropout: PerLayer<f64>,
}

impl Default for NetworkShape {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            activation: PerLayer::Same(Activation::Tanh),
            output: Activation::Identity,
            init: PerLayer::Same(Init::default()),
            bias: PerLayer::Same(true),
            bias_init: PerLayer::Same(BiasInit::default()),
            dropout: PerLayer::Same(0.0),
        }
    }
}

/// How the layers of a network are wired, from the input up.
pub(super) fn wirings(inputs: usize, hidden: &[usize], outputs: usize) -> Vec<Wiring> {
    let sizes = [&[inputs], hidden, &[outputs]].concat();
    sizes.windows(2).map(|size| Wiring::dense(size[1], size[0])).collect()
}

impl NetworkShape {
    fn wirings(&self, inputs: usize, outputs: usize) -> impl Iterator<Item = (usize, Wiring)> {
        wirings(inputs, &self.hidden, outputs).into_iter().enumerate()
    }

    fn has_biases(&self, l: usize) -> bool {
        self.bias.get(l).copied().unwrap_or(true)
    }

    /// What one forward pass of one sample takes.
    pub fn multiply_adds(&self, inputs: usize, outputs: usize) -> usize {
        let wirings = self.wirings(inputs, outputs);
        wirings.map(|(_, wiring)| wiring.multiply_adds()).sum()
    }

    /// Number of weights and biases.
    pub fn parameters(&self, inputs: usize, outputs: usize) -> usize {
        let wirings = self.wirings(inputs, outputs);
        wirings.map(|(l, wiring)| wiring.parameters(self.has_biases(l))).sum()
    }

    /// A network of this shape for asking rules whether they can work with it. Orthogonal weights, which take long to make, are
    /// normal ones of the same size in it.
    pub fn stand_in<T: Scalar>(&self, inputs: usize, outputs: usize, seed: u64) -> Network<T> {
        let mut shape = self.clone();
        for init in shape.init.values_mut() {
            if let Init::Orthogonal { gain } = *init {
                *init = Init::LeCun {
                    gain,
                    distribution: Distribution::Normal,
                };
            }
        }
        shape.build(inputs, outputs, seed)
    }

    /// The activation of layer `l`, from 0; the last is the output layer.
    pub fn activation_of(&self, l: usize) -> Activation {
        let hidden = self.activation.get(l).filter(|_| l < self.hidden.len());
        hidden.copied().unwrap_or(self.output)
    }

    /// The file that the whole network starts from, and with it what its rules own.
    pub fn file(&self) -> Option<&WeightFile> {
        match &self.init {
            PerLayer::Same(Init::File(file)) => Some(file),
            _ => None,
        }
    }

    /// A network of this shape, its weights drawn for `seed`: the same for every arm of that seed.
    ///
    /// # Panics
    /// If weights stand in a file, and [`WeightFile::check`] was not asked, or had something to say.
    pub fn build<T: Scalar>(&self, inputs: usize, outputs: usize, seed: u64) -> Network<T> {
        let top = self.hidden.len();
        let layer = |(l, wiring): (usize, Wiring)| {
            let mut layer = Layer::new(wiring, self.has_biases(l), self.activation_of(l));
            let stream = |purpose| Stream::new(seed, purpose, l as u64, 0);
            match self.init.get(l) {
                Some(Init::File(file)) => {
                    let filled = file.fill(l, &mut layer);
                    filled.unwrap_or_else(|problem| panic!("{} {problem}", file.path()));
                }
                init => {
                    let init = init.cloned().unwrap_or_default();
                    init.fill(&mut layer, stream(Purpose::Weights));
                    if let Some(init) = self.bias_init.get(l) {
                        init.fill(&mut layer, stream(Purpose::Biases));
                    }
                }
            }
            layer.dropout = self.dropout.get(l).filter(|_| l < top).copied().unwrap_or(0.0);
            layer
        };
        Network {
            layers: self.wirings(inputs, outputs).map(layer).collect(),
        }
    }
}
