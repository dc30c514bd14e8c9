//! Give probabilities and quantiles of the normal and of Student's t distribution.
//!
//! Exponentials and their like are those of the crate `libm`: those of the platform have other last digits on other processors.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Terms of a continued fraction, and steps towards a quantile: many times what any of them takes.
const MOST: usize = 10_000;

/// The value that Student's t with `freedom` degrees of freedom stays below with the given probability.
///
/// # Panics
/// If `freedom` is 0 or the probability lies outside 0..1.
pub fn t_quantile(probability: f64, freedom: u32) -> f64 {
    assert!(freedom > 0, "t has at least one degree of freedom");
    quantile(probability, |t| t_p(t, freedom), |t| t_density(t, f64::from(freedom)))
}

/// The probability that Student's t with `freedom` degrees of freedom is at least as far from 0 as `t`, on either side.
///
/// # Panics
/// If `freedom` is 0.
pub fn t_p(t: f64, freedom: u32) -> f64 {
    assert!(freedom > 0, "t has at least one degree of freedom");
    let (half, square) = (f64::from(freedom) / 2.0, t * t / f64::from(freedom));
    if square.is_infinite() {
        return 0.0;
    }
    // `I_x(ν/2, 1/2)` at `x = ν / (ν + t²)`; the tail itself, not 1 minus the rest: small probabilities keep their digits
    let (x, rest) = (1.0 / (1.0 + square), square / (1.0 + square));
    let powers = libm::exp(-half * libm::log1p(square)) * rest.sqrt();
    let front = powers * gamma_ratio(half) / PI.sqrt();
    if x < (half + 1.0) / (half + 2.5) {
        front * beta_fraction(half, 0.5, x) / half
    } else {
        1.0 - front * beta_fraction(0.5, half, rest) / 0.5
    }
}

/// The density of Student's t.
fn t_density(t: f64, freedom: f64) -> f64 {
    let power = libm::exp(-(freedom + 1.0) / 2.0 * libm::log1p(t * t / freedom));
    power * gamma_ratio(freedom / 2.0) / (freedom * PI).sqrt()
}

/// `Γ(a + 1/2) / Γ(a)`.
fn gamma_ratio(a: f64) -> f64 {
    libm::exp(libm::lgamma(a + 0.5) - libm::lgamma(a))
}

