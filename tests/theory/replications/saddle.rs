//! The origin is a strict saddle for predictive coding: R22, Innocenti et al. 2024 (NeurIPS, arXiv 2408.11979).

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network};
use creditlab::update::Optimizer;

const AT_REST: &str = "PredictiveCoding(schedule: Equilibrium(steps: 2000, rate: 0.2))";

/// Steps until the loss is half of what it was: 1-1-1-1, all weights `epsilon`, `x = (1, −1)`, `y = x`, rate .1.
fn steps_to_half(rule: &str, epsilon: f64) -> i64 {
    let layer = |_| {
        let mut layer = Layer::zeros(1, 1, false, Activation::Identity);
        layer.weight.fill(epsilon);
        layer
    };
    let network = Network {
        layers: (0..3).map(layer).collect(),
    };
    let x = Matrix::from_row_slice(1, 2, &[1.0, -1.0]);
    let mut training = training(&[rule], network, Loss::HALF_SQUARES, Optimizer::sgd(0.1), &x, &x);
    let loss = |network: &Network<f64>| mean_loss(network, Loss::HALF_SQUARES, &x, &x);
    let start = loss(&training.network);
    for step in 1.. {
        training.step().expect("finite");
        if loss(&training.network) < 0.5 * start {
            return step;
        }
    }
    unreachable!("a loss that never halves would have been waited for")
}

#[test]
fn r22_time_to_leave_the_origin() {
    for (epsilon, backprop, coding) in [
        (0.2, 39, 26),
        (0.1, 90, 42),
        (0.05, 190, 60),
        (0.025, 391, 78),
        (0.0125, 792, 97),
    ] {
        let found = ["Backprop", AT_REST].map(|rule| steps_to_half(rule, epsilon));
        assert!(
            (found[0] - backprop).abs() <= 1 && (found[1] - coding).abs() <= 1,
            "{epsilon}: {found:?}"
        );
    }
}

/// `½ mean rᵀ S⁻¹ r`, `r = y − W_L..W_1 x`, `S = I + Σ_{l≥2} W_{L:l} W_{L:l}ᵀ`: what predictive coding at rest descends.
fn relaxed_energy(network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>) -> f64 {
    let outputs = network.outputs();
    let (mut above, mut s) = (Matrix::identity(outputs, outputs), Matrix::identity(outputs, outputs));
    for layer in network.layers[1..].iter().rev() {
        above *= &layer.weight;
        s += &above * above.transpose();
    }
    let r = y - above * &network.layers[0].weight * x;
    let solved = s.try_inverse().expect("positive definite") * &r;
    0.5 * r.dot(&solved) / x.ncols() as f64
}

#[test]
fn r22_weights_descend_the_relaxed_energy() {
    const RATE: f64 = 0.05;
    let mut network = network::<f64>(&[6, 5, 4, 5, 3], Activation::Identity, Activation::Identity, 1);
    network
        .layers
        .iter_mut()
        .for_each(|layer| layer.bias = creditlab::linalg::Vector::zeros(0));
    let (x, y) = (inputs(6, 16, 1), targets(Loss::HALF_SQUARES, 3, 16, 1));
    let mut by_energy = network.clone();
    let mut by_loss = network.clone();
    let mut training = training(&[AT_REST], network, Loss::HALF_SQUARES, Optimizer::sgd(RATE), &x, &y);
    for _ in 0..50 {
        training.step().expect("finite");
        let descend = |network: &mut Network<f64>, value: &dyn Fn(&Network<f64>) -> f64| {
            let mut gradient = central_differences(network, 1e-5, value).into_iter();
            for layer in &mut network.layers {
                layer
                    .weight
                    .iter_mut()
                    .for_each(|w| *w -= RATE * gradient.next().unwrap());
            }
        };
        descend(&mut by_energy, &|network| relaxed_energy(network, &x, &y));
        descend(&mut by_loss, &|network| mean_loss(network, Loss::HALF_SQUARES, &x, &y));
    }
    let weights = |network: &Network<f64>| -> Vec<f64> {
        network
            .layers
            .iter()
            .flat_map(|layer| layer.weight.iter().copied())
            .collect()
    };
    let found = weights(&training.network);
    assert!(
        relative(&found, &weights(&by_energy)) < 1e-8,
        "{}",
        relative(&found, &weights(&by_energy))
    );
    assert!(relative(&found, &weights(&by_loss)) > 1e-2);
}
