//! Prove that inverses which answer to noise become transposed Jacobians, and that targets carried by these are gradients.

use super::nets::*;
use crate::common::*;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::update::Optimizer;

const RULE: &str = "LocalDifferenceReconstruction";

/// Puts `v(l)` in place of the inverse of layer `l`.
fn set_inverses(training: &mut OnBatch<f64>, v: impl Fn(usize) -> Matrix<f64>) {
    training.seats[0].learner.visit(&mut |name, shape, values| {
        let v = v(layer_of(name));
        assert!(
            name.ends_with(".inverse.weight"),
            "{name}: a linear inverse has no biases"
        );
        assert_eq!(shape, [v.nrows(), v.ncols()], "{name}");
        values.copy_from_slice(v.as_slice());
    });
}

#[test]
fn with_transposed_weights_and_identity_units_it_is_the_gradient_for_any_step() {
    for loss in [Loss::HALF_SQUARES, Loss::SQUARES, Loss::CROSS_ENTROPY] {
        let network = network(&[6, 7, 5, 4, 3], Activation::Identity, Activation::Identity, 1);
        let (x, y) = (inputs(6, 8, 1), targets(loss, 3, 8, 1));
        let gradient = proposal("Backprop", &network, loss, &x, &y);
        for step in [0.01, 0.1, 10.0] {
            let text = format!("{RULE}(step: {step})");
            let mut training = training(&[&text], network.clone(), loss, Optimizer::sgd(0.1), &x, &y);
            // negative control: inverses as they are drawn
            let drawn = relative_by_layer(&step_on(&mut training, &network)[0], &gradient);
            assert!(drawn[..3].iter().all(|e| *e > 0.1) && drawn[3] <= 1e-15, "{drawn:?}");
            set_inverses(&mut training, |l| network.layers[l].weight.transpose());
            let exact = relative_by_layer(&step_on(&mut training, &network)[0], &gradient);
            assert!(exact.iter().all(|e| *e <= 1e-12), "{loss:?} {step}: {exact:?}");
        }
    }
}

/// `E V_l = mean W_lᵀ diag(φ'(z_l))` on a network that stands still.
#[test]
fn inverses_go_to_the_mean_transposed_jacobian() {
    let network = network(&[6, 5, 4, 3], Activation::Tanh, Activation::Identity, 3);
    let (x, y) = (inputs(6, 32, 3), targets(Loss::CROSS_ENTROPY, 3, 32, 3));
    let text = format!("{RULE}(noise: 0.01, inverses: Sgd(learning_rate: 0.02))");
    let mut training = training(
        &[&text],
        network.clone(),
        Loss::CROSS_ENTROPY,
        Optimizer::sgd(0.1),
        &x,
        &y,
    );
    let trace = forward(&network, &x);
    let names = [1, 2].map(|l| format!("layer{}.inverse.weight", l + 1));
    let mut means = [1, 2].map(|l: usize| network.layers[l].weight.transpose() * 0.0);
    const STEPS: u64 = 10_000;
    for step in 0..1000 + STEPS {
        training.warm_up(step).expect("finite");
        if step >= 1000 {
            for (mean, name) in means.iter_mut().zip(&names) {
                *mean += learned(&mut training, name) / STEPS as f64;
            }
        }
    }
    for (l, mean) in [1, 2].into_iter().zip(means) {
        let transposed = network.layers[l].weight.transpose();
        let slope = |h: f64| if l == 2 { 1.0 } else { 1.0 - h * h };
        let slopes = trace.a[l].map(slope).column_mean();
        let expected = &transposed * Matrix::from_diagonal(&Vector::from_column_slice(slopes.as_slice()));
        let error = (&mean - &expected).norm() / expected.norm();
        println!("layer {}: {error}", l + 1);
        assert!(error <= 0.03, "{l}: {error}");
        // negative control: without the slopes
        if l == 1 {
            let without = (&mean - &transposed).norm() / transposed.norm();
            assert!(without > 0.1, "{without}");
        }
    }
}

/// Angles between `V` and `Wᵀ`, and between the hidden updates and the gradient, in degrees, after 4,000 batches of 32 that change nothing
/// else; the last half of them at `rate`.
fn angles(network: &Network<f64>, rate: f64) -> [Vec<f64>; 2] {
    let loss = Loss::CROSS_ENTROPY;
    let start = |rate: f64| {
        let text = format!("{RULE}(inverses: Sgd(learning_rate: {rate}))");
        let (x, y) = (inputs(20, 32, 0), targets(loss, 8, 32, 0));
        training(&[&text, "Backprop"], network.clone(), loss, Optimizer::sgd(0.1), &x, &y)
    };
    let mut first = start(0.1);
    let learn = |training: &mut OnBatch<f64>, steps: std::ops::Range<u64>| {
        for step in steps {
            fill(training, &inputs(20, 32, 1 + step), &targets(loss, 8, 32, 1 + step));
            training.warm_up(step).expect("finite");
        }
    };
    learn(&mut first, 0..2000);
    let v = |training: &OnBatch<f64>, l| feedback(training, 0, l).transpose();
    let mut second = start(rate);
    set_inverses(&mut second, |l| v(&first, l));
    learn(&mut second, 2000..4000);
    let weights = (1..3).map(|l| degrees(&feedback(&second, 0, l), &network.layers[l].weight));
    let weights = weights.collect();
    let updates = step_on(&mut second, network);
    let update = |l: usize| degrees(&updates[0][l].weight, &updates[1][l].weight);
    [weights, (0..2).map(update).collect()]
}

#[test]
fn on_a_network_that_stands_still_inverses_align_and_updates_with_them() {
    for seed in 0..2 {
        let network = network(&[20, 16, 12, 8], Activation::Tanh, Activation::Identity, seed);
        let [weights, updates] = angles(&network, 0.01);
        println!("seed {seed}: weights {weights:?}, updates {updates:?}");
        assert!(weights.iter().all(|angle| *angle < 9.0), "{weights:?}");
        assert!(updates.iter().all(|angle| *angle < 19.0), "{updates:?}");
        // negative control: a rate that leaves noise
        let [noisy, _] = angles(&network, 0.1);
        println!("seed {seed}, rate .1: {noisy:?}");
        assert!(noisy.iter().all(|angle| *angle > 8.0), "{noisy:?}");
        assert!(noisy.iter().zip(&weights).all(|(noisy, quiet)| noisy > quiet));
    }
}
