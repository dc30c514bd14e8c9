//! Perturb the forward pass with noise, and credit the noise with what came of it: what perturbation rules share.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, reshape, zeroed};
use crate::network::{Affine, Network, Trace};
use crate::random::{self, Generator};
use crate::rules::shared::fit_parameters;
use crate::rules::{Needs, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which losses are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Variant")]
pub enum NoiseComparison {
    /// `(C(θ + σξ) − C(θ)) / σ`: one noisy pass per draw, against the clean pass.
    #[default]
    OneSided,
    /// `(C(θ + σξ) − C(θ − σξ)) / 2σ`: two noisy passes per draw with opposite noise; even powers of the noise cancel.
    Antithetic,
}

impl NoiseComparison {
    /// Noisy passes per draw.
    fn passes(self) -> u32 {
        match self {
            Self::OneSided => 1,
            Self::Antithetic => 2,
        }
    }

    /// What a rule needs that compares so, averaged over `draws`.
    pub fn needs(self, draws: u32) -> Needs {
        Needs::PERTURBATION.takes(2, draws.saturating_mul(self.passes()).saturating_add(1))
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
        zeroed(out.local(l), z.nrows(), z.ncols());
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

/// Fills `xi` with standard normal noise in the shapes of the parameters.
pub fn draw_parameter_noise<T: Scalar>(network: &Network<T>, generator: &mut Generator, xi: &mut Vec<Affine<T>>) {
    fit_parameters(network, xi);
    for (Affine { weight, bias }, layer) in xi.iter_mut().zip(&network.layers) {
        random::normal(weight.as_mut_slice(), 1.0, generator);
        layer.wiring.clear_dead(weight);
        random::normal(bias.as_mut_slice(), 1.0, generator);
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
    assign(&mut noisy.input, input);
    for (l, layer) in network.layers.iter().enumerate() {
        let below = if l == 0 { &noisy.input } else { &noisy.a[l - 1] };
        layer.push(&layer.weight, &layer.bias, below, &mut noisy.z[l]);
        add_scaled(noisy.z[l].as_mut_slice(), sigma, xi[l].as_slice());
        noisy.activate(l, layer);
    }
}
