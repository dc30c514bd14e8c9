//! Let feedback weights mirror the forward weights by driving each layer with noise between batches.

use super::{Feedback, FeedbackRule, FeedbackWeights, check_mirror, pair_mean};
use crate::linalg::{Matrix, Scalar, reshape};
use crate::random::{self, Stream};
use crate::references;
use crate::rules::shared::at_least_one;
use crate::rules::{After, FeedbackPath, Needs, Refusal, Setting};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weight mirror (Akrout, Wilson, Humphreys, Lillicrap, Tweed 2019): feedback alignment whose `B_l` learns in a mode of its own.
///
/// In the engaged mode, `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`. After each batch, in the mirror mode, the input of every layer but
/// the first is normal noise `ξ`, and the layer answers `y = φ(W_l ξ + b_l)`:
///
/// `B_l ← (1 − leak) B_l + rate · mean over samples of y ξᵀ`.
///
/// With `σ` the noise's standard deviation, `E y ξᵀ = σ² E[φ'] W_l`, row by row (Bussgang, Price): each unit's feedback becomes
/// parallel to its weights, `E B_l → (rate σ² / leak) E[φ'] W_l`. In a linear layer without biases the angle between `B_l` and
/// `W_l` is then about `atan √((n_in + 1) / n)` with `n = samples (2 − leak) / leak`, and without leak, after `n` samples from
/// `B = 0`, the same.
///
/// On a map the pair of a sample is, for each tap of a filter, the mean over the positions where the tap is on the map; the layer answers
/// with its units, and the noise lies on what it receives.
///
/// The paper leaves the biases of the mirror mode open: here the layer answers as it is, biases included.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WeightMirror {
    /// How `B` starts and is used; rank, sparsity, sign and levels are refused, since `B` does not stay as it starts.
    pub feedback: Feedback,
    /// How fast `B` learns from the noise, positive.
    pub rate: f64,
    /// Share of `B` lost after each batch, in `[0, 1)`.
    pub leak: f64,
    /// Noise samples after each batch, 1 or more.
    pub samples: usize,
    /// Standard deviation of the noise, positive.
    pub sigma: f64,
}

impl Default for WeightMirror {
    fn default() -> Self {
        Self {
            feedback: Feedback::default(),
            rate: 0.01,
            leak: 0.01,
            samples: 32,
            sigma: 1.0,
        }
    }
}

/// Scratch of the mirror mode.
#[derive(Debug, Default)]
pub struct Mirror<T: Scalar> {
    noise: Matrix<T>,
    z: Matrix<T>,
    answer: Matrix<T>,
}

impl FeedbackRule for WeightMirror {
    const NAME: &'static str = "WeightMirror";
    const SOURCE: &'static str = "Akrout, Wilson, Humphreys, Lillicrap, Tweed 2019, NeurIPS, arXiv 1904.05391";
    const CITATIONS: &'static [&'static str] = &[references::AKROUT_2019];
    const EQUATION: &'static str =
        "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B_l <- (1 - leak) B_l + rate <f(W_l xi + b_l) xi'>, xi noise";
    const PATH: FeedbackPath = FeedbackPath::Sequential;

    type Scratch<T: Scalar> = Mirror<T>;

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }

    fn needs(&self) -> Needs {
        Needs {
            noise: true,
            ..Needs::FEEDBACK.takes(3, 2)
        }
    }

    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        check_mirror(self.rate, self.leak, self.sigma)?;
        at_least_one("samples", self.samples, Self::default().samples)?;
        self.feedback.learned(Self::PATH, setting, stream)
    }

    fn learn<T: Scalar>(&self, b: &mut [Matrix<T>], mirror: &mut Mirror<T>, after: &After<'_, T>) {
        let Mirror { noise, z, answer } = mirror;
        let mut generator = after.step.stream.generator();
        let (rate, keep) = (T::of(self.rate / self.samples as f64), T::of(1.0 - self.leak));
        for (layer, b) in after.step.network.layers.iter().zip(b).skip(1) {
            let noise = reshape(noise, layer.inputs(), self.samples);
            random::normal(noise.as_mut_slice(), self.sigma, &mut generator);
            layer.forward(noise, z, answer);
            pair_mean(layer, rate, answer, noise, keep, b);
        }
    }
}
