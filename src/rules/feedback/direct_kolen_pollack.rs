//! Learn direct feedback from the output error and each layer's activity.

use super::{Carried, Feedback, FeedbackWeights};
use crate::linalg::{Matrix, Scalar, assign};
use crate::network::{Activation, Layer};
use crate::random::Stream;
use crate::references;
use crate::rules::{After, FeedbackPath, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::{Proposal, Recipe, Stepper};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Direct Kolen-Pollack (Webster, Choi, Ahn 2021): direct feedback alignment, `δ_l = (B_l δ_L) ∘ φ'(z_l)`, whose `B_l`, `n_l × n_out`,
/// learns as if it were a layer of the network, with `a_l δ_Lᵀ` as its gradient and the network's optimizer, decay included: with
/// the numbers of the group that the output layer's weights are in, and scaled as the network's proposal is where that is clipped.
///
/// For the last hidden layer that is the transpose of what the output layer's weights `W_L` get, so that `W_Lᵀ − B_{L-1}` shrinks
/// by the decay at every step, as in Kolen-Pollack learning. Further down `B_l` stands for the product of the weights above, and
/// the rule is an approximation.
///
/// Where feedback lands on the units of a layer that pools, `a_l` is their activity before it is pooled.
///
/// Choice: while the output layer's weights stand still, as in a warm-up, `B` does too.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DirectKolenPollack {
    /// How `B` starts and is used; rank, sparsity, sign and levels are refused, since `B` does not stay as it starts.
    pub feedback: Feedback,
}

/// Direct feedback weights in training.
#[derive(Clone, Debug)]
pub struct Trained<T: Scalar> {
    feedback: FeedbackWeights<T>,
    /// Their shapes, for the stepper; between steps their numbers mean nothing.
    layers: Vec<Layer<T>>,
    stepper: Stepper<T>,
}

impl<T: Scalar> Learned<T> for Trained<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        self.feedback.visit(see);
        let names = (1..=self.layers.len()).map(|l| format!("layer{l}.direct_feedback"));
        self.stepper.visit(names, see);
    }

    fn feedback(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.feedback.show(l, out)
    }
}

impl LearningRule for DirectKolenPollack {
    const NAME: &'static str = "DirectKolenPollack";
    const SOURCE: &'static str = "Webster, Choi, Ahn 2021, Learning the connections in direct feedback alignment";
    const CITATIONS: &'static [&'static str] = &[references::WEBSTER_2021];
    const EQUATION: &'static str = "delta_l = (B_l delta_L) o f'(z_l); B_l learns with the gradient a_l delta_L'";

    type State<T: Scalar> = Trained<T>;
    type Work<T: Scalar> = (Carried<T>, Proposal<T>);

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs::BROADCAST)
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Trained<T>, Refusal> {
        let feedback = self.feedback.learned(FeedbackPath::Direct, setting, stream)?;
        let layer = |b: &Matrix<T>| Layer::zeros(b.nrows(), b.ncols(), false, Activation::Identity);
        let layers: Vec<_> = feedback.weights.iter().map(layer).collect();
        let stepper = Stepper::new(setting.optimizer.of_weight(setting.network.top()), &layers);
        Ok(Trained {
            feedback,
            layers,
            stepper,
        })
    }

    fn warning(&self, optimizer: &Recipe) -> Option<String> {
        let text = "without the optimizer's `decay` or `l2` the gap between B and the weights above stays as it starts";
        (!optimizer.decays() && !optimizer.has_l2()).then(|| text.to_string())
    }

    fn dropout(&self) -> bool {
        true
    }

    fn files(&self) -> Vec<PathBuf> {
        self.feedback.files()
    }

    fn propose<T: Scalar>(
        &self,
        b: &Trained<T>,
        (work, _): &mut (Carried<T>, Proposal<T>),
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        self.feedback.carry(&b.feedback, work, &step, out);
    }

    fn adapt<T: Scalar>(&self, b: &mut Trained<T>, (work, own): &mut (Carried<T>, Proposal<T>), after: After<'_, T>) {
        let Trained {
            feedback,
            layers,
            stepper,
        } = b;
        let top = after.step.network.top();
        if let Some(error) = after.proposal.delta(top).filter(|_| after.change.trains(top)) {
            own.begin(layers, after.step.trace.batch());
            for (l, (layer, b)) in layers.iter_mut().zip(&mut feedback.weights).enumerate() {
                let (post, pre) = own.pairs(l);
                let trace = after.step.trace;
                let landed = if b.nrows() == trace.a[l].nrows() {
                    &trace.a[l]
                } else {
                    trace.units(l)
                };
                assign(post, landed);
                assign(pre, error);
                std::mem::swap(&mut layer.weight, b);
            }
            stepper.apply_scaled(layers, own, after.step.trace, after.change.scale());
            for (layer, b) in layers.iter_mut().zip(&mut feedback.weights) {
                std::mem::swap(&mut layer.weight, b);
            }
        }
        feedback.send(work);
    }
}
