//! Evaluate predictions: loss and accuracy over a part of the data.

use super::metric::metrics;
use crate::linalg::{Matrix, Scalar, empty};
use crate::loss::Loss;
use crate::network::{Output, Trace};

/// Samples evaluated at once. It is constant because their losses are added up chunk by chunk.
const CHUNK: usize = 256;

metrics! {
    /// mean over a whole part of the data; `own_loss`: of the rule's own prediction, where it does not use the forward pass
    LOSS = "loss", Predictions, Loss, Smaller;
    /// share of a whole part of the data that is predicted right; `own_accuracy`: by the rule's own prediction
    ACCURACY = "accuracy", Predictions, Share, Larger;
    /// mean over the samples of the epoch so far, each before the change it caused
    RUNNING_LOSS = "running_loss", Training, Loss, Smaller;
    /// share predicted right of the samples of the epoch so far, each before the change it caused
    RUNNING_ACCURACY = "running_accuracy", Training, Share, Larger;
}

/// Means over the samples of a part, or, as `running_loss` and `running_accuracy`, of the epoch so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// `loss` or `own_loss`: the mean loss of the predictions.
    pub loss: f64,
    /// `accuracy` or `own_accuracy`: the share of samples where the largest prediction is at the largest target (with one output:
    /// both on the same side of the threshold 0.5); the first of equals counts as the largest.
    pub accuracy: f64,
}

/// Scratch for evaluations.
pub struct Evaluator<T: Scalar> {
    trace: Trace<T>,
    targets: Matrix<T>,
}

impl<T: Scalar> Default for Evaluator<T> {
    fn default() -> Self {
        Self {
            trace: Trace::default(),
            targets: empty(),
        }
    }
}

impl<T: Scalar> Evaluator<T> {
    /// Evaluates `predict`, which leaves its prediction in the trace, on `samples`; `gather` writes inputs and targets; `see` is
    /// shown every chunk of predictions with its targets. Absent for an empty part.
    pub fn evaluate(
        &mut self,
        samples: &[u32],
        loss: Loss,
        mut gather: impl FnMut(&[u32], &mut Matrix<T>, &mut Matrix<T>),
        mut predict: impl FnMut(&mut Trace<T>),
        mut see: impl FnMut(Output<'_, T>, &Matrix<T>),
    ) -> Option<Evaluation> {
        let (mut total, mut right) = (0.0, 0usize);
        for chunk in samples.chunks(CHUNK) {
            gather(chunk, &mut self.trace.input, &mut self.targets);
            predict(&mut self.trace);
            let output = self.trace.output();
            total += loss.total(output, &self.targets);
            right += correct(output, &self.targets);
            see(output, &self.targets);
        }
        let count = samples.len() as f64;
        (count > 0.0).then_some(Evaluation {
            loss: total / count,
            accuracy: right as f64 / count,
        })
    }
}

/// Number of samples predicted right, see [`Evaluation::accuracy`].
pub fn correct<T: Scalar>(output: Output<'_, T>, targets: &Matrix<T>) -> usize {
    let n = targets.nrows();
    let columns = output
        .a
        .as_slice()
        .chunks_exact(n)
        .zip(targets.as_slice().chunks_exact(n));
    columns.filter(|(a, y)| chosen(a) == chosen(y)).count()
}

/// The class that outputs, or targets, stand for: the first of the largest; of one unit 1 above the threshold 0.5, else 0.
pub fn chosen<T: Scalar>(column: &[T]) -> usize {
    if let [single] = column {
        return usize::from(*single > T::of(0.5));
    }
    let (mut best, mut largest) = (0, column[0]);
    for (i, &x) in column.iter().enumerate() {
        // without a branch, which nothing could foretell
        let larger = x > largest;
        best = if larger { i } else { best };
        largest = if larger { x } else { largest };
    }
    best
}
