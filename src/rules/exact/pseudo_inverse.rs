//! Send errors down the pseudo-inverse of the forward weights.

use crate::linalg::{Matrix, PseudoInverter, Scalar, empty};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{has_full_weights, require, sweep};
use crate::rules::{FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows or columns, whichever are fewer, of the largest weight matrix that is inverted at every step.
pub const MOST_UNITS: usize = 128;

/// Backpropagation through pseudo-inverses (Lillicrap, Cownden, Tweed, Akerman 2016, "pseudobackprop"): a reference, to which
/// feedback alignment comes close on linear networks,
///
/// `δ_l = (W_{l+1}⁺ δ_{l+1}) ∘ φ'(z_l)`, `W⁺` being the inverse of Moore and Penrose.
///
/// On a linear network without slopes `W⁺ δ` is the smallest change of the layer below that undoes the error above (the Gauss-Newton
/// step of the activity), where `Wᵀ δ` is the steepest. The output layer's update is exact. In a paper's words `W⁺` takes the place of
/// `Wᵀ`, not of the slopes, which stay. For networks whose layers are small: every weight matrix but the first is decomposed at every
/// step.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PseudoInverse {}

/// Scratch: `(W_l⁺)ᵀ`, in the shape of `W_l`.
#[derive(Debug, Default)]
pub struct InvertedWeights<T: Scalar> {
    inverter: PseudoInverter,
    b: Vec<Matrix<T>>,
}

impl LearningRule for PseudoInverse {
    const NAME: &'static str = "PseudoInverse";
    const SOURCE: &'static str = "Lillicrap, Cownden, Tweed, Akerman 2016, Nature Communications 7:13276; \
                                  Penrose 1955, Proceedings of the Cambridge Philosophical Society 51:406";
    const CITATIONS: &'static [&'static str] = &[references::LILLICRAP_2016, references::PENROSE_1955];
    const EQUATION: &'static str = "delta_l = (W_{l+1}^+ delta_{l+1}) o f'(z_l), W^+ the Moore-Penrose inverse";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = InvertedWeights<T>;

    fn needs(&self) -> Needs {
        Needs {
            nonlocal_normalisation: true,
            ..Needs::SWEEP
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        has_full_weights(setting.network)?;
        for (l, layer) in setting.network.layers.iter().enumerate().skip(1) {
            let (rows, columns) = (layer.outputs(), layer.inputs());
            let reason = format!(
                "inverts the weights of each layer at every step, and does so for at most {MOST_UNITS} rows or columns; layer{} \
                 has {rows} by {columns}",
                l + 1
            );
            let remedy = "use smaller layers, or `FeedbackAlignment`";
            require(rows.min(columns) <= MOST_UNITS, "", reason, remedy)?;
        }
        Ok(())
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut InvertedWeights<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let InvertedWeights { inverter, b } = work;
        b.resize_with(step.network.depth(), empty);
        for (layer, b) in step.network.layers.iter().zip(&mut *b).skip(1) {
            inverter.transposed_inverse(&layer.weight, b);
        }
        sweep(&step, out, |l| &b[l]);
    }

    fn feedback<T: Scalar>(&self, _: &(), network: &Network<T>, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        if l == 0 {
            return None;
        }
        PseudoInverter::default().transposed_inverse(&network.layers[l].weight, out);
        Some(FeedbackPath::Sequential)
    }
}
