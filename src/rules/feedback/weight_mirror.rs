//! Let feedback weights mirror the forward weights by driving each layer with noise between batches.

use super::{Carried, Feedback, FeedbackWeights, LEARNED, check_mirror};
use crate::linalg::{Matrix, Scalar, empty, reshape};
use crate::network::Network;
use crate::random::{self, Stream};
use crate::references;
use crate::rules::{After, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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

/// Scratch of the mirror mode, and of the engaged one.
#[derive(Debug)]
pub struct Mirror<T: Scalar> {
    noise: Matrix<T>,
    z: Matrix<T>,
    answer: Matrix<T>,
    carried: Carried<T>,
}

impl<T: Scalar> Default for Mirror<T> {
    fn default() -> Self {
        let ([noise, z, answer], carried) = ([(); 3].map(|()| empty()), Carried::default());
        Self {
            noise,
            z,
            answer,
            carried,
        }
    }
}

impl LearningRule for WeightMirror {
    const NAME: &'static str = "WeightMirror";
    const SOURCE: &'static str = "Akrout, Wilson, Humphreys, Lillicrap, Tweed 2019, NeurIPS, arXiv 1904.05391";
    const CITATIONS: &'static [&'static str] = &[references::AKROUT_2019];
    const EQUATION: &'static str =
        "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B_l <- (1 - leak) B_l + rate <f(W_l xi + b_l) xi'>, xi noise";

    type State<T: Scalar> = FeedbackWeights<T>;
    type Work<T: Scalar> = Mirror<T>;

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            feedback_path: true,
            update_locking: true,
            phases: 3,
            forward_passes: 2,
            signed_errors: true,
            slope: true,
            noise: true,
            error_driven: true,
            ..Needs::default()
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        check_mirror(self.rate, self.leak, self.sigma)?;
        if self.samples == 0 {
            let remedy = "leave it out for the default 32";
            return Err(Refusal::new("samples", "must be at least 1", remedy));
        }
        self.feedback
            .check(LEARNED, "would not outlast the first change of B")?;
        self.feedback.start(FeedbackPath::Sequential, setting, stream)
    }

    fn dropout(&self) -> bool {
        true
    }

    fn files(&self) -> Vec<PathBuf> {
        self.feedback.files()
    }

    fn propose<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        work: &mut Mirror<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        self.feedback.carry(b, &mut work.carried, &step, out);
    }

    fn adapt<T: Scalar>(&self, b: &mut FeedbackWeights<T>, work: &mut Mirror<T>, after: After<'_, T>) {
        let mut generator = after.step.stream.generator();
        let (rate, keep) = (T::of(self.rate / self.samples as f64), T::of(1.0 - self.leak));
        for (layer, b) in after.step.network.layers.iter().zip(&mut b.weights).skip(1) {
            let noise = reshape(&mut work.noise, layer.inputs(), self.samples);
            random::normal(noise.as_mut_slice(), self.sigma, &mut generator);
            layer.forward(noise, &mut work.z, &mut work.answer);
            layer.pair(rate, &work.answer, noise, keep, b);
        }
        b.send(&mut work.carried);
    }

    fn feedback<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        _: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        b.show(l, out)
    }
}
