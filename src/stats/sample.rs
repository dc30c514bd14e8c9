//! Describe a sample: mean, spread, median and the t interval of the mean.

use super::t_quantile;

/// An interval of the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Arithmetic mean; `None` of an empty sample.
pub fn mean(sample: &[f64]) -> Option<f64> {
    (!sample.is_empty()).then(|| sample.iter().sum::<f64>() / sample.len() as f64)
}

/// Sample standard deviation, divisor n - 1; `None` below two values.
///
/// Two passes: squares of distances from the mean are summed, so a large mean costs no digits.
pub fn standard_deviation(sample: &[f64]) -> Option<f64> {
    let mean = mean(sample)?;
    let squares: f64 = sample.iter().map(|x| (x - mean) * (x - mean)).sum();
    (sample.len() > 1).then(|| (squares / (sample.len() - 1) as f64).sqrt())
}

/// The middle value, or the mean of the two middle values; `None` of an empty sample.
pub fn median(sample: &[f64]) -> Option<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(lower + (upper - lower) / 2.0)
}

/// Student's t interval of the mean at a level such as 0.95: mean ± t s / √n; `None` below two values, and where the
/// numbers are so large that it is not finite.
///
/// It supposes that the mean of the values is close to normal.
pub fn t_interval(sample: &[f64], level: f64) -> Option<Interval> {
    let half_width = t_half_width(sample.len(), level) * standard_deviation(sample)?;
    let mean = mean(sample)?;
    let interval = Interval {
        low: mean - half_width,
        high: mean + half_width,
    };
    (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
}

/// Half the width of [`t_interval`] for a sample whose standard deviation is 1; 0 below two values.
fn t_half_width(size: usize, level: f64) -> f64 {
    match u32::try_from(size) {
        Ok(n) if n > 1 => t_quantile(0.5 + level / 2.0, n - 1) / f64::from(n).sqrt(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn a_small_sample_is_described() {
        let sample = [4.0, 1.0, 3.0, 2.0, 5.0];
        assert_eq!(mean(&sample), Some(3.0));
        assert_eq!(standard_deviation(&sample), Some(2.5f64.sqrt()));
        assert_eq!(median(&sample), Some(3.0));
        assert_eq!(median(&sample[..4]), Some(2.5));
        let interval = t_interval(&sample, 0.95).unwrap();
        assert_close(interval.high - 3.0, 2.776_445_105_197_794 * 0.5f64.sqrt(), 1e-11);
        assert_close(3.0 - interval.low, interval.high - 3.0, 1e-14);
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let shifted = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0];
        assert_eq!(standard_deviation(&shifted), Some(1.0));
    }

    #[test]
    fn what_cannot_be_said_of_a_sample_is_absent() {
        assert_eq!(mean(&[]), None);
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(standard_deviation(&[7.0]), None);
        assert_eq!(t_interval(&[7.0], 0.95), None);
        assert_eq!(t_interval(&[1e200, -1e200], 0.95), None);
    }
}
