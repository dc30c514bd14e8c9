//! Define how a layer is wired: which inputs reach which units, through which of its weights.

mod dense;
#[cfg(test)]
mod tests;

use crate::linalg::{Matrix, Scalar, Vector};
use dense::Dense;

/// The synapses of a layer. A synapse leads from an input `i` to a unit `u` and has the strength of one of the weights, `W[p]`, a
/// place in the layer's column-major `weight`; several synapses may share one. The operations are sums over them, [`Wiring::synapses`]:
///
/// - *push*, up: `z_u = b[bias_of(u)] + Σ W[p] a_i`,
/// - *pull*, down: `below_i = Σ W[p] delta_u`,
/// - *pair*: `W[p] := alpha Σ post_u pre_i + beta W[p]`, over samples too; biases likewise.
///
/// They work on any array in the shape of the layer's weights: feedback weights, noise, velocities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// Every input reaches every unit, each through a weight of its own.
    Dense(Dense),
}

/// Asks the wiring that there is.
macro_rules! ask {
    ($wiring:expr, $question:ident($($argument:expr),*)) => {
        match $wiring {
            Wiring::Dense(dense) => dense.$question($($argument),*),
        }
    };
}

impl Wiring {
    /// Every one of so many inputs reaches every unit.
    pub fn dense(outputs: usize, inputs: usize) -> Self {
        Self::Dense(Dense { outputs, inputs })
    }

    /// Number of inputs.
    pub fn inputs(self) -> usize {
        ask!(self, inputs())
    }

    /// Number of units.
    pub fn outputs(self) -> usize {
        ask!(self, outputs())
    }

    /// Rows and columns of the weights in memory.
    pub fn weight_shape(self) -> (usize, usize) {
        ask!(self, weight_shape())
    }

    /// Number of biases, where there are any.
    pub fn biases(self) -> usize {
        ask!(self, biases())
    }

    /// Number of weights, and of biases where the layer has any.
    pub fn parameters(self, bias: bool) -> usize {
        let (rows, columns) = self.weight_shape();
        rows * columns + if bias { self.biases() } else { 0 }
    }

    /// Lengths of the axes of the weights in files, and of the biases.
    pub fn axes(self) -> [Vec<usize>; 2] {
        ask!(self, axes())
    }

    /// Number of synapses of a unit.
    pub fn fan_in(self) -> usize {
        ask!(self, fan_in())
    }

    /// Number of synapses of an input.
    pub fn fan_out(self) -> usize {
        ask!(self, fan_out())
    }

    /// What each of *push, pull, pair* takes for one sample.
    pub fn multiply_adds(self) -> usize {
        ask!(self, multiply_adds())
    }

    /// Shows every synapse as `(unit, input, parameter)`; those of a unit in the order of its inputs.
    pub fn synapses(self, see: impl FnMut(usize, usize, usize)) {
        ask!(self, synapses(see));
    }

    /// Which of the biases is that of a unit.
    pub fn bias_of(self, unit: usize) -> usize {
        ask!(self, bias_of(unit))
    }

    /// *Push*: `z := W below + b`, `outputs × batch`; no biases where `bias` is empty.
    pub(super) fn push<T: Scalar>(self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        ask!(self, push(weight, bias, below, z));
    }

    /// *Pull*: `below := Wᵀ delta`, `inputs × batch`.
    pub(super) fn pull<T: Scalar>(self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        ask!(self, pull(weight, delta, below));
    }

    /// *Pair*: `weight := alpha post preᵀ + beta weight`, a sum over samples.
    pub(crate) fn pair<T: Scalar>(self, alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
        ask!(self, pair(alpha, post, pre, beta, weight));
    }

    /// *Pair* with inputs of 1: `bias := bias + alpha Σ post`.
    pub(crate) fn pair_bias<T: Scalar>(self, alpha: T, post: &Matrix<T>, bias: &mut Vector<T>) {
        ask!(self, pair_bias(alpha, post, bias));
    }
}
