//! Say how far from rest a relaxation has ended.

use crate::linalg::Scalar;

/// The metric `residual` of what settles: how fast it still moves where the relaxation ends, relative to how fast it moved where it
/// began; each the [`largest`] rate of change over units and samples. 0 at rest, and 1 where nothing has settled yet.
///
/// For predictive coding that is `max |∂F/∂v|`; for a relaxation `h ← h + rate (f(..) − h)`, `max |f(..) − h|`. Absent where nothing
/// moved from the beginning.
pub fn residual(end: f64, beginning: f64) -> Option<f64> {
    (beginning > 0.0).then(|| end / beginning)
}

/// The largest magnitude; NaN if there is one, and 0 for no values.
pub fn largest<'a, T: Scalar>(values: impl IntoIterator<Item = &'a T>) -> f64 {
    values.into_iter().fold(0.0, |largest, value| {
        let size = value.abs().to_f64();
        if size <= largest || largest.is_nan() {
            largest
        } else {
            size
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_none_is_never_lost() {
        assert_eq!(largest(&[1.0, -3.0, 2.0]), 3.0);
        assert_eq!(largest::<f64>(&[]), 0.0);
        assert!(largest(&[f64::NAN, 1.0]).is_nan() && largest(&[1.0, f64::NAN]).is_nan());
        assert_eq!(residual(0.5, 2.0), Some(0.25));
        assert_eq!(residual(0.0, 0.0), None);
        assert!(residual(f64::NAN, 1.0).is_some_and(f64::is_nan));
    }
}
