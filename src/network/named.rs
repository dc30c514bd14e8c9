//! Name the arrays of layers, as files do, and walk over them.

use super::{Affine, Wiring};
pub use crate::arrays::Shape;
use crate::linalg::{Matrix, Scalar};

/// `layer1` for the layer at 0.
pub fn layer_name(l: usize) -> String {
    format!("layer{}", l + 1)
}

/// `layer1.weight` for the layer at 0.
pub fn weight_name(l: usize) -> String {
    format!("{}.weight", layer_name(l))
}

/// `layer1.bias` for the layer at 0.
pub fn bias_name(l: usize) -> String {
    format!("{}.bias", layer_name(l))
}

/// Shows a matrix under a name.
pub fn visit_matrix<T: Scalar>(name: &str, matrix: &mut Matrix<T>, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
    see(
        name,
        Shape::matrix(matrix.nrows(), matrix.ncols()),
        matrix.as_mut_slice(),
    );
}

/// Shows weights of a layer that is wired so, or an array in their shape.
pub fn visit_weights<T: Scalar>(
    name: &str,
    wiring: Wiring,
    weight: &mut Matrix<T>,
    see: &mut dyn FnMut(&str, Shape, &mut [T]),
) {
    see(name, wiring.axes()[0], weight.as_mut_slice());
}

/// Shows arrays in the shape of the parameters of a layer that is wired so: `name.weight`, and, where there are biases, `name.bias`.
pub fn visit_parameters<T: Scalar>(
    name: &str,
    wiring: Wiring,
    Affine { weight, bias }: &mut Affine<T>,
    see: &mut dyn FnMut(&str, Shape, &mut [T]),
) {
    visit_weights(&format!("{name}.weight"), wiring, weight, see);
    if !bias.is_empty() {
        see(&format!("{name}.bias"), wiring.axes()[1], bias.as_mut_slice());
    }
}
