//! Name the arrays of layers, as files do, and walk over them.

use crate::linalg::{Matrix, Scalar, Vector};

/// Lengths of the axes of an array: `[rows, columns]` of a matrix, `[length]` of biases.
pub type Shape<'a> = &'a [usize];

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
    see(name, &[matrix.nrows(), matrix.ncols()], matrix.as_mut_slice());
}

/// Shows the weights of a layer, or of anything in its shape, as `name.weight`, and its biases, where there are any, as `name.bias`.
pub fn visit_parameters<T: Scalar>(
    name: &str,
    weight: &mut Matrix<T>,
    bias: &mut Vector<T>,
    see: &mut dyn FnMut(&str, Shape, &mut [T]),
) {
    visit_matrix(&format!("{name}.weight"), weight, see);
    if !bias.is_empty() {
        see(&format!("{name}.bias"), &[bias.len()], bias.as_mut_slice());
    }
}
