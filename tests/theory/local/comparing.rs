//! Prove that `SignalPropagation` and `CounterCurrent` follow the exact gradients of their own losses, and that nothing comes down from
//! layers above.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network};
use creditlab::update::Optimizer;

const SIZES: [usize; 4] = [5, 7, 6, 3];
const BATCH: usize = 6;
const RULES: [&str; 2] = ["SignalPropagation", "CounterCurrent"];

fn problem(seed: u64) -> (Network<f64>, Matrix<f64>, Matrix<f64>) {
    let network = network(&SIZES, Activation::Tanh, Activation::Identity, seed);
    let y = targets(Loss::CROSS_ENTROPY, 3, BATCH, seed);
    (network, inputs(5, BATCH, seed), y)
}

fn apply(layer: &Layer<f64>, below: &Matrix<f64>) -> Matrix<f64> {
    let mut z = &layer.weight * below;
    z.column_iter_mut().for_each(|mut z| z += &layer.bias);
    z.map(|z| layer.activation.value(z))
}

/// What every layer receives.
fn received(network: &Network<f64>, x: &Matrix<f64>) -> Vec<Matrix<f64>> {
    let mut below = vec![x.clone()];
    for layer in &network.layers {
        below.push(apply(layer, &below[below.len() - 1]));
    }
    below
}

fn cross_entropy(scores: &Matrix<f64>, y: &Matrix<f64>) -> f64 {
    let column = |i: usize| {
        let sum: f64 = scores.column(i).map(f64::exp).sum();
        -(scores.column(i).dot(&y.column(i)) - y.column(i).sum() * sum.ln())
    };
    (0..y.ncols()).map(column).sum::<f64>() / y.ncols() as f64
}

fn half_squares(scores: &Matrix<f64>, y: &Matrix<f64>) -> f64 {
    0.5 * (scores - y).norm_squared() / y.ncols() as f64
}

#[test]
fn signals_are_compared_by_the_gradient_through_both() {
    for seed in 0..3 {
        let (network, x, y) = problem(seed);
        let mut training = training(
            &["SignalPropagation"],
            network.clone(),
            Loss::CROSS_ENTROPY,
            Optimizer::sgd(0.1),
            &x,
            &y,
        );
        let contexts = learned(&mut training, "input.context");
        let found = flat(&step(&mut training)[0]);
        let (of_samples, of_contexts) = (received(&network, &x), received(&network, &contexts));
        let losses = |moving: &Network<f64>, contexts_move: bool| {
            let layer = |l: usize| {
                let h = apply(&moving.layers[l], &of_samples[l]);
                if l == network.top() {
                    return cross_entropy(&h, &y);
                }
                let t = match contexts_move {
                    true => apply(&moving.layers[l], &of_contexts[l]),
                    false => of_contexts[l + 1].clone(),
                };
                cross_entropy(&(t.transpose() * &h / h.nrows() as f64), &y)
            };
            (0..network.depth()).map(layer).sum::<f64>()
        };
        let both = central_differences(&network, 1e-5, |moving| losses(moving, true));
        assert!(relative(&found, &both) < 1e-7);
        // through the samples alone
        let one = central_differences(&network, 1e-5, |moving| losses(moving, false));
        assert!(relative(&found, &one) > 1e-2);
    }
}

#[test]
fn two_networks_descend_the_losses_between_them() {
    const RATE: f64 = 0.1;
    for seed in 0..3 {
        let (network, x, y) = problem(seed);
        let mut training = training(
            &["CounterCurrent"],
            network.clone(),
            Loss::CROSS_ENTROPY,
            Optimizer::sgd(RATE),
            &x,
            &y,
        );
        let name = |l: usize| format!("layer{}.counter.weight", l + 2);
        let before: Vec<_> = (0..2).map(|l| learned(&mut training, &name(l))).collect();
        let found = flat(&step(&mut training)[0]);
        let after: Vec<_> = (0..2).map(|l| learned(&mut training, &name(l))).collect();
        let one_hot = Matrix::identity(3, 3);
        let above = [(&before[1] * &one_hot).map(f64::tanh), one_hot];
        let below = received(&network, &x);
        let meeting = |h: &Matrix<f64>, v: &Matrix<f64>, l: usize| {
            let r = (v * &above[l]).map(f64::tanh);
            half_squares(&(r.transpose() * h / h.nrows() as f64), &y)
        };
        let own = central_differences(&network, 1e-5, |moving| {
            let hidden = (0..2).map(|l| meeting(&apply(&moving.layers[l], &below[l]), &before[l], l));
            hidden.sum::<f64>() + cross_entropy(&apply(&moving.layers[2], &below[2]), &y)
        });
        assert!(relative(&found, &own) < 1e-7);
        for l in 0..2 {
            let gradient: Vec<f64> = (0..before[l].len())
                .map(|i| {
                    let at = |by: f64| {
                        let mut v = before[l].clone();
                        v[i] += by;
                        meeting(&below[l + 1], &v, l)
                    };
                    (at(1e-5) - at(-1e-5)) / 2e-5
                })
                .collect();
            let change = (&before[l] - &after[l]) / RATE;
            assert!(relative(change.as_slice(), &gradient) < 1e-7);
            let doubled: Vec<f64> = gradient.iter().map(|g| 2.0 * g).collect();
            assert!(relative(change.as_slice(), &doubled) > 0.1);
        }
    }
}

#[test]
fn layers_above_change_nothing_and_those_below_do() {
    for rule in RULES {
        let (network, x, y) = problem(1);
        let update = |network: &Network<f64>| proposal(rule, network, Loss::CROSS_ENTROPY, &x, &y);
        let usual = update(&network);
        for moved in 0..3 {
            let mut other = network.clone();
            other.layers[moved].weight[0] += 0.5;
            for (l, (usual, other)) in usual.iter().zip(update(&other)).enumerate() {
                assert_eq!(
                    usual.weight == other.weight,
                    l < moved,
                    "{rule}: {moved} moved, layer {l}"
                );
            }
        }
    }
}
