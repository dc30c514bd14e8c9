//! Let feedback weights learn from noise that rides on the forward activity, while the network learns.

use super::{Feedback, FeedbackRule, FeedbackWeights, check_mirror, pair_mean};
use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, reshape, zip};
use crate::network::{Network, Trace};
use crate::random::{self, Generator, Stream};
use crate::references;
use crate::rules::{After, FeedbackPath, Needs, Refusal, Setting};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Phaseless alignment learning (Max, Kriener, Pineda García, Nowotny, Jaras, Senn, Petrovici 2024), read in discrete time.
///
/// In the paper, neurons follow the dynamics of cortical microcircuits; noise is part of the activity, and a feedback synapse
/// correlates the noise of the layer that it leads to with the high-pass filtered activity of the layer that it comes from, with a
/// leak: `dB/dt ∝ ξ_{l-1} r̂_lᵀ − leak B` (their `B` is the transpose of ours). Here a batch is the unit of time:
///
/// - errors go down as in feedback alignment, `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`, from the clean pass;
/// - after the change, a pass on the same batch has noise on the activity of every hidden layer, `ã_l = φ(W_l ã_{l-1} + b_l) + σ ξ_l`, and
///   the high-pass filter is the difference to a pass without: slow signals cancel, noise of all layers below stays;
/// - `B_l ← (1 − leak) B_l + rate · mean over the batch of (ã_l − a_l) (σ ξ_{l-1})ᵀ`.
///
/// To first order `ã_l − a_l = φ'(z_l) ∘ W_l (σ ξ_{l-1} + noise from further below) + σ ξ_l`; of the noises only `ξ_{l-1}` is
/// correlated with the second factor, so that a step is expected to change `B_l` by `rate σ² <φ'(z_l)> W_l − leak B_l`, up to
/// `O(σ⁴)`. Hence `E B_l → (rate σ² / leak) <φ'(z_l)> W_l`: each unit's feedback becomes parallel to its weights.
///
/// Where a layer pools, its noise lies on what comes of it, and what it answers to noise from below is the difference of its units. On a map
/// the pair of a sample is, for each tap of a filter, the mean over the positions where the tap is on the map.
///
/// Choices: the forward weights learn from the pass without noise; the output layer adds no noise of its own, since no feedback
/// leads to it from above.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PhaselessAlignment {
    /// How `B` starts and is used; rank, sparsity, sign and levels are refused, since `B` does not stay as it starts.
    pub feedback: Feedback,
    /// How fast `B` learns, positive; at the default, `rate σ² = leak`.
    pub rate: f64,
    /// Share of `B` lost after each batch, in `[0, 1)`.
    pub leak: f64,
    /// `σ`, the standard deviation of the noise on each hidden unit's activity; positive.
    pub sigma: f64,
}

impl Default for PhaselessAlignment {
    fn default() -> Self {
        Self {
            feedback: Feedback::default(),
            rate: 1.0,
            leak: 0.01,
            sigma: 0.1,
        }
    }
}

/// The passes with and without noise.
#[derive(Debug, Default)]
pub struct Noisy<T: Scalar> {
    clean: Trace<T>,
    noisy: Trace<T>,
    noise: Vec<Matrix<T>>,
    difference: Matrix<T>,
}

impl<T: Scalar> Noisy<T> {
    /// Both passes on `input`; `noise[l]`, with standard deviation `sigma`, lies on the activity of hidden layer `l`.
    fn run(&mut self, network: &Network<T>, input: &Matrix<T>, sigma: f64, generator: &mut Generator) {
        let Self {
            clean, noisy, noise, ..
        } = self;
        assign(&mut clean.input, input);
        network.forward(clean);
        assign(&mut noisy.input, input);
        noisy.fit(network.depth());
        noise.resize_with(network.depth(), empty);
        for (l, layer) in network.layers.iter().enumerate() {
            noisy.ascend(l, layer);
            if l < network.top() {
                let noise = reshape(&mut noise[l], layer.outputs(), input.ncols());
                random::normal(noise.as_mut_slice(), sigma, generator);
                add_scaled(noisy.a[l].as_mut_slice(), T::ONE, noise.as_slice());
            }
        }
    }
}

impl FeedbackRule for PhaselessAlignment {
    const NAME: &'static str = "PhaselessAlignment";
    const SOURCE: &'static str =
        "Max, Kriener, Pineda Garcia, Nowotny, Jaras, Senn, Petrovici 2024, arXiv 2212.10249; in discrete time";
    const CITATIONS: &'static [&'static str] = &[references::MAX_2024];
    const EQUATION: &'static str = "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); \
        B_l <- (1 - leak) B_l + rate <(noisy a_l - a_l) xi_{l-1}'>, xi_{l-1} the noise on a_{l-1}";
    const PATH: FeedbackPath = FeedbackPath::Sequential;

    type Scratch<T: Scalar> = Noisy<T>;

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }

    fn needs(&self) -> Needs {
        Needs {
            noise: true,
            ..Needs::FEEDBACK.takes(2, 3)
        }
    }

    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        check_mirror(self.rate, self.leak, self.sigma)?;
        self.feedback.learned(Self::PATH, setting, stream)
    }

    fn learn<T: Scalar>(&self, b: &mut [Matrix<T>], passes: &mut Noisy<T>, after: &After<'_, T>) {
        let (step, batch) = (&after.step, after.step.batch() as f64);
        let (rate, keep) = (T::of(self.rate / batch), T::of(1.0 - self.leak));
        let mut generator = step.stream.generator();
        passes.run(step.network, &step.trace.input, self.sigma, &mut generator);
        for (l, b) in b.iter_mut().enumerate().skip(1) {
            let difference = &mut passes.difference;
            assign(difference, passes.noisy.units(l));
            zip(difference, passes.clean.units(l), |noisy, clean| noisy - clean);
            pair_mean(&step.network.layers[l], rate, difference, &passes.noise[l - 1], keep, b);
        }
    }
}
