//! Test whether pairs of values differ, and correct p values for how many there are.

use super::{mean, normal_p, standard_deviation, t_p, t_quantile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which test compares pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Test {
    /// Student's paired t test: of the mean difference, if differences are close to normal.
    #[default]
    PairedT,
    /// Wilcoxon's signed-rank test: of symmetry about zero, whatever the distribution.
    Wilcoxon,
}

/// How a p value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Student's t distribution.
    PairedT,
    /// All assignments of signs to the ranks.
    WilcoxonExact,
    /// The normal approximation.
    WilcoxonNormal,
}

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// The probability, without a difference, of at least so much evidence for one, on either side.
    pub p: f64,
    /// How it was found.
    pub method: Method,
}

impl Test {
    /// Carries the test out. Pairs are of what is compared, and what it is compared with.
    ///
    /// Absent where there is nothing to tell: below two pairs, where differences do not vary, or are not finite.
    pub fn of(self, pairs: &[(f64, f64)]) -> Option<Finding> {
        match self {
            Self::PairedT => paired_t(pairs),
            Self::Wilcoxon => wilcoxon(pairs),
        }
    }
}

/// First minus second of each pair.
pub fn differences(pairs: &[(f64, f64)]) -> Vec<f64> {
    pairs.iter().map(|(x, y)| x - y).collect()
}

/// Mean and standard deviation of the differences, where they are finite and differ by more than the values' rounding.
fn moments(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let differences = differences(pairs);
    let (mean, deviation) = (mean(&differences)?, standard_deviation(&differences)?);
    // the criterion of R's t.test, with the size of the values themselves for that of their difference
    let varies = deviation / (pairs.len() as f64).sqrt() > 10.0 * f64::EPSILON * largest(pairs);
    (varies && mean.is_finite() && deviation.is_finite()).then_some((mean, deviation))
}

fn largest(pairs: &[(f64, f64)]) -> f64 {
    pairs.iter().map(|(x, y)| x.abs().max(y.abs())).fold(0.0, f64::max)
}

/// Student's paired t test (Student 1908), `t = d √n / s` with n − 1 degrees of freedom, on both sides.
///
/// Absent below two pairs, and where differences do not vary or are not finite.
pub fn paired_t(pairs: &[(f64, f64)]) -> Option<Finding> {
    let (mean, deviation) = moments(pairs)?;
    let n = u32::try_from(pairs.len()).ok()?;
    Some(Finding {
        p: t_p(mean / deviation * f64::from(n).sqrt(), n - 1),
        method: Method::PairedT,
    })
}

/// Cohen's d_z: the mean difference over the standard deviation of the differences (Cohen 1988, section 2.3.5).
///
/// Absent where [`paired_t`] is.
pub fn cohen_dz(pairs: &[(f64, f64)]) -> Option<f64> {
    moments(pairs).map(|(mean, deviation)| mean / deviation)
}

/// Up to so many differences that are not zero, Wilcoxon's p is exact; sums of `2^50` are exact in double precision.
pub const EXACT_UP_TO: usize = 50;

/// Wilcoxon's signed-rank test on both sides.
///
/// Differences of zero are left out and the others ranked (Wilcoxon 1945; Pratt's 1959 variant, which ranks them too, is not
/// offered). Equal absolute differences, up to the rounding of the values, share the mean of their ranks. For at most
/// [`EXACT_UP_TO`] differences p is exact: the share, among all assignments of signs to these ranks, of those whose rank sum lies as
/// far out; so it is with ties too (Lehmann 1975, Nonparametrics, section 3.2). For more it is the normal approximation with
/// corrections for ties and continuity, as in R's `wilcox.test`.
///
/// Absent below two pairs, where all differences are zero, and where one is not finite.
pub fn wilcoxon(pairs: &[(f64, f64)]) -> Option<Finding> {
    let mut differences = differences(pairs);
    if differences.len() < 2 || !differences.iter().all(|d| d.is_finite()) {
        return None;
    }
    differences.retain(|d| *d != 0.0);
    differences.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let (ranks, ties) = twice_ranks(&differences, 4.0 * f64::EPSILON * largest(pairs));
    let positive: u64 = ranks
        .iter()
        .zip(&differences)
        .filter(|(_, d)| **d > 0.0)
        .map(|(r, _)| r)
        .sum();
    match differences.len() {
        0 => None,
        n if n <= EXACT_UP_TO => Some(Finding {
            p: exact_p(&ranks, positive),
            method: Method::WilcoxonExact,
        }),
        n => Some(Finding {
            p: approximate_p(n as f64, positive as f64 / 2.0, ties),
            method: Method::WilcoxonNormal,
        }),
    }
}

