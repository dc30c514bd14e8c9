//! Train the output layer alone: what random features achieve without credit assignment.

use crate::linalg::Scalar;
use crate::random::Stream;
use crate::rules::shared::output_delta;
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A control: the output layer follows its exact gradient, the hidden layers stay as they were drawn.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputOnly {}

impl LearningRule for OutputOnly {
    const NAME: &'static str = "OutputOnly";
    const SOURCE: &'static str = "control: random features with a trained read-out";
    const EQUATION: &'static str = "delta_L = dC/dz_L; hidden layers are left alone";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = ();

    fn needs(&self) -> Needs {
        Needs {
            phases: 1,
            forward_passes: 1,
            signed_errors: true,
            slope: true,
            error_driven: true,
            ..Needs::default()
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        Ok(())
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, _: &(), _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
        output_delta(&step, out);
    }
}
