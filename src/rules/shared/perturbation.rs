//! Perturb the forward pass with noise and measure how the loss of each sample answers: what perturbation rules share.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, reshape};
use crate::loss::Loss;
use crate::network::{Network, Output, Trace};
use crate::random::{self, Generator};

/// Fills `xi` with standard normal noise in the shape of the pre-activations `z`: every unit and every sample has its own.
pub fn draw_noise<T: Scalar>(z: &[Matrix<T>], generator: &mut Generator, xi: &mut Vec<Matrix<T>>) {
    xi.resize_with(z.len(), empty);
    for (xi, z) in xi.iter_mut().zip(z) {
        random::normal(reshape(xi, z.nrows(), z.ncols()).as_mut_slice(), 1.0, generator);
    }
}

/// The feed-forward pass on `input` with noise on every pre-activation: `z_l = W_l a_{l-1} + b_l + σ ξ_l`, `a_l = φ(z_l)`.
/// What the noise of one layer does to its activity goes up to the next.
pub fn noisy_forward<T: Scalar>(
    network: &Network<T>,
    input: &Matrix<T>,
    sigma: T,
    xi: &[Matrix<T>],
    noisy: &mut Trace<T>,
) {
    noisy.fit(network.depth());
    let Trace { input: x, z, a } = noisy;
    assign(x, input);
    for (l, layer) in network.layers.iter().enumerate() {
        let (below, here) = a.split_at_mut(l);
        layer.push(&layer.weight, &layer.bias, below.last().unwrap_or(x), &mut z[l]);
        add_scaled(z[l].as_mut_slice(), sigma, xi[l].as_slice());
        layer.activation.apply(&z[l], &mut here[0]);
    }
}

/// The loss of each sample, computed in double precision from the outputs as they are, since perturbation rules live on small
/// differences of losses.
#[derive(Debug)]
pub struct SampleLosses {
    z: Matrix<f64>,
    a: Matrix<f64>,
    y: Matrix<f64>,
    losses: Vec<f64>,
}

impl Default for SampleLosses {
    fn default() -> Self {
        Self {
            z: empty(),
            a: empty(),
            y: empty(),
            losses: Vec::new(),
        }
    }
}

impl SampleLosses {
    /// The loss of each sample for this output and these targets.
    pub fn measure<T: Scalar>(&mut self, loss: Loss, output: Output<'_, T>, targets: &Matrix<T>) -> &[f64] {
        let Self { z, a, y, losses } = self;
        widen(output.z, z);
        widen(output.a, a);
        widen(targets, y);
        losses.clear();
        losses.extend((0..y.ncols()).map(|i| loss.of_sample(Output { z, a }, y, i)));
        losses
    }
}

fn widen<T: Scalar>(from: &Matrix<T>, to: &mut Matrix<f64>) {
    let to = reshape(to, from.nrows(), from.ncols());
    for (to, from) in to.iter_mut().zip(from.iter()) {
        *to = from.to_f64();
    }
}
