//! Measure runs. Each metric is defined once, in the documentation of the function that computes it, and has its constant beside it.
//!
//! Where a measurement does not apply, or a norm is zero, it is absent, never 0. Norms and angles are computed in double precision.

mod angle;
mod choice;
mod descent;
mod estimator;
mod evaluation;
mod feedback;
mod gradient;
mod layer_group;
mod list;
mod metric;
mod norms;
mod scores;
mod speed;

pub use angle::VectorComparison;
pub use choice::{Choice, DEFAULT, top};
pub use descent::{DESCENT_EFFICIENCY, Descent};
pub use estimator::{ESTIMATOR_BIAS, ESTIMATOR_DRAWS, ESTIMATOR_SNR, ESTIMATOR_VARIANCE, Estimates, EstimatorQuality};
pub use evaluation::{ACCURACY, Evaluation, Evaluator, LOSS, RUNNING_ACCURACY, RUNNING_LOSS, chosen, correct};
pub use feedback::{FEEDBACK_ANGLE, FEEDBACK_NORM_RATIO, FEEDBACK_SIGN_AGREEMENT, FeedbackComparison, feedback};
pub use gradient::{
    DELTA_ANGLE, GRADIENT_ANGLE, GRADIENT_COSINE, GRADIENT_NORM_RATIO, Gradients, SIGN_AGREEMENT, delta_angles,
    gradient,
};
pub use layer_group::LayerGroup;
pub use list::RESIDUAL;
pub use metric::{Better, Metric, MetricUnit, Subject, family, of_own, own};
pub use norms::{
    ACTIVITY_MEAN, ACTIVITY_SATURATION, UPDATE_NORM, WEIGHT_NORM, activity_mean, activity_saturation, gradient_norms,
    weight_norms,
};
pub use scores::{BALANCED_ACCURACY, CLASS_ACCURACY, R2, TOP_ACCURACY, Tally};
pub use speed::{ERROR_NORM, error_norms};
