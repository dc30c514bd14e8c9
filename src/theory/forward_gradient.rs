//! Give the moments of the forward gradient, which are algebra.
//!
//! Baydin, Pearlmutter, Syme, Wood, Torr 2022 (arXiv 2202.08587): with a direction `v ~ N(0, I)` over all `d` parameters, one for the whole
//! batch, the proposal is `u = (g · v) v`, `g` being the gradient.

/// `E |u|² / |g|²` of the mean of `k` proposals: `(d + 1) / k + 1`, for one `d + 2`.
pub fn mean_square(d: f64, k: f64) -> f64 {
    variance(d, k) + 1.0
}

/// `E |u − g|² / |g|²` of the mean of `k` proposals: `(d + 1) / k`.
pub fn variance(d: f64, k: f64) -> f64 {
    (d + 1.0) / k
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a line, `u = g v²`: the fourth moment of a normal number is 3, and the variance of its square 2.
    #[test]
    fn in_one_dimension_these_are_moments_of_a_normal_number() {
        assert_eq!((mean_square(1.0, 1.0), variance(1.0, 1.0)), (3.0, 2.0));
        assert_eq!(variance(110.0, 4.0), 27.75);
    }
}
