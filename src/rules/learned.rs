//! Walk over the named arrays of what a rule has learned: one walk behind files, checkpoints, digests and counts.

use crate::linalg::{Matrix, Scalar};
use crate::network::Layer;
use crate::update::Stepper;

/// Rows and columns of an array; a bias has one column.
pub type Shape = (usize, usize);

/// Arrays with names, such as `layer2.feedback`.
pub trait Learned<T: Scalar>: Send {
    /// Shows every array under its name, column-major, always in the same order.
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T]));
}

impl<T: Scalar> Learned<T> for () {
    fn visit(&mut self, _: &mut dyn FnMut(&str, Shape, &mut [T])) {}
}

/// Shows a matrix under a name.
pub fn visit_matrix<T: Scalar>(name: &str, matrix: &mut Matrix<T>, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
    see(name, matrix.shape(), matrix.as_mut_slice());
}

/// Shows the weights and the biases of a layer as `name.weight` and `name.bias`.
pub fn visit_layer<T: Scalar>(name: &str, layer: &mut Layer<T>, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
    visit_matrix(&format!("{name}.weight"), &mut layer.weight, see);
    visit_bias(name, layer.bias.as_mut_slice(), see);
}

/// Shows biases as `name.bias`, where there are any.
pub fn visit_bias<T: Scalar>(name: &str, bias: &mut [T], see: &mut dyn FnMut(&str, Shape, &mut [T])) {
    if !bias.is_empty() {
        see(&format!("{name}.bias"), (bias.len(), 1), bias);
    }
}

/// Shows an optimizer's memory, such as `name.velocity.weight` and `name.velocity.bias`, one name for each of its layers.
pub fn visit_stepper<T: Scalar>(
    names: impl Iterator<Item = String>,
    stepper: &mut Stepper<T>,
    see: &mut dyn FnMut(&str, Shape, &mut [T]),
) {
    stepper.visit(names, see);
}
