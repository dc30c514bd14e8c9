//! Measure runs. Each metric is defined once, in the documentation of the function that computes it.
//!
//! Where a measurement does not apply, or a norm is zero, it is absent, never 0. Norms and angles are computed in double precision.

mod angle;
mod choice;
mod descent;
mod estimator;
mod evaluation;
mod feedback;
mod gradient;
mod norms;
mod scores;

pub use angle::Comparison;
pub use choice::{ASKED_FOR, Choice, DEFAULT, USUAL, family, is_known, is_score, top};
pub use descent::Descent;
pub use estimator::{Estimates, EstimatorQuality};
pub use evaluation::{Evaluation, Evaluator, chosen, correct};
pub use feedback::{FeedbackComparison, feedback};
pub use gradient::{Gradients, delta_angles, gradient};
pub use norms::{activity_mean, activity_saturation, gradient_norms, weight_norm};
pub use scores::Tally;

/// Which layers a measurement speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// It belongs to no layer.
    None,
    /// Layer `l`, counted from 0; written `layer{l+1}`.
    Layer(usize),
    /// All layers but the output layer.
    Hidden,
    /// All layers.
    All,
}

impl Group {
    /// Every layer by itself, then `hidden` (where there is a hidden layer), then `all`.
    pub fn of_depth(depth: usize) -> impl Iterator<Item = Self> {
        let hidden = (depth > 1).then_some(Self::Hidden);
        (0..depth).map(Self::Layer).chain(hidden).chain([Self::All])
    }

    /// The layers meant, in a network of `depth` layers.
    pub fn layers(self, depth: usize) -> std::ops::Range<usize> {
        match self {
            Self::None => 0..0,
            Self::Layer(l) => l..l + 1,
            Self::Hidden => 0..depth - 1,
            Self::All => 0..depth,
        }
    }
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Layer(l) => write!(f, "layer{}", l + 1),
            Self::Hidden => f.write_str("hidden"),
            Self::All => f.write_str("all"),
        }
    }
}
