//! Scale inputs and targets by what the training part of a run shows, or, by name, all samples.

mod fitted;

pub use fitted::Fitted;
pub(super) use fitted::{Scaler, fold, length};

use super::{DataSet, Facts, Image, Kind};
use crate::loss::Loss;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn one() -> f64 {
    1.0
}

/// How numbers are changed before the network sees them. Losses are measured on scaled targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scale {
    /// How each input is scaled, by itself.
    pub inputs: Scaling,
    /// How each target is scaled, by itself.
    pub targets: TargetScaling,
}

/// How each of several columns of numbers is scaled, by what is known of it from the samples of `fitted_on`; or each sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Scaling {
    /// Not at all.
    #[default]
    AsIs,
    /// `x / |x|`, each sample by itself, with the Euclidean length of all its inputs; a sample of zeros stays as it is. Nothing is
    /// fitted.
    UnitLength,
    /// For images: `(x − mean) / sd`, with the numbers given, one of each for a channel. Nothing is fitted.
    Channels {
        /// What is taken from the pixels of each channel.
        mean: Vec<f64>,
        /// What they are then divided by; each positive.
        sd: Vec<f64>,
    },
    /// `(x − mean) / sd`, with the standard deviation of the samples themselves (divided by their number). A column without
    /// any spread becomes `x − mean`.
    Standard {
        /// Which samples tell mean and spread.
        #[serde(default)]
        fitted_on: FittedOn,
    },
    /// `low + (high − low) (x − min) / (max − min)`. A column without any spread becomes `low + (high − low) (x − min)`.
    MinMax {
        /// Where the smallest number goes.
        #[serde(default)]
        low: f64,
        /// Where the largest number goes.
        #[serde(default = "one")]
        high: f64,
        /// Which samples tell minimum and maximum.
        #[serde(default)]
        fitted_on: FittedOn,
    },
}

/// How targets are scaled: values as inputs are, classes by the two numbers that tell the own class from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum TargetScaling {
    /// Not at all: classes are told by 0 and 1.
    #[default]
    AsIs,
    /// For values: `(y − mean) / sd`, with the standard deviation of the samples themselves.
    Standard {
        /// Which samples tell mean and spread.
        #[serde(default)]
        fitted_on: FittedOn,
    },
    /// For values: `low + (high − low) (y − min) / (max − min)`.
    MinMax {
        /// Where the smallest number goes.
        #[serde(default)]
        low: f64,
        /// Where the largest number goes.
        #[serde(default = "one")]
        high: f64,
        /// Which samples tell minimum and maximum.
        #[serde(default)]
        fitted_on: FittedOn,
    },
    /// For classes: `high` for the unit of the own class, `low` for the others.
    Levels {
        /// The target of the units of the other classes.
        low: f64,
        /// The target of the unit of the own class; above `low`.
        high: f64,
    },
}

/// Which samples a scaling is fitted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FittedOn {
    /// The run's training part: nothing of validation and test leaks into training.
    #[default]
    Training,
    /// All samples, test and validation included. This leaks; published experiments did so.
    All,
}

impl TargetScaling {
    /// As a scaling of values.
    fn of_values(self) -> Scaling {
        match self {
            Self::Standard { fitted_on } => Scaling::Standard { fitted_on },
            Self::MinMax { low, high, fitted_on } => Scaling::MinMax { low, high, fitted_on },
            Self::AsIs | Self::Levels { .. } => Scaling::AsIs,
        }
    }
}

impl Scale {
    /// Refuses what does not fit the task.
    ///
    /// # Errors
    /// If bounds are not finite and ascending, or the targets are of another kind than their scaling.
    pub fn check(&self, facts: &Facts) -> Result<(), Refusal> {
        let bounds = |field, low: f64, high: f64| {
            if low.is_finite() && high.is_finite() && low < high {
                return Ok(());
            }
            let reason = format!("{low} to {high} is no range");
            Err(Refusal::new(field, reason, "use two numbers, `low` below `high`"))
        };
        match &self.inputs {
            Scaling::MinMax { low, high, .. } => bounds("scale.inputs", *low, *high)?,
            Scaling::Channels { mean, sd } => check_channels(mean, sd, facts)?,
            _ => {}
        }
        let fault = |reason: &str, remedy: &str| Err(Refusal::new("scale.targets", reason, remedy));
        match (self.targets, facts.kind) {
            (TargetScaling::AsIs, _) => Ok(()),
            (_, Kind::Values(_)) if facts.reconstructs => fault(
                "has no effect: the targets are the scaled inputs",
                "leave it out, and scale the inputs",
            ),
            (TargetScaling::Levels { low, high }, Kind::Single) if low + high != 1.0 => {
                let reason = format!("{low} and {high} do not lie evenly about the threshold 0.5 of a single output");
                fault(
                    &reason,
                    "use `targets: Classes` in the task, or levels such as 0.1 and 0.9",
                )
            }
            (TargetScaling::Levels { low, high }, Kind::Classes(_) | Kind::Single) => {
                bounds("scale.targets", low, high)
            }
            (TargetScaling::Levels { .. }, Kind::Values(_)) => fault(
                "levels are for classes, and this task asks for values",
                "use `Standard` or `MinMax`",
            ),
            (_, Kind::Classes(_) | Kind::Single) => fault(
                "classes have no mean and no range",
                "use `Levels(low: 0.1, high: 0.9)` for class targets",
            ),
            (TargetScaling::MinMax { low, high, .. }, Kind::Values(_)) => bounds("scale.targets", low, high),
            (TargetScaling::Standard { .. }, Kind::Values(_)) => Ok(()),
        }
    }