/// Twice the ranks, which are whole numbers, of differences sorted by size; and the sum of `t³ − t` over groups of `t` equals.
fn twice_ranks(sorted: &[f64], resolution: f64) -> (Vec<u64>, f64) {
    let (mut ranks, mut ties) = (Vec::new(), 0.0);
    while ranks.len() < sorted.len() {
        let first = ranks.len();
        let equal = |d: &&f64| d.abs() - sorted[first].abs() <= resolution;
        let count = sorted[first..].iter().take_while(equal).count();
        ranks.extend(std::iter::repeat_n((2 * first + count + 1) as u64, count));
        ties += (count as f64).powi(3) - count as f64;
    }
    (ranks, ties)
}

/// The share of sign assignments whose positive rank sum is as far from its mean as `positive`; ranks and sum are doubled.
fn exact_p(ranks: &[u64], positive: u64) -> f64 {
    let total = ranks.iter().sum::<u64>() as usize;
    let mut assignments = vec![0u64; total + 1];
    assignments[0] = 1;
    for &rank in ranks {
        for sum in (rank as usize..=total).rev() {
            assignments[sum] += assignments[sum - rank as usize];
        }
    }
    // the distribution is symmetric: the smaller tail stands for both
    let end = (positive as usize).min(total - positive as usize);
    let tail: u64 = assignments[..=end].iter().sum();
    (2.0 * tail as f64 / (1u64 << ranks.len()) as f64).min(1.0)
}

fn approximate_p(n: f64, positive: f64, ties: f64) -> f64 {
    let distance = (positive - n * (n + 1.0) / 4.0).abs() - 0.5;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    normal_p(distance.max(0.0) / variance.sqrt())
}

/// Holm's step-down correction (Holm 1979): the k-th smallest of m p values, from 0, times m − k, and never below a smaller
/// one's; in the order given. The chance of a single false discovery among all stays below the level.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let mut corrected = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (k, &i) in order.iter().enumerate() {
        largest = largest.max((p.len() - k) as f64 * p[i]).min(1.0);
        corrected[i] = largest;
    }
    corrected
}

/// The least |d_z| that a paired t test of `n` pairs calls significant at the level; `None` below two pairs.
pub fn detectable_dz(n: usize, level: f64) -> Option<f64> {
    let freedom = u32::try_from(n).ok()?.checked_sub(1).filter(|freedom| *freedom > 0)?;
    Some(t_quantile(1.0 - level / 2.0, freedom) / (n as f64).sqrt())
}

