//! Hold derivatives to the formulas that the sources write out for single weights: the chain and the 2-3-2 net of 3Blue1Brown, the
//! chain of Nielsen's chapter 5.

use super::{drawn, logistic, slope};
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network};

/// A chain with the input 0.5 and the wanted output 1, and all its `z` and `a`, the input as `a[0]`.
struct Chain {
    network: Network<f64>,
    w: Vec<f64>,
    b: Vec<f64>,
    z: Vec<f64>,
    a: Vec<f64>,
}

const INPUT: f64 = 0.5;
const WANTED: f64 = 1.0;

impl Chain {
    fn new(w: &[f64], b: &[f64]) -> Self {
        let mut network = drawn(&vec![1; w.len() + 1], Activation::Logistic, 1.0, 0);
        let (mut z, mut a) = (Vec::new(), vec![INPUT]);
        for (l, layer) in network.layers.iter_mut().enumerate() {
            (layer.weight[0], layer.bias[0]) = (w[l], b[l]);
            z.push(w[l] * a[l] + b[l]);
            a.push(logistic(z[l]));
        }
        let [w, b] = [w, b].map(<[f64]>::to_vec);
        Self { network, w, b, z, a }
    }

    fn random(depth: usize, seed: u64) -> Self {
        let network = drawn(&vec![1; depth + 1], Activation::Logistic, 1.0, seed);
        let all = |of: fn(&creditlab::network::Layer<f64>) -> f64| network.layers.iter().map(of).collect::<Vec<_>>();
        Self::new(&all(|layer| layer.weight[0]), &all(|layer| layer.bias[0]))
    }

    fn gradient(&self, loss: Loss) -> Vec<Affine<f64>> {
        let [x, y] = [INPUT, WANTED].map(|value| Matrix::from_element(1, 1, value));
        proposal("Backprop", &self.network, loss, &x, &y)
    }

    /// `(a - y)²` where weight `l` is moved.
    fn cost(&self, l: usize, by: f64) -> f64 {
        let mut w = self.w.clone();
        w[l] += by;
        (Self::new(&w, &self.b).a.last().unwrap() - WANTED).powi(2)
    }
}

#[track_caller]
fn assert_relative(found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs();
    assert!(error <= tolerance * expected.abs(), "{found}, not {expected}");
}

/// B3, B6: `∂C/∂w(L)` has three factors, `∂C/∂w(L-1)` five, `∂C/∂w(L-2)` seven; of a bias the first factor is 1, of the activity below
/// it is the weight.
#[test]
fn derivatives_along_the_chain_are_products() {
    for seed in 0..20 {
        let chain = Chain::random(3, seed);
        let Chain { w, z, a, .. } = &chain;
        let gradient = chain.gradient(Loss::SQUARES);
        let last = slope(z[2]) * 2.0 * (a[3] - WANTED);
        let middle = slope(z[1]) * w[2] * last;
        let first = slope(z[0]) * w[1] * middle;
        for (l, product) in [first, middle, last].into_iter().enumerate() {
            assert_relative(gradient[l].weight[0], a[l] * product, 1e-12);
            assert_relative(gradient[l].bias[0], product, 1e-12);
            let h = 1e-4;
            let difference = (chain.cost(l, h) - chain.cost(l, -h)) / (2.0 * h);
            assert!((a[l] * product - difference).abs() <= 1e-6 * difference.abs().max(1e-4));
            // negative control: one factor left out
            assert!((a[l] * product / slope(z[l]) - difference).abs() > 0.1 * difference.abs());
        }
        // the activity below: w(L) in place of a(L-1)
        let at = |a: f64| (logistic(w[2] * a + chain.b[2]) - WANTED).powi(2);
        let difference = (at(a[2] + 1e-4) - at(a[2] - 1e-4)) / 2e-4;
        assert!((w[2] * last - difference).abs() <= 1e-6 * difference.abs().max(1e-4));
    }
}

/// B2: the change of the cost over a nudge of the weight comes to the derivative as the nudge shrinks, by ten where that does.
#[test]
fn the_ratio_of_nudges_becomes_the_derivative() {
    for seed in 0..5 {
        let chain = Chain::random(3, seed);
        for (l, gradient) in chain.gradient(Loss::SQUARES).iter().enumerate() {
            let apart = |nudge: f64| (chain.cost(l, nudge) - chain.cost(l, 0.0)) / nudge - gradient.weight[0];
            let ratio = apart(1e-3) / apart(1e-4);
            assert!((ratio - 10.0).abs() < 1.0, "{seed} {l}: {ratio}");
        }
    }
}

