//! Send errors down fixed random weights instead of the transposed forward weights.

use super::{Feedback, FeedbackRule};
use crate::linalg::Scalar;
use crate::references;
use crate::rules::FeedbackPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Feedback alignment (Lillicrap, Cownden, Tweed, Akerman 2016): backpropagation with a fixed random `B_l` in place of `W_l`,
///
/// `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`. The output layer's update is exact.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeedbackAlignment {
    /// How `B` starts and is used.
    pub feedback: Feedback,
}

impl FeedbackRule for FeedbackAlignment {
    const NAME: &'static str = "FeedbackAlignment";
    const SOURCE: &'static str = "Lillicrap, Cownden, Tweed, Akerman 2016, Nature Communications 7:13276";
    const CITATIONS: &'static [&'static str] = &[references::LILLICRAP_2016];
    const EQUATION: &'static str = "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l), B fixed and random";
    const PATH: FeedbackPath = FeedbackPath::Sequential;

    type Scratch<T: Scalar> = ();

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }
}