/// The least p that Wilcoxon's test can give for `n` pairs, `2^{1 − n}`: all differences on one side.
pub fn least_wilcoxon_p(n: usize) -> f64 {
    0.5f64.powi(i32::try_from(n).unwrap_or(i32::MAX).saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::t_interval;

    fn assert_close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-10 * b.abs(), "{a} is not {b}");
    }

    fn against_zero(differences: &[f64]) -> Vec<(f64, f64)> {
        differences.iter().map(|d| (*d, 0.0)).collect()
    }

    /// Heights of maize, crossed and self-fertilised, in inches (Darwin 1876; Fisher 1935, The Design of Experiments, chapter 3).
    const CROSSED: [f64; 15] = [
        23.5, 12.0, 21.0, 22.0, 19.125, 21.5, 22.125, 20.375, 18.25, 21.625, 23.25, 21.0, 22.125, 23.0, 12.0,
    ];
    const SELFED: [f64; 15] = [
        17.375, 20.375, 20.0, 20.0, 18.375, 18.625, 18.625, 15.25, 16.5, 18.0, 16.25, 18.0, 12.75, 15.5, 18.0,
    ];
    /// Depression of patients at two visits (Hollander and Wolfe 1973, page 29), the example of R's `wilcox.test`.
    #[allow(clippy::approx_constant, reason = "3.14 is a score, not π")]
    const VISITS: [(f64, f64); 9] = [
        (1.83, 0.878),
        (0.50, 0.647),
        (1.62, 0.598),
        (2.48, 2.05),
        (1.68, 1.06),
        (1.88, 1.29),
        (1.55, 1.06),
        (3.06, 3.14),
        (1.30, 1.29),
    ];

    fn maize() -> Vec<(f64, f64)> {
        CROSSED.into_iter().zip(SELFED).collect()
    }

    /// R 4.2: `t.test(x, y, paired = TRUE)`, and `mean(x - y) / sd(x - y)`.
    #[test]
    fn paired_t_equals_that_of_r() {
        let found = paired_t(&maize()).unwrap();
        assert_close(found.p, 0.049_702_944_021_800_93);
        let interval = t_interval(&differences(&maize()), 0.95).unwrap();
        assert_close(interval.low, 0.003_899_164_799_121_779);
        assert_close(interval.high, 5.229_434_168_534_211);
        assert_close(cohen_dz(&maize()).unwrap(), 0.554_607_977_706_518_5);
        assert_close(paired_t(&VISITS).unwrap().p, 0.016_176_627_434_908_095);
        let turned: Vec<_> = maize().into_iter().map(|(x, y)| (y, x)).collect();
        assert_eq!(paired_t(&turned), Some(found), "both sides count alike");
    }

    /// R 4.2: `wilcox.test(x, y, paired = TRUE, exact = TRUE)`, `wilcox.test(d, exact = TRUE)`.
    #[test]
    fn exact_wilcoxon_equals_that_of_r() {
        let exact = |pairs: &[(f64, f64)]| {
            let found = wilcoxon(pairs).unwrap();
            assert_eq!(found.method, Method::WilcoxonExact);
            found.p
        };
        assert_close(exact(&VISITS), 0.0390625);
        let twenty_five = [
            0.3, -0.1, 0.7, 1.1, -0.4, 0.9, 1.3, -0.2, 0.6, 1.7, 0.8, -1.2, 2.1, 1.9, 0.5, -1.6, 2.3, 2.7, -0.35, 3.1,
            1.45, -2.2, 0.05, 1.05, 2.9,
        ];
        assert_close(exact(&against_zero(&twenty_five)), 0.009_635_031_223_297_117);
    }

    /// R 4.2: `2 * psignrank(10, 12)`, `2 * psignrank(300, 49)`.
    #[test]
    fn the_exact_distribution_equals_that_of_r() {
        let doubled = |n: u64| (1..=n).map(|rank| 2 * rank).collect::<Vec<_>>();
        assert_close(exact_p(&doubled(12), 20), 0.020_996_093_750_000_014);
        assert_close(exact_p(&doubled(49), 600), 0.001_503_528_470_259_141_4);
        assert_eq!(exact_p(&doubled(12), 2 * 39), 1.0, "the middle");
    }

    /// SciPy 1.17: `wilcoxon(d, method=PermutationMethod(n_resamples=2**20))`, which goes through all signs.
    #[test]
    fn with_ties_it_equals_the_permutation_test_of_scipy() {
        let p = |d: &[f64]| wilcoxon(&against_zero(d)).unwrap().p;
        assert_close(p(&[1.0, 1.0, 2.0, 3.0, 3.0, -1.0, 4.0, 5.0, -2.0, 6.0]), 0.03515625);
        assert_close(p(&[1.0, 2.0, 2.0, 2.0, -2.0, 3.0, 5.0]), 0.09375);
        assert_close(wilcoxon(&maize()).unwrap().p, 0.041_259_765_625);
    }

    /// R 4.2: `i <- 1:60; x <- ((i*37) %% 61)/10; y <- ((i*23) %% 61)/10 + ((i*11) %% 7)/10 - 0.1;
    /// wilcox.test(round((x - y)*10), exact = FALSE)`: one difference is zero, the others have 37 sizes.
    #[test]
    fn the_approximation_equals_that_of_r_with_ties_and_a_zero() {
        let difference = |i: i64| ((i * 37) % 61 - (i * 23) % 61 - (i * 11) % 7 + 1) as f64;
        let found = wilcoxon(&against_zero(&(1..=60).map(difference).collect::<Vec<_>>())).unwrap();
        assert_eq!(found.method, Method::WilcoxonNormal);
        assert_close(found.p, 0.558_515_909_244_261);
    }

    /// The two meet as 1/n: at 50, corrections of the next order are about 0.005. A wrong variance is ten times as far off.
    #[test]
    fn the_approximation_joins_the_exact_distribution() {
        let doubled: Vec<u64> = (1..=50).map(|rank| 2 * rank).collect();
        for positive in [450, 500, 550] {
            let exact = exact_p(&doubled, 2 * positive);
            let off = |ties| (approximate_p(50.0, positive as f64, ties) - exact).abs();
            assert!(off(0.0) < 0.005 && off(1e5) > 0.01, "{exact} {} {}", off(0.0), off(1e5));
        }
    }

    /// 0.9 − 0.8 and 0.8 − 0.7 are equal but for rounding.
    #[test]
    fn differences_that_only_rounding_tells_apart_are_ties() {
        let pairs = [(0.9, 0.8), (0.7, 0.8), (0.8, 0.4), (0.6, 0.1)];
        assert_ne!((0.9f64 - 0.8).abs(), (0.7f64 - 0.8).abs());
        let integers = [(9.0, 8.0), (7.0, 8.0), (8.0, 4.0), (6.0, 1.0)];
        assert_eq!(wilcoxon(&pairs), wilcoxon(&integers));
    }

    /// R 4.2: `p.adjust(p, "holm")`.
    #[test]
    fn holm_equals_that_of_r() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).for_each(|(a, b)| assert_close(*a, *b));
        close(&holm(&[0.01, 0.04, 0.03, 0.005, 0.5]), &[0.04, 0.09, 0.09, 0.025, 0.5]);
        close(&holm(&[0.2, 0.9, 0.04, 0.04]), &[0.4, 0.9, 0.16, 0.16]);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn what_pairs_cannot_tell_is_absent() {
        let one = [(0.9, 0.8)];
        let equal = [(0.5, 0.5), (0.7, 0.7), (0.1, 0.1)];
        let constant = [(0.9, 0.8), (0.8, 0.7), (0.5, 0.4)];
        let infinite = [(1.0, 2.0), (f64::INFINITY, 1.0), (3.0, 1.0)];
        let overflow = [(f64::MAX, -f64::MAX), (1.0, 2.0), (2.0, 4.0)];
        for pairs in [&[][..], &one, &equal, &infinite, &overflow] {
            assert_eq!(
                (paired_t(pairs), wilcoxon(pairs), cohen_dz(pairs)),
                (None, None, None),
                "{pairs:?}"
            );
        }
        assert_eq!((paired_t(&constant), cohen_dz(&constant)), (None, None));
        assert_eq!(wilcoxon(&constant).unwrap().p, 0.25, "signs can still be told");
    }

    /// At the bound the test gives the level, and Wilcoxon's least p is reached when all differences agree.
    #[test]
    fn what_a_number_of_seeds_can_reach() {
        for n in [2, 5, 10] {
            let dz = detectable_dz(n, 0.01).unwrap();
            let p = t_p(dz * (n as f64).sqrt(), n as u32 - 1);
            assert!((p - 0.01).abs() < 1e-12, "{p}");
            let rising: Vec<f64> = (1..=n).map(|i| i as f64).collect();
            assert_eq!(wilcoxon(&against_zero(&rising)).unwrap().p, least_wilcoxon_p(n));
        }
        assert_eq!(detectable_dz(1, 0.05), None);
        assert!(least_wilcoxon_p(5) > 0.05 && least_wilcoxon_p(6) < 0.05);
    }
}
