//! Run creditlab with one more rule: backpropagation that knows nothing of the slope of the activation.

use creditlab::linalg::Scalar;
use creditlab::random::Stream;
use creditlab::rules::shared::output_delta;
use creditlab::rules::{self, LearningRule, Needs, Refusal, Setting, Step};
use creditlab::schemars::{self, JsonSchema};
use creditlab::update::Proposal;
use serde::{Deserialize, Serialize};

/// Backpropagation without the slope: `delta_l = W_{l+1}' delta_{l+1}`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSlope {} // options would be fields

impl LearningRule for NoSlope {
    const NAME: &'static str = "NoSlope";
    const EQUATION: &'static str = "delta_l = W_{l+1}' delta_{l+1}";
    type State<T: Scalar> = (); // what the rule owns and learns
    type Work<T: Scalar> = (); // scratch

    fn needs(&self) -> Needs {
        Needs {
            slope: false,
            ..Needs::SWEEP
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        Ok(())
    }

    /// Fills the update's factors: for each layer `delta`, which is paired with the activity below, one column a sample.
    fn propose<T: Scalar>(&self, _: &(), _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
        output_delta(&step, out);
        for l in (0..step.network.top()).rev() {
            let above = &step.network.layers[l + 1];
            let (delta, error) = out.local_from(l, l + 1);
            above.pull(&above.weight, error, delta);
        }
    }
}

fn main() -> std::process::ExitCode {
    creditlab::cli::main(rules::builtin().with::<NoSlope>())
}

#[test]
fn keeps_the_laws() {
    let registry = rules::builtin().with::<NoSlope>();
    let kept = creditlab::conformance::check(&registry, "NoSlope");
    kept.unwrap_or_else(|violations| panic!("{violations}"));
}
