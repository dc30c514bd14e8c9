//! Define the shape of a network, and build it.

use super::hidden::{self, HiddenEntry};
use super::layout::{self, LayerPlan, NetworkInputs};
use super::write;
use crate::linalg::Scalar;
use crate::network::{Activation, BiasInit, Distribution, Init, Layer, Network, WeightFile, Wiring};
use crate::notation::Document;
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
    /// The hidden layers, from the input up: a number of units, or a layer by name; `[]` for none. Written alone, `network: [64, 64]`.
    pub hidden: Vec<HiddenEntry>,
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
            hidden: vec![HiddenEntry::Dense(64), HiddenEntry::Dense(64)],
            activation: PerLayer::Same(Activation::Tanh),
            output: Activation::Identity,
            init: PerLayer::Same(Init::default()),
            bias: PerLayer::Same(true),
            bias_init: PerLayer::Same(BiasInit::default()),
            dropout: PerLayer::Same(0.0),
        }
    }
}

impl NetworkShape {
    /// The layers from the input up, the output layer last.
    ///
    /// # Panics
    /// If they do not fit the inputs: reading an experiment refuses that.
    pub fn layers(&self, inputs: impl Into<NetworkInputs>, outputs: usize) -> Vec<LayerPlan> {
        let layers = layout::layers(inputs.into(), &self.hidden, outputs);
        layers.unwrap_or_else(|flaw| panic!("{}", flaw.title))
    }

    /// Whether some layers are maps.
    pub fn has_maps(&self) -> bool {
        self.hidden.iter().any(|entry| !matches!(entry, HiddenEntry::Dense(_)))
    }

    /// The hidden layers as experiment files write them.
    pub fn hidden_text(&self) -> String {
        write::value(&self.hidden)
    }

    /// The layers whose hidden ones are written so; absent if they are no layers, or do not fit the inputs.
    pub fn layers_of_text(hidden: &str, inputs: NetworkInputs, outputs: usize) -> Option<Vec<LayerPlan>> {
        let document = Document::parse("hidden layers", hidden).ok()?;
        let entries = hidden::entries(&document.root()).ok()?;
        layout::layers(inputs, &entries, outputs).ok()
    }

    /// Number of hidden layers with weights.
    pub fn hidden_layers(&self) -> usize {
        self.hidden.iter().filter(|entry| !entry.pools()).count()
    }

    fn has_biases(&self, l: usize) -> bool {
        self.bias.get(l).copied().unwrap_or(true)
    }

    /// What one forward pass of one sample takes.
    pub fn multiply_adds(&self, inputs: impl Into<NetworkInputs>, outputs: usize) -> usize {
        let layers = self.layers(inputs, outputs);
        layers.iter().map(|layer| layer.wiring.multiply_adds()).sum()
    }

    /// Number of weights and biases.
    pub fn parameters(&self, inputs: impl Into<NetworkInputs>, outputs: usize) -> usize {
        self.parameters_by_layer(inputs, outputs).iter().sum()
    }

    /// The same of each layer.
    pub fn parameters_by_layer(&self, inputs: impl Into<NetworkInputs>, outputs: usize) -> Vec<usize> {
        let layers = self.layers(inputs, outputs).into_iter().enumerate();
        layers
            .map(|(l, layer)| layer.wiring.parameters(self.has_biases(l)))
            .collect()
    }

    /// A network of this shape for asking rules whether they can work with it. Orthogonal weights, which take long to make, are
    /// normal ones of the same size in it.
    pub fn stand_in<T: Scalar>(&self, inputs: impl Into<NetworkInputs>, outputs: usize, seed: u64) -> Network<T> {
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
        let hidden = self.activation.get(l).filter(|_| l < self.hidden_layers());
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
    pub fn build<T: Scalar>(&self, inputs: impl Into<NetworkInputs>, outputs: usize, seed: u64) -> Network<T> {
        let top = self.hidden_layers();
        let layer = |(l, plan): (usize, LayerPlan)| {
            let new = |wiring: Wiring| Layer::new(wiring, self.has_biases(l), self.activation_of(l));
            let mut layer = new(plan.wiring);
            let stream = |purpose| Stream::new(seed, purpose, l as u64, 0);
            match self.init.get(l) {
                Some(Init::File(file)) => {
                    let filled = file.fill(l, &mut layer);
                    filled.unwrap_or_else(|problem| panic!("{} {problem}", file.path()));
                }
                init => {
                    let init = init.cloned().unwrap_or_default();
                    let mut drawn = new(plan.drawn_as.unwrap_or(plan.wiring));
                    init.fill(&mut drawn, stream(Purpose::Weights));
                    if let Some(init) = self.bias_init.get(l) {
                        init.fill(&mut drawn, stream(Purpose::Biases));
                    }
                    match plan.drawn_as {
                        Some(_) => layer.untie(&drawn),
                        None => layer = drawn,
                    }
                }
            }
            layer.pool = plan.pool;
            layer.dropout = self.dropout.get(l).filter(|_| l < top).copied().unwrap_or(0.0);
            layer
        };
        Network {
            layers: self
                .layers(inputs, outputs)
                .into_iter()
                .enumerate()
                .map(layer)
                .collect(),
        }
    }
}