    /// Refuses targets that are no probabilities where the loss takes them for such. Values that are not scaled are looked at
    /// when they are loaded: [`Scale::check_values`].
    ///
    /// # Errors
    /// If levels do not add up to 1 over the classes for the softmax, or targets are scaled out of the range from 0 to 1 for logistic
    /// units.
    pub fn check_loss(&self, facts: &Facts, loss: Loss) -> Result<(), Refusal> {
        let no_probabilities =
            |low: f64, high: f64| format!("{low} and {high} are no probabilities, which `LogisticCrossEntropy` needs");
        let reason = match (self.targets, loss) {
            (TargetScaling::Levels { low, high }, Loss::CrossEntropy { .. }) => {
                let sum = high + low * facts.kind.outputs().saturating_sub(1) as f64;
                if (sum - 1.0).abs() <= 1e-9 {
                    return Ok(());
                }
                format!("targets that add up to {sum} are no probabilities of classes, which `CrossEntropy` needs")
            }
            (TargetScaling::Levels { low, high }, Loss::LogisticCrossEntropy { .. }) if low < 0.0 || high > 1.0 => {
                no_probabilities(low, high)
            }
            (_, Loss::LogisticCrossEntropy { .. }) => match self.of_values(facts) {
                Scaling::Standard { .. } | Scaling::Channels { .. } => {
                    "targets on both sides of 0 are no probabilities, which `LogisticCrossEntropy` needs".into()
                }
                Scaling::MinMax { low, high, .. } if low < 0.0 || high > 1.0 => no_probabilities(low, high),
                Scaling::MinMax { .. } | Scaling::AsIs | Scaling::UnitLength => return Ok(()),
            },
            _ => return Ok(()),
        };
        let field = if facts.reconstructs {
            "scale.inputs"
        } else {
            "scale.targets"
        };
        Err(Refusal::new(field, reason, "use `loss: HalfSquares`"))
    }

    /// Refuses values below 0 or above 1, as they are or scaled to unit length, where the loss takes them for probabilities.
    ///
    /// # Errors
    /// If there is one.
    pub fn check_values(&self, data: &DataSet, facts: &Facts, loss: Loss) -> Result<(), Refusal> {
        let most = match (facts.kind, self.of_values(facts)) {
            (Kind::Values(_), Scaling::AsIs) => 1.0,
            // what is not negative is at most as large as the length
            (Kind::Values(_), Scaling::UnitLength) => f64::INFINITY,
            _ => return Ok(()),
        };
        if !matches!(loss, Loss::LogisticCrossEntropy { .. }) {
            return Ok(());
        }
        let samples: Vec<u32> = (0..data.samples().total()).collect();
        let outside = |_, found: Option<f64>, y: f64| found.or((!(0.0..=most).contains(&y)).then_some(y));
        match fold(data, &samples, true, None, outside).into_iter().flatten().next() {
            None => Ok(()),
            Some(y) => Err(Refusal::new(
                "loss",
                format!("the target {y} is no probability, which `LogisticCrossEntropy` needs"),
                match facts.reconstructs {
                    true => "use `scale: (inputs: MinMax)`, or `loss: HalfSquares`",
                    false => "use `scale: (targets: MinMax)`, or `loss: HalfSquares`",
                },
            )),
        }
    }

    /// How target values are scaled; those of classes are not.
    fn of_values(&self, facts: &Facts) -> Scaling {
        match facts.kind {
            Kind::Values(_) if facts.reconstructs => self.inputs.clone(),
            Kind::Values(_) => self.targets.of_values(),
            Kind::Classes(_) | Kind::Single => Scaling::AsIs,
        }
    }
}

/// Refuses numbers that are not one for each channel of an image, or that nothing can be divided by.
fn check_channels(mean: &[f64], sd: &[f64], facts: &Facts) -> Result<(), Refusal> {
    let Some(image) = facts.image else {
        return Err(Refusal::new(
            "scale.inputs",
            format!("the inputs are {} numbers, which are no channels", facts.inputs),
            format!(
                "use `Standard`, or say in the task which image they are, such as {}",
                Image::example(facts.inputs)
            ),
        ));
    };
    for (field, numbers) in [("scale.inputs.mean", mean), ("scale.inputs.sd", sd)] {
        if numbers.len() != image.channels {
            let plural = |n: usize| if n == 1 { "" } else { "s" };
            let (n, channels) = (numbers.len(), image.channels);
            let reason = format!(
                "has {n} number{}, the images have {channels} channel{}",
                plural(n),
                plural(channels)
            );
            return Err(Refusal::new(field, reason, "give one number for each channel"));
        }
    }
    match sd.iter().find(|sd| !(sd.is_finite() && **sd > 0.0)) {
        Some(sd) => Err(Refusal::new(
            "scale.inputs.sd",
            format!("{sd} is no standard deviation to divide by"),
            "use a positive number",
        )),
        None => Ok(()),
    }
}
