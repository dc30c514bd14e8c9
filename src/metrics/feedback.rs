//! Compare feedback weights with the forward weights they stand for.

use super::metric::{Better, Metric, Subject, Unit};
use super::{LayerGroup, VectorComparison};
use crate::linalg::{Scalar, empty};
use crate::network::Network;
use crate::rules::feedback::weights_above;
use crate::rules::{FeedbackPath, Learner};

pub(crate) const FEEDBACK_ANGLE: Metric = Metric {
    about: "angle between feedback weights and the forward weights they stand for; with direct feedback, the product of the \
            weights above",
    unit: Unit::Degrees,
    better: Better::Smaller,
    ..Metric::of(Subject::Weights, "feedback_angle", file!())
};

pub(crate) const FEEDBACK_NORM_RATIO: Metric = Metric {
    about: "norm of the feedback weights over that of the weights they stand for",
    ..Metric::of(Subject::Weights, "feedback_norm_ratio", file!())
};

pub(crate) const FEEDBACK_SIGN_AGREEMENT: Metric = Metric {
    about: "share of the feedback weights that have the sign of the weights they stand for",
    unit: Unit::Share,
    better: Better::Larger,
    ..Metric::of(Subject::Weights, "feedback_sign_agreement", file!())
};

/// `feedback_angle`, `feedback_norm_ratio`, `feedback_sign_agreement` of one layer, or of all pooled.
pub type FeedbackComparison = (LayerGroup, VectorComparison);

/// The angle in degrees, the ratio of norms `|B| / |W|` and the agreement of signs between the feedback weights and what they
/// stand for.
///
/// Weights in the shape of `W_l` are compared with `W_l` and shown at layer `l`; direct feedback with the product
/// `(W_L ... W_{l+1})ᵀ` of the weights above, shown at the receiving layer. `all` pools them; there is no `hidden`. Empty for
/// rules without feedback weights.
pub fn feedback<T: Scalar>(learner: &dyn Learner<T>, network: &Network<T>) -> Vec<FeedbackComparison> {
    let show = |l| {
        let mut b = empty();
        let path = learner.feedback(network, l, &mut b)?;
        let forward = match path {
            FeedbackPath::Sequential => network.layers[l].weight.clone(),
            FeedbackPath::Direct => weights_above(network, l),
        };
        Some((l, b, forward))
    };
    let shown: Vec<_> = (0..network.depth()).filter_map(show).collect();
    let pieces: Vec<_> = shown
        .iter()
        .map(|(_, b, w)| (Some(b.as_slice()), Some(w.as_slice())))
        .collect();
    let one =
        |(i, (l, ..)): (usize, &(usize, _, _))| Some((LayerGroup::Layer(*l), VectorComparison::of(&pieces[i..=i])?));
    let all = VectorComparison::of(&pieces).map(|comparison| (LayerGroup::All, comparison));
    shown.iter().enumerate().filter_map(one).chain(all).collect()
}
