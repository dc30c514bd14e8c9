//! Choose one output for each sample, and send the surprise about its reward back through the units that chose it.

use crate::linalg::{Matrix, Scalar, assign, softmax_columns};
use crate::loss::Loss;
use crate::random::{self, Generator, Stream};
use crate::references;
use crate::rules::shared::{carry_down_to, output_delta, require, require_or_default};
use crate::rules::{Broadcast, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Attention-gated brain propagation, BrainProp (Pozzi, Bohté, Roelfsema 2020). For each sample one output unit `s` is chosen, the largest or,
/// with probability `exploration`, one drawn from `softmax(h_L)`; its activity is the reward that is expected, its target the reward
/// that comes. The surprise goes to everyone, and attention from `s` down says who is concerned:
///
/// `δ_L = ∂C/∂z_L` at `s`, and 0 at the other outputs; `δ_l = (W_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`.
///
/// That is the gradient of the squared error of unit `s` alone; summed over all choices, the gradient.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AttentionGated {
    /// Probability of a choice that is drawn, from 0 to 1.
    pub exploration: f64,
}

impl Default for AttentionGated {
    fn default() -> Self {
        Self { exploration: 0.02 }
    }
}

/// The first of the largest.
fn largest<T: Scalar>(values: &[T]) -> usize {
    let larger = |best: usize, (i, value): (usize, &T)| if *value > values[best] { i } else { best };
    values.iter().enumerate().fold(0, larger)
}

/// A number drawn with these probabilities.
fn draw<T: Scalar>(probabilities: &[T], generator: &mut Generator) -> usize {
    let mut rest = random::uniform(generator);
    let passed = probabilities.iter().position(|probability| {
        rest -= probability.to_f64();
        rest < 0.0
    });
    // their sum may be a little less than 1
    passed.unwrap_or(probabilities.len() - 1)
}

impl LearningRule for AttentionGated {
    const NAME: &'static str = "AttentionGated";
    const SOURCE: &'static str = "Pozzi, Bohté, Roelfsema 2020, NeurIPS";
    const CITATIONS: &'static [&'static str] = &[references::POZZI_2020];
    const EQUATION: &'static str =
        "delta_L = dC/dz_L at the chosen unit s, else 0; delta_l = (W_{l+1}' delta_{l+1}) o f'(z_l)";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Matrix<T>;

    fn needs(&self) -> Needs {
        Needs {
            signed_errors: false,
            broadcast: Broadcast::Scalar,
            draws: self.exploration > 0.0,
            ..Needs::SWEEP
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        let fits = (0.0..=1.0).contains(&self.exploration);
        let usual = Self::default().exploration;
        require_or_default(fits, "exploration", "must be from 0 to 1", usual)?;
        let squares = matches!(setting.loss, Loss::HalfSquares { .. } | Loss::Squares { .. });
        let reason = "learns rewards that are expected, by squared errors";
        require(squares, "", reason, "use `loss: HalfSquares` or `Squares`")
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, _: &(), probabilities: &mut Matrix<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        output_delta(&step, out);
        let (n, activities) = (step.network.outputs(), step.trace.output().a);
        assign(probabilities, activities);
        softmax_columns(probabilities);
        let mut generator = step.stream.when_drawn_from();
        let samples = activities
            .as_slice()
            .chunks_exact(n)
            .zip(probabilities.as_slice().chunks_exact(n));
        let deltas = out.local(step.network.top()).as_mut_slice().chunks_exact_mut(n);
        for (delta, (activities, probabilities)) in deltas.zip(samples) {
            let explores = self.exploration > 0.0 && random::uniform(&mut generator) < self.exploration;
            let chosen = match explores {
                true => draw(probabilities, &mut generator),
                false => largest(activities),
            };
            for (unit, delta) in delta.iter_mut().enumerate() {
                // not set: what is no number stays none
                *delta *= if unit == chosen { T::ONE } else { T::ZERO };
            }
        }
        carry_down_to(0, &step, out, |l| &step.network.layers[l].weight);
    }
}
