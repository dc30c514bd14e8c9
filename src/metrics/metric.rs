//! Say of each metric what it is called, what it is of, and how its values are read.

/// A quantity that is measured. Its constant stands beside what computes it, with the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// What tables and experiment files call it.
    pub name: &'static str,
    /// What it is, in a line; it may begin with a blank.
    pub about: &'static str,
    /// What is measured.
    pub subject: Subject,
    /// What its values are.
    pub unit: MetricUnit,
    /// Which of two values is the better one.
    pub better: Better,
    /// The file that defines it.
    pub defined_in: &'static str,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Predictions over a whole part of the data, of the forward pass and of each rule that predicts in its own way.
    Predictions,
    /// What the training batches of an epoch are predicted to be, before they change anything.
    Training,
    /// Proposals and activities on the probe batch.
    Probe,
    /// Weights alone.
    Weights,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricUnit {
    /// A share, from 0 to 1; figures show percent.
    Share,
    /// Degrees, from 0 to 180.
    Degrees,
    /// The loss, per sample.
    Loss,
    /// Any other number.
    Number,
}

/// Which of two values is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The larger one.
    Larger,
    /// The smaller one.
    Smaller,
    /// Neither is.
    Neither,
}

/// How the name of a score begins that is of a rule's own prediction.
const OWN: &str = "own_";
/// How the name of an error of a metric ends.
const ERROR: &str = "_se";

/// Defines the metrics of a file, and the list `METRICS` of them; the comment on each is what it is, in a line.
macro_rules! metrics {
    ($($(#[doc = $about:literal])+ $constant:ident = $name:literal, $subject:ident, $unit:ident, $better:ident;)+) => {
        $($(#[doc = $about])+
        pub const $constant: $crate::metrics::Metric = $crate::metrics::Metric {
            name: $name,
            about: concat!($($about),+),
            subject: $crate::metrics::Subject::$subject,
            unit: $crate::metrics::MetricUnit::$unit,
            better: $crate::metrics::Better::$better,
            defined_in: file!(),
        };)+

        pub(super) const METRICS: &[$crate::metrics::Metric] = &[$($constant),+];
    };
}
pub(super) use metrics;

impl Metric {
    /// The name of the error of a metric: `estimator_bias_se`.
    pub fn error(&self) -> String {
        format!("{}{ERROR}", self.name)
    }

    /// The name of the one of a class, or of so many guesses: `class_accuracy(Kama)`, `top_accuracy(5)`.
    pub fn of_one(&self, which: impl std::fmt::Display) -> String {
        format!("{}({which})", self.name)
    }

    /// What tables call the split that it is measured on.
    ///
    /// # Panics
    /// Of a score, which is measured on several.
    pub fn split(&self) -> &'static str {
        self.subject.split().expect("scores are measured on several splits")
    }

    /// Whether it is a score of predictions, of which a rule that predicts in its own way has one of its own.
    pub fn is_score(&self) -> bool {
        self.subject == Subject::Predictions
    }
}

impl Subject {
    /// What tables call the split that it is measured on, where that is always the same.
    pub fn split(self) -> Option<&'static str> {
        match self {
            Self::Predictions => None,
            Self::Training => Some("train"),
            Self::Probe => Some("probe"),
            Self::Weights => Some("none"),
        }
    }
}

/// The name of a score of a rule's own prediction: `own_loss`.
pub fn own(score: &str) -> String {
    format!("{OWN}{score}")
}

/// What a score is called that is of a rule's own prediction; nothing of any other.
pub fn of_own(metric: &str) -> Option<&str> {
    metric.strip_prefix(OWN)
}

/// The name that a metric is chosen by: without `own_`, `_se`, and what stands in brackets.
pub fn family(metric: &str) -> &str {
    let metric = of_own(metric).unwrap_or(metric);
    let metric = metric.split('(').next().unwrap_or(metric);
    metric.strip_suffix(ERROR).unwrap_or(metric)
}
