//! Show a rule the change that was really applied to the network.

use super::Proposal;
use super::stepper::Taken;
use crate::linalg::{Matrix, Scalar, zip};
use crate::network::{Affine, Trace};

/// What was done to each trained layer: `W ← keep W + rate d`, `d` being the direction that the optimizer made of the proposal: the
/// velocity where there is momentum, say. Nothing is computed until it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a, T: Scalar> {
    pub(super) proposal: &'a Proposal<T>,
    pub(super) trace: &'a Trace<T>,
    pub(super) scale: f64,
    /// Of each layer's weights.
    pub(super) taken: &'a [Taken<T>],
    /// Empty where it is the proposal.
    pub(super) direction: &'a [Affine<T>],
}

impl<T: Scalar> Change<'_, T> {
    /// Whether layer `l` was trained; one that was not has not changed, and did not decay.
    pub fn trains(&self, l: usize) -> bool {
        self.proposal.trains(l)
    }

    /// What the proposal was multiplied by, to clip its norm; 1 where it was not.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Share of `W_l` that was kept; 1 for a layer that was not trained.
    pub fn keep(&self, l: usize) -> T {
        if self.trains(l) { self.taken[l].keep } else { T::ONE }
    }

    /// `b ← keep b + rate d_l`: `b`, in the shape of `W_l`, goes through what `W_l` went through.
    pub fn follow(&self, l: usize, b: &mut Matrix<T>) {
        if !self.trains(l) {
            return;
        }
        let Taken { keep, rate } = self.taken[l];
        match self.direction.get(l) {
            None => self.proposal.add_weight(l, self.trace, rate, keep, b),
            Some(d) => zip(b, &d.weight, move |b, d| keep * b + rate * d),
        }
    }
}
