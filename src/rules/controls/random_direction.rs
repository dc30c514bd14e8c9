//! Step as far as the exact gradient, in a random direction: what no credit assignment achieves.

use crate::linalg::{Scalar, dot};
use crate::network::Affine;
use crate::random::{self, Stream};
use crate::rules::shared::sweep;
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A control: for each layer a direction drawn uniformly, anew at each step, with the length `|g_l|` of the layer's exact gradient,
/// weights and biases together. It knows how far to go, not where.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomDirection {}

impl LearningRule for RandomDirection {
    const NAME: &'static str = "RandomDirection";
    const SOURCE: &'static str = "control: the gradient's length without its direction";
    const EQUATION: &'static str = "u_l = |g_l| n / |n|, n normal";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Proposal<T>;

    /// For the length alone it needs all that backpropagation needs.
    fn needs(&self) -> Needs {
        Needs {
            noise: true,
            draws: true,
            ..Needs::SWEEP
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        Ok(())
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, _: &(), exact: &mut Proposal<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        exact.begin(&step.network.layers, step.batch());
        sweep(&step, exact, |l| &step.network.layers[l].weight);
        let mut generator = step.stream.generator();
        for (l, layer) in step.network.layers.iter().enumerate() {
            let update = out.dense(l, layer);
            exact.write(l, step.trace, update);
            let length = norm(update);
            // normal numbers have no preferred direction
            random::normal(update.weight.as_mut_slice(), 1.0, &mut generator);
            layer.wiring.clear_dead(&mut update.weight);
            random::normal(update.bias.as_mut_slice(), 1.0, &mut generator);
            let factor = length / norm(update);
            update.weight.iter_mut().for_each(|u| *u *= factor);
            update.bias.iter_mut().for_each(|u| *u *= factor);
        }
    }
}

/// Euclidean length of weights and biases together.
fn norm<T: Scalar>(update: &Affine<T>) -> T {
    let square = |x: &[T]| dot(x, x);
    (square(update.weight.as_slice()) + square(update.bias.as_slice())).sqrt()
}
