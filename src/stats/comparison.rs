//! Compare pairs of values: how far apart they are, how surely, and how far for their spread.

use super::{Finding, Interval, LEVEL, Test, bca_interval, cohen_dz, differences, mean, t_interval};

/// What pairs tell. What they cannot tell is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Number of pairs.
    pub n: usize,
    /// First minus second, on average; absent without pairs.
    pub mean_difference: Option<f64>,
    /// The 95 % interval of the mean difference, by the method that goes with the test: Student's t for the paired t test, the
    /// BCa bootstrap for Wilcoxon's.
    pub interval: Option<Interval>,
    /// The test's p value and method.
    pub finding: Option<Finding>,
    /// Mean difference over the standard deviation of the differences.
    pub cohen_dz: Option<f64>,
}

impl Comparison {
    /// Compares the first with the second of each pair.
    pub fn of(pairs: &[(f64, f64)], test: Test) -> Self {
        let differences = differences(pairs);
        let cohen_dz = cohen_dz(pairs);
        let interval = match test {
            Test::PairedT => t_interval(&differences, LEVEL),
            Test::Wilcoxon => bca_interval(&differences, LEVEL),
        };
        Self {
            n: pairs.len(),
            mean_difference: mean(&differences).filter(|mean| mean.is_finite()),
            // differences that do not vary would give an interval without width: certainty that nobody has
            interval: interval.filter(|_| cohen_dz.is_some()),
            finding: test.of(pairs),
            cohen_dz,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_goes_with_the_test() {
        let pairs: Vec<_> = (1..=9).map(|i| (f64::from(i * i), f64::from(i))).collect();
        let differences = differences(&pairs);
        let (t, wilcoxon) = (
            Comparison::of(&pairs, Test::PairedT),
            Comparison::of(&pairs, Test::Wilcoxon),
        );
        assert_eq!(t.interval, t_interval(&differences, LEVEL));
        assert_eq!(wilcoxon.interval, bca_interval(&differences, LEVEL));
        assert_ne!(t.interval, wilcoxon.interval);
        assert_eq!((t.n, t.mean_difference), (9, Some(240.0 / 9.0)));
    }

    #[test]
    fn what_cannot_be_told_is_absent_and_never_zero() {
        for test in [Test::PairedT, Test::Wilcoxon] {
            assert_eq!(Comparison::of(&[], test), Comparison::default());
            let only_the_mean = |pairs: &[(f64, f64)], mean| {
                let expected = Comparison {
                    n: pairs.len(),
                    mean_difference: mean,
                    ..Comparison::default()
                };
                assert_eq!(Comparison::of(pairs, test), expected, "{pairs:?}");
            };
            only_the_mean(&[(2.0, 0.5)], Some(1.5));
            only_the_mean(&[(0.5, 0.5), (0.25, 0.25)], Some(0.0));
            only_the_mean(&[(f64::MAX, -f64::MAX), (1.0, 0.0)], None);
            only_the_mean(&[(f64::NAN, 1.0), (2.0, 0.0)], None);
        }
    }
}
