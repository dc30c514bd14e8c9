//! Let the updates of the hidden layers come some batches late.

use crate::linalg::{Scalar, assign};
use crate::network::{Affine, Network, Wiring, visit_parameters};
use crate::rules::{Learned, Shape, Step};
use crate::update::Proposal;

/// The updates of the last few batches, the oldest first, one for each hidden layer; 0 where there was no batch yet.
///
/// They are kept as arrays, not as factors, so that their shapes do not depend on the size of a batch.
#[derive(Clone, Debug)]
pub struct Delayed<T: Scalar> {
    updates: Vec<Vec<Affine<T>>>,
    /// Of the hidden layers.
    wirings: Vec<Wiring>,
}

impl<T: Scalar> Delayed<T> {
    /// Nothing on its way, for updates that are late by `delay` batches.
    pub fn new(delay: usize, network: &Network<T>) -> Self {
        let hidden = &network.layers[..network.top()];
        Self {
            updates: vec![hidden.iter().map(Affine::zeros_like).collect(); delay],
            wirings: hidden.iter().map(|layer| layer.wiring).collect(),
        }
    }

    /// Keeps the updates that `out` proposes for the hidden layers in `present`, and proposes the oldest in their place.
    pub fn exchange(&self, step: &Step<'_, T>, present: &mut Vec<Affine<T>>, out: &mut Proposal<T>) {
        let Some(oldest) = self.updates.first() else {
            return;
        };
        present.resize_with(oldest.len(), Affine::default);
        for (l, (oldest, present)) in oldest.iter().zip(present).enumerate() {
            let layer = &step.network.layers[l];
            present.fit(layer);
            out.write(l, step.trace, present);
            let late = out.dense(l, layer);
            assign(&mut late.weight, &oldest.weight);
            late.bias.copy_from(&oldest.bias);
        }
    }

    /// The oldest updates have been used; the `present` ones set out, and their memory is exchanged.
    pub fn send(&mut self, present: &mut Vec<Affine<T>>) {
        if !self.updates.is_empty() {
            self.updates.rotate_left(1);
        }
        if let Some(newest) = self.updates.last_mut() {
            std::mem::swap(newest, present);
        }
    }
}

impl<T: Scalar> Learned<T> for Delayed<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for (wait, updates) in self.updates.iter_mut().enumerate() {
            for (l, (update, wiring)) in updates.iter_mut().zip(&self.wirings).enumerate() {
                let name = format!("layer{}.delayed.{}", l + 1, wait + 1);
                visit_parameters(&name, *wiring, update, see);
            }
        }
    }
}
