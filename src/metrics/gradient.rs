//! Compare proposals: parameter updates, and error signals per sample.

use super::angle::PieceComparison;
use super::metric::metrics;
use super::{LayerGroup, VectorComparison};
use crate::linalg::{Matrix, Scalar};
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

    /// The weights' part of layer `l`'s update, where the layer is trained.
    pub fn weight(&self, l: usize) -> Option<&Matrix<T>> {
        self.trained[l].then_some(&self.layers[l].weight)
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
/// weights and batch, weights and biases together, in each group of layers.
///
/// A single layer is compared where both rules train it. In `hidden` and `all` a layer that one side does not train counts as
/// zero on that side. Absent where a norm is zero.
pub fn gradient<T: Scalar>(u: &Gradients<T>, v: &Gradients<T>) -> Vec<(LayerGroup, VectorComparison)> {
    let depth = u.layers.len();
    let parts = |l| u.pieces(l).into_iter().zip(v.pieces(l));
    let pieces: Vec<_> = (0..depth)
        .flat_map(parts)
        .map(|(u, v)| PieceComparison::of(u, v))
        .collect();
    let compared = |group: &LayerGroup| match *group {
        LayerGroup::Layer(l) => u.trained[l] && v.trained[l],
        _ => true,
    };
    let compare = |group: LayerGroup| {
        let layers = group.layers(depth);
        // weights and biases
        let of_group = &pieces[2 * layers.start..2 * layers.end];
        Some((group, VectorComparison::joining(of_group)?))
    };
    LayerGroup::of_depth(depth)
        .filter(compared)
        .filter_map(compare)
        .collect()
}

/// `delta_angle`: the mean over samples of the angle in degrees between the error signals `delta` of two proposals, of each hidden
/// layer, and in `hidden` those of all of them concatenated.
///
/// Samples where one signal is zero are left out. Absent where a rule has no error signal per sample, and for the output layer.
pub fn delta_angles<T: Scalar>(u: &Proposal<T>, v: &Proposal<T>) -> Vec<(LayerGroup, f64)> {
    let top = u.depth() - 1;
    let layers: Vec<_> = (0..top).map(|l| Some(of_samples(u.delta(l)?, v.delta(l)?))).collect();
    let one = |(l, layer): (usize, &Option<Vec<_>>)| {
        let angles = layer.as_ref()?.iter().map(|sample| [*sample]);
        Some((LayerGroup::Layer(l), mean_angle(angles)?))
    };
    let hidden = || {
        let layers: Vec<_> = layers.iter().map(Option::as_deref).collect::<Option<_>>()?;
        let sample = |i| layers.iter().map(|layer| layer[i]).collect::<Vec<_>>();
        Some((LayerGroup::Hidden, mean_angle((0..layers.first()?.len()).map(sample))?))
    };
    layers.iter().enumerate().filter_map(one).chain(hidden()).collect()
}

/// Compares the columns of two matrices, sample by sample.
fn of_samples<T: Scalar>(u: &Matrix<T>, v: &Matrix<T>) -> Vec<PieceComparison> {
    let units = u.nrows();
    let pairs = u.as_slice().chunks_exact(units).zip(v.as_slice().chunks_exact(units));
    pairs.map(|(u, v)| PieceComparison::of(Some(u), Some(v))).collect()
}

/// The mean over samples; `samples` gives the pieces of each.
fn mean_angle(samples: impl Iterator<Item = impl AsRef<[PieceComparison]>>) -> Option<f64> {
    let angle = |sample: &_| VectorComparison::joining(AsRef::as_ref(sample)).map(|comparison| comparison.angle);
    let angles: Vec<f64> = samples.filter_map(|sample| angle(&sample)).collect();
    (!angles.is_empty()).then(|| angles.iter().sum::<f64>() / angles.len() as f64)
}
