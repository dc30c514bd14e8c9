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

pub use angle::VectorComparison;
pub use choice::{Choice, DEFAULT, top};
pub(crate) use descent::DESCENT_EFFICIENCY;
pub use descent::Descent;
pub(crate) use estimator::{ESTIMATOR_BIAS, ESTIMATOR_DRAWS, ESTIMATOR_SNR, ESTIMATOR_VARIANCE};
pub use estimator::{Estimates, EstimatorQuality};
pub(crate) use evaluation::{ACCURACY, LOSS, RUNNING_ACCURACY, RUNNING_LOSS};
pub use evaluation::{Evaluation, Evaluator, chosen, correct};
pub(crate) use feedback::{FEEDBACK_ANGLE, FEEDBACK_NORM_RATIO, FEEDBACK_SIGN_AGREEMENT};
pub use feedback::{FeedbackComparison, feedback};
pub(crate) use gradient::{DELTA_ANGLE, GRADIENT_ANGLE, GRADIENT_COSINE, GRADIENT_NORM_RATIO, SIGN_AGREEMENT};
pub use gradient::{Gradients, delta_angles, gradient};
pub use layer_group::LayerGroup;
pub(crate) use list::RESIDUAL;
pub use metric::{Better, Metric, Subject, Unit, family, of_own, own};
pub(crate) use norms::{ACTIVITY_MEAN, ACTIVITY_SATURATION, UPDATE_NORM, WEIGHT_NORM};
pub use norms::{activity_mean, activity_saturation, gradient_norms, weight_norm};
pub use scores::Tally;
pub(crate) use scores::{BALANCED_ACCURACY, CLASS_ACCURACY, R2, TOP_ACCURACY};
