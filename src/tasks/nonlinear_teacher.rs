//! Draw a random network with one hidden layer and samples of it.

use super::fresh::{Sampler, TaskStream};
use super::linear_teacher::TeacherWeights;
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Image, Kind, Places, Samples, Seed, Source, Targets, TaskError, image};
use crate::linalg::{Matrix, add_scaled};
use crate::network::Activation;
use crate::random::{Generator, normal};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `y = V φ(W x)` with random `W`, `hidden × inputs`, and `V`, `outputs × hidden`, no biases, and normal `x` whose standard
/// deviation is `input_scale`. The teacher of Saad and Solla (1995) with `N` inputs and `M` units is
/// `NonlinearTeacher(inputs: N, hidden: M, outputs: 1, weights: Normal(1.0), output_weights: Constant(1.0), input_scale: InverseRoot)`
/// with their error function as activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NonlinearTeacher {
    /// Length of `x`, the inputs of a sample.
    pub inputs: usize,
    /// Hidden units of the teacher.
    pub hidden: usize,
    /// Length of `y`, the target values of a sample.
    pub outputs: usize,
    /// `φ`, the nonlinearity of the teacher's hidden units.
    pub activation: Activation,
    /// How the entries of `W` are drawn.
    pub weights: TeacherWeights,
    /// How the entries of `V` are drawn.
    pub output_weights: OutputWeights,
    /// The standard deviation of each input.
    pub input_scale: InputScale,
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// Whether every step of training sees fresh samples; `samples` is then the length of an epoch.
    pub stream: bool,
    /// Chooses the teacher and the samples, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// How the output weights of a teacher are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum OutputWeights {
    /// Uniform between minus this number and this number.
    Uniform(f64),
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
    /// All equal to this number.
    Constant(f64),
}

/// The standard deviation of a teacher's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum InputScale {
    /// Standard deviation 1.
    Unit,
    /// One over the square root of the number of inputs, so that `|x|` is about 1.
    InverseRoot,
    /// This number, positive.
    Times(f64),
}

impl Default for NonlinearTeacher {
    fn default() -> Self {
        Self {
            inputs: 30,
            hidden: 20,
            outputs: 10,
            activation: Activation::Tanh,
            weights: TeacherWeights::Normal(1.0),
            output_weights: OutputWeights::Normal(1.0),
            input_scale: InputScale::InverseRoot,
            samples: 1000,
            test: 1000,
            stream: false,
            seed: Seed::default(),
            image: None,
        }
    }
}

impl NonlinearTeacher {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: self.inputs,
            kind: Kind::Values(self.outputs),
            samples: Samples::new(self.samples, self.test),
            stream: self.stream,
            seed: self.seed,
        }
    }

    /// The teacher's `W`, `hidden × inputs`, and `V`, `outputs × hidden`.
    pub fn matrices(&self) -> (Matrix<f64>, Matrix<f64>) {
        let teacher = self.teacher();
        let w = Matrix::from_row_slice(self.hidden, self.inputs, &teacher.weights);
        // a unit's output weights stand together: the columns of V
        let v = Matrix::from_vec(self.outputs, self.hidden, teacher.output_weights);
        (w, v)
    }

    fn deviation(&self) -> f64 {
        match self.input_scale {
            InputScale::Unit => 1.0,
            InputScale::InverseRoot => 1.0 / (self.inputs as f64).sqrt(),
            InputScale::Times(scale) => scale,
        }
    }

    /// The teacher, from one stream: `W`, then `V`.
    fn teacher(&self) -> TeacherNetwork {
        let generator = &mut synthetic::generator(self.seed, TaskStream::Teacher);
        let mut weights = vec![0.0; self.hidden * self.inputs];
        self.weights.draw(&mut weights, generator);
        let mut output_weights = vec![0.0; self.outputs * self.hidden];
        match self.output_weights {
            OutputWeights::Uniform(bound) => TeacherWeights::Uniform(bound).draw(&mut output_weights, generator),
            OutputWeights::Normal(sd) => TeacherWeights::Normal(sd).draw(&mut output_weights, generator),
            OutputWeights::Constant(weight) => output_weights.fill(weight),
        }
        TeacherNetwork {
            weights,
            output_weights,
            inputs: self.inputs,
            activation: self.activation,
            deviation: self.deviation(),
        }
    }
}

/// The teacher at work. Matrices are stored so that one unit's weights stand together: both row-major.
#[derive(Debug)]
struct TeacherNetwork {
    weights: Vec<f64>,
    output_weights: Vec<f64>,
    inputs: usize,
    activation: Activation,
    deviation: f64,
}

impl TeacherNetwork {
    /// `y := V φ(W x)`, in an order of its own: data stay the same when a new version of the numerics changes products.
    fn apply(&self, x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        let outputs = y.len();
        for (weights, column) in self
            .weights
            .chunks_exact(self.inputs)
            .zip(self.output_weights.chunks_exact(outputs))
        {
            let z = weights.iter().zip(x).fold(0.0, |sum, (weight, x)| sum + weight * x);
            add_scaled(y, self.activation.value(z), column);
        }
    }
}

impl Sampler for TeacherNetwork {
    fn draw(&self, _: u64, generator: &mut Generator, x: &mut [f64], y: &mut [f64]) -> u32 {
        normal(x, self.deviation, generator);
        self.apply(x, y);
        0
    }
}

impl Source for NonlinearTeacher {
    fn about(&self) -> String {
        format!(
            "a random network, synthetic: {} inputs, {} hidden units, {} outputs",
            self.inputs, self.hidden, self.outputs
        )
    }

    fn check(&self) -> Result<(), Refusal> {
        for (field, size) in [
            ("task.inputs", self.inputs),
            ("task.hidden", self.hidden),
            ("task.outputs", self.outputs),
        ] {
            if size == 0 {
                return Err(Refusal::new(field, "a layer without units", "use 1 or more"));
            }
        }
        let scales = [
            ("task.weights", self.weights.scale()),
            (
                "task.output_weights",
                match self.output_weights {
                    OutputWeights::Constant(weight) => weight.abs(),
                    OutputWeights::Normal(scale) | OutputWeights::Uniform(scale) => scale,
                },
            ),
            ("task.input_scale", self.deviation()),
        ];
        for (field, scale) in scales {
            if !(scale.is_finite() && scale > 0.0) {
                let reason = format!("a scale of {scale} teaches nothing");
                return Err(Refusal::new(field, reason, "use a positive number"));
            }
        }
        let hidden = Samples::without_test(u32::try_from(self.hidden).unwrap_or(u32::MAX));
        synthetic::check(hidden, self.inputs.saturating_add(self.outputs)).map_err(|refusal| Refusal {
            option: "task.hidden".into(),
            reason: "the teacher takes more memory than any task may".into(),
            remedy: refusal.remedy.replace("samples", "inputs, hidden units or outputs"),
        })?;
        self.drawn().check()
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(self.drawn().facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let outputs = self.outputs;
        let targets = |values, _| Targets::Values { values, outputs };
        Ok(self.drawn().sampled(self.teacher(), targets))
    }
}
