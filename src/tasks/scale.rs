//! Scale inputs and targets by what the training part of a run shows, or, by name, all samples.

use super::{DataSet, Facts, Kind, Parts};
use crate::linalg::{Matrix, empty};
use crate::loss::Loss;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Samples looked at together while a scaling is fitted.
const CHUNK: usize = 256;

fn one() -> f64 {
    1.0
}

/// How numbers are changed before the network sees them. Losses are measured on scaled targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scale {
    /// How each input is scaled, by itself.
    pub inputs: Scaling,
    /// How each target is scaled, by itself.
    pub targets: TargetScaling,
}

/// How each of several columns of numbers is scaled, by what is known of it from the samples of `fitted_on`; or each sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Scaling {
    /// Not at all.
    #[default]
    AsIs,
    /// `x / |x|`, each sample by itself, with the Euclidean length of all its inputs; a sample of zeros stays as it is. Nothing is
    /// fitted.
    UnitLength,
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
        if let Scaling::MinMax { low, high, .. } = self.inputs {
            bounds("scale.inputs", low, high)?;
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
                Scaling::Standard { .. } => {
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
            Kind::Values(_) if facts.reconstructs => self.inputs,
            Kind::Values(_) => self.targets.of_values(),
            Kind::Classes(_) | Kind::Single => Scaling::AsIs,
        }
    }
}

/// The scaling of one input or target: `low + span (x − shift) / divisor`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnScaling {
    shift: f64,
    divisor: f64,
    span: f64,
    low: f64,
}

impl ColumnScaling {
    /// The scaled number. Where the range is 0 to 1 the last two operations change no bit.
    pub fn apply(&self, x: f64) -> f64 {
        (x - self.shift) / self.divisor * self.span + self.low
    }

    /// The number that was scaled to `x`.
    fn undo(&self, x: f64) -> f64 {
        (x - self.low) / self.span * self.divisor + self.shift
    }
}

/// What becomes of the numbers of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Scaler {
    /// Each has a scaling of its own.
    Columns(Vec<ColumnScaling>),
    /// All are divided by the sample's length.
    UnitLength,
}

/// The length of a sample, as two divisors one after the other, so that no square overflows or vanishes; (1, 1) for one of length 0.
pub(super) fn length(sample: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let positive = |x: f64| if x > 0.0 { x } else { 1.0 };
    let largest = positive(sample.clone().fold(0.0_f64, |largest, x| largest.max(x.abs())));
    let squares: f64 = sample.map(|x| (x / largest).powi(2)).sum();
    (largest, positive(squares.sqrt()))
}

/// A scaling that has been fitted; what must be kept to scale new samples alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Of inputs; absent if they stay as they are.
    pub(super) inputs: Option<Scaler>,
    /// Of target values; absent if they stay as they are.
    pub(super) values: Option<Scaler>,
    /// What tells other classes and the own one.
    pub(super) levels: (f64, f64),
}

impl Fitted {
    /// Whether inputs are changed.
    pub fn scales_inputs(&self) -> bool {
        self.inputs.is_some()
    }

    /// Whether it was fitted on so many inputs and outputs.
    pub fn fits(&self, inputs: usize, outputs: usize) -> bool {
        let fits = |scaler: &Option<Scaler>, n| match scaler {
            Some(Scaler::Columns(columns)) => columns.len() == n,
            Some(Scaler::UnitLength) | None => true,
        };
        fits(&self.inputs, inputs) && fits(&self.values, outputs)
    }

    /// Scales the inputs of one sample, as many as were fitted.
    pub fn scale_inputs(&self, x: &mut [f64]) {
        match &self.inputs {
            Some(Scaler::Columns(columns)) => x.iter_mut().zip(columns).for_each(|(x, column)| *x = column.apply(*x)),
            Some(Scaler::UnitLength) => {
                let (largest, length) = length(x.iter().copied());
                x.iter_mut().for_each(|x| *x = *x / largest / length);
            }
            None => {}
        }
    }

    /// Puts predicted values back into the units of the data; `reconstructs` says that they are predicted inputs. What was divided by
    /// a sample's length stays so.
    pub fn restore(&self, y: &mut [f64], reconstructs: bool) {
        let scaler = if reconstructs { &self.inputs } else { &self.values };
        if let Some(Scaler::Columns(columns)) = scaler {
            y.iter_mut().zip(columns).for_each(|(y, column)| *y = column.undo(*y));
        }
    }

    /// Fits `scale` on the samples of `data`, which are not scaled yet; absent if everything stays as it is.
    pub(super) fn new(scale: Scale, data: &DataSet, parts: &Parts) -> Option<Self> {
        if scale == Scale::default() {
            return None;
        }
        let unscaled = data.unscaled();
        let fit = |scaling, targets| fit(scaling, &unscaled, parts, targets);
        Some(Self {
            inputs: fit(scale.inputs, false),
            values: fit(scale.targets.of_values(), true),
            levels: match scale.targets {
                TargetScaling::Levels { low, high } => (low, high),
                _ => (0.0, 1.0),
            },
        })
    }
}

fn fit(scaling: Scaling, data: &DataSet, parts: &Parts, targets: bool) -> Option<Scaler> {
    let all = |fitted_on| match fitted_on {
        FittedOn::Training => parts.train.clone(),
        FittedOn::All => (0..data.samples().total()).collect(),
    };
    let spread = |spread: f64| if spread > 0.0 { spread } else { 1.0 };
    Some(Scaler::Columns(match scaling {
        Scaling::AsIs => return None,
        Scaling::UnitLength => return Some(Scaler::UnitLength),
        Scaling::Standard { fitted_on } => {
            let samples = all(fitted_on);
            let n = samples.len() as f64;
            let sums = fold(data, &samples, targets, 0.0, |_, sum, x| sum + x);
            let means: Vec<f64> = sums.iter().map(|sum| sum / n).collect();
            let squares = fold(data, &samples, targets, 0.0, |row, sum, x| {
                sum + (x - means[row]).powi(2)
            });
            let column = |(mean, squares): (&f64, &f64)| ColumnScaling {
                shift: *mean,
                divisor: spread((squares / n).sqrt()),
                span: 1.0,
                low: 0.0,
            };
            means.iter().zip(&squares).map(column).collect()
        }
        Scaling::MinMax { low, high, fitted_on } => {
            let samples = all(fitted_on);
            let smallest = fold(data, &samples, targets, f64::INFINITY, |_, least, x| least.min(x));
            let largest = fold(data, &samples, targets, f64::NEG_INFINITY, |_, most, x| most.max(x));
            let column = |(smallest, largest): (&f64, &f64)| ColumnScaling {
                shift: *smallest,
                divisor: spread(largest - smallest),
                span: high - low,
                low,
            };
            smallest.iter().zip(&largest).map(column).collect()
        }
    }))
}

/// Runs through the samples in order, each input or target by itself.
pub(super) fn fold<S: Copy>(
    data: &DataSet,
    samples: &[u32],
    targets: bool,
    start: S,
    step: impl Fn(usize, S, f64) -> S,
) -> Vec<S> {
    let (mut x, mut y): (Matrix<f64>, Matrix<f64>) = (empty(), empty());
    let rows = if targets { data.kind().outputs() } else { data.inputs() };
    let mut state = vec![start; rows];
    for chunk in samples.chunks(CHUNK) {
        data.gather(chunk, &mut x, &mut y);
        let values = if targets { &y } else { &x };
        for column in values.as_slice().chunks_exact(rows) {
            for (row, (state, &value)) in state.iter_mut().zip(column).enumerate() {
                *state = step(row, *state, value);
            }
        }
    }
    state
}
