//! Draw initial weights.

use super::{Activation, Layer};
use crate::linalg::Scalar;
use crate::random::{self, Stream};
use serde::{Deserialize, Serialize};

fn one() -> f64 {
    1.0
}

/// How the weights of a layer start. Biases start at 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Init {
    /// Normal, standard deviation `gain / √n_in` (LeCun, Bottou, Orr, Müller 1998).
    LeCun {
        /// Factor on the standard deviation.
        #[serde(default = "one")]
        gain: f64,
    },
    /// Normal, standard deviation `gain √(2 / (n_in + n_out))` (Glorot, Bengio 2010).
    Glorot {
        /// Factor on the standard deviation.
        #[serde(default = "one")]
        gain: f64,
    },
    /// Normal, standard deviation `gain √(2 / n_in)` (He, Zhang, Ren, Sun 2015).
    He {
        /// Factor on the standard deviation.
        #[serde(default = "one")]
        gain: f64,
    },
    /// All weights 0.
    Zeros,
}

impl Default for Init {
    fn default() -> Self {
        Self::LeCun { gain: 1.0 }
    }
}

impl Init {
    /// The standard deviation of a layer's weights.
    pub fn standard_deviation(self, outputs: usize, inputs: usize) -> f64 {
        match self {
            Self::LeCun { gain } => gain / (inputs as f64).sqrt(),
            Self::Glorot { gain } => gain * (2.0 / (inputs + outputs) as f64).sqrt(),
            Self::He { gain } => gain * (2.0 / inputs as f64).sqrt(),
            Self::Zeros => 0.0,
        }
    }

    /// A layer with weights drawn from `stream` and zero biases.
    pub fn layer<T: Scalar>(
        self,
        outputs: usize,
        inputs: usize,
        bias: bool,
        activation: Activation,
        stream: Stream,
    ) -> Layer<T> {
        let mut layer = Layer::zeros(outputs, inputs, bias, activation);
        if self != Self::Zeros {
            let sd = self.standard_deviation(outputs, inputs);
            random::normal(layer.weight.as_mut_slice(), sd, &mut stream.generator());
        }
        layer
    }
}
