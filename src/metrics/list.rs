//! List every metric, and find one by what tables call it.

use super::metric::{Better, Metric, MetricUnit, Subject, family};
use super::{descent, estimator, evaluation, feedback, gradient, norms, scores, speed};

/// What rules compute themselves.
pub const RESIDUAL: Metric = Metric {
    name: "residual",
    about: "of rules in which something settles: how fast it still moves where the relaxation ends, over how fast it moved at first; \
            0 at rest",
    subject: Subject::Probe,
    unit: MetricUnit::Number,
    better: Better::Smaller,
    defined_in: "src/rules/relaxation/residual.rs",
};

/// The families of metrics. What is written only where an experiment names it comes last.
const FAMILIES: [&[Metric]; 9] = [
    evaluation::METRICS,
    gradient::METRICS,
    feedback::METRICS,
    &[RESIDUAL],
    estimator::METRICS,
    descent::METRICS,
    norms::METRICS,
    speed::METRICS,
    scores::METRICS,
];

impl Metric {
    /// Every metric, the usual ones first.
    pub fn all() -> impl Iterator<Item = &'static Self> + Clone {
        FAMILIES.into_iter().flatten()
    }

    /// The metric of a name in tables, which may say more: `own_loss`, `class_accuracy(Kama)`.
    pub fn named(name: &str) -> Option<&'static Self> {
        let family = family(name);
        Self::all().find(|metric| metric.name == family)
    }

    /// Whether it is written where an experiment does not choose.
    pub fn is_usual(&self) -> bool {
        !self.is_tallied() && !speed::METRICS.contains(self)
    }

    /// Whether it is made of how often each class is predicted right, or of sums over outputs.
    pub fn is_tallied(&self) -> bool {
        scores::METRICS.contains(self)
    }
}
