//! Define the dense layer and its three operations: *push, pull, pair*.

use super::Activation;
use crate::cost;
use crate::linalg::{Matrix, Scalar, Vector, multiply, plain, reshape, transposed};

/// Arrays in the shape of a layer's parameters: a velocity, a gradient, an update.
#[derive(Clone, Debug)]
pub struct Affine<T: Scalar> {
    /// `n_out × n_in`.
    pub weight: Matrix<T>,
    /// `n_out`, or of length 0 in a layer without biases.
    pub bias: Vector<T>,
}

impl<T: Scalar> Affine<T> {
    /// Zeros in the shape of `layer`'s parameters.
    pub fn zeros_like(layer: &Layer<T>) -> Self {
        Self {
            weight: Matrix::from_element(layer.outputs(), layer.inputs(), T::ZERO),
            bias: Vector::from_element(layer.bias.len(), T::ZERO),
        }
    }
}

/// A dense layer: `z = W a + b`, `φ(z)`.
#[derive(Clone, Debug)]
pub struct Layer<T: Scalar> {
    /// `W`, `n_out × n_in`.
    pub weight: Matrix<T>,
    /// `b`, `n_out`, or of length 0 in a layer without biases.
    pub bias: Vector<T>,
    /// `φ`.
    pub activation: Activation,
    /// Probability with which a unit is dropped from a training step, for one sample: see [`Network::drop_units`](super::Network::drop_units).
    pub dropout: f64,
}

impl<T: Scalar> Layer<T> {
    /// All parameters zero, and no dropout.
    pub fn zeros(outputs: usize, inputs: usize, bias: bool, activation: Activation) -> Self {
        Self {
            weight: Matrix::from_element(outputs, inputs, T::ZERO),
            bias: Vector::from_element(if bias { outputs } else { 0 }, T::ZERO),
            activation,
            dropout: 0.0,
        }
    }

    /// `n_in`.
    pub fn inputs(&self) -> usize {
        self.weight.ncols()
    }

    /// `n_out`.
    pub fn outputs(&self) -> usize {
        self.weight.nrows()
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.weight.len() + self.bias.len()
    }

    /// `z := W below + b` and `a := φ(z)` with the layer's own parameters.
    pub fn forward(&self, below: &Matrix<T>, z: &mut Matrix<T>, a: &mut Matrix<T>) {
        self.push(&self.weight, &self.bias, below, z);
        self.activation.apply(z, a);
    }

    /// *Push*: `z := weight below + bias`, for any weights in the shape of the layer's. It counts as going up the network; through
    /// a layer that a rule owns beside it, go [`aside`](crate::cost::aside).
    pub fn push(&self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        cost::upward(weight.len() * below.ncols());
        reshape(z, weight.nrows(), below.ncols());
        if bias.is_empty() {
            return multiply(T::ONE, plain(weight), plain(below), T::ZERO, z);
        }
        for column in z.as_mut_slice().chunks_exact_mut(bias.len()) {
            column.copy_from_slice(bias.as_slice());
        }
        multiply(T::ONE, plain(weight), plain(below), T::ONE, z);
    }

    /// *Pull*: `below := weightᵀ delta`, for any weights in the shape of the layer's; feedback weights stand in here.
    pub fn pull(&self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        reshape(below, weight.ncols(), delta.ncols());
        multiply(T::ONE, transposed(weight), plain(delta), T::ZERO, below);
    }
}

/// *Pair*: `weight := alpha post preᵀ + beta weight`, the sum over columns that every local update is.
pub fn pair<T: Scalar>(alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
    multiply(alpha, plain(post), transposed(pre), beta, weight);
}
