//! Perturb the forward pass with noise and measure how the loss of each sample answers: what perturbation rules share.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, reshape};
use crate::loss::Loss;
use crate::network::{Affine, Layer, Network, Output, Trace};
use crate::random::{self, Generator};
use crate::rules::Step;
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which losses are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Variant {
    /// `(C(θ + σξ) − C(θ)) / σ`: one noisy pass per draw, against the clean pass.
    #[default]
    OneSided,
    /// `(C(θ + σξ) − C(θ − σξ)) / 2σ`: two noisy passes per draw with opposite noise; even powers of the noise cancel.
    Antithetic,
}

impl Variant {
    /// Noisy passes per draw.
    pub fn passes(self) -> u32 {
        match self {
            Self::OneSided => 1,
            Self::Antithetic => 2,
        }
    }
}

/// Fills `xi` with standard normal noise in the shape of the pre-activations `z`: every unit and every sample has its
/// own.
pub fn draw_noise<T: Scalar>(z: &[Matrix<T>], generator: &mut Generator, xi: &mut Vec<Matrix<T>>) {
    xi.resize_with(z.len(), empty);
    for (xi, z) in xi.iter_mut().zip(z) {
        random::normal(reshape(xi, z.nrows(), z.ncols()).as_mut_slice(), 1.0, generator);
    }
}

/// Makes every layer of `out` local, with columns of zeros for [`credit`] to add to.
pub fn begin_columns<T: Scalar>(step: &Step<'_, T>, out: &mut Proposal<T>) {
    for (l, z) in step.trace.z.iter().enumerate() {
        reshape(out.local(l), z.nrows(), z.ncols()).fill(T::ZERO);
    }
}

/// Adds `credit(i) ξ_l` to the columns that `out` holds for each layer: the noise of sample `i`, times what it is
/// worth.
pub fn credit<T: Scalar>(xi: &[Matrix<T>], credit: impl Fn(usize) -> f64, out: &mut Proposal<T>) {
    for (l, xi) in xi.iter().enumerate() {
        let n = xi.nrows();
        let columns = out.local(l).as_mut_slice().chunks_exact_mut(n);
        for (i, (delta, xi)) in columns.zip(xi.as_slice().chunks_exact(n)).enumerate() {
            add_scaled(delta, T::of(credit(i)), xi);
        }
    }
}

/// Makes every layer of `out` an array of zeros, for [`credit_parameters`] to add to.
pub fn begin_arrays<T: Scalar>(network: &Network<T>, out: &mut Proposal<T>) {
    for (l, layer) in network.layers.iter().enumerate() {
        let Affine { weight, bias } = out.dense(l, layer);
        weight.fill(T::ZERO);
        bias.fill(T::ZERO);
    }
}

/// Adds `credit ξ` to the arrays that `out` holds.
pub fn credit_parameters<T: Scalar>(network: &Network<T>, xi: &[Affine<T>], credit: T, out: &mut Proposal<T>) {
    for (l, (layer, xi)) in network.layers.iter().zip(xi).enumerate() {
        let update = out.dense(l, layer);
        add_scaled(update.weight.as_mut_slice(), credit, xi.weight.as_slice());
        add_scaled(update.bias.as_mut_slice(), credit, xi.bias.as_slice());
    }
}

/// Gives `arrays` the shapes of the network's parameters, if they have not got them; contents are unspecified.
fn fit_parameters<T: Scalar>(network: &Network<T>, arrays: &mut Vec<Affine<T>>) {
    let same = |(layer, array): (&Layer<T>, &Affine<T>)| {
        layer.weight.shape() == array.weight.shape() && layer.bias.len() == array.bias.len()
    };
    if arrays.len() != network.depth() || !network.layers.iter().zip(&*arrays).all(same) {
        *arrays = network.layers.iter().map(Affine::zeros_like).collect();
    }
}

/// Fills `xi` with standard normal noise in the shapes of the parameters.
pub fn draw_parameter_noise<T: Scalar>(network: &Network<T>, generator: &mut Generator, xi: &mut Vec<Affine<T>>) {
    fit_parameters(network, xi);
    for Affine { weight, bias } in xi {
        random::normal(weight.as_mut_slice(), 1.0, generator);
        random::normal(bias.as_mut_slice(), 1.0, generator);
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
    let Trace { input, z, a, .. } = trace;
    for (l, (layer, own)) in network.layers.iter().zip(parameters).enumerate() {
        let (below, here) = a.split_at_mut(l);
        layer.push(&own.weight, &own.bias, below.last().unwrap_or(input), &mut z[l]);
        layer.activation.apply(&z[l], &mut here[0]);
    }
}

/// The feed-forward pass on `input` with noise on every pre-activation: `z_l = W_l a_{l-1} + b_l + σ ξ_l`,
/// `a_l = φ(z_l)`. What the noise of one layer does to its activity goes up to the next.
pub fn noisy_forward<T: Scalar>(
    network: &Network<T>,
    input: &Matrix<T>,
    sigma: T,
    xi: &[Matrix<T>],
    noisy: &mut Trace<T>,
) {
    noisy.fit(network.depth());
    let Trace { input: x, z, a, .. } = noisy;
    assign(x, input);
    for (l, layer) in network.layers.iter().enumerate() {
        let (below, here) = a.split_at_mut(l);
        layer.push(&layer.weight, &layer.bias, below.last().unwrap_or(x), &mut z[l]);
        add_scaled(z[l].as_mut_slice(), sigma, xi[l].as_slice());
        layer.activation.apply(&z[l], &mut here[0]);
    }
}

/// The loss of each sample, computed in double precision from the outputs as they are, since perturbation rules live on
/// small differences of losses.
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

    /// What was measured last.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }
}

fn widen<T: Scalar>(from: &Matrix<T>, to: &mut Matrix<f64>) {
    let to = reshape(to, from.nrows(), from.ncols());
    for (to, from) in to.iter_mut().zip(from.iter()) {
        *to = from.to_f64();
    }
}
