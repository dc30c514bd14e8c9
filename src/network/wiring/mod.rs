//! Define how a layer is wired: which inputs reach which units, through which of its weights.

mod convolution;
mod dense;
mod local;
mod patches;
mod reversed;
#[cfg(test)]
mod tests;

use super::{Map, Shape, Window};
use crate::linalg::{Matrix, Scalar, Vector, assign, reshape};
use convolution::Convolution;
use dense::Dense;
use local::Local;
use patches::Patches;
use reversed::{Filters, Reversed};

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
    /// Filters look at patches of a map, everywhere with the same weights.
    Convolution(Convolution),
    /// Filters look at patches of a map, each place with weights of its own.
    Local(Local),
    /// From the units of such filters back to the map below.
    Reversed(Reversed),
}

/// Asks the wiring that there is.
macro_rules! ask {
    ($wiring:expr, $question:ident($($argument:expr),*)) => {
        match $wiring {
            Wiring::Dense(dense) => dense.$question($($argument),*),
            Wiring::Convolution(convolution) => convolution.$question($($argument),*),
            Wiring::Local(local) => local.$question($($argument),*),
            Wiring::Reversed(reversed) => reversed.$question($($argument),*),
        }
    };
}

impl Wiring {
    /// Every one of so many inputs reaches every unit.
    pub fn dense(outputs: usize, inputs: usize) -> Self {
        Self::Dense(Dense { outputs, inputs })
    }

    /// So many filters on a map that is read through a window; every place has the same weights and biases.
    ///
    /// # Panics
    /// If the window does not fit the map.
    pub fn convolution(channels: usize, below: Map, window: Window) -> Self {
        let patches = Patches::new(below, window);
        Self::Convolution(Convolution { patches, channels })
    }

    /// The same, with weights and biases of its own for every place.
    ///
    /// # Panics
    /// As [`Wiring::convolution`].
    pub fn local(channels: usize, below: Map, window: Window) -> Self {
        let patches = Patches::new(below, window);
        Self::Local(Local { patches, channels })
    }

    /// From the units back to the inputs, with biases as those that a layer wired as `below` has for these.
    pub fn reversed(self, below: Self) -> Self {
        let own_biases = below.biases() == below.outputs();
        let filters = match self {
            Self::Dense(Dense { outputs, inputs }) => return Self::dense(inputs, outputs),
            Self::Convolution(convolution) => Filters::Shared(convolution),
            Self::Local(local) => Filters::Own(local),
            Self::Reversed(Reversed { filters, .. }) => filters,
        };
        Self::Reversed(Reversed { filters, own_biases })
    }

    /// `weight := ` the weights of a reversed wiring, in the shape of this one's.
    pub(crate) fn turn_back<T: Scalar>(self, reversed: &Matrix<T>, weight: &mut Matrix<T>) {
        match self {
            Self::Dense(_) => reversed.transpose_to(reshape(weight, reversed.ncols(), reversed.nrows())),
            _ => assign(weight, reversed),
        }
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

    /// Number of weights, and of biases where the layer has any. Weights that lead from beyond a map are not counted.
    pub fn parameters(self, bias: bool) -> usize {
        ask!(self, weights()) + if bias { self.biases() } else { 0 }
    }

    /// The shapes of the weights in files, and of the biases.
    pub fn axes(self) -> [Shape; 2] {
        ask!(self, axes())
    }

    /// Number of synapses of a unit, edges of a map aside.
    pub fn fan_in(self) -> usize {
        ask!(self, fan_in())
    }

    /// Number of synapses of an input, edges of a map and strides aside.
    pub fn fan_out(self) -> usize {
        ask!(self, fan_out())
    }

    /// Number of synapses that an input has on the average, edges of a map aside.
    pub fn mean_fan_out(self) -> f64 {
        let (down, right) = self.patches().map_or((1, 1), |patches| patches.window.stride);
        self.fan_out() as f64 / (down * right) as f64
    }

    /// Places of the map that the units make: they are numbered channel by channel. 1 where they make none.
    pub fn positions(self) -> usize {
        self.patches().map_or(1, Patches::positions)
    }

    /// Places that each weight is used at.
    pub fn uses(self) -> usize {
        match self {
            Self::Convolution(convolution) => convolution.patches.positions(),
            _ => 1,
        }
    }

    /// Whether every input reaches every unit, each through a weight of its own.
    pub fn is_full(self) -> bool {
        self.weight_shape() == (self.outputs(), self.inputs())
    }

    /// The map that the units make, where they make one.
    pub fn map(self) -> Option<Map> {
        let patches = self.patches()?;
        let (rows, columns) = patches.places;
        Some(Map::new(self.outputs() / patches.positions(), rows, columns))
    }

    /// For each column of the weights at how many places it is on the map below, if not at all.
    pub(crate) fn seen_at(self) -> Option<impl Iterator<Item = usize>> {
        let taps = self.patches().filter(|_| self.uses() > 1)?.each_tap();
        Some(taps.map(|tap| tap.rows.len() * tap.columns.len()))
    }

    fn patches(self) -> Option<Patches> {
        match self {
            Self::Convolution(Convolution { patches, .. }) | Self::Local(Local { patches, .. }) => Some(patches),
            Self::Dense(_) | Self::Reversed(_) => None,
        }
    }

    /// Sets to 0 what leads from beyond a map.
    pub fn clear_dead<T: Scalar>(self, weight: &mut Matrix<T>) {
        match self {
            Self::Local(local) => local.clear_dead(weight),
            Self::Reversed(reversed) => reversed.clear_dead(weight),
            Self::Dense(_) | Self::Convolution(_) => {}
        }
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
