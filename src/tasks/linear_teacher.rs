//! Draw a random linear map and samples of it.

use super::fresh::{Sampler, TaskStream};
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Image, Kind, Places, Samples, Seed, Source, Targets, TaskError, image};
use crate::linalg::add_scaled;
use crate::random::{Generator, normal, uniform};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `y = T x` with `x ~ N(0, I)` and a random `T`, `outputs × inputs` (Lillicrap et al. 2016, first task: 30 inputs, 10 outputs).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearTeacher {
    /// Length of `x`, the inputs of a sample.
    pub inputs: usize,
    /// Length of `y`, the target values of a sample.
    pub outputs: usize,
    /// How the entries of `T` are drawn.
    pub weights: TeacherWeights,
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// Whether every step of training sees fresh samples; `samples` is then the length of an epoch.
    pub stream: bool,
    /// Chooses `T` and the samples, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// How the weights of a teacher are drawn, each independently.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum TeacherWeights {
    /// Uniform between minus this number and this number.
    Uniform(f64),
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
}

impl TeacherWeights {
    pub(super) fn scale(self) -> f64 {
        match self {
            TeacherWeights::Uniform(scale) | TeacherWeights::Normal(scale) => scale,
        }
    }

    pub(super) fn draw(self, weights: &mut [f64], generator: &mut Generator) {
        match self {
            TeacherWeights::Uniform(bound) => {
                weights
                    .iter_mut()
                    .for_each(|weight| *weight = (2.0 * uniform(generator) - 1.0) * bound);
            }
            TeacherWeights::Normal(sd) => normal(weights, sd, generator),
        }
    }
}

impl Default for LinearTeacher {
    fn default() -> Self {
        Self {
            inputs: 30,
            outputs: 10,
            weights: TeacherWeights::Uniform(1.0),
            samples: 1000,
            test: 1000,
            stream: false,
            seed: Seed::default(),
            image: None,
        }
    }
}

impl LinearTeacher {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: self.inputs,
            kind: Kind::Values(self.outputs),
            samples: Samples::new(self.samples, self.test),
            stream: self.stream,
            seed: self.seed,
        }
    }

    /// `T`, `outputs × inputs`, column-major.
    fn teacher(&self) -> Vec<f64> {
        let mut teacher = vec![0.0; self.outputs * self.inputs];
        self.weights
            .draw(&mut teacher, &mut synthetic::generator(self.seed, TaskStream::Teacher));
        teacher
    }

    fn draw(&self, x: &mut [f64], stream: TaskStream) {
        normal(x, 1.0, &mut synthetic::generator(self.seed, stream));
    }
}

impl Source for LinearTeacher {
    fn about(&self) -> String {
        format!(
            "a random linear map, synthetic: {} inputs, {} outputs",
            self.inputs, self.outputs
        )
    }

