//! Send a signal for each class up the network, and let each layer tell samples by whose signal they are like.

use crate::linalg::{Matrix, Scalar, assign, beside, multiply, plain, reshape, transposed};
use crate::loss::Loss;
use crate::network::{Activation, Output, Trace};
use crate::random::{self, Stream};
use crate::references;
use crate::rules::learned::visit_matrix;
use crate::rules::shared::{has_hidden_layer, output_delta, require};
use crate::rules::{Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Signal propagation (Kohan, Rietman, Siegelmann 2022): each class `c` has an input of its own, a column of `S`, whose forward pass gives
/// the activities `t_{l,c}`. A hidden layer descends the loss of its own comparison of samples with them,
///
/// `C_l = CE(s)`, `s_c = h_l · t_{l,c} / n_l`,
///
/// by the gradient through both, the activities below being held fixed; the output layer follows the true loss. With `E = softmax(s) − y`,
///
/// `ΔW_l = [(T E / n_l) ∘ φ'(z), (H Eᵀ / n_l) ∘ φ'(z^t)] [h_{l-1}, t_{l-1}]ᵀ`.
///
/// `S` is normal and fixed. Choices: samples are compared with every class; the authors' program compares with the labels of the
/// batch, and normalises batches.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalPropagation {}

/// `S`, `n_0 × classes`, shown as `input.context`.
#[derive(Clone, Debug)]
pub struct Contexts<T: Scalar>(Matrix<T>);

impl<T: Scalar> Learned<T> for Contexts<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        visit_matrix("input.context", &mut self.0, see);
    }
}

/// Scratch: the forward pass of the contexts, and a layer's comparison of samples with them.
#[derive(Clone, Debug, Default)]
pub struct Compared<T: Scalar> {
    contexts: Trace<T>,
    /// `s`, classes × samples.
    scores: Matrix<T>,
    /// `E`.
    error: Matrix<T>,
    of_samples: Matrix<T>,
    of_contexts: Matrix<T>,
}

/// # Errors
/// A refusal of losses that do not compare classes, and of networks without hidden layers.
pub(super) fn compares_classes<T: Scalar>(setting: &Setting<'_, T>) -> Result<(), Refusal> {
    let fits = matches!(setting.loss, Loss::CrossEntropy { .. });
    require(fits, "", "compares samples with classes", "use `loss: CrossEntropy`")?;
    has_hidden_layer(setting.network)
}

impl LearningRule for SignalPropagation {
    const NAME: &'static str = "SignalPropagation";
    const SOURCE: &'static str = "Kohan, Rietman, Siegelmann 2022, IEEE TNNLS, arXiv 2204.01723";
    const CITATIONS: &'static [&'static str] = &[references::KOHAN_2022];
    const EQUATION: &'static str = "C_l = CE(h_l . t_{l,c} / n_l), t_{l,c} the activity that the signal of class c causes; \
                                    dW_l = dC_l/dW_l with h_{l-1}, t_{l-1} fixed";

    type State<T: Scalar> = Contexts<T>;
    type Work<T: Scalar> = Compared<T>;

    fn needs(&self) -> Needs {
        Needs::LABELS
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Contexts<T>, Refusal> {
        compares_classes(setting)?;
        let network = setting.network;
        let mut contexts = Matrix::from_element(network.inputs(), network.outputs(), T::ZERO);
        random::normal(contexts.as_mut_slice(), 1.0, &mut stream.generator());
        Ok(Contexts(contexts))
    }

    fn propose<T: Scalar>(&self, s: &Contexts<T>, work: &mut Compared<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let Compared {
            contexts,
            scores,
            error,
            of_samples,
            of_contexts,
        } = work;
        let (classes, samples) = (step.network.outputs(), step.batch());
        output_delta(&step, out);
        assign(&mut contexts.input, &s.0);
        contexts.fit(step.network.depth());
        for (l, layer) in step.network.layers[..step.network.top()].iter().enumerate() {
            contexts.ascend(l, layer);
            let (h, t, n) = (&step.trace.a[l], &contexts.a[l], layer.outputs());
            let share = T::of(1.0 / n as f64);
            reshape(scores, classes, samples);
            multiply(share, transposed(t), plain(h), T::ZERO, scores);
            let output = Output {
                z: &*scores,
                a: &*scores,
            };
            step.loss.delta(Activation::Identity, output, step.targets, error);
            reshape(of_samples, n, samples);
            multiply(share, plain(t), plain(error), T::ZERO, of_samples);
            step.multiply_slope(l, of_samples);
            reshape(of_contexts, n, classes);
            multiply(share, plain(h), transposed(error), T::ZERO, of_contexts);
            contexts.multiply_slope(l, layer, of_contexts);
            let (post, pre) = out.pairs(l);
            beside(of_samples, of_contexts, post);
            beside(step.trace.below(l), contexts.below(l), pre);
        }
    }
}
