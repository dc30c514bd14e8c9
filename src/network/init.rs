//! Draw initial weights and biases.

use super::{Activation, Layer, WeightFile, Wiring};
use crate::linalg::{Matrix, Scalar, add_scaled, dot};
use crate::random::{self, Generator, Stream};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn one() -> f64 {
    1.0
}

/// What weights are drawn from; both with mean 0 and the same standard deviation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Distribution {
    /// The normal distribution.
    #[default]
    Normal,
    /// Uniform, from `−√3` to `√3` standard deviations.
    Uniform,
}

impl Distribution {
    fn law(self, sd: f64) -> ProbabilityLaw {
        match self {
            Self::Normal => ProbabilityLaw::Normal(sd),
            Self::Uniform => ProbabilityLaw::Uniform(sd * 3f64.sqrt()),
        }
    }

    /// Fills `values` with numbers of standard deviation `sd`.
    pub fn fill<T: Scalar>(self, values: &mut [T], sd: f64, generator: &mut Generator) {
        self.law(sd).fill(values, generator);
    }
}

/// What independent numbers are drawn from.
#[derive(Clone, Copy)]
enum ProbabilityLaw {
    /// Normal with this standard deviation.
    Normal(f64),
    /// Uniform from minus this bound to the bound.
    Uniform(f64),
    /// Uniform between two numbers.
    Between(f64, f64),
    /// Always this number.
    Constant(f64),
}

impl ProbabilityLaw {
    fn fill<T: Scalar>(self, values: &mut [T], generator: &mut Generator) {
        match self {
            Self::Normal(sd) => random::normal(values, sd, generator),
            Self::Uniform(bound) => {
                let draw = |x: &mut T| *x = T::of(bound * (2.0 * random::uniform(generator) - 1.0));
                values.iter_mut().for_each(draw);
            }
            Self::Between(low, high) => {
                let draw = |x: &mut T| *x = T::of(low + (high - low) * random::uniform(generator));
                values.iter_mut().for_each(draw);
            }
            Self::Constant(value) => values.fill(T::of(value)),
        }
    }
}

/// How the weights of a layer start. What is drawn is drawn in double precision and rounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Init {
    /// Standard deviation `gain / √n_in` (LeCun, Bottou, Orr, Müller 1998).
    LeCun {
        /// Factor on the standard deviation, positive.
        #[serde(default = "one")]
        gain: f64,
        /// What weights are drawn from. With `Uniform` and the gain `1/√3 = 0.5773502691896258` the bound is `1/√n_in`.
        #[serde(default)]
        distribution: Distribution,
    },
    /// Standard deviation `gain √(2 / (n_in + n_out))` (Glorot, Bengio 2010).
    Glorot {
        /// Factor on the standard deviation, positive.
        #[serde(default = "one")]
        gain: f64,
        /// What weights are drawn from.
        #[serde(default)]
        distribution: Distribution,
    },
    /// Standard deviation `gain √(2 / n_in)` (He, Zhang, Ren, Sun 2015).
    He {
        /// Factor on the standard deviation, positive.
        #[serde(default = "one")]
        gain: f64,
        /// What weights are drawn from.
        #[serde(default)]
        distribution: Distribution,
    },
    /// `gain` times a matrix with orthonormal columns, or rows where it has fewer of these, drawn uniformly from all such
    /// matrices (Saxe, McClelland, Ganguli 2014).
    Orthogonal {
        /// Every singular value of the weights, positive.
        #[serde(default = "one")]
        gain: f64,
    },
    /// Normal with this standard deviation, whatever the size of the layer.
    Normal(f64),
    /// Uniform from minus this bound to the bound.
    Uniform(f64),
    /// Uniform from the first number to the second.
    Between(f64, f64),
    /// All weights 0.
    Zeros,
    /// All weights this number.
    Constant(f64),
    /// The numbers of a safetensors file, biases included: `layer1.weight`, outputs × inputs, `layer1.bias` and so on. The path is
    /// relative to the experiment file. Where one file starts the whole network it starts the rules' own arrays too, by their names,
    /// and arrays under such names that nothing starts from are refused; a list of files, one for each layer, takes weights and
    /// biases alone.
    File(WeightFile),
}

impl Default for Init {
    fn default() -> Self {
        Self::LeCun {
            gain: 1.0,
            distribution: Distribution::Normal,
        }
    }
}

impl Init {
    /// Refuses impossible numbers; a number without a name is no option.
    ///
    /// # Errors
    /// There is one.
    pub fn check(&self) -> Result<(), Refusal> {
        let refuse = |option, reason| Err(Refusal::new(option, reason, "`Zeros` starts all weights at 0"));
        match self {
            Self::LeCun { gain, .. }
            | Self::Glorot { gain, .. }
            | Self::He { gain, .. }
            | Self::Orthogonal { gain }
                if *gain <= 0.0 =>
            {
                refuse("gain", "must be positive")
            }
            Self::Normal(sd) if *sd <= 0.0 => refuse("", "the standard deviation must be positive"),
            Self::Uniform(bound) if *bound <= 0.0 => refuse("", "the bound must be positive"),
            Self::Between(low, high) if low >= high => Err(Refusal::new(
                "",
                "the first number must be less than the second",
                "the smaller number comes first",
            )),
            _ => Ok(()),
        }
    }

    /// A dense layer with weights drawn from `stream`, and zero biases.
    ///
    /// # Panics
    /// As [`Init::fill`].
    pub fn layer<T: Scalar>(
        &self,
        outputs: usize,
        inputs: usize,
        bias: bool,
        activation: Activation,
        stream: Stream,
    ) -> Layer<T> {
        let mut layer = Layer::zeros(outputs, inputs, bias, activation);
        self.fill(&mut layer, stream);
        layer
    }

