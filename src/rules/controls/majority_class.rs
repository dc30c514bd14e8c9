//! Predict the most frequent class: what can be known without looking at the input.

use crate::linalg::{Matrix, Scalar, reshape};
use crate::loss::Loss;
use crate::network::{Network, Trace};
use crate::random::Stream;
use crate::rules::learned::visit_matrix;
use crate::rules::{After, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A control, the zero-rule baseline: it counts the classes of the targets it has seen and trains nothing.
///
/// Its prediction is the same for every input: for class `k` the share `p_k = (c_k + 1/C) / (n + 1)`, with `c_k` of `n` samples
/// seen and `C` classes (2 for a single output), as if one sample more had been spread over all classes. So before the first step
/// all classes are equally probable, and no probability is 0. The largest share is the most frequent class; of equals, the first
/// counts. The loss is about the entropy of the classes: for the cross-entropy the activities are `ln p`; for logistic units the
/// activities are `p`, and their pre-activations its logits; for squares the activities are `p`, which for targets that are no
/// classes is their mean.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MajorityClass {}

/// What was counted, and what for.
#[derive(Clone, Debug)]
pub struct Counts<T: Scalar> {
    loss: Loss,
    /// Sum of the targets, one row for each output.
    classes: Matrix<T>,
    /// Number of samples.
    samples: Matrix<T>,
}

impl<T: Scalar> Learned<T> for Counts<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        visit_matrix("counts.classes", &mut self.classes, see);
        visit_matrix("counts.samples", &mut self.samples, see);
    }
}

impl<T: Scalar> Counts<T> {
    fn share(&self, class: usize) -> T {
        let classes = self.classes.len().max(2) as f64;
        (self.classes[class] + T::of(1.0 / classes)) / (self.samples[0] + T::ONE)
    }
}

impl LearningRule for MajorityClass {
    const NAME: &'static str = "MajorityClass";
    const SOURCE: &'static str = "control: the zero-rule baseline";
    const EQUATION: &'static str = "predicts the shares of the classes seen so far; no layer is trained";

    type State<T: Scalar> = Counts<T>;
    type Work<T: Scalar> = ();

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<Counts<T>, Refusal> {
        let zeros = |rows| Matrix::from_element(rows, 1, T::ZERO);
        Ok(Counts {
            loss: setting.loss,
            classes: zeros(setting.network.outputs()),
            samples: zeros(1),
        })
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, _: &Counts<T>, _: &mut (), _: Step<'_, T>, _: &mut Proposal<T>) {}

    fn adapt<T: Scalar>(&self, counts: &mut Counts<T>, _: &mut (), after: After<'_, T>) {
        for target in after.step.targets.column_iter() {
            counts
                .classes
                .iter_mut()
                .zip(&target)
                .for_each(|(count, &y)| *count += y);
        }
        counts.samples[0] += T::of(after.step.targets.ncols() as f64);
    }

    fn predicts(&self) -> bool {
        true
    }

    fn predict<T: Scalar>(&self, counts: &Counts<T>, _: &mut (), network: &Network<T>, trace: &mut Trace<T>) {
        let (top, rows, columns) = (network.top(), network.outputs(), trace.input.ncols());
        trace.fit(network.depth());
        let (z, a) = (&mut trace.z[top], &mut trace.a[top]);
        reshape(z, rows, columns);
        reshape(a, rows, columns);
        for class in 0..rows {
            let share = counts.share(class);
            let (pre, activity) = match counts.loss {
                Loss::HalfSquares { .. } | Loss::Squares { .. } => (share, share),
                Loss::CrossEntropy { .. } => (share.ln(), share.ln()),
                Loss::LogisticCrossEntropy { .. } => ((share / (T::ONE - share)).ln(), share),
            };
            z.row_mut(class).fill(pre);
            a.row_mut(class).fill(activity);
        }
    }
}
