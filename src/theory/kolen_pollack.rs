//! Give the distance of learned feedback from the weights that it stands for.
//!
//! Kolen, Pollack 1994; Akrout, Wilson, Humphreys, Lillicrap, Tweed 2019 (arXiv 1904.05391): where weights `W` and feedback `B` take the same
//! update and decay alike, `W_t − B_t = (1 − λ)^t (W_0 − B_0)`, whatever is learned meanwhile.

/// `|W_t − B_t| / |W_0 − B_0|` after `t` steps with the decay `λ`, a share per step.
pub fn share_left(decay: f64, t: u64) -> f64 {
    (t as f64 * (-decay).ln_1p()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_closed_step_by_step() {
        let mut left = 1.0;
        for t in 0..1000 {
            assert!((share_left(0.01, t) / left - 1.0).abs() < 1e-12);
            left *= 0.99;
        }
    }
}
