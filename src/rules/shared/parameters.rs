//! Work with a copy of the network's weights and biases, moved away from where they stand.

use crate::linalg::{Scalar, add_scaled};
use crate::network::{Affine, Network, Trace};

/// Gives `arrays` the shapes of the network's parameters; contents are unspecified.
pub fn fit_parameters<T: Scalar>(network: &Network<T>, arrays: &mut Vec<Affine<T>>) {
    arrays.resize_with(network.depth(), Affine::default);
    for (array, layer) in arrays.iter_mut().zip(&network.layers) {
        array.fit(layer);
    }
}

/// `copy := θ`, all parameters of the network.
pub fn copy_parameters<T: Scalar>(network: &Network<T>, copy: &mut Vec<Affine<T>>) {
    fit_parameters(network, copy);
    for (copy, layer) in copy.iter_mut().zip(&network.layers) {
        copy.weight.copy_from(&layer.weight);
        copy.bias.copy_from(&layer.bias);
    }
}

/// `moved := θ + σ ξ`.
pub fn displace<T: Scalar>(network: &Network<T>, sigma: T, xi: &[Affine<T>], moved: &mut Vec<Affine<T>>) {
    copy_parameters(network, moved);
    for (moved, xi) in moved.iter_mut().zip(xi) {
        add_scaled(moved.weight.as_mut_slice(), sigma, xi.weight.as_slice());
        add_scaled(moved.bias.as_mut_slice(), sigma, xi.bias.as_slice());
    }
}

/// The feed-forward pass on `trace.input` with other parameters in place of the network's.
pub fn forward_with<T: Scalar>(network: &Network<T>, parameters: &[Affine<T>], trace: &mut Trace<T>) {
    trace.fit(network.depth());
    for (l, (layer, own)) in network.layers.iter().zip(parameters).enumerate() {
        let below = if l == 0 { &trace.input } else { &trace.a[l - 1] };
        layer.push(&own.weight, &own.bias, below, &mut trace.z[l]);
        trace.activate(l, layer);
    }
}