/// The derivatives of the 2-3-2 net by the formulas of B7 and B8, laid out as [`flat`]; the sum over `keep` outputs alone where a hidden
/// unit reaches the cost.
fn by_formula(network: &Network<f64>, x: &[f64], y: &[f64], keep: usize) -> Vec<f64> {
    let [lower, upper] = [0, 1].map(|l| &network.layers[l]);
    let z1: Vec<f64> = (0..3)
        .map(|k| lower.bias[k] + (0..2).map(|i| lower.weight[(k, i)] * x[i]).sum::<f64>())
        .collect();
    let a1: Vec<f64> = z1.iter().map(|z| logistic(*z)).collect();
    let z2: Vec<f64> = (0..2)
        .map(|j| upper.bias[j] + (0..3).map(|k| upper.weight[(j, k)] * a1[k]).sum::<f64>())
        .collect();
    let by_output: Vec<f64> = (0..2).map(|j| 2.0 * (logistic(z2[j]) - y[j])).collect();
    // a unit below reaches the cost through each of the outputs
    let by_hidden: Vec<f64> = (0..3)
        .map(|k| {
            (0..keep)
                .map(|j| upper.weight[(j, k)] * slope(z2[j]) * by_output[j])
                .sum()
        })
        .collect();
    let mut gradient: Vec<_> = network.layers.iter().map(Affine::zeros_like).collect();
    for k in 0..3 {
        gradient[0].bias[k] = slope(z1[k]) * by_hidden[k];
        for (i, x) in x.iter().enumerate() {
            gradient[0].weight[(k, i)] = x * slope(z1[k]) * by_hidden[k];
        }
    }
    for j in 0..2 {
        gradient[1].bias[j] = slope(z2[j]) * by_output[j];
        for (k, a) in a1.iter().enumerate() {
            gradient[1].weight[(j, k)] = a * slope(z2[j]) * by_output[j];
        }
    }
    flat(&gradient)
}

/// B5, B7, B8: all 17 derivatives of the 2-3-2 net on the six examples of `experiments/sources`, each the mean over examples.
#[test]
fn derivatives_of_the_small_net_are_sums_over_paths() {
    let table = include_str!("../../../experiments/sources/3blue1brown_two_three_two.csv");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert_eq!((rows.len(), rows[0].len()), (6, 4));
    let x = Matrix::from_fn(2, 6, |i, example| rows[example][i]);
    let y = Matrix::from_fn(2, 6, |j, example| rows[example][2 + j]);
    for seed in 0..20 {
        let network = drawn(&[2, 3, 2], Activation::Logistic, 1.0, seed);
        let mean = |examples: &[Vec<f64>], keep| -> Vec<f64> {
            let each = examples
                .iter()
                .map(|row| by_formula(&network, &row[..2], &row[2..], keep));
            let total = each.reduce(|sum, one| sum.iter().zip(one).map(|(s, x)| s + x).collect());
            total.unwrap().iter().map(|sum| sum / examples.len() as f64).collect()
        };
        let gradient = flat(&proposal("Backprop", &network, Loss::SQUARES, &x, &y));
        let formula = mean(&rows, 2);
        assert!(relative(&gradient, &formula) <= 1e-12);
        let differences = central_differences(&network, 1e-4, |n| mean_loss(n, Loss::SQUARES, &x, &y));
        assert!(relative(&formula, &differences) <= 1e-6);
        // negative controls: one of the two paths, one example less
        assert!(relative(&mean(&rows, 1), &differences) > 1e-2);
        assert!(relative(&mean(&rows[..5], 2), &differences) > 1e-3);
    }
}

/// C62: `∂C/∂b1 = s'(z1) w2 s'(z2) w3 s'(z3) w4 s'(z4) ∂C/∂a4`.
fn first_bias(chain: &Chain) -> f64 {
    let Chain { w, z, a, .. } = chain;
    let factors: f64 = (1..4).map(|l| w[l] * slope(z[l])).product();
    slope(z[0]) * factors * (a[4] - WANTED)
}

#[test]
fn the_first_bias_of_a_chain_has_the_product_of_all_factors() {
    for seed in 0..50 {
        let chain = Chain::random(4, seed);
        let gradient = chain.gradient(Loss::HALF_SQUARES);
        assert_relative(gradient[0].bias[0], first_bias(&chain), 1e-12);
    }
}

/// With every `|w| < 1` each layer takes more than three quarters of the gradient, so that the first bias has less than a sixteenth of
/// the third's; with large weights that is not so.
#[test]
fn small_weights_make_the_gradient_vanish() {
    let ratio = |chain: &Chain| {
        let gradient = chain.gradient(Loss::HALF_SQUARES);
        (gradient[0].bias[0] / gradient[2].bias[0]).abs()
    };
    let mut grows = 0;
    for seed in 0..200 {
        let random = Chain::random(4, seed);
        let within: Vec<f64> = random.w.iter().map(|w| w.tanh()).collect();
        let small = Chain::new(&within, &random.b);
        assert!(ratio(&small) < 1.0 / 16.0, "{}", ratio(&small));
        // negative control: weights of 8, each `z` near 0
        let large = Chain::new(&[8.0; 4], &[-4.0; 4]);
        grows += usize::from(ratio(&large) > 1.0);
    }
    assert_eq!(grows, 200);
}

/// Weights of 100 and biases that make every `z` 0: a factor of 25 for each layer, exactly.
#[test]
fn large_weights_make_the_gradient_explode() {
    let chain = Chain::new(&[100.0; 4], &[-50.0; 4]);
    assert_eq!(chain.z, [0.0; 4]);
    let gradient = chain.gradient(Loss::HALF_SQUARES);
    for l in 0..3 {
        assert_eq!(gradient[l].bias[0], 25.0 * gradient[l + 1].bias[0]);
    }
    assert_eq!(gradient[3].bias[0], -0.125, "1/4 (1/2 - 1)");
    // negative control: away from z = 0 the units are saturated, and the same weights make it vanish
    let away = Chain::new(&[100.0; 4], &[-60.0; 4]).gradient(Loss::HALF_SQUARES);
    assert!(away[0].bias[0].abs() < 1e-3 * away[3].bias[0].abs());
}
