//! Compare proposals: parameter updates, and error signals per sample.

use super::metric::metrics;
use super::{LayerGroup, VectorComparison};
use crate::linalg::Scalar;
use crate::network::{Affine, Network, Trace};
use crate::update::Proposal;

metrics! {
    /// angle between the updates that the rule and the reference propose for the same weights and the same samples
    GRADIENT_ANGLE = "gradient_angle", Probe, Degrees, Smaller;
    /// cosine of this angle
    GRADIENT_COSINE = "gradient_cosine", Probe, Number, Larger;
    /// norm of the rule's update over that of the reference's
    GRADIENT_NORM_RATIO = "gradient_norm_ratio", Probe, Number, Neither;
    /// share of the entries that have the same sign in both updates
    SIGN_AGREEMENT = "sign_agreement", Probe, Share, Larger;
    /// angle between the error signals of the two, the mean over samples, for rules that have one for every sample
    DELTA_ANGLE = "delta_angle", Probe, Degrees, Smaller;
}

/// A proposal written out as arrays, layer by layer; `None` where the rule does not train the layer.
#[derive(Clone, Debug)]
pub struct Gradients<T: Scalar> {
    layers: Vec<Affine<T>>,
    trained: Vec<bool>,
}

impl<T: Scalar> Gradients<T> {
    /// Room for a network's parameters.
    pub fn for_network(network: &Network<T>) -> Self {
        let layers: Vec<_> = network.layers.iter().map(Affine::zeros_like).collect();
        Self {
            trained: vec![false; layers.len()],
            layers,
        }
    }

    /// Writes `proposal`, made on the pass `trace`.
    pub fn write(&mut self, proposal: &Proposal<T>, trace: &Trace<T>) {
        for (l, (layer, trained)) in self.layers.iter_mut().zip(&mut self.trained).enumerate() {
            *trained = proposal.trains(l);
            if *trained {
                proposal.write(l, trace, layer);
            }
        }
    }

    /// Number of layers.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Whether the rule trains layer `l`.
    pub fn trains(&self, l: usize) -> bool {
        self.trained[l]
    }

    /// The weights and biases of layer `l`'s update, where the layer is trained.
    pub fn pieces(&self, l: usize) -> [Option<&[T]>; 2] {
        let Affine { weight, bias } = &self.layers[l];
        [
            self.trained[l].then(|| weight.as_slice()),
            self.trained[l].then(|| bias.as_slice()),
        ]
    }
}

/// `gradient_angle`, `gradient_cosine`, `gradient_norm_ratio`, `sign_agreement` of the update `u` to the update `v` on the same
/// weights and batch: weights and biases together.
///
/// A single layer is compared where both rules train it. In `hidden` and `all` a layer that one side does not train counts as
/// zero on that side. Absent where a norm is zero.
pub fn gradient<T: Scalar>(u: &Gradients<T>, v: &Gradients<T>, group: LayerGroup) -> Option<VectorComparison> {
    let depth = u.layers.len();
    if let LayerGroup::Layer(l) = group
        && !(u.trained[l] && v.trained[l])
    {
        return None;
    }
    let pairs = |l| u.pieces(l).into_iter().zip(v.pieces(l));
    let pieces: Vec<_> = group.layers(depth).flat_map(pairs).collect();
    VectorComparison::of(&pieces)
}

/// `delta_angle`: the mean over samples of the angle in degrees between the error signals `delta` of two proposals, in `hidden`
/// those of all hidden layers concatenated.
///
/// Samples where one signal is zero are left out. Absent where a rule has no error signal per sample, and for the output layer.
pub fn delta_angles<T: Scalar>(u: &Proposal<T>, v: &Proposal<T>, group: LayerGroup) -> Option<f64> {
    let depth = u.depth();
    let hidden = match group {
        LayerGroup::Layer(l) if l + 1 < depth => l..l + 1,
        LayerGroup::Hidden => group.layers(depth),
        _ => return None,
    };
    let deltas: Vec<_> = hidden
        .map(|l| Some((u.delta(l)?, v.delta(l)?)))
        .collect::<Option<_>>()?;
    let batch = deltas.first()?.0.ncols();
    let mut pieces = Vec::with_capacity(deltas.len());
    let angle = |i: usize| {
        pieces.clear();
        pieces.extend(deltas.iter().map(|(u, v)| {
            let column = i * u.nrows()..(i + 1) * u.nrows();
            (Some(&u.as_slice()[column.clone()]), Some(&v.as_slice()[column]))
        }));
        VectorComparison::of(&pieces).map(|comparison| comparison.angle)
    };
    let angles: Vec<f64> = (0..batch).filter_map(angle).collect();
    (!angles.is_empty()).then(|| angles.iter().sum::<f64>() / angles.len() as f64)
}
