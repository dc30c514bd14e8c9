//! Evaluate predictions: loss and accuracy over a part of the data.

use super::metric::metrics;
use crate::linalg::{Matrix, Scalar, empty, pieces, share_each};
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

/// Scratch for evaluations: for each of the chunks that threads evaluate at the same time.
pub struct Evaluator<T: Scalar> {
    rooms: Vec<ChunkRoom<T>>,
}

/// Scratch for a chunk of samples, and what was found of it.
struct ChunkRoom<T: Scalar> {
    trace: Trace<T>,
    targets: Matrix<T>,
    /// Sum of the losses.
    loss: f64,
    /// Samples predicted right.
    right: usize,
}

impl<T: Scalar> Default for Evaluator<T> {
    fn default() -> Self {
        Self { rooms: Vec::new() }
    }
}

impl<T: Scalar> Default for ChunkRoom<T> {
    fn default() -> Self {
        Self {
            trace: Trace::default(),
            targets: empty(),
            loss: 0.0,
            right: 0,
        }
    }
}

impl<T: Scalar> Evaluator<T> {
    /// Evaluates `predict`, which leaves its prediction in the trace, on `samples`, with about so many multiply-adds for each;
    /// `gather` writes inputs and targets; `see` is shown every chunk of predictions with its targets, in order. Absent for an empty
    /// part. Threads that are free take chunks.
    pub fn evaluate(
        &mut self,
        samples: &[u32],
        multiply_adds: usize,
        loss: Loss,
        gather: impl Fn(&[u32], &mut Matrix<T>, &mut Matrix<T>) + Sync,
        predict: impl Fn(&mut Trace<T>) + Sync,
        mut see: impl FnMut(Output<'_, T>, &Matrix<T>),
    ) -> Option<Evaluation> {
        let (mut total, mut right) = (0.0, 0usize);
        let together = pieces(multiply_adds * samples.len())
            .min(samples.len().div_ceil(CHUNK))
            .max(1);
        if self.rooms.len() < together {
            self.rooms.resize_with(together, ChunkRoom::default);
        }
        for group in samples.chunks(CHUNK * together) {
            let rooms = &mut self.rooms[..group.len().div_ceil(CHUNK)];
            share_each(
                rooms,
                || multiply_adds * CHUNK,
                |i, room| {
                    let chunk = &group[i * CHUNK..group.len().min((i + 1) * CHUNK)];
                    gather(chunk, &mut room.trace.input, &mut room.targets);
                    predict(&mut room.trace);
                    let output = room.trace.output();
                    room.loss = loss.total(output, &room.targets);
                    room.right = correct(output, &room.targets);
                },
            );
            // one after the other: the order of additions is in the bits
            for room in rooms {
                total += room.loss;
                right += room.right;
                see(room.trace.output(), &room.targets);
            }
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
