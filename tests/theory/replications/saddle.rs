//! The origin is a strict saddle for predictive coding: R22, Innocenti et al. 2024 (NeurIPS, arXiv 2408.11979).

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network};
use creditlab::theory::relaxed_energy::energy;
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
    let relaxed = |network: &Network<f64>| {
        let weights: Vec<_> = network.layers.iter().map(|layer| layer.weight.clone()).collect();
        energy(&weights, &x, &y)
    };
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
        descend(&mut by_energy, &relaxed);
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