/// The continued fraction of the incomplete beta function, `I_x(a, b) = x^a (1 − x)^b / (a B(a, b)) · 1/(1 + d_1/(1 + d_2/(1 + ..)))`
/// (DLMF 8.17.22), by Lentz's method as Thompson and Barnett modify it (J. Comput. Phys. 64, 1986). It converges fast for `x` below
/// `(a + 1) / (a + b + 2)`.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let (mut below, mut numerators, mut denominators) = (1.0, 1.0, 0.0);
    for term in 1..MOST {
        let m = (term / 2) as f64;
        let coefficient = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        denominators = 1.0 / (1.0 + coefficient * denominators);
        numerators = 1.0 + coefficient / numerators;
        below *= numerators * denominators;
        if (numerators * denominators - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    1.0 / below
}

/// The probability that a standard normal number is at most `z`.
pub fn normal_probability(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The probability that a standard normal number is at least as far from 0 as `z`, on either side.
pub fn normal_p(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

/// The value that a standard normal number stays below with the given probability; infinite for 0 and 1.
///
/// # Panics
/// If the probability lies outside 0..1.
pub fn normal_quantile(probability: f64) -> f64 {
    quantile(probability, normal_p, |z| libm::exp(-z * z / 2.0) / (2.0 * PI).sqrt())
}

/// The quantile of a distribution that is symmetric about 0, from the probability of both tails and the density.
fn quantile(probability: f64, tails: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    assert!((0.0..=1.0).contains(&probability), "{probability} is no probability");
    let (sign, outside) = if probability < 0.5 {
        (-1.0, 2.0 * probability)
    } else {
        (1.0, 2.0 * (1.0 - probability))
    };
    if outside == 0.0 {
        return sign * f64::INFINITY;
    }
    // where the density falls the tails are convex: from 0 Newton's method climbs to the quantile and does not pass it
    let mut x = 0.0;
    for _ in 0..MOST {
        let next = x + (tails(x) - outside) / (2.0 * density(x));
        if next <= x {
            break;
        }
        x = next;
    }
    sign * x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs(), "{a} is not {b}");
    }

    /// With 1, 2 and 4 degrees of freedom the distribution function has an inverse in elementary functions
    /// (Shaw, Sampling Student's T distribution, J. Comput. Finance 2006, section 2).
    #[test]
    fn t_quantiles_equal_the_closed_forms() {
        for p in [0.6, 0.75, 0.9, 0.95, 0.975, 0.995] {
            let a: f64 = 4.0 * p * (1.0 - p);
            assert_close(t_quantile(p, 1), (std::f64::consts::PI * (p - 0.5)).tan(), 1e-11);
            assert_close(t_quantile(p, 2), 2.0 * (p - 0.5) * (2.0 / a).sqrt(), 1e-11);
            let q = (a.sqrt().acos() / 3.0).cos() / a.sqrt();
            assert_close(t_quantile(p, 4), 2.0 * (q - 1.0).sqrt(), 1e-10);
            assert_close(t_quantile(1.0 - p, 4), -t_quantile(p, 4), 1e-10);
        }
    }

    /// NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, column 0.975.
    #[test]
    fn t_quantiles_equal_the_published_table() {
        for (freedom, published) in [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (9, 2.262),
            (19, 2.093),
            (29, 2.045),
            (100, 1.984),
        ] {
            let t = t_quantile(0.975, freedom);
            assert_eq!((t * 1000.0).round() / 1000.0, published, "{freedom} degrees of freedom");
        }
    }

    /// R 4.2: `qt(q, df)`.
    #[test]
    fn t_quantiles_equal_those_of_r() {
        for (freedom, probability, quantile) in [
            (1, 0.9995, 636.619_248_768_789_7),
            (3, 0.6, 0.276_670_662_332_689_83),
            (3, 0.975, 3.182_446_305_283_707_8),
            (3, 0.9995, 12.923_978_636_687_961),
            (4, 0.975, 2.776_445_105_197_793_4),
            (7, 0.995, 3.499_483_297_350_493_2),
            (9, 0.975, 2.262_157_162_798_205),
            (9, 1.0 - 0.025 / 22.0, 4.210_023_479_336_611),
            (29, 0.9975, 3.038_046_744_849_183),
            (99, 0.6, 0.254_029_012_151_806_57),
            (99, 0.9995, 3.391_528_833_663_684),
            (999, 0.975, 1.962_341_461_133_449_3),
        ] {
            assert_close(t_quantile(probability, freedom), quantile, 1e-10);
        }
    }

    /// R 4.2: `2 * pt(-t, df)`.
    #[test]
    fn t_probabilities_equal_those_of_r() {
        for (freedom, t, p) in [
            (1, 0.001, 0.999_363_380_439_838_9),
            (1, 60.0, 0.010_609_347_265_246_538),
            (2, 0.1, 0.929_465_438_414_140_1),
            (3, 2.5, 0.087_706_647_008_065_5),
            (4, 1.0, 0.373_900_966_300_059),
            (4, 60.0, 4.621_068_727_635_135e-7),
            (9, 2.5, 0.033_861_827_682_985_71),
            (9, 60.0, 5.001_190_471_672_896e-13),
            (29, 10.0, 6.599_862_576_433_477e-11),
            (99, 2.5, 0.014_062_596_921_149_063),
            (99, 10.0, 1.093_975_700_799_204_4e-16),
            (999, 0.1, 0.920_364_389_084_711_3),
            (999, 10.0, 1.670_821_882_687_136_2e-22),
        ] {
            assert_close(t_p(t, freedom), p, 1e-10);
            assert_eq!(t_p(-t, freedom), t_p(t, freedom));
        }
        assert_eq!(t_p(0.0, 5), 1.0);
    }

    /// R 4.2: `qnorm(q)`, `2 * pnorm(-z)`.
    #[test]
    fn normal_quantiles_and_probabilities_equal_those_of_r() {
        for (probability, z) in [
            (1e-4, -3.719_016_485_455_68),
            (0.025, -1.959_963_984_540_053_8),
            (0.1, -1.281_551_565_544_600_8),
            (0.3, -0.524_400_512_708_040_7),
            (0.6, 0.253_347_103_135_799_8),
            (0.9999, 3.719_016_485_455_708_4),
        ] {
            assert_close(normal_quantile(probability), z, 1e-10);
            assert_close(normal_probability(z), probability, 1e-10);
        }
        for (z, p) in [
            (0.01, 0.992_021_287_370_736_8),
            (1.0, 0.317_310_507_862_914_1),
            (1.96, 0.049_995_790_296_440_856),
            (6.0, 1.973_175_290_075_396e-9),
            (10.0, 1.523_970_604_832_105_4e-23),
        ] {
            assert_close(normal_p(z), p, 1e-10);
            assert_close(normal_p(-z), p, 1e-10);
        }
        assert_eq!(normal_quantile(0.5), 0.0);
    }
}
