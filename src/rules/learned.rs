//! Walk over the named arrays of what a rule has learned: one walk behind files, checkpoints, digests and counts.

use super::FeedbackPath;
use crate::linalg::{Matrix, Scalar};
use crate::network::Layer;

pub use crate::network::{Shape, visit_matrix, visit_weights};

/// Arrays with names, such as `layer2.feedback`.
pub trait Learned<T: Scalar>: Send {
    /// Shows every array under its name, column-major, always in the same order.
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T]));

    /// Writes the feedback weights of layer `l` to `out`, where there are any among the arrays, and says where they lead.
    fn feedback(&self, _l: usize, _out: &mut Matrix<T>) -> Option<FeedbackPath> {
        None
    }
}

impl<T: Scalar> Learned<T> for () {
    fn visit(&mut self, _: &mut dyn FnMut(&str, Shape, &mut [T])) {}
}

/// Shows the weights and the biases of a layer as `name.weight` and `name.bias`.
pub fn visit_layer<T: Scalar>(name: &str, layer: &mut Layer<T>, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
    let [axes, bias_axes] = layer.wiring.axes();
    see(&format!("{name}.weight"), axes, layer.weight.as_mut_slice());
    if !layer.bias.is_empty() {
        see(&format!("{name}.bias"), bias_axes, layer.bias.as_mut_slice());
    }
}
