//! Write a learning rule of your own and add it to the command line; `tests/my_rule.rs` holds it to the laws of the public suite.
//!
//! `cargo run --release --example my_rule -- run my_experiment.ron`, with `arms: [Backprop, DriftingFeedback(drift: 0.05)]` in the file.

use creditlab::linalg::{Matrix, Scalar, zip};
use creditlab::network::Network;
use creditlab::random::Stream;
use creditlab::rules::feedback::{Feedback, FeedbackWeights as Weights};
use creditlab::rules::shared::sweep;
use creditlab::rules::{self, After, FeedbackPath as Path, LearningRule, Needs, Refusal, Setting, Step};
use creditlab::schemars::{self, JsonSchema};
use creditlab::update::Proposal;
use serde::{Deserialize, Serialize};

/// Feedback alignment whose `B_l` drifts to the signs of the forward weights, and learns nothing of their magnitudes:
/// `B_l ← (1 − drift) B_l + drift sign(W_l) / √n_in`. Without drift it is feedback alignment; in the end it is sign
/// symmetry.
// The rule begins.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftingFeedback {
    /// Share of the way that `B` goes in a step, in `[0, 1]`.
    #[serde(default = "slowly")]
    drift: f64,
}
fn slowly() -> f64 {
    0.01
}

impl LearningRule for DriftingFeedback {
    const NAME: &'static str = "DriftingFeedback";
    const SOURCE: &'static str = "between Lillicrap et al. 2016 and Liao, Leibo, Poggio 2016";
    const EQUATION: &'static str = "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B_l drifts to sign(W_l) / sqrt(n_in)";
    type State<T: Scalar> = Weights<T>;
    type Work<T: Scalar> = ();

    fn needs(&self) -> Needs {
        Needs {
            feedback_path: true,
            update_locking: true,
            phases: 2,
            forward_passes: 1,
            signed_errors: true,
            slope: true,
            error_driven: true,
            ..Needs::default()
        }
    }
    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Weights<T>, Refusal> {
        if (0.0..=1.0).contains(&self.drift) {
            return Feedback::default().weights(setting, stream);
        }
        Err(Refusal::new("drift", "must be in [0, 1]", "leave it out for 0.01"))
    }
    fn propose<T: Scalar>(&self, b: &Weights<T>, _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
        sweep(&step, out, |l| &b.weights[l]);
    }
    fn adapt<T: Scalar>(&self, b: &mut Weights<T>, _: &mut (), after: After<'_, T>) {
        for (b, layer) in b.weights.iter_mut().zip(&after.step.network.layers).skip(1) {
            let (keep, drift) = (
                T::of(1.0 - self.drift),
                self.drift / (layer.wiring.fan_in() as f64).sqrt(),
            );
            zip(b, &layer.weight, |b, w| keep * b + T::of(drift.copysign(w.to_f64())));
        }
    }
    fn feedback<T: Scalar>(&self, b: &Weights<T>, _: &Network<T>, l: usize, out: &mut Matrix<T>) -> Option<Path> {
        b.show(l, out)
    }
}
// The rule ends.

fn main() -> std::process::ExitCode {
    creditlab::cli::main(rules::builtin().with::<DriftingFeedback>())
}
