//! Score predictions by more than loss and accuracy: class by class, among the best guesses, as explained variance.

use super::evaluation::chosen;
use super::metric::metrics;
use crate::linalg::{Matrix, Scalar};
use crate::network::Output;
use crate::tasks::Kind;

metrics! {
    /// mean over classes of the share that is predicted right
    BALANCED_ACCURACY = "balanced_accuracy", Predictions, Share, Larger;
    /// share predicted right of each class, written `class_accuracy(Kama)`
    CLASS_ACCURACY = "class_accuracy", Predictions, Share, Larger;
    /// how often the class is among the k largest outputs, written `top_accuracy(5)`
    TOP_ACCURACY = "top_accuracy", Predictions, Share, Larger;
    /// of values: 1 minus squared error over variance, the mean over outputs
    R2 = "r2", Predictions, Number, Larger;
}

/// What the samples of a part add up to, as chunk after chunk of predictions is seen.
#[derive(Clone, Debug)]
pub enum Tally {
    /// For classes.
    Classes {
        /// Samples of each class.
        seen: Vec<u64>,
        /// Those of them that were predicted right.
        right: Vec<u64>,
        /// Samples by how many classes were predicted before their own.
        ranks: Vec<u64>,
    },
    /// For values, each output by itself.
    Values(Vec<Fit>),
}

/// Sums of one output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fit {
    count: f64,
    mean: f64,
    /// `Σ (y − mean)²`.
    total: f64,
    /// `Σ (y − a)²`.
    residual: f64,
}

impl Tally {
    /// Nothing seen yet, of a task of this kind.
    pub fn new(kind: Kind) -> Self {
        let classes = |n| Self::Classes {
            seen: vec![0; n],
            right: vec![0; n],
            ranks: vec![0; n],
        };
        match kind {
            Kind::Classes(n) => classes(n),
            Kind::Single => classes(2),
            Kind::Values(n) => Self::Values(vec![Fit::default(); n]),
        }
    }

    /// Sees predictions, `n_out × samples`, and their targets.
    pub fn see<T: Scalar>(&mut self, output: Output<'_, T>, targets: &Matrix<T>) {
        let n = targets.nrows();
        let columns = output.a.as_slice().chunks_exact(n);
        for (a, y) in columns.zip(targets.as_slice().chunks_exact(n)) {
            match self {
                Self::Classes { seen, right, ranks } => {
                    let (class, guess) = (chosen(y), chosen(a));
                    seen[class] += 1;
                    right[class] += u64::from(guess == class);
                    let before = match a {
                        [_] => usize::from(guess != class),
                        a => {
                            let better = |(i, x): &(usize, &T)| **x > a[class] || (**x == a[class] && *i < class);
                            a.iter().enumerate().filter(better).count()
                        }
                    };
                    ranks[before] += 1;
                }
                Self::Values(fits) => {
                    for ((fit, a), y) in fits.iter_mut().zip(a).zip(y) {
                        fit.see(a.to_f64(), y.to_f64());
                    }
                }
            }
        }
    }

    /// `class_accuracy`: for each class the share of its samples that are predicted right, its recall; written
    /// `class_accuracy(setosa)`. A class without samples in the part is absent.
    pub fn class_accuracies(&self) -> Vec<(usize, f64)> {
        let Self::Classes { seen, right, .. } = self else {
            return Vec::new();
        };
        let shares = seen.iter().zip(right).enumerate();
        shares
            .filter(|(_, (seen, _))| **seen > 0)
            .map(|(class, (seen, right))| (class, *right as f64 / *seen as f64))
            .collect()
    }

    /// `balanced_accuracy`: the mean of the recalls of all classes that have samples in the part, so that each class counts alike
    /// (scikit-learn's `balanced_accuracy_score`). Absent for values.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls = self.class_accuracies();
        let sum: f64 = recalls.iter().map(|(_, recall)| recall).sum();
        (!recalls.is_empty()).then(|| sum / recalls.len() as f64)
    }

    /// `top_accuracy`, written `top_accuracy(5)` for `k = 5`: the share of samples whose class is among the `k` largest outputs; of
    /// equal outputs the first counts as the larger, so that `top_accuracy(1)` is `accuracy`. (scikit-learn's
    /// `top_k_accuracy_score`, which takes the last of equals.) Absent for values.
    pub fn top_accuracy(&self, k: usize) -> Option<f64> {
        let Self::Classes { ranks, .. } = self else {
            return None;
        };
        let (within, all) = (ranks.iter().take(k).sum::<u64>(), ranks.iter().sum::<u64>());
        (all > 0).then(|| within as f64 / all as f64)
    }

    /// `r2`: `1 − Σ (y − a)² / Σ (y − mean)²` of each output, over the samples of the part and with their mean, and the mean of this
    /// over outputs (scikit-learn's `r2_score`, uniform average). An output whose targets are all equal is left out; absent where
    /// none is left, and for classes.
    pub fn r2(&self) -> Option<f64> {
        let Self::Values(fits) = self else { return None };
        let explained: Vec<f64> = fits
            .iter()
            .filter(|fit| fit.total > 0.0)
            .map(|fit| 1.0 - fit.residual / fit.total)
            .collect();
        (!explained.is_empty()).then(|| explained.iter().sum::<f64>() / explained.len() as f64)
    }
}

