//! Bound the mean of a sample by resampling it, where a t interval is not to be trusted.

use super::{Interval, mean, normal_probability, normal_quantile};
use crate::random::{Purpose, Stream, below};

/// How often [`bca_interval`] draws a sample anew.
pub const RESAMPLES: u64 = 9_999;

/// The bias-corrected and accelerated bootstrap interval of the mean at a level such as 0.95; `None` below two values, of equal
/// values, and where the numbers are so large that it is not finite.
///
/// Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 14.3: the ends are the quantiles
/// `Φ(z₀ + (z₀ + z) / (1 − a (z₀ + z)))` of the resampled means, with `z` the normal quantiles of the two ends, `z₀` the normal
/// quantile of the share of resampled means below the sample's (those equal to it count half), and `a` from the jackknife,
/// `Σ (m − m_i)³ / 6 (Σ (m − m_i)²)^{3/2}`. Quantiles between two resampled means are interpolated.
///
/// The resamples are a function of the sample alone: they come from the stream of seed 0 and [`Purpose::Resample`]. It makes no
/// assumption about the shape of the distribution, but below about ten values it is too short, since it sees no value that is
/// not in the sample.
pub fn bca_interval(sample: &[f64], level: f64) -> Option<Interval> {
    let n = sample.len();
    let mut generator = Stream::new(0, Purpose::Resample, 0, 0).generator();
    let mut resample = || {
        let sum: f64 = (0..n).map(|_| sample[below(n as u64, &mut generator) as usize]).sum();
        sum / n as f64
    };
    if n < 2 {
        return None;
    }
    interval(sample, (0..RESAMPLES).map(|_| resample()).collect(), level)
}

/// [`bca_interval`] for given means of resamples.
fn interval(sample: &[f64], mut means: Vec<f64>, level: f64) -> Option<Interval> {
    means.sort_by(f64::total_cmp);
    let [low, high] = probabilities(sample, &means, level)?.map(|probability| quantile(&means, probability));
    (low.is_finite() && high.is_finite()).then_some(Interval { low, high })
}

/// Which quantiles of the sorted means are the ends.
fn probabilities(sample: &[f64], means: &[f64], level: f64) -> Option<[f64; 2]> {
    let acceleration = acceleration(sample)?;
    let whole = mean(sample)?;
    let below = means.partition_point(|mean| *mean < whole);
    let not_above = means.partition_point(|mean| *mean <= whole);
    let bias = normal_quantile((below + not_above) as f64 / (2 * means.len()) as f64);
    Some([0.5 - level / 2.0, 0.5 + level / 2.0].map(|end| {
        let z = bias + normal_quantile(end);
        normal_probability(bias + z / (1.0 - acceleration * z))
    }))
}

/// `None` where the values do not differ.
fn acceleration(sample: &[f64]) -> Option<f64> {
    let (sum, others) = (sample.iter().sum::<f64>(), (sample.len() - 1) as f64);
    let without: Vec<f64> = sample.iter().map(|x| (sum - x) / others).collect();
    let centre = mean(&without)?;
    let moment = |power: i32| without.iter().map(|x| (centre - x).powi(power)).sum::<f64>();
    let spread = moment(2);
    let acceleration = moment(3) / (6.0 * spread * spread.sqrt());
    acceleration.is_finite().then_some(acceleration)
}

/// The quantile of sorted values, interpolated linearly; NaN for a probability that is not a number.
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let place = probability * (sorted.len() - 1) as f64;
    if place.is_nan() {
        return f64::NAN;
    }
    let (lower, upper) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    lower + (upper - lower) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::t_interval;

    /// The means of all `n^n` resamples.
    fn all_means(sample: &[f64]) -> Vec<f64> {
        let n = sample.len();
        let one = |mut code: usize| {
            let mut sum = 0.0;
            for _ in 0..n {
                sum += sample[code % n];
                code /= n;
            }
            sum / n as f64
        };
        (0..n.pow(n as u32)).map(one).collect()
    }

    /// SciPy 1.17: `_bca_interval((x,), numpy.mean, -1, 0.025, means, None, numpy)` of `scipy.stats._resampling`, the routine
    /// behind `scipy.stats.bootstrap(method="BCa")`, then `numpy.percentile`, on the means of all resamples.
    #[test]
    fn the_ends_equal_those_of_scipy() {
        for (sample, expected, ends) in [
            (
                [0.5, 1.25, -0.375, 3.0, 0.125],
                [0.050_453_826_177_039_41, 0.991_038_543_596_537_5],
                [0.1, 2.3],
            ),
            (
                [10.0, 27.0, 31.0, 40.0, 46.0],
                [0.013_606_377_035_720_396, 0.959_569_065_697_376_7],
                [17.6, 39.8],
            ),
        ] {
            let mut means = all_means(&sample);
            means.sort_by(f64::total_cmp);
            let found = probabilities(&sample, &means, 0.95).unwrap();
            assert!(
                found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-10),
                "{found:?}"
            );
            let Interval { low, high } = interval(&sample, means, 0.95).unwrap();
            assert!(
                (low - ends[0]).abs() < 1e-10 && (high - ends[1]).abs() < 1e-10,
                "{low} {high}"
            );
        }
    }

    /// With these numbers a t interval of a skewed sample is symmetric; this one is not, and leans to the long tail.
    #[test]
    fn the_interval_follows_the_skew_and_repeats() {
        let sample: Vec<f64> = (0..12).map(|i| f64::exp(f64::from(i) / 4.0)).collect();
        let bca = bca_interval(&sample, 0.95).unwrap();
        let middle = mean(&sample).unwrap();
        assert!(bca.high - middle > 1.1 * (middle - bca.low), "{bca:?} around {middle}");
        assert_eq!(bca_interval(&sample, 0.95), Some(bca));
        let wider = bca_interval(&sample, 0.99).unwrap();
        assert!(wider.low < bca.low && wider.high > bca.high);
    }

    /// Of many normal values the two intervals are the same but for terms of order 1/n and the noise of resampling.
    #[test]
    fn of_a_large_normal_sample_it_is_the_t_interval() {
        let mut sample = [0.0; 400];
        crate::random::normal(&mut sample, 1.0, &mut Stream::new(3, Purpose::Task, 0, 0).generator());
        let (bca, t) = (bca_interval(&sample, 0.95).unwrap(), t_interval(&sample, 0.95).unwrap());
        let width = t.high - t.low;
        assert!((bca.low - t.low).abs() < 0.04 * width && (bca.high - t.high).abs() < 0.04 * width);
        assert_ne!(bca, t);
    }

    #[test]
    fn what_cannot_be_bounded_is_absent() {
        for sample in [
            &[][..],
            &[7.0],
            &[2.0, 2.0, 2.0],
            &[f64::MAX, -f64::MAX],
            &[1.0, f64::INFINITY],
            &[1.0, f64::NAN],
        ] {
            assert_eq!(bca_interval(sample, 0.95), None, "{sample:?}");
        }
    }
}
