//! Hold what Nielsen's chapters 2, 3 and 5 point out: which weights learn slowly, what single neurons change, how starts spread.

use super::{drawn, logistic, slope};
use crate::common::*;
use creditlab::expression::Graph;
use creditlab::linalg::{Matrix, zip};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Init, Network};
use creditlab::random::{self, Purpose, Stream};

/// One logistic unit with these inputs that has the sum `z`: the gradient of half the squared error at the target 0.
fn unit(inputs: &[f64], z: f64, loss: Loss) -> Affine<f64> {
    let mut network = drawn(&[inputs.len(), 1], Activation::Logistic, 1.0, 0);
    let heard: f64 = (0..inputs.len()).map(|i| network.layers[0].weight[i] * inputs[i]).sum();
    network.layers[0].bias[0] = z - heard;
    let x = Matrix::from_column_slice(inputs.len(), 1, inputs);
    proposal("Backprop", &network, loss, &x, &Matrix::zeros(1, 1)).remove(0)
}

/// C6: a weight learns slowly where its input is hardly active, or where the output is saturated, high or low.
#[test]
fn weights_from_silent_or_to_saturated_neurons_learn_slowly() {
    let update = unit(&[1.0, 0.01], 0.3, Loss::HALF_SQUARES);
    assert!((update.weight[1] / update.weight[0] - 0.01).abs() < 1e-14);
    let at = |z: f64| unit(&[0.8], z, Loss::HALF_SQUARES).weight[0];
    for z in [-9.0, -3.0, 0.0, 3.0, 9.0] {
        let expected = 0.8 * logistic(z) * slope(z);
        assert!((at(z) - expected).abs() < 1e-12 * expected);
    }
    assert!(at(9.0) < 1e-2 * at(0.0) && at(-9.0) < 1e-2 * at(0.0));
    // negative control: the cross-entropy has no slope in it, and a wrong unit learns the faster the more it is so
    let entropy = |z: f64| unit(&[0.8], z, Loss::LOGISTIC_CROSS_ENTROPY).weight[0];
    assert!(entropy(9.0) > 1.9 * entropy(0.0));
}

/// C10, first: where one neuron alone has another activation, its own slope alone is another in the four equations.
#[test]
fn a_single_modified_neuron_changes_its_own_slope_alone() {
    let (w, v, x, y) = ([0.7, -1.2], [1.1, 0.4], 0.9, 0.25);
    let cost = |second: &str| {
        format!(
            "p = logistic({} * x); q = {second}(m * x); o = logistic({} * p + {} * q); (o - {y}) ^ 2 / 2",
            w[0], v[0], v[1]
        )
    };
    let derivative = |second: &str| {
        let values = [("x".to_owned(), x), ("m".to_owned(), w[1])];
        let graph = Graph::new(&cost(second), &values).unwrap_or_else(|fault| panic!("{fault}"));
        let place = graph.nodes.iter().position(|node| node.name == "m").unwrap();
        graph.reverse()[place]
    };
    let by_equations = |value: f64, own_slope: f64| {
        let z = v[0] * logistic(w[0] * x) + v[1] * value;
        let delta = (logistic(z) - y) * slope(z); // BP1
        x * (v[1] * delta * own_slope) // BP2, BP4
    };
    let z = w[1] * x;
    let modified = by_equations(z.tanh(), 1.0 - z.tanh().powi(2));
    assert!((derivative("tanh") - modified).abs() < 1e-14);
    assert!((derivative("logistic") - by_equations(logistic(z), slope(z))).abs() < 1e-14);
    // negative control: the old slope with the new activation
    assert!((derivative("tanh") - by_equations(z.tanh(), slope(z))).abs() > 0.1 * modified.abs());
}

