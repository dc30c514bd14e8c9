//! Carry a direction up through the network beside the activity: forward-mode differentiation.

use crate::linalg::{Matrix, Scalar, Vector, add_scaled, dot, empty, zeroed};
use crate::network::Affine;
use crate::rules::Step;

/// One pass of dual numbers (Wengert 1964): beside every quantity runs its derivative along a direction,
///
/// `ż_l = W_l ȧ_{l-1} + d_l`, `ȧ_l = φ'(z_l) ∘ ż_l`, `Ċ = ∂C/∂z_L · ż_L`,
///
/// where `d_l` is what the direction does to `z_l` itself: `V_l a_{l-1} + v_l` for a direction `(V, v)` of weights and
/// biases, `ξ_l` for a direction of pre-activations. The derivatives are exact: nothing is displaced.
#[derive(Clone, Debug, Default)]
pub struct Tangent<T: Scalar> {
    z: Matrix<T>,
    a: Matrix<T>,
    part: Matrix<T>,
    delta: Matrix<T>,
    none: Vector<T>,
    derivatives: Vec<T>,
}

impl<T: Scalar> Tangent<T> {
    /// Prepares passes on this step: the slope of the loss at the output.
    pub fn begin(&mut self, step: &Step<'_, T>) {
        let activation = step.network.layers[step.network.top()].activation;
        step.loss
            .delta(activation, step.trace.output(), step.targets, &mut self.delta);
    }

    /// The derivative of each sample's loss along a direction that begins at layer `from`. `add(l, z)` adds `d_l` to
    /// `z`. It takes one pass through the layers from there on; [`Tangent::begin`] must have been called on this step.
    pub fn pass(&mut self, step: &Step<'_, T>, from: usize, add: impl FnMut(usize, &mut Matrix<T>)) -> &[T] {
        self.lift(step, from, add);
        let Self {
            z, delta, derivatives, ..
        } = self;
        derivatives.clear();
        let n = z.nrows();
        let pairs = delta.as_slice().chunks_exact(n).zip(z.as_slice().chunks_exact(n));
        derivatives.extend(pairs.map(|(delta, z)| dot(delta, z)));
        derivatives
    }

    /// `ż_L` alone, without the loss, to be used up; nothing need have begun.
    pub fn lift(
        &mut self,
        step: &Step<'_, T>,
        from: usize,
        mut add: impl FnMut(usize, &mut Matrix<T>),
    ) -> &mut Matrix<T> {
        let Self { z, a, none, .. } = self;
        for (l, layer) in step.network.layers.iter().enumerate().skip(from) {
            if l == from {
                zeroed(z, layer.units(), step.batch());
            } else {
                layer.push(&layer.weight, none, a, z);
            }
            add(l, z);
            if l < step.network.top() {
                step.trace.lift(l, layer, z, a);
            }
        }
        z
    }

    /// The pass along a direction of all weights and biases.
    pub fn along(&mut self, step: &Step<'_, T>, direction: &[Affine<T>]) -> &[T] {
        let mut part = std::mem::replace(&mut self.part, empty());
        self.pass(step, 0, |l, z| {
            let Affine { weight, bias } = &direction[l];
            step.network.layers[l].push(weight, bias, step.trace.below(l), &mut part);
            add_scaled(z.as_mut_slice(), T::ONE, part.as_slice());
        });
        self.part = part;
        &self.derivatives
    }
}
