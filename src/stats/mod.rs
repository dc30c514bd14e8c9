//! Describe samples, bound their means, and test pairs of samples for a difference.

mod bootstrap;
mod comparison;
mod distributions;
mod paired;
mod sample;
pub mod written;

pub use bootstrap::{RESAMPLES, bca_interval};
pub use comparison::Comparison;
pub use distributions::{normal_p, normal_probability, normal_quantile, t_p, t_quantile};
pub use paired::{
    EXACT_UP_TO, Finding, Method, Test, cohen_dz, detectable_dz, differences, holm, least_wilcoxon_p, paired_t,
    wilcoxon,
};
pub use sample::{Interval, mean, median, standard_deviation, t_interval};

/// The probability with which intervals cover the mean.
pub const LEVEL: f64 = 0.95;

/// A p value below this counts as significant.
pub const SIGNIFICANT: f64 = 0.05;
