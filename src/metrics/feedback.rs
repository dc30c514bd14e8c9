//! Compare feedback weights with the forward weights they stand for.

use super::angle::PieceComparison;
use super::metric::metrics;
use super::{LayerGroup, VectorComparison};
use crate::linalg::{Matrix, Scalar, empty};
use crate::network::Network;
use crate::rules::feedback::{Landing, weights_above};
use crate::rules::{FeedbackPath, Learner};

metrics! {
    /// angle between feedback weights and the forward weights they stand for; with direct feedback, the product of the weights above
    FEEDBACK_ANGLE = "feedback_angle", Weights, Degrees, Smaller;
    /// norm of the feedback weights over that of the weights they stand for
    FEEDBACK_NORM_RATIO = "feedback_norm_ratio", Weights, Number, Neither;
    /// share of the feedback weights that have the sign of the weights they stand for
    FEEDBACK_SIGN_AGREEMENT = "feedback_sign_agreement", Weights, Share, Larger;
}

/// `feedback_angle`, `feedback_norm_ratio`, `feedback_sign_agreement` of one layer, or of all pooled.
pub type FeedbackComparison = (LayerGroup, VectorComparison);

/// The angle in degrees, the ratio of norms `|B| / |W|` and the agreement of signs between the feedback weights and what they
/// stand for.
///
/// Weights in the shape of `W_l` are compared with `W_l` and shown at layer `l`; direct feedback with the product
/// `(W_L ... W_{l+1})ᵀ` of the weights above, shown at the receiving layer; absent below a pool that takes the largest. `all` pools them; there is no `hidden`. Empty for
/// rules without feedback weights.
pub fn feedback<T: Scalar>(learner: &dyn Learner<T>, network: &Network<T>) -> Vec<FeedbackComparison> {
    let show = |l| {
        let mut b = empty();
        let compare = |b: &Matrix<T>, w: &Matrix<T>| PieceComparison::of(Some(b.as_slice()), Some(w.as_slice()));
        let piece = match learner.feedback(network, l, &mut b)? {
            FeedbackPath::Sequential => compare(&b, &network.layers[l].weight),
            FeedbackPath::Direct => {
                let pooled = b.nrows() == network.layers[l].outputs();
                let landing = if pooled { Landing::Activity } else { Landing::Units };
                compare(&b, &weights_above(network, l, landing)?)
            }
        };
        Some((LayerGroup::Layer(l), piece))
    };
    let (groups, pieces): (Vec<_>, Vec<_>) = (0..network.depth()).filter_map(show).unzip();
    let one = |(group, piece)| Some((group, VectorComparison::joining([piece])?));
    let all = VectorComparison::joining(&pieces).map(|comparison| (LayerGroup::All, comparison));
    groups.into_iter().zip(&pieces).filter_map(one).chain(all).collect()
}
