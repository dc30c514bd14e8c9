//! Prove what rules with compartments compute, on networks that they share.

mod burstprop;
mod deep_feedback_control;
mod dendritic_microcircuit;
mod dual_propagation;

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network};

/// A network with a batch.
struct Problem {
    network: Network<f64>,
    loss: Loss,
    x: Matrix<f64>,
    y: Matrix<f64>,
}

impl Problem {
    fn new(sizes: &[usize], hidden: Activation, loss: Loss, seed: u64) -> Self {
        let (inputs_of, outputs) = (sizes[0], sizes[sizes.len() - 1]);
        Self {
            network: network(sizes, hidden, loss.default_output(), seed),
            loss,
            x: inputs(inputs_of, 6, seed),
            y: targets(loss, outputs, 6, seed),
        }
    }

    /// Three losses, two seeds each.
    fn all(hidden: Activation) -> Vec<Self> {
        let losses = [Loss::HALF_SQUARES, Loss::CROSS_ENTROPY, Loss::LOGISTIC_CROSS_ENTROPY];
        let seeds = losses.iter().flat_map(|loss| [1, 2].map(|seed| (*loss, seed)));
        seeds
            .map(|(loss, seed)| Self::new(&[5, 7, 6, 3], hidden, loss, seed))
            .collect()
    }

    fn update(&self, rule: &str) -> Vec<Affine<f64>> {
        proposal(rule, &self.network, self.loss, &self.x, &self.y)
    }

    /// `|u − g| / |g|` of each layer, `g` being what another rule proposes.
    fn errors(&self, rule: &str, other: &str) -> Vec<f64> {
        relative_by_layer(&self.update(rule), &self.update(other))
    }

    /// The largest of them.
    fn error(&self, rule: &str, other: &str) -> f64 {
        self.errors(rule, other).into_iter().fold(0.0, f64::max)
    }

    /// By what the error is divided where a number is halved, three times.
    fn ratios(&self, start: f64, rule: impl Fn(f64) -> String, other: &str) -> Vec<f64> {
        let errors: Vec<f64> = (0..4).map(|k| self.error(&rule(start / 2f64.powi(k)), other)).collect();
        errors.windows(2).map(|errors| errors[0] / errors[1]).collect()
    }
}

/// Whether all numbers lie within a tenth of another.
fn all_near(numbers: &[f64], other: f64) -> bool {
    numbers.iter().all(|number| (number / other - 1.0).abs() < 0.1)
}
