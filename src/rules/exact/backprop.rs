//! Compute the exact gradient of the mean loss in reverse mode.

use crate::linalg::Scalar;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::sweep;
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Exact backpropagation (Rumelhart, Hinton, Williams 1986), matrix-based over the batch:
///
/// `δ_L = ∂C/∂z_L`, `δ_l = (W_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`, `∂C/∂W_l = δ_l a_{l-1}ᵀ`, `∂C/∂b_l = δ_l`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backprop {}

impl Backprop {
    /// The exact gradient as a proposal, whoever trains.
    pub fn gradient<T: Scalar>(step: Step<'_, T>, out: &mut Proposal<T>) {
        out.begin(&step.network.layers, step.batch());
        Self {}.propose(&(), &mut (), step, out);
    }
}

impl LearningRule for Backprop {
    const NAME: &'static str = "Backprop";
    const SOURCE: &'static str = "Rumelhart, Hinton, Williams 1986, Nature 323:533";
    const CITATIONS: &'static [&'static str] = &[references::RUMELHART_1986];
    const EQUATION: &'static str = "delta_l = (W_{l+1}' delta_{l+1}) o f'(z_l); dW_l = delta_l a_{l-1}'";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = ();

    fn needs(&self) -> Needs {
        Needs::SWEEP
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        Ok(())
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, _: &(), _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
        sweep(&step, out, |l| &step.network.layers[l].weight);
    }
}
