//! Draw exclusive or of two bits.

use super::fresh::Sampler;
use super::synthetic::{self, DrawnSamples};
use super::{DataSet, Facts, Image, Kind, Places, Samples, Seed, Source, Targets, TaskError, image};
use crate::random::Generator;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The truth table, in the order of samples: inputs and class.
const TABLE: [([f64; 2], u32); 4] = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)];

/// Exclusive or. Samples run through the truth table (00, 01, 10, 11) again and again, so that all four points are equally
/// frequent and `Xor(samples: 4)` is the table itself; bits are 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Xor {
    /// Samples for training and validation.
    pub samples: u32,
    /// Samples of the test set; 0 for none.
    pub test: u32,
    /// How the two classes are told: by two output units, or by one.
    pub targets: TwoClasses,
    /// Standard deviation of the normal noise added to each input; not negative.
    pub noise: f64,
    /// Whether the noise is fresh in every step of training; `samples` is then the length of an epoch.
    pub stream: bool,
    /// Chooses the noise, for all runs of the experiment; `PerRun`: for each run those of its own seed.
    pub seed: Seed,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// How an answer of yes or no is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TwoClasses {
    /// By two output units, one a class.
    Classes,
    /// By one output unit with target 0 or 1 and threshold 0.5.
    Single,
}

impl TwoClasses {
    /// What the network answers.
    pub(super) fn kind(self) -> Kind {
        match self {
            TwoClasses::Classes => Kind::Classes(2),
            TwoClasses::Single => Kind::Single,
        }
    }

    /// Targets for classes called `0` and `1`.
    pub(super) fn of(self, labels: Vec<u32>) -> Targets {
        let names = ["0".to_string(), "1".to_string()];
        match self {
            TwoClasses::Classes => Targets::Classes {
                labels,
                names: names.into(),
            },
            TwoClasses::Single => Targets::Single { labels, names },
        }
    }
}

impl Default for Xor {
    fn default() -> Self {
        Self {
            samples: 1000,
            test: 1000,
            targets: TwoClasses::Classes,
            noise: 0.0,
            stream: false,
            seed: Seed::default(),
            image: None,
        }
    }
}

impl Xor {
    fn drawn(&self) -> DrawnSamples {
        DrawnSamples {
            inputs: 2,
            kind: self.targets.kind(),
            samples: Samples::new(self.samples, self.test),
            stream: self.stream,
            seed: self.seed,
        }
    }
}

impl Source for Xor {
    fn about(&self) -> String {
        "exclusive or of two bits, synthetic: two inputs, two classes".into()
    }

    fn check(&self) -> Result<(), Refusal> {
        synthetic::check_noise(self.noise)?;
        self.drawn().check_stream()?;
        if self.seed != Seed::default() && self.noise == 0.0 {
            let remedy = "leave `seed` out, or set `noise`";
            return Err(Refusal::new("task.seed", "without noise nothing is drawn", remedy));
        }
        if self.stream && self.noise == 0.0 {
            let remedy = "leave `stream` out, or set `noise`";
            return Err(Refusal::new("task.stream", "without noise no sample is fresh", remedy));
        }
        self.drawn().check_samples()
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(self.drawn().facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        Ok(self.drawn().sampled(self.clone(), |_, labels| self.targets.of(labels)))
    }
}

impl Sampler for Xor {
    fn draw(&self, number: u64, generator: &mut Generator, x: &mut [f64], _: &mut [f64]) -> u32 {
        let (bits, class) = TABLE[(number % 4) as usize];
        synthetic::noise(x, self.noise, generator);
        x.iter_mut().zip(bits).for_each(|(x, bit)| *x += bit);
        class
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::empty;

    fn all(task: &Xor) -> (Vec<f64>, Vec<f64>) {
        let data = task.load(Places::none()).unwrap();
        let (mut x, mut y) = (empty::<f64>(), empty::<f64>());
        data.gather(&(0..data.samples().total()).collect::<Vec<_>>(), &mut x, &mut y);
        (x.as_slice().to_vec(), y.as_slice().to_vec())
    }

    #[test]
    fn four_samples_are_the_truth_table() {
        let (x, y) = all(&Xor {
            samples: 4,
            test: 0,
            targets: TwoClasses::Single,
            ..Xor::default()
        });
        assert_eq!(x, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
        assert_eq!(y, [0.0, 1.0, 1.0, 0.0]);
        let (_, y) = all(&Xor {
            samples: 4,
            test: 1,
            ..Xor::default()
        });
        assert_eq!(y, [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
    }

    /// The deviations from the corners have mean 0 and the asked standard deviation, within five standard errors.
    #[test]
    fn noise_has_the_asked_spread_and_its_own_draws_for_test() {
        let n = 10_000;
        let noisy = Xor {
            samples: n,
            test: n,
            noise: 0.1,
            ..Xor::default()
        };
        let (x, _) = all(&noisy);
        let (exact, _) = all(&Xor {
            noise: 0.0,
            ..noisy.clone()
        });
        let deviations: Vec<f64> = x.iter().zip(&exact).map(|(x, corner)| x - corner).collect();
        let count = deviations.len() as f64;
        let mean = deviations.iter().sum::<f64>() / count;
        let variance = deviations.iter().map(|d| d * d).sum::<f64>() / count;
        assert!(mean.abs() < 5.0 * 0.1 / count.sqrt(), "{mean}");
        assert!((variance / 0.01 - 1.0).abs() < 5.0 * (2.0 / count).sqrt(), "{variance}");
        let (training, test) = x.split_at(2 * n as usize);
        assert!(training.iter().zip(test).all(|(a, b)| a != b));
        assert_ne!(
            all(&Xor {
                seed: Seed::Fixed(1),
                ..noisy.clone()
            })
            .0,
            x
        );
        assert_eq!(all(&noisy).0, x);
    }

    #[test]
    fn impossible_options_are_refused_with_their_field() {
        for (task, field) in [
            (
                Xor {
                    samples: 0,
                    ..Xor::default()
                },
                "task.samples",
            ),
            (
                Xor {
                    samples: u32::MAX,
                    test: 1,
                    ..Xor::default()
                },
                "task.samples",
            ),
            (
                Xor {
                    noise: -0.1,
                    ..Xor::default()
                },
                "task.noise",
            ),
            (
                Xor {
                    noise: f64::NAN,
                    ..Xor::default()
                },
                "task.noise",
            ),
            (
                Xor {
                    seed: Seed::Fixed(1),
                    ..Xor::default()
                },
                "task.seed",
            ),
        ] {
            let refusal = task.check().unwrap_err();
            assert_eq!(refusal.option, field, "{refusal}");
        }
    }
}
