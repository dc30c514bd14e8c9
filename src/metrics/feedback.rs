//! Compare feedback weights with the forward weights they stand for.

use super::{Comparison, Group};
use crate::linalg::{Scalar, empty};
use crate::network::Network;
use crate::rules::feedback::weights_above;
use crate::rules::{FeedbackPath, Learner};

/// `feedback_angle`, `feedback_norm_ratio`, `feedback_sign_agreement` of one layer, or of all pooled.
pub type FeedbackComparison = (Group, Comparison);

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
    let one = |(i, (l, ..)): (usize, &(usize, _, _))| Some((Group::Layer(*l), Comparison::of(&pieces[i..=i])?));
    let all = Comparison::of(&pieces).map(|comparison| (Group::All, comparison));
    shown.iter().enumerate().filter_map(one).chain(all).collect()
}
