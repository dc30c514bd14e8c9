//! Prove that targets scaled by squared slopes are gradients where weights are orthogonal and inverses exact.

use super::nets::*;
use crate::common::*;
use creditlab::linalg::{Matrix, empty};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::rules::targets::gait_propagation::gait_target;
use creditlab::rules::targets::{LayerTargets, Start, targets as carry};
use creditlab::update::{Optimizer, Proposal};

/// `|u − g| / |g|` of the hidden layers, with exact inverses given to the shared code.
fn errors(network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>, gamma: f64) -> Vec<f64> {
    let loss = Loss::HALF_SQUARES;
    let trace = forward(network, x);
    let step = step_of(network, loss, &trace, y);
    let (mut out, mut point, mut back) = (Proposal::default(), empty(), empty());
    out.begin(&network.layers, x.ncols());
    carry(
        &step,
        Start::Output,
        1.0,
        &mut LayerTargets::default(),
        &mut out,
        |l, target, below| {
            gait_target(
                &step,
                gamma,
                (l, target),
                [&mut point, &mut back],
                below,
                |l, h, below| {
                    *below = undo(network, l, h);
                },
            );
        },
    );
    let gradient = proposal("Backprop", network, loss, x, y);
    let mut errors = relative_by_layer(&arrays(&out, network, &trace), &gradient);
    assert!(errors.pop().expect("the output layer") <= 1e-15);
    errors
}

#[test]
fn with_exact_inverses_of_orthogonal_weights_it_is_the_gradient_as_gamma_goes_to_0() {
    for seed in 0..3 {
        let (x, y) = (inputs(5, 6, seed) * 0.5, targets(Loss::HALF_SQUARES, 5, 6, seed) * 0.5);
        for (output, order) in [(Activation::Identity, 2), (Activation::Tanh, 1)] {
            let made = |gains| {
                let mut network = invertible(3, gains, Activation::Tanh, seed);
                network.layers[2].activation = output;
                network
            };
            let network = made([1.0; 5]);
            let (coarse, fine) = (errors(&network, &x, &y, 0.1), errors(&network, &x, &y, 0.01));
            for (l, (coarse, fine)) in coarse.iter().zip(&fine).enumerate() {
                if l == 1 && output == Activation::Identity {
                    assert!(
                        *coarse <= 1e-12,
                        "the inverse of the output layer is linear: {coarse:e}"
                    );
                    continue;
                }
                let ratio = (coarse / fine).log10();
                assert!(
                    (ratio - f64::from(order)).abs() < 0.3,
                    "{output:?}: {coarse:e} {fine:e}"
                );
                assert!(*fine <= if order == 2 { 1e-4 } else { 1e-2 }, "{fine:e}");
            }
            // negative control: weights that are not orthogonal, whatever gamma
            let network = made([0.6, 0.8, 1.0, 1.2, 1.4]);
            for gamma in [0.1, 0.01] {
                let errors = errors(&network, &x, &y, gamma);
                assert!(errors.iter().all(|e| *e > 0.1), "{errors:?}");
            }
        }
    }
}

/// The targets as the paper writes them, not scaled, with the inverses that the rule has drawn.
#[test]
fn the_rule_is_its_equations_with_learned_inverses() {
    let (network, loss, gamma, eta) = (
        network(&[6, 7, 5, 4, 3], Activation::Tanh, Activation::Identity, 2),
        Loss::CROSS_ENTROPY,
        0.3,
        0.7,
    );
    let (x, y) = (inputs(6, 8, 2), targets(loss, 3, 8, 2));
    let text = format!("GaitPropagation(step: {eta}, gamma: {gamma})");
    let mut training = training(&[&text], network.clone(), loss, Optimizer::sgd(0.1), &x, &y);
    let inverses: Vec<_> = (1..4)
        .map(|l| ["weight", "bias"].map(|what| learned(&mut training, &format!("layer{}.inverse.{what}", l + 1))))
        .collect();
    training.step().expect("finite");
    let trace = forward(&network, &x);
    let g = |l: usize, h: &Matrix<f64>| {
        let [v, c] = &inverses[l - 1];
        let mut z = v * h;
        z.column_iter_mut().for_each(|mut z| z += c.column(0));
        z.map(f64::tanh)
    };
    let slope = |l: usize| match l {
        3 => Matrix::from_element(3, 8, 1.0),
        _ => trace.a[l].map(|h| 1.0 - h * h),
    };
    let found = |l| training.seats[0].proposal.delta(l).expect("local");
    let mut target = &trace.a[3] - eta * found(3);
    for l in (0..3).rev() {
        let h = &trace.a[l + 1];
        let change = (&target - h).component_mul(&slope(l + 1)).component_mul(&slope(l + 1));
        target = &trace.a[l] + g(l + 1, &(h + gamma * change)) - g(l + 1, h);
        let expected = (&trace.a[l] - &target).component_mul(&slope(l)) / (eta * gamma.powi(3 - l as i32));
        let error = (found(l) - &expected).norm() / expected.norm();
        assert!(error <= 1e-12, "{l}: {error:e}");
        // negative control: divided by one gamma less
        assert!((found(l) - &expected * gamma).norm() > 0.1 * expected.norm());
    }
}
