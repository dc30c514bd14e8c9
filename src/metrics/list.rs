//! List every metric, and find one by what tables call it.

use super::descent::DESCENT_EFFICIENCY;
use super::estimator::{ESTIMATOR_BIAS, ESTIMATOR_DRAWS, ESTIMATOR_SNR, ESTIMATOR_VARIANCE};
use super::evaluation::{ACCURACY, LOSS, RUNNING_ACCURACY, RUNNING_LOSS};
use super::feedback::{FEEDBACK_ANGLE, FEEDBACK_NORM_RATIO, FEEDBACK_SIGN_AGREEMENT};
use super::gradient::{DELTA_ANGLE, GRADIENT_ANGLE, GRADIENT_COSINE, GRADIENT_NORM_RATIO, SIGN_AGREEMENT};
use super::metric::{Better, Metric, Subject, family};
use super::norms::{ACTIVITY_MEAN, ACTIVITY_SATURATION, UPDATE_NORM, WEIGHT_NORM};
use super::scores::{BALANCED_ACCURACY, CLASS_ACCURACY, R2, TOP_ACCURACY};

/// What rules compute themselves, and so define.
pub(crate) const RESIDUAL: Metric = Metric {
    about: "of rules in which something settles: how fast it still moves where the relaxation ends, over how fast it moved at first; \
            0 at rest",
    better: Better::Smaller,
    ..Metric::of(Subject::Probe, "residual", "src/rules/relaxation/residual.rs")
};

impl Metric {
    /// Every metric, those that are written where an experiment does not choose first.
    pub const ALL: [Metric; 26] = [
        LOSS,
        ACCURACY,
        RUNNING_LOSS,
        RUNNING_ACCURACY,
        GRADIENT_ANGLE,
        GRADIENT_COSINE,
        GRADIENT_NORM_RATIO,
        SIGN_AGREEMENT,
        DELTA_ANGLE,
        FEEDBACK_ANGLE,
        FEEDBACK_NORM_RATIO,
        FEEDBACK_SIGN_AGREEMENT,
        RESIDUAL,
        ESTIMATOR_BIAS,
        ESTIMATOR_VARIANCE,
        ESTIMATOR_SNR,
        ESTIMATOR_DRAWS,
        DESCENT_EFFICIENCY,
        WEIGHT_NORM,
        UPDATE_NORM,
        ACTIVITY_MEAN,
        ACTIVITY_SATURATION,
        BALANCED_ACCURACY,
        CLASS_ACCURACY,
        TOP_ACCURACY,
        R2,
    ];

    /// The metric of a name in tables, which may say more: `own_loss`, `class_accuracy(Kama)`.
    pub fn named(name: &str) -> Option<&'static Self> {
        let family = family(name);
        Self::ALL.iter().find(|metric| metric.name == family)
    }
}
