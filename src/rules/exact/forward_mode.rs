//! Compute the exact gradient by forward-mode differentiation, one parameter at a time.

use super::{MOST_PARAMETERS, check_size, parameter};
use crate::linalg::Scalar;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::Tangent;
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Forward-mode differentiation (Wengert 1964; Olah 2015): `∂C/∂θ_k` is the derivative of the loss along the direction
/// of parameter `k` alone, carried up beside the forward pass. All of the gradient takes as many passes as there are
/// parameters, where reverse mode, which is backpropagation, takes one: so it is for small networks. The derivatives
/// are exact.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardMode {}

/// Scratch, and a count.
#[derive(Debug, Default)]
pub struct CountedTangent<T: Scalar> {
    tangent: Tangent<T>,
    /// Of one layer: parameter, unit, input.
    synapses: Vec<(usize, usize, usize)>,
    /// Passes made since the scratch was new, each for one parameter and a whole batch.
    pub passes: u64,
}

impl LearningRule for ForwardMode {
    const NAME: &'static str = "ForwardMode";
    const SOURCE: &'static str =
        "Wengert 1964, Communications of the ACM 7:463; Olah 2015, Calculus on computational graphs";
    const CITATIONS: &'static [&'static str] = &[references::WENGERT_1964, references::OLAH_2015];
    const EQUATION: &'static str = "u_k = dC/dw_k by forward-mode differentiation, one pass for each parameter";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = CountedTangent<T>;

    fn needs(&self) -> Needs {
        // a pass for each parameter: this is for the largest network
        Needs {
            weight_transport: false,
            signed_errors: false,
            ..Needs::SWEEP.takes(1, MOST_PARAMETERS as u32 + 1)
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        check_size(setting.network)
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut CountedTangent<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let CountedTangent {
            tangent,
            synapses,
            passes,
        } = work;
        let batch = T::of(step.batch() as f64);
        tangent.begin(&step);
        for (l, layer) in step.network.layers.iter().enumerate() {
            let (below, update) = (step.trace.below(l), out.dense(l, layer));
            let (wiring, weights) = (layer.wiring, layer.weight.len());
            synapses.clear();
            wiring.synapses(|unit, input, parameter| synapses.push((parameter, unit, input)));
            synapses.sort_unstable();
            let mut rest = &synapses[..];
            for k in 0..weights + layer.bias.len() {
                let (own, others) = rest.split_at(rest.partition_point(|(parameter, ..)| *parameter == k));
                rest = others;
                if k < weights && own.is_empty() {
                    *parameter(update, k) = T::ZERO;
                    continue;
                }
                let derivatives = tangent.pass(&step, l, |above, z| {
                    if above == l {
                        // what a weight adds to its units is their input, and what a bias adds is 1
                        for &(_, unit, input) in own {
                            z.row_mut(unit).copy_from(&below.row(input));
                        }
                        for unit in (0..z.nrows()).filter(|unit| weights + wiring.bias_of(*unit) == k) {
                            z.row_mut(unit).fill(T::ONE);
                        }
                    }
                });
                // an array is a mean over the batch, as the loss is
                *parameter(update, k) = derivatives.iter().copied().sum::<T>() / batch;
                *passes += 1;
            }
        }
    }
}
