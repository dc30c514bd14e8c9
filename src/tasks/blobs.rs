//! Draw points about random centres.

use super::fresh::{Sampler, TaskStream};
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Image, Kind, Places, Samples, Seed, Source, Targets, TaskError, image};
use crate::random::{Generator, normal, uniform};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One round cloud of points a class: normal, with standard deviation `noise`, about a centre whose coordinates are uniform
/// between `-range` and `range`. Samples take the classes in turn. Clouds may overlap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Blobs {
    /// Number of clouds, a class each; 2 or more.
    pub classes: usize,
    /// Coordinates of a point.
    pub inputs: usize,
    /// Largest coordinate of a centre, in size.
    pub range: f64,
    /// Standard deviation of the points of a cloud, in each coordinate; not negative.
    pub noise: f64,
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// Whether every step of training sees fresh samples; `samples` is then the length of an epoch.
    pub stream: bool,
    /// Chooses centres and points, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

impl Default for Blobs {
    fn default() -> Self {
        Self {
            classes: 3,
            inputs: 2,
            range: 10.0,
            noise: 1.0,
            samples: 1000,
            test: 1000,
            stream: false,
            seed: Seed::default(),
            image: None,
        }
    }
}

impl Blobs {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: self.inputs,
            kind: Kind::Classes(self.classes),
            samples: Samples::new(self.samples, self.test),
            stream: self.stream,
            seed: self.seed,
        }
    }

    /// Centres, `inputs × classes`, column-major.
    fn centres(&self) -> Vec<f64> {
        let generator = &mut synthetic::generator(self.seed, TaskStream::Teacher);
        let coordinates = 0..self.inputs * self.classes;
        coordinates
            .map(|_| (2.0 * uniform(generator) - 1.0) * self.range)
            .collect()
    }
}

/// The clouds at work.
#[derive(Debug)]
struct Clouds {
    centres: Vec<f64>,
    classes: usize,
    noise: f64,
}

impl Sampler for Clouds {
    fn draw(&self, number: u64, generator: &mut Generator, x: &mut [f64], _: &mut [f64]) -> u32 {
        let class = (number % self.classes as u64) as usize;
        normal(x, self.noise, generator);
        let centre = &self.centres[class * x.len()..][..x.len()];
        x.iter_mut().zip(centre).for_each(|(x, centre)| *x += centre);
        class as u32
    }
}

impl Source for Blobs {
    fn about(&self) -> String {
        format!(
            "points about {} centres, synthetic: {} inputs",
            self.classes, self.inputs
        )
    }

    fn check(&self) -> Result<(), Refusal> {
        synthetic::check_classes(self.classes, self.samples)?;
        if self.inputs == 0 {
            return Err(Refusal::new(
                "task.inputs",
                "points without coordinates",
                "use 1 or more",
            ));
        }
        if !(self.range.is_finite() && self.range > 0.0) {
            let reason = format!("centres within {} are all the same", self.range);
            return Err(Refusal::new("task.range", reason, "use a positive number"));
        }
        synthetic::check_noise(self.noise)?;
        self.drawn().check_stream()?;
        let centres = Samples::without_test(u32::try_from(self.classes).unwrap_or(u32::MAX));
        synthetic::check(centres, self.inputs).map_err(|refusal| Refusal {
            option: "task.inputs".into(),
            remedy: "use fewer inputs or classes".into(),
            ..refusal
        })?;
        self.drawn().check_samples()
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(self.drawn().facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let clouds = Clouds {
            centres: self.centres(),
            classes: self.classes,
            noise: self.noise,
        };
        let targets = |_, labels| Targets::numbered(labels, self.classes);
        Ok(self.drawn().sampled(clouds, targets))
    }
}