    /// Draws the weights of a layer.
    ///
    /// # Panics
    /// If they stand in a file, which knows layers by their numbers: see [`WeightFile::fill`].
    pub fn fill<T: Scalar>(&self, layer: &mut Layer<T>, stream: Stream) {
        let law = match self {
            Self::File(file) => panic!("the weights in {} are not drawn", file.path()),
            Self::Orthogonal { gain } => {
                layer.weight = orthogonal(layer.wiring.weight_shape(), *gain, &mut stream.generator());
                return;
            }
            Self::LeCun { distribution, .. } | Self::Glorot { distribution, .. } | Self::He { distribution, .. } => {
                distribution.law(self.standard_deviation(layer.wiring))
            }
            Self::Normal(sd) => ProbabilityLaw::Normal(*sd),
            Self::Uniform(bound) => ProbabilityLaw::Uniform(*bound),
            Self::Between(low, high) => ProbabilityLaw::Between(*low, *high),
            Self::Zeros => ProbabilityLaw::Constant(0.0),
            Self::Constant(value) => ProbabilityLaw::Constant(*value),
        };
        law.fill(layer.weight.as_mut_slice(), &mut stream.generator());
        layer.wiring.clear_dead(&mut layer.weight);
    }

    /// The standard deviation of the weights of a layer wired so; 0 for equal ones and those of a file.
    pub fn standard_deviation(&self, wiring: Wiring) -> f64 {
        let (fan_in, fan_out) = (wiring.fan_in(), wiring.fan_out());
        match self {
            Self::LeCun { gain, .. } => gain / (fan_in as f64).sqrt(),
            Self::Glorot { gain, .. } => gain * (2.0 / (fan_in + fan_out) as f64).sqrt(),
            Self::He { gain, .. } => gain * (2.0 / fan_in as f64).sqrt(),
            Self::Orthogonal { gain } => {
                let (rows, columns) = wiring.weight_shape();
                gain / (rows.max(columns) as f64).sqrt()
            }
            Self::Normal(sd) => *sd,
            Self::Uniform(bound) => bound / 3f64.sqrt(),
            Self::Between(low, high) => (high - low) / 12f64.sqrt(),
            Self::Zeros | Self::Constant(_) | Self::File(_) => 0.0,
        }
    }
}

/// `gain` times the orthogonal factor of a normal matrix, whose columns or rows, the fewer of them, Gram and Schmidt's method
/// makes orthonormal one after the other: each goes through it twice, which is enough for all digits (Giraud, Langou, Rozložník
/// 2005). Its triangular factor has a positive diagonal, without which the matrix would not be uniform (Mezzadri 2007).
fn orthogonal<T: Scalar>((rows, columns): (usize, usize), gain: f64, generator: &mut Generator) -> Matrix<T> {
    let length = rows.max(columns);
    let mut q = Matrix::from_element(length, rows.min(columns), 0.0);
    random::normal(q.as_mut_slice(), 1.0, generator);
    for k in 0..q.ncols() {
        let (done, rest) = q.as_mut_slice().split_at_mut(k * length);
        let column = &mut rest[..length];
        for _ in 0..2 {
            for earlier in done.chunks_exact(length) {
                let along = dot(earlier, column);
                add_scaled(column, -along, earlier);
            }
        }
        let size = dot(column, column).sqrt();
        column.iter_mut().for_each(|x| *x /= size);
    }
    if rows < columns {
        q = q.transpose();
    }
    q.map(|x: f64| T::of(gain * x))
}

/// How the biases of a layer start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum BiasInit {
    /// All biases 0.
    #[default]
    Zeros,
    /// All biases this number.
    Constant(f64),
    /// Normal with this standard deviation.
    Normal(f64),
    /// Uniform from minus this bound to the bound.
    Uniform(f64),
    /// Uniform from the first number to the second.
    Between(f64, f64),
    /// As the weights of [`Init::LeCun`]: the standard deviation is `gain / √n_in`.
    LeCun {
        /// Factor on the standard deviation, positive.
        #[serde(default = "one")]
        gain: f64,
        /// What biases are drawn from.
        #[serde(default)]
        distribution: Distribution,
    },
}

impl BiasInit {
    /// As [`Init::check`].
    ///
    /// # Errors
    /// There is one.
    pub fn check(self) -> Result<(), Refusal> {
        let weights = match self {
            Self::Zeros | Self::Constant(_) => return Ok(()),
            Self::Normal(sd) => Init::Normal(sd),
            Self::Uniform(bound) => Init::Uniform(bound),
            Self::Between(low, high) => Init::Between(low, high),
            Self::LeCun { gain, distribution } => Init::LeCun { gain, distribution },
        };
        weights.check().map_err(|refusal| Refusal {
            remedy: refusal.remedy.replace("weights", "biases"),
            ..refusal
        })
    }

    /// Draws the biases of a layer, if it has any.
    pub fn fill<T: Scalar>(self, layer: &mut Layer<T>, stream: Stream) {
        let law = match self {
            Self::Zeros => ProbabilityLaw::Constant(0.0),
            Self::Constant(value) => ProbabilityLaw::Constant(value),
            Self::Normal(sd) => ProbabilityLaw::Normal(sd),
            Self::Uniform(bound) => ProbabilityLaw::Uniform(bound),
            Self::Between(low, high) => ProbabilityLaw::Between(low, high),
            Self::LeCun { gain, distribution } => distribution.law(gain / (layer.fan_in() as f64).sqrt()),
        };
        law.fill(layer.bias.as_mut_slice(), &mut stream.generator());
    }
}
