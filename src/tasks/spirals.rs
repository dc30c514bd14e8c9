//! Draw points on interleaved spirals.

use super::fresh::Sampler;
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Image, Kind, Places, Samples, Seed, Source, Targets, TaskError, image};
use crate::linalg::sin_cos_of_turns;
use crate::random::{Generator, normal, uniform};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Points on as many arms as there are classes. An arm goes from the centre to radius 1 in `turns` turns; the arm of class `c` is
/// turned by the share `c / classes` of a whole turn. The radius is uniform, each coordinate has normal noise, and samples take
/// the classes in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Spirals {
    /// Number of arms, a class each; 2 or more.
    pub classes: usize,
    /// Turns of an arm about the centre.
    pub turns: f64,
    /// Standard deviation of the noise added to each coordinate; not negative.
    pub noise: f64,
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// Whether every step of training sees fresh samples; `samples` is then the length of an epoch.
    pub stream: bool,
    /// Chooses the points, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

impl Default for Spirals {
    fn default() -> Self {
        Self {
            classes: 2,
            turns: 1.0,
            noise: 0.1,
            samples: 1000,
            test: 1000,
            stream: false,
            seed: Seed::default(),
            image: None,
        }
    }
}

impl Spirals {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: 2,
            kind: Kind::Classes(self.classes),
            samples: Samples::new(self.samples, self.test),
            stream: self.stream,
            seed: self.seed,
        }
    }
}

impl Sampler for Spirals {
    fn draw(&self, number: u64, generator: &mut Generator, x: &mut [f64], _: &mut [f64]) -> u32 {
        let class = (number % self.classes as u64) as u32;
        let radius = uniform(generator);
        let turns = radius * self.turns + f64::from(class) / self.classes as f64;
        let (sine, cosine) = sin_cos_of_turns(turns - turns.floor());
        normal(x, self.noise, generator);
        x[0] += radius * cosine;
        x[1] += radius * sine;
        class
    }
}

impl Source for Spirals {
    fn about(&self) -> String {
        format!("points on {} spirals, synthetic: two inputs", self.classes)
    }

    fn check(&self) -> Result<(), Refusal> {
        synthetic::check_classes(self.classes, self.samples)?;
        synthetic::check_noise(self.noise)?;
        if !(self.turns.is_finite() && self.turns.abs() <= 1000.0) {
            let reason = format!("{} turns cannot be drawn", self.turns);
            return Err(Refusal::new("task.turns", reason, "use a number such as 1.5"));
        }
        self.drawn().check()
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(self.drawn().facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let targets = |_, labels| Targets::numbered(labels, self.classes);
        Ok(self.drawn().sampled(self.clone(), targets))
    }
}
