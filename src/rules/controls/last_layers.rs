//! Train the last layers alone, exactly: what credit assignment gains with each layer it reaches.

use crate::linalg::Scalar;
use crate::random::Stream;
use crate::rules::shared::sweep_down_to;
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A control: the last `count` layers follow their exact gradient, those below stay as they were drawn. With 1 it is
/// [`OutputOnly`](super::OutputOnly), with all layers [`Backprop`](crate::rules::Backprop).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LastLayers {
    /// Number of trained layers, the output layer included; from 1 to all of them.
    pub count: usize,
}

impl Default for LastLayers {
    fn default() -> Self {
        Self { count: 2 }
    }
}

impl LearningRule for LastLayers {
    const NAME: &'static str = "LastLayers";
    const SOURCE: &'static str = "control: random features below a network trained by backpropagation";
    const EQUATION: &'static str =
        "delta_l = (W_{l+1}' delta_{l+1}) o f'(z_l) for the last layers; the others are left alone";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = ();

    fn needs(&self) -> Needs {
        let several = self.count > 1;
        Needs {
            weight_transport: several,
            update_locking: several,
            phases: if several { 2 } else { 1 },
            forward_passes: 1,
            signed_errors: true,
            slope: true,
            error_driven: true,
            ..Needs::default()
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        let depth = setting.network.depth();
        if (1..=depth).contains(&self.count) {
            return Ok(());
        }
        let reason = format!("must be from 1 to {depth}, the number of layers with weights");
        Err(Refusal::new("count", reason, "give a number that the network has"))
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, _: &(), _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
        let lowest = step.network.depth() - self.count;
        sweep_down_to(lowest, &step, out, |l| &step.network.layers[l].weight);
    }
}