impl Fit {
    /// The mean is moved along (Welford 1962), so that a large one costs no digits.
    fn see(&mut self, a: f64, y: f64) {
        self.count += 1.0;
        let from_old = y - self.mean;
        self.mean += from_old / self.count;
        self.total += from_old * (y - self.mean);
        self.residual += (y - a) * (y - a);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns are samples; seen in two chunks.
    fn tally(kind: Kind, outputs: &[&[f64]], targets: &[&[f64]]) -> Tally {
        let mut tally = Tally::new(kind);
        let matrix = |columns: &[&[f64]]| Matrix::from_vec(columns[0].len(), columns.len(), columns.concat());
        let cut = outputs.len() / 2;
        for range in [0..cut, cut..outputs.len()]
            .into_iter()
            .filter(|range| !range.is_empty())
        {
            let (a, y) = (matrix(&outputs[range.clone()]), matrix(&targets[range]));
            tally.see(Output { z: &a, a: &a }, &y);
        }
        tally
    }

    const A: &[f64] = &[1.0, 0.0, 0.0, 0.0];
    const B: &[f64] = &[0.0, 1.0, 0.0, 0.0];
    const C: &[f64] = &[0.0, 0.0, 1.0, 0.0];

    /// By hand: three of class a, two right; one of b, wrong; two of c, right; none of d, though it is predicted.
    #[test]
    fn classes_count_alike_and_absent_ones_not_at_all() {
        let d: &[f64] = &[0.0, 0.0, 0.0, 1.0];
        let tally = tally(Kind::Classes(4), &[A, A, d, A, C, C], &[A, A, A, B, C, C]);
        assert_eq!(tally.class_accuracies(), [(0, 2.0 / 3.0), (1, 0.0), (2, 1.0)]);
        assert_eq!(tally.balanced_accuracy(), Some((2.0 / 3.0 + 0.0 + 1.0) / 3.0));
        // plain accuracy weighs samples
        assert_eq!(tally.top_accuracy(1), Some(4.0 / 6.0));
        assert_eq!(tally.r2(), None);
    }

    /// scikit-learn's example of `top_k_accuracy_score`: targets 0, 1, 2, 2 with these scores have 0.75 at k = 2, 1 at k = 3.
    #[test]
    fn the_class_may_be_among_the_best_guesses() {
        let scores: [&[f64]; 4] = [&[0.5, 0.2, 0.2], &[0.3, 0.4, 0.2], &[0.2, 0.4, 0.3], &[0.7, 0.2, 0.1]];
        let targets: [&[f64]; 4] = [&[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 1.0], &[0.0, 0.0, 1.0]];
        let tally = tally(Kind::Classes(3), &scores, &targets);
        assert_eq!(
            [1, 2, 3].map(|k| tally.top_accuracy(k)),
            [Some(0.5), Some(0.75), Some(1.0)]
        );
    }

    #[test]
    fn of_equal_outputs_the_first_is_the_best_guess() {
        let equal: &[f64] = &[0.25; 4];
        let tally = tally(Kind::Classes(4), &[equal, equal], &[B, C]);
        assert_eq!(
            [1, 2, 3].map(|k| tally.top_accuracy(k)),
            [Some(0.0), Some(0.5), Some(1.0)]
        );
    }

    #[test]
    fn one_unit_tells_two_classes_at_the_threshold() {
        let tally = tally(Kind::Single, &[&[0.9], &[0.4], &[0.2]], &[&[1.0], &[1.0], &[0.0]]);
        assert_eq!(tally.class_accuracies(), [(0, 1.0), (1, 0.5)]);
        assert_eq!(tally.balanced_accuracy(), Some(0.75));
    }

    /// scikit-learn's examples of `r2_score`: 0.948.. for one output; of two outputs by hand 1 - 1.5 / 43.4 and 1 - 3 / 32.7;
    /// predicting the mean has 0, the reverse −3.
    #[test]
    fn explained_variance_is_averaged_over_outputs() {
        let one = tally(
            Kind::Values(1),
            &[&[2.5], &[0.0], &[2.0], &[8.0]],
            &[&[3.0], &[-0.5], &[2.0], &[7.0]],
        );
        assert!((one.r2().unwrap() - 0.948_608_137_044_967_9).abs() < 1e-15);
        let two = tally(
            Kind::Values(2),
            &[&[0.0, 2.0], &[-1.0, 2.0], &[8.0, -5.0]],
            &[&[0.5, 1.0], &[-1.0, 1.0], &[7.0, -6.0]],
        );
        assert!((two.r2().unwrap() - 0.936_800_526_662_277_8).abs() < 1e-15, "{two:?}");
        let numbers = |a: [f64; 3]| {
            let columns = a.map(|a| [a]);
            let outputs: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            tally(Kind::Values(1), &outputs, &[&[1.0], &[2.0], &[3.0]]).r2()
        };
        assert_eq!([numbers([2.0; 3]), numbers([3.0, 2.0, 1.0])], [Some(0.0), Some(-3.0)]);
    }

    #[test]
    fn targets_without_spread_explain_nothing() {
        let constant = tally(Kind::Values(1), &[&[1.0], &[2.0]], &[&[5.0], &[5.0]]);
        assert_eq!(constant.r2(), None);
        let half = tally(
            Kind::Values(2),
            &[&[1.0, 0.0], &[2.0, 1.0]],
            &[&[5.0, 0.0], &[5.0, 1.0]],
        );
        assert_eq!(half.r2(), Some(1.0));
        // a large mean costs no digits
        let far = tally(Kind::Values(1), &[&[1e8], &[1e8 + 2.0]], &[&[1e8], &[1e8 + 1.0]]);
        assert_eq!(far.r2(), Some(-1.0));
    }
}
