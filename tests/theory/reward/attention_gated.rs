//! Prove that attention-gated learning follows the error of the chosen unit, and the gradient over all choices.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};

const SIZES: [usize; 4] = [5, 7, 6, 3];

fn problem(seed: u64) -> (Network<f64>, Matrix<f64>, Matrix<f64>) {
    let network = network(&SIZES, Activation::Tanh, Activation::Logistic, seed);
    (network, inputs(5, 1, seed), targets(Loss::CROSS_ENTROPY, 3, 1, seed))
}

/// The gradient of `½ (a_s − y_s)²`, by central differences.
fn of_unit(network: &Network<f64>, s: usize, x: &Matrix<f64>, y: &Matrix<f64>) -> Vec<f64> {
    central_differences(network, 1e-5, |network| 0.5 * (outputs(network, x)[s] - y[s]).powi(2))
}

#[test]
fn it_is_the_gradient_of_the_error_of_the_largest_output() {
    for loss in [Loss::HALF_SQUARES, Loss::SQUARES] {
        for seed in 0..5 {
            let (network, x, y) = problem(seed);
            let found = flat(&proposal("AttentionGated(exploration: 0.0)", &network, loss, &x, &y));
            let chosen = outputs(&network, &x).column(0).imax();
            let expected = |s: usize| -> Vec<f64> {
                let gradient = of_unit(&network, s, &x, &y);
                gradient.iter().map(|g| loss.factor(3) * g).collect()
            };
            assert!(relative(&found, &expected(chosen)) < 1e-7);
            assert!(relative(&found, &expected((chosen + 1) % 3)) > 0.1);
        }
    }
}

/// With many copies of one sample and every choice drawn, units are chosen as often as `softmax(h_L)` says.
#[test]
fn choices_are_drawn_from_the_softmax_of_the_outputs() {
    const COPIES: usize = 20_000;
    let (network, x, y) = problem(1);
    let copies = |column: &Matrix<f64>| Matrix::from_fn(column.nrows(), COPIES, |i, _| column[i]);
    let found = flat(&proposal(
        "AttentionGated(exploration: 1.0)",
        &network,
        Loss::HALF_SQUARES,
        &copies(&x),
        &copies(&y),
    ));
    let a = outputs(&network, &x).map(f64::exp);
    let parts: Vec<Vec<f64>> = (0..3).map(|s| of_unit(&network, s, &x, &y)).collect();
    let expected = |shares: [f64; 3]| -> Vec<f64> {
        let mix = |i: usize| (0..3).map(|s| shares[s] * parts[s][i]).sum();
        (0..found.len()).map(mix).collect()
    };
    let shares = [0, 1, 2].map(|s| a[s] / a.sum());
    // shares have a standard error of at most 0.5 / √20000 = 0.0035
    assert!(relative(&found, &expected(shares)) < 0.05);
    assert!(relative(&found, &expected([1.0 / 3.0; 3])) > relative(&found, &expected(shares)));
    let [p, q, r] = shares;
    assert!(relative(&found, &expected([r, p, q])) > 0.1);
}

/// Summed over all choices: the gradient.
#[test]
fn over_all_choices_it_is_the_gradient() {
    let (network, x, y) = problem(2);
    let parts: Vec<Vec<f64>> = (0..3).map(|s| of_unit(&network, s, &x, &y)).collect();
    let sum: Vec<f64> = (0..parts[0].len())
        .map(|i| parts.iter().map(|part| part[i]).sum())
        .collect();
    let gradient = flat(&proposal("Backprop", &network, Loss::HALF_SQUARES, &x, &y));
    assert!(relative(&sum, &gradient) < 1e-7);
}
