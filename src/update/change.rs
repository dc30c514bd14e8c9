//! Show a rule the change that was really applied to the network.

use super::Proposal;
use crate::linalg::{Matrix, Scalar, zip};
use crate::network::{Affine, Trace};

/// What was done to each trained layer: `W ← keep W + rate v`, `v` being the velocity where there is momentum, else the proposal.
/// Nothing is computed until it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a, T: Scalar> {
    pub(super) keep: T,
    pub(super) rate: T,
    pub(super) proposal: &'a Proposal<T>,
    pub(super) trace: &'a Trace<T>,
    pub(super) velocity: &'a [Affine<T>],
}

impl<T: Scalar> Change<'_, T> {
    /// Whether layer `l` was trained; one that was not has not changed, and did not decay.
    pub fn trains(&self, l: usize) -> bool {
        self.proposal.trains(l)
    }

    /// Share of `W_l` that was kept; 1 for a layer that was not trained.
    pub fn keep(&self, l: usize) -> T {
        if self.trains(l) { self.keep } else { T::ONE }
    }

    /// `b ← keep b + rate v_l`: `b`, in the shape of `W_l`, goes through what `W_l` went through.
    pub fn follow(&self, l: usize, b: &mut Matrix<T>) {
        if !self.trains(l) {
            return;
        }
        match self.velocity.get(l) {
            None => self.proposal.add_weight(l, self.trace, self.rate, self.keep, b),
            Some(v) => zip(b, &v.weight, |b, v| self.keep * b + self.rate * v),
        }
    }
}
