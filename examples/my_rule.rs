//! Write a learning rule of your own and add it to the command line; `tests/theory/example_rule.rs` holds it to the public laws.
//!
//! `cargo run --release --example my_rule -- run my_experiment.ron`, with `arms: [Backprop, DriftingFeedback(drift: 0.05)]` in the file.

use creditlab::linalg::{Matrix, Scalar, zip};
use creditlab::random::Stream;
use creditlab::rules::feedback::{Feedback, FeedbackRule, FeedbackWeights};
use creditlab::rules::shared::require;
use creditlab::rules::{self, After, FeedbackPath, Refusal, Setting};
use creditlab::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

/// Feedback alignment whose `B_l` drifts to the signs of the forward weights, and learns nothing of their magnitudes:
/// `B_l ← (1 − drift) B_l + drift sign(W_l) / √n_in`. Without drift it is feedback alignment; in the end it is sign
/// symmetry.
// The rule begins.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DriftingFeedback {
    /// Share of the way that `B` goes in a step, in `[0, 1]`.
    drift: f64,
    /// How `B` starts and is used.
    feedback: Feedback,
}
impl Default for DriftingFeedback {
    fn default() -> Self {
        let (drift, feedback) = (0.01, Feedback::default());
        Self { drift, feedback }
    }
}

impl FeedbackRule for DriftingFeedback {
    const NAME: &'static str = "DriftingFeedback";
    const SOURCE: &'static str = "between Lillicrap et al. 2016 and Liao, Leibo, Poggio 2016";
    const EQUATION: &'static str = "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B_l drifts to sign(W_l) / sqrt(n_in)";
    const PATH: FeedbackPath = FeedbackPath::Sequential;
    type Scratch<T: Scalar> = ();

    fn feedback(&self) -> &Feedback {
        &self.feedback
    }
    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        let fits = (0.0..=1.0).contains(&self.drift);
        require(fits, "drift", "must be in [0, 1]", "leave it out for 0.01")?;
        self.feedback.learned(Self::PATH, setting, stream)
    }
    fn learn<T: Scalar>(&self, b: &mut [Matrix<T>], _: &mut (), after: &After<'_, T>) {
        for (b, layer) in b.iter_mut().zip(&after.step.network.layers).skip(1) {
            let (keep, drift) = (T::of(1.0 - self.drift), self.drift / (layer.fan_in() as f64).sqrt());
            zip(b, &layer.weight, move |b, w| {
                keep * b + T::of(drift.copysign(w.to_f64()))
            });
        }
    }
}
// The rule ends.

fn main() -> std::process::ExitCode {
    creditlab::cli::main(rules::builtin().with::<DriftingFeedback>())
}