    fn check(&self) -> Result<(), Refusal> {
        for (field, size) in [("task.inputs", self.inputs), ("task.outputs", self.outputs)] {
            if size == 0 {
                return Err(Refusal::new(field, "a map from or to nothing", "use 1 or more"));
            }
        }
        let scale = self.weights.scale();
        if !(scale.is_finite() && scale > 0.0) {
            let reason = format!("weights of scale {scale} teach nothing");
            return Err(Refusal::new("task.weights", reason, "use a positive number"));
        }
        let teacher = Samples::without_test(u32::try_from(self.outputs).unwrap_or(u32::MAX));
        synthetic::check(teacher, self.inputs).map_err(|refusal| Refusal {
            option: "task.inputs".into(),
            remedy: "use fewer inputs or outputs".into(),
            ..refusal
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
        let drawn = self.drawn();
        let stored = drawn.stored();
        let mut x = vec![0.0; self.inputs * stored.total() as usize];
        let (training, test) = x.split_at_mut(self.inputs * stored.training as usize);
        self.draw(training, TaskStream::Training);
        self.draw(test, TaskStream::Test);

        let map = LinearMap {
            matrix: self.teacher(),
            outputs: self.outputs,
        };
        let mut y = vec![0.0; self.outputs * stored.total() as usize];
        for (y, x) in y.chunks_exact_mut(self.outputs).zip(x.chunks_exact(self.inputs)) {
            map.apply(x, y);
        }
        let targets = Targets::Values {
            values: y,
            outputs: self.outputs,
        };
        Ok(drawn.data(map, x, targets))
    }
}

/// The teacher at work.
#[derive(Debug)]
struct LinearMap {
    /// `outputs × inputs`, column-major.
    matrix: Vec<f64>,
    outputs: usize,
}

impl LinearMap {
    /// `y := T x`.
    fn apply(&self, x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        // Column by column: data stay the same when a new version of the numerics changes products.
        for (column, &x) in self.matrix.chunks_exact(self.outputs).zip(x) {
            add_scaled(y, x, column);
        }
    }
}

impl Sampler for LinearMap {
    fn draw(&self, _: u64, generator: &mut Generator, x: &mut [f64], y: &mut [f64]) -> u32 {
        normal(x, 1.0, generator);
        self.apply(x, y);
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Matrix, empty, multiply, plain};

    fn all(task: &LinearTeacher) -> (Matrix<f64>, Matrix<f64>) {
        let data = task.load(Places::none()).unwrap();
        let (mut x, mut y) = (empty::<f64>(), empty::<f64>());
        data.gather(&(0..data.samples().total()).collect::<Vec<_>>(), &mut x, &mut y);
        (x, y)
    }

    #[test]
    fn targets_are_the_teacher_s_product_for_both_parts() {
        let task = LinearTeacher {
            inputs: 5,
            outputs: 3,
            samples: 40,
            test: 20,
            ..LinearTeacher::default()
        };
        let (x, y) = all(&task);
        let mut product = Matrix::zeros(3, 60);
        multiply(
            1.0,
            plain(&Matrix::from_vec(3, 5, task.teacher())),
            plain(&x),
            0.0,
            &mut product,
        );
        assert!((product - y).iter().all(|error| error.abs() < 1e-13));
    }

    /// Moments of N(0, 1) and of U[-w, w], within five standard errors; the negative control is the other distribution.
    #[test]
    fn inputs_and_weights_have_their_distributions() {
        let mean_square = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64;
        let task = LinearTeacher {
            inputs: 100,
            outputs: 100,
            weights: TeacherWeights::Uniform(2.0),
            ..LinearTeacher::default()
        };
        let (x, _) = all(&task);
        let n = x.len() as f64;
        assert!(x.mean().abs() < 5.0 / n.sqrt());
        assert!((mean_square(x.as_slice()) - 1.0).abs() < 5.0 * (2.0 / n).sqrt());

        let weights = task.teacher();
        assert!(weights.iter().all(|w| w.abs() <= 2.0));
        // E[w²] = 4/3, Var[w²] = 16/5 - 16/9.
        assert!((mean_square(&weights) - 4.0 / 3.0).abs() < 5.0 * (16.0 / 5.0 - 16.0 / 9.0_f64).sqrt() / 100.0);
        let weights = LinearTeacher {
            weights: TeacherWeights::Normal(2.0),
            ..task
        }
        .teacher();
        assert!((mean_square(&weights) / 4.0 - 1.0).abs() < 5.0 * (2.0f64 / 10_000.0).sqrt());
        assert!(weights.iter().any(|w| w.abs() > 2.0));
    }

    #[test]
    fn a_task_is_drawn_once_and_grows_at_its_end() {
        let task = LinearTeacher {
            samples: 7,
            inputs: 3,
            test: 5,
            ..LinearTeacher::default()
        };
        let (x, y) = all(&task);
        assert_eq!(all(&task), (x.clone(), y.clone()));
        let (larger, taught) = all(&LinearTeacher {
            samples: 8,
            test: 0,
            ..task.clone()
        });
        assert_eq!(larger.columns(0, 7), x.columns(0, 7));
        assert_eq!(taught.columns(0, 7), y.columns(0, 7));
        assert_ne!(x.columns(0, 5), x.columns(7, 5), "the test set has its own draws");
        let (other, _) = all(&LinearTeacher {
            seed: Seed::Fixed(1),
            ..task
        });
        assert_ne!(other, x);
    }

    #[test]
    fn impossible_options_are_refused_with_their_field() {
        let task = LinearTeacher::default;
        for (task, field) in [
            (LinearTeacher { inputs: 0, ..task() }, "task.inputs"),
            (LinearTeacher { outputs: 0, ..task() }, "task.outputs"),
            (LinearTeacher { samples: 0, ..task() }, "task.samples"),
            (
                LinearTeacher {
                    samples: u32::MAX,
                    ..task()
                },
                "task.samples",
            ),
            (
                LinearTeacher {
                    inputs: usize::MAX,
                    outputs: usize::MAX,
                    ..task()
                },
                "task.inputs",
            ),
            (
                LinearTeacher {
                    weights: TeacherWeights::Uniform(0.0),
                    ..task()
                },
                "task.weights",
            ),
            (
                LinearTeacher {
                    weights: TeacherWeights::Normal(f64::INFINITY),
                    ..task()
                },
                "task.weights",
            ),
        ] {
            let refusal = task.check().unwrap_err();
            assert_eq!(refusal.option, field, "{refusal}");
        }
    }
}