/// C10, second: with linear neurons every slope is 1, and errors go down through the weights alone.
#[test]
fn linear_neurons_leave_no_slope_in_the_equations() {
    for seed in 0..5 {
        let network = drawn(&[4, 5, 3, 2], Activation::Identity, 1.0, seed);
        let (x, y) = (inputs(4, 6, seed), targets(Loss::HALF_SQUARES, 2, 6, seed));
        let gradient = proposal("Backprop", &network, Loss::HALF_SQUARES, &x, &y);
        let mut delta = outputs(&network, &x) - &y;
        for l in (0..3).rev() {
            let bias: Vec<f64> = delta.row_iter().map(|row| row.sum() / 6.0).collect();
            assert!(relative(gradient[l].bias.as_slice(), &bias) < 1e-12);
            delta = network.layers[l].weight.transpose() * delta;
        }
        // negative control: another activation has slopes
        let curved = drawn(&[4, 5, 3, 2], Activation::Tanh, 1.0, seed);
        let other = proposal("Backprop", &curved, Loss::HALF_SQUARES, &x, &y);
        assert!(relative(other[0].bias.as_slice(), gradient[0].bias.as_slice()) > 1e-2);
    }
}

/// C3: `(1, 2) ∘ (3, 4) = (3, 8)`.
#[test]
fn elementwise_products_multiply_element_by_element() {
    let mut product = Matrix::from_column_slice(2, 1, &[1.0, 2.0]);
    zip(&mut product, &Matrix::from_column_slice(2, 1, &[3.0, 4.0]), |a, b| {
        a * b
    });
    assert_eq!(product.as_slice(), [3.0, 8.0]);
}

/// C13: in a linear network of ones every path adds 1, so that the derivative by a unit of the first hidden layer counts its paths: 10
/// in 784-30-10, 270,000 with four hidden layers of 30.
#[test]
fn paths_multiply_from_layer_to_layer() {
    for (hidden, paths) in [(1, 10.0), (2, 300.0), (4, 270_000.0)] {
        let mut sizes = vec![30; hidden + 2];
        (sizes[0], sizes[hidden + 1]) = (784, 10);
        let mut network = drawn(&sizes, Activation::Identity, 1.0, 0);
        for layer in &mut network.layers {
            layer.weight.fill(1.0);
        }
        let x = Matrix::zeros(784, 1);
        // an error of 1 at every output
        let y = outputs(&network, &x).map(|a| a - 1.0);
        let gradient = proposal("Backprop", &network, Loss::HALF_SQUARES, &x, &y);
        let counted = gradient[0].bias[7];
        assert!((counted - paths).abs() < 1e-6 * paths, "{counted}");
    }
}

/// C12: a forward difference takes a pass for each parameter and one more: 23,861 for 784-30-10.
#[test]
fn the_first_network_has_23860_parameters() {
    let parameters = |sizes: &[usize]| drawn(sizes, Activation::Logistic, 1.0, 0).parameters();
    assert_eq!(parameters(&[784, 30, 10]), 23_860);
    assert_eq!(parameters(&[784, 16, 16, 10]), 13_002, "A1");
    let network = drawn(&[784, 16, 16, 10], Activation::Logistic, 1.0, 0);
    let weights: Vec<usize> = network.layers.iter().map(|layer| layer.weight.len()).collect();
    assert_eq!(weights, [12_544, 256, 160]);
}

/// C38: with 500 of 1,000 inputs on, `z` spreads by `√501` from weights of N(0, 1), by `√(3/2)` from those of N(0, 1/n); the biases are
/// N(0, 1) in both.
#[test]
fn starts_spread_what_neurons_hear() {
    const UNITS: usize = 4000;
    let spread = |init: Init| {
        let stream = |index| Stream::new(7, Purpose::Weights, index, 0);
        let mut layer = init.layer::<f64>(UNITS, 1000, true, Activation::Logistic, stream(0));
        random::normal(layer.bias.as_mut_slice(), 1.0, &mut stream(1).generator());
        let network = Network { layers: vec![layer] };
        let mut trace = creditlab::network::Trace {
            input: Matrix::from_fn(1000, 1, |i, _| f64::from(u8::from(i < 500))),
            ..Default::default()
        };
        network.forward(&mut trace);
        (trace.z[0].iter().map(|z| z * z).sum::<f64>() / UNITS as f64).sqrt()
    };
    for (init, expected) in [(Init::Normal(1.0), 501_f64.sqrt()), (Init::default(), 1.5_f64.sqrt())] {
        // the standard error of a standard deviation is sd / √(2n)
        let error = expected / (2.0 * UNITS as f64).sqrt();
        let found = spread(init);
        assert!((found - expected).abs() < 3.5 * error, "{found}, not {expected}");
    }
}
