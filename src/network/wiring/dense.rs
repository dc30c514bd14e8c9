//! Wire every input to every unit: the weights are a matrix, and the operations are its products.

use crate::linalg::{Matrix, Scalar, Vector, add_scaled_columns, multiply, multiply_plus, plain, reshape, transposed};
use crate::network::Shape;

/// So many inputs to so many units: `W` is `outputs × inputs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
}

impl Dense {
    pub(super) fn inputs(self) -> usize {
        self.inputs
    }

    pub(super) fn outputs(self) -> usize {
        self.outputs
    }

    pub(super) fn weight_shape(self) -> (usize, usize) {
        (self.outputs, self.inputs)
    }

    pub(super) fn biases(self) -> usize {
        self.outputs
    }

    pub(super) fn weights(self) -> usize {
        self.outputs * self.inputs
    }

    pub(super) fn axes(self) -> [Shape; 2] {
        [Shape::matrix(self.outputs, self.inputs), Shape::list(self.outputs)]
    }

    pub(super) fn fan_in(self) -> usize {
        self.inputs
    }

    pub(super) fn fan_out(self) -> usize {
        self.outputs
    }

    pub(super) fn multiply_adds(self) -> usize {
        self.outputs * self.inputs
    }

    pub(super) fn synapses(self, mut see: impl FnMut(usize, usize, usize)) {
        for input in 0..self.inputs {
            for unit in 0..self.outputs {
                see(unit, input, input * self.outputs + unit);
            }
        }
    }

    pub(super) fn bias_of(self, unit: usize) -> usize {
        unit
    }

    pub(super) fn push<T: Scalar>(self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        reshape(z, self.outputs, below.ncols());
        if bias.is_empty() {
            return multiply(T::ONE, plain(weight), plain(below), T::ZERO, z);
        }
        multiply_plus(T::ONE, plain(weight), plain(below), bias.as_slice(), z);
    }

    pub(super) fn pull<T: Scalar>(self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        reshape(below, self.inputs, delta.ncols());
        multiply(T::ONE, transposed(weight), plain(delta), T::ZERO, below);
    }

    pub(super) fn pair<T: Scalar>(self, alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
        multiply(alpha, plain(post), transposed(pre), beta, weight);
    }

    pub(super) fn pair_bias<T: Scalar>(self, alpha: T, post: &Matrix<T>, bias: &mut Vector<T>) {
        add_scaled_columns(bias.as_mut_slice(), alpha, post);
    }
}
