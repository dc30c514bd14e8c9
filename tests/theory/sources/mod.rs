//! Hold what the teaching sources state of single quantities: derivatives of single weights, wishes, symmetries, error surfaces.

mod approximation;
mod brownlee;
mod calculus;
mod insights;
mod surfaces;
mod symmetry;
mod wishes;

use creditlab::network::{Activation, Network};
use creditlab::random::{self, Purpose, Stream};

/// `s(z) = 1 / (1 + e^-z)`.
fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// `s'(z)`.
fn slope(z: f64) -> f64 {
    logistic(z) * (1.0 - logistic(z))
}

/// A network whose weights and biases are all from N(0, sd²).
fn drawn(sizes: &[usize], activation: Activation, sd: f64, seed: u64) -> Network<f64> {
    let mut network = crate::common::network(sizes, activation, activation, seed);
    for (l, layer) in (0..).zip(&mut network.layers) {
        let mut generator = Stream::new(seed, Purpose::Weights, l, 2).generator();
        random::normal(layer.weight.as_mut_slice(), sd, &mut generator);
        random::normal(layer.bias.as_mut_slice(), sd, &mut generator);
    }
    network
}
