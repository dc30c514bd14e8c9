//! Write the numbers of samples in the precision of a run, as they are or scaled.

use crate::linalg::Scalar;
use crate::tasks::augment::EpochChanges;
use crate::tasks::scale::{self, Scaler};

/// Lets `write` write samples of `rows` numbers to `to`: as they are, or, where images are changed, each by itself from a changed copy.
pub fn changed<T, S: Copy + Default>(
    changes: Option<EpochChanges>,
    rows: usize,
    samples: &[u32],
    from: &[S],
    to: &mut [T],
    write: impl Fn(&mut [T], &[u32], &[S]),
) {
    let Some(changes) = changes else {
        return write(to, samples, from);
    };
    let mut image = vec![S::default(); rows];
    for (to, &sample) in to.chunks_exact_mut(rows).zip(samples) {
        changes.write(sample, &from[sample as usize * rows..][..rows], &mut image);
        write(to, &[0], &image);
    }
}

/// Column `i` of `to`, of `rows` rows, becomes column `samples[i]` of `from`, converted.
pub fn convert<T: Scalar, S: Copy>(to: &mut [T], rows: usize, samples: &[u32], from: &[S], convert: impl Fn(S) -> T) {
    for (column, &sample) in to.chunks_exact_mut(rows).zip(samples) {
        let start = sample as usize * rows;
        for (to, &value) in column.iter_mut().zip(&from[start..start + rows]) {
            *to = convert(value);
        }
    }
}

/// As [`convert`], with as many rows as `to` has for each sample, scaled.
pub fn fill<T: Scalar, S: Copy>(
    to: &mut [T],
    samples: &[u32],
    from: &[S],
    scaling: Option<&Scaler>,
    number: impl Fn(S) -> f64,
) {
    let Some(rows) = to.len().checked_div(samples.len()) else {
        return;
    };
    let Some(scaling) = scaling else {
        return convert(to, rows, samples, from, |value| T::of(number(value)));
    };
    for (column, &sample) in to.chunks_exact_mut(rows).zip(samples) {
        let from = &from[sample as usize * rows..][..rows];
        match scaling {
            Scaler::Columns(scaling) => {
                for ((to, &value), scaling) in column.iter_mut().zip(from).zip(scaling) {
                    *to = T::of(scaling.apply(number(value)));
                }
            }
            Scaler::UnitLength => {
                let (largest, length) = scale::length(from.iter().map(|&value| number(value)));
                for (to, &value) in column.iter_mut().zip(from) {
                    *to = T::of(number(value) / largest / length);
                }
            }
        }
    }
}
