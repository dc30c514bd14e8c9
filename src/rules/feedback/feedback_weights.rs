//! Hold the feedback weights of a rule, and the updates that are late because of them.

use super::{Landing, delay::Delayed};
use crate::linalg::{Matrix, Scalar, assign, empty};
use crate::network::{Affine, Network, PoolKind};
use crate::rules::{FeedbackPath, Learned, Shape, Step};
use crate::update::Proposal;

/// Scratch of a rule whose errors go through feedback weights; carries the present updates from `propose` to `adapt`.
#[derive(Debug, Default)]
pub struct Carried<T: Scalar> {
    /// Weights with the noise of this batch.
    pub noisy: Vec<Matrix<T>>,
    /// Updates that will be late.
    pub present: Vec<Affine<T>>,
}

/// Feedback weights, and the updates that are on their way.
#[derive(Clone, Debug)]
pub struct FeedbackWeights<T: Scalar> {
    /// Where the weights lead.
    pub path: FeedbackPath,
    /// `B_l`: in the shape of `W_l`, entry 0 empty, since nothing is sent to the input; or direct, `n_l × n_out` for each hidden
    /// layer.
    pub weights: Vec<Matrix<T>>,
    pub(super) shapes: Vec<Shape>,
    pub(super) delayed: Delayed<T>,
}

impl<T: Scalar> FeedbackWeights<T> {
    /// Shows `B_l` as [`LearningRule::feedback`](crate::rules::LearningRule::feedback) does.
    pub fn show(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        let b = self.weights.get(l).filter(|b| !b.is_empty())?;
        assign(out, b);
        Some(self.path)
    }

    /// Keeps the hidden layers' updates that `out` proposes, and proposes those that are due in their place.
    pub fn delay(&self, step: &Step<'_, T>, work: &mut Carried<T>, out: &mut Proposal<T>) {
        self.delayed.exchange(step, &mut work.present, out);
    }

    /// After a step: the present updates set out.
    pub fn send(&mut self, work: &mut Carried<T>) {
        self.delayed.send(&mut work.present);
    }
}

/// What files call the weights of layer `l`.
pub(super) fn array_name(path: FeedbackPath, l: usize) -> String {
    let kind = match path {
        FeedbackPath::Sequential => "feedback",
        FeedbackPath::Direct => "direct_feedback",
    };
    format!("layer{}.{kind}", l + 1)
}

impl<T: Scalar> Learned<T> for FeedbackWeights<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        let weights = self.weights.iter_mut().zip(&self.shapes).enumerate();
        for (l, (b, shape)) in weights.filter(|(_, (b, _))| !b.is_empty()) {
            see(&array_name(self.path, l), *shape, b.as_mut_slice());
        }
        self.delayed.visit(see);
    }

    fn feedback(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.show(l, out)
    }
}

/// `(W_L ... W_{l+1})ᵀ`, `n_l × n_out`, or units × `n_out`: what direct feedback to layer `l` stands for, averages of pools included.
/// Absent where a pool in between takes the largest: there is no fixed product.
pub fn weights_above<T: Scalar>(network: &Network<T>, l: usize, lands: Landing) -> Option<Matrix<T>> {
    let outputs = network.outputs();
    let mut product = Matrix::from_fn(outputs, outputs, |i, j| if i == j { T::ONE } else { T::ZERO });
    for (layer, below) in network.layers[l + 1..].iter().zip(&network.layers[l..]).rev() {
        let mut next = empty();
        layer.pull(&layer.weight, &product, &mut next);
        product = next;
        let is_in_between = lands == Landing::Units || !std::ptr::eq(below, &network.layers[l]);
        if let Some(pool) = below.pool.filter(|_| is_in_between) {
            if pool.kind == PoolKind::Max {
                return None;
            }
            pool.down(&[], &mut product);
        }
    }
    Some(product)
}
