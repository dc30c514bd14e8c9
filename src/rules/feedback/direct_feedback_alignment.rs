//! Send the output error straight to every hidden layer through fixed random weights.

use super::{Feedback, FeedbackRule};
use crate::linalg::Scalar;
use crate::references;
use crate::rules::FeedbackPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Direct feedback alignment (Nøkland 2016): `δ_l = (B_l δ_L) ∘ φ'(z_l)` with fixed random `B_l`, `n_l × n_out`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DirectFeedbackAlignment {
    /// How `B` starts and is used.
    pub feedback: Feedback,
}

impl FeedbackRule for DirectFeedbackAlignment {
    const NAME: &'static str = "DirectFeedbackAlignment";
    const SOURCE: &'static str = "Nøkland 2016, NeurIPS, arXiv 1609.01596";
    const CITATIONS: &'static [&'static str] = &[references::NOKLAND_2016];
    const EQUATION: &'static str = "delta_l = (B_l delta_L) o f'(z_l), B fixed and random";
    const PATH: FeedbackPath = FeedbackPath::Direct;

    type Scratch<T: Scalar> = ();

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }
}
