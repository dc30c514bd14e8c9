//! Define the layer and its three operations: *push, pull, pair*.

use super::{Activation, Pooled, Pooling, Wiring};
use crate::cost;
use crate::linalg::{Matrix, Scalar, Vector, empty, reshape};

/// Arrays in the shape of a layer's parameters: a velocity, a gradient, an update.
#[derive(Clone, Debug)]
pub struct Affine<T: Scalar> {
    /// In the shape of the layer's weights.
    pub weight: Matrix<T>,
    /// As many as the layer has biases.
    pub bias: Vector<T>,
}

impl<T: Scalar> Affine<T> {
    /// Zeros in the shape of `layer`'s parameters.
    pub fn zeros_like(layer: &Layer<T>) -> Self {
        let mut zeros = Self::default();
        zeros.fit(layer);
        zeros
    }

    /// Gives the arrays the shape of `layer`'s parameters and keeps their memory; contents are unspecified.
    pub fn fit(&mut self, layer: &Layer<T>) {
        let (rows, columns) = layer.weight.shape();
        reshape(&mut self.weight, rows, columns);
        if self.bias.len() != layer.bias.len() {
            self.bias = Vector::from_element(layer.bias.len(), T::ZERO);
        }
    }
}

/// No parameters, to be given a shape later.
impl<T: Scalar> Default for Affine<T> {
    fn default() -> Self {
        let bias = Vector::from_vec(Vec::new());
        Self { weight: empty(), bias }
    }
}

/// A layer: `z = W a + b`, `φ(z)`, and `pool(φ(z))` where it pools. There are two sizes: of its units, which `z` and errors have, and
/// of what the layer above sees.
#[derive(Clone, Debug)]
pub struct Layer<T: Scalar> {
    /// Which inputs reach which units.
    pub wiring: Wiring,
    /// `W`, in the shape that the wiring says: `n_out × n_in` of a dense one.
    pub weight: Matrix<T>,
    /// `b`, `n_out` of a dense wiring, or of length 0 in a layer without biases.
    pub bias: Vector<T>,
    /// `φ`.
    pub activation: Activation,
    /// What is made of the map of the units; absent where the layer above sees the units themselves.
    pub pool: Option<Pooling>,
    /// Probability with which a unit is dropped from a training step, for one sample: see [`Network::drop_units`](super::Network::drop_units).
    pub dropout: f64,
}

impl<T: Scalar> Layer<T> {
    /// All parameters zero, and no dropout.
    pub fn new(wiring: Wiring, bias: bool, activation: Activation) -> Self {
        let (rows, columns) = wiring.weight_shape();
        Self {
            wiring,
            weight: Matrix::from_element(rows, columns, T::ZERO),
            bias: Vector::from_element(if bias { wiring.biases() } else { 0 }, T::ZERO),
            activation,
            pool: None,
            dropout: 0.0,
        }
    }

    /// The same with a dense wiring.
    pub fn zeros(outputs: usize, inputs: usize, bias: bool, activation: Activation) -> Self {
        Self::new(Wiring::dense(outputs, inputs), bias, activation)
    }

    /// `n_in`.
    pub fn inputs(&self) -> usize {
        self.wiring.inputs()
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.wiring.outputs()
    }

    /// `n_out`: numbers that the layer above sees; fewer than there are units where these are pooled.
    pub fn outputs(&self) -> usize {
        self.pool.map_or(self.units(), |pool| pool.map().units())
    }

    /// Number of synapses of a unit.
    pub fn fan_in(&self) -> usize {
        self.wiring.fan_in()
    }

    /// Number of weights and biases; without weights that lead from beyond a map.
    pub fn parameters(&self) -> usize {
        self.wiring.parameters(!self.bias.is_empty())
    }

    /// Starts as `shared` stands, whose units share weights and biases that are this layer's own: the same function.
    ///
    /// # Panics
    /// If the layers have other synapses.
    pub fn untie(&mut self, shared: &Self) {
        let mut places = Vec::new();
        shared
            .wiring
            .synapses(|unit, input, place| places.push((unit, input, place)));
        let mut places = places.into_iter();
        self.wiring.synapses(|unit, input, place| {
            let shared_place = places.next().filter(|shared| (shared.0, shared.1) == (unit, input));
            self.weight[place] = shared.weight[shared_place.expect("the same synapses").2];
        });
        for (unit, bias) in self.bias.iter_mut().enumerate() {
            *bias = shared.bias[shared.wiring.bias_of(unit)];
        }
    }

    /// What the units answer: `z := W below + b` and `a := φ(z)` with the layer's own parameters, before anything is pooled.
    pub fn forward(&self, below: &Matrix<T>, z: &mut Matrix<T>, a: &mut Matrix<T>) {
        self.push(&self.weight, &self.bias, below, z);
        self.activation.apply(z, a);
    }

    /// `a := pool(φ(z))`, or `a := φ(z)` where nothing is pooled.
    pub fn activate(&self, z: &Matrix<T>, a: &mut Matrix<T>, pooled: &mut Pooled<T>) {
        let Some(pool) = self.pool else {
            return self.activation.apply(z, a);
        };
        self.activation.apply(z, &mut pooled.units);
        pool.up(&pooled.units, a, &mut pooled.winners);
    }

    /// *Push*: `z := weight below + bias`, for any weights in the shape of the layer's. It counts as going up the network; through
    /// a layer that a rule owns beside it, go [`aside`](crate::cost::aside).
    pub fn push(&self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        cost::upward(self.wiring.multiply_adds() * below.ncols());
        self.wiring.push(weight, bias, below, z);
    }

    /// *Pull*: `below := weightᵀ delta`, for any weights in the shape of the layer's; feedback weights stand in here.
    pub fn pull(&self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        self.wiring.pull(weight, delta, below);
    }

    /// *Pair*: `weight := alpha post preᵀ + beta weight`, for any weights in the shape of the layer's: the sum over columns that every
    /// local update is.
    pub fn pair(&self, alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
        self.wiring.pair(alpha, post, pre, beta, weight);
    }
}
