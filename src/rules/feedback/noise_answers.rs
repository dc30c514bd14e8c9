//! Teach direct feedback weights by what the output answers to noise in the layers that they lead to.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, multiply, plain, reshape, transposed, zip};
use crate::network::{Network, Trace};
use crate::random::{self, Generator};
use crate::rules::shared::{has_hidden_layer, is_positive, require, require_or_default};
use crate::rules::{Refusal, Setting, Step};

/// Refuses numbers with which nothing can be taught, `[noise, rate, decay]` beside the `usual` ones, and networks without hidden layers.
///
/// # Errors
/// The refusal, at its option.
pub fn check_teaching<T: Scalar>(
    setting: &Setting<'_, T>,
    [noise, rate, decay]: [f64; 3],
    usual: [f64; 3],
) -> Result<(), Refusal> {
    let reason = "must be positive: answers are divided by it";
    require_or_default(is_positive(noise), "noise", reason, usual[0])?;
    require_or_default(is_positive(rate), "rate", "must be positive", usual[1])?;
    let fits = decay >= 0.0 && decay.is_finite();
    require_or_default(fits, "decay", "must not be negative", usual[2])?;
    let reason = "must be below 1 over `rate`: B would change its sign at every step";
    let remedy = "take a smaller `rate` or `decay`";
    require(rate * decay < 1.0, "decay", reason, remedy)?;
    has_hidden_layer(setting.network)
}

/// Passes on the batch of a step through the changed network, with noise `σ ξ` in some layers and without.
#[derive(Debug, Default)]
pub struct NoiseAnswers<T: Scalar> {
    /// Without noise.
    pub clean: Trace<T>,
    noisy: Trace<T>,
    /// `ξ_l`, standard normal, of the layers that had noise in the last pass.
    pub xi: Vec<Matrix<T>>,
    /// `(h_L(noisy) − h_L) / σ`, `n_out × batch`.
    pub answer: Matrix<T>,
}

impl<T: Scalar> NoiseAnswers<T> {
    /// The pass without noise.
    pub fn begin(&mut self, step: &Step<'_, T>) {
        assign(&mut self.clean.input, &step.trace.input);
        step.network.forward(&mut self.clean);
        self.noisy.fit(step.network.depth());
        self.xi.resize_with(step.network.depth(), empty);
    }

    /// Noise on the activity of layer `l` alone.
    pub fn to_activity(&mut self, network: &Network<T>, l: usize, sigma: f64, generator: &mut Generator) {
        assign(&mut self.noisy.a[l], &self.clean.a[l]);
        disturb(&mut self.noisy.a[l], &mut self.xi[l], sigma, generator);
        for (above, layer) in network.layers.iter().enumerate().skip(l + 1) {
            self.noisy.ascend(above, layer);
        }
        self.compare(sigma);
    }

    /// Noise on the pre-activations of all hidden layers at once.
    pub fn to_pre_activations(&mut self, network: &Network<T>, sigma: f64, generator: &mut Generator) {
        let noisy = &mut self.noisy;
        for (l, layer) in network.layers.iter().enumerate() {
            if l == 0 {
                assign(&mut noisy.z[0], &self.clean.z[0]);
            } else {
                layer.push(&layer.weight, &layer.bias, &noisy.a[l - 1], &mut noisy.z[l]);
            }
            if l < network.top() {
                disturb(&mut noisy.z[l], &mut self.xi[l], sigma, generator);
            }
            noisy.activate(l, layer);
        }
        self.compare(sigma);
    }

    fn compare(&mut self, sigma: f64) {
        let sigma = T::of(sigma);
        assign(&mut self.answer, self.noisy.output().a);
        zip(&mut self.answer, self.clean.output().a, move |noisy, clean| {
            (noisy - clean) / sigma
        });
    }
}

fn disturb<T: Scalar>(values: &mut Matrix<T>, xi: &mut Matrix<T>, sigma: f64, generator: &mut Generator) {
    let xi = reshape(xi, values.nrows(), values.ncols());
    random::normal(xi.as_mut_slice(), 1.0, generator);
    add_scaled(values.as_mut_slice(), T::of(sigma), xi.as_slice());
}

/// `b ← (1 − rate decay) b + rate · mean over the batch of error answerᵀ`.
pub fn follow<T: Scalar>(b: &mut Matrix<T>, [rate, decay]: [f64; 2], error: &Matrix<T>, answer: &Matrix<T>) {
    let (rate, keep) = (rate / answer.ncols() as f64, 1.0 - rate * decay);
    multiply(T::of(rate), plain(error), transposed(answer), T::of(keep), b);
}
