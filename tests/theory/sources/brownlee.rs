//! Hold single passes to what Brownlee's page prints: a forward pass, errors for given outputs, predictions with given weights.

use crate::common::outputs;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network, Output};

/// A network of logistic units, each with its weights and, last, its bias.
fn units(layers: &[&[&[f64]]]) -> Network<f64> {
    let layer = |units: &&[&[f64]]| {
        let inputs = units[0].len() - 1;
        let mut layer = Layer::zeros(units.len(), inputs, true, Activation::Logistic);
        for (i, unit) in units.iter().enumerate() {
            (0..inputs).for_each(|j| layer.weight[(i, j)] = unit[j]);
            layer.bias[i] = unit[inputs];
        }
        layer
    };
    Network {
        layers: layers.iter().map(layer).collect(),
    }
}

/// E2: the net 2-1-2 that is drawn after `seed(1)`.
fn first() -> Network<f64> {
    units(&[
        &[&[0.13436424411240122, 0.8474337369372327, 0.763774618976614]],
        &[
            &[0.2550690257394217, 0.49543508709194095],
            &[0.4494910647887381, 0.651592972722763],
        ],
    ])
}

fn column(values: &[f64]) -> Matrix<f64> {
    Matrix::from_column_slice(values.len(), 1, values)
}

#[track_caller]
fn assert_equal(found: f64, printed: f64, tolerance: f64) {
    assert!(
        (found - printed).abs() <= tolerance * printed.abs(),
        "{found}, not {printed}"
    );
}

/// E3: the outputs for the input (1, 0).
#[test]
fn the_forward_pass_is_as_printed() {
    let found = outputs(&first(), &column(&[1.0, 0.0]));
    for (found, printed) in found.iter().zip([0.6629970129852887, 0.7253160725279748]) {
        assert_equal(*found, printed, 1e-15);
    }
    // negative control: the other input
    assert!((outputs(&first(), &column(&[0.0, 1.0]))[0] - found[0]).abs() > 1e-3);
}

/// E4: errors for outputs that are given, not computed. His sign is the other one.
#[test]
fn errors_for_given_outputs_are_as_printed() {
    let network = first();
    let logit = |a: &f64| (a / (1.0 - a)).ln();
    let (hidden, output) = (
        column(&[0.7105668883115941]),
        column(&[0.6213859615555266, 0.6573693455986976]),
    );
    let mut delta = Matrix::zeros(2, 1);
    let of = Output {
        z: &output.map(|a| logit(&a)),
        a: &output,
    };
    Loss::HALF_SQUARES.delta(Activation::Logistic, of, &column(&[0.0, 1.0]), &mut delta);
    assert_equal(-delta[0], -0.14619064683582808, 1e-15);
    assert_equal(-delta[1], 0.0771723774346327, 1e-15);
    let mut below = Matrix::zeros(1, 1);
    network.layers[1].pull(&network.layers[1].weight, &delta, &mut below);
    let slope = Activation::Logistic.slope(logit(&hidden[0]), hidden[0]);
    assert_equal(-below[0] * slope, -0.0005348048046610517, 1e-14);
    // negative control: the outputs of the forward pass give other errors
    let own = outputs(&network, &column(&[1.0, 0.0]));
    let error = |a: f64| -a * a * (1.0 - a);
    assert!((error(own[0]) + 0.14619064683582808).abs() > 1e-3);
}

const POINTS: &str = include_str!("../../../experiments/sources/brownlee_toy.csv");

/// How many of the ten points a net answers right.
fn right(network: &Network<f64>) -> usize {
    let numbers = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>();
    let is_right = |line: &&str| {
        let row = numbers(line);
        let a = outputs(network, &column(&row[..2]));
        f64::from(u8::from(a[1] > a[0])) == row[2]
    };
    POINTS.lines().skip(1).filter(is_right).count()
}

/// E8: the weights that stand in the page's last program answer all ten points right.
#[test]
fn the_given_weights_predict_all_points() {
    let layers: [[[f64; 3]; 2]; 2] = [
        [
            [-1.482313569067226, 1.8308790073202204, 1.078381922048799],
            [0.23244990332399884, 0.3621998343835864, 0.40289821191094327],
        ],
        [
            [2.5001872433501404, 0.7887233511355132, -1.1026649757805829],
            [-2.429350576245497, 0.8357651039198697, 1.0699217181280656],
        ],
    ];
    let given = units(&[&[&layers[0][0], &layers[0][1]], &[&layers[1][0], &layers[1][1]]]);
    assert_eq!(right(&given), 10);
    // negative control: output units in each other's place answer all wrong
    let turned = units(&[&[&layers[0][0], &layers[0][1]], &[&layers[1][1], &layers[1][0]]]);
    assert_eq!(right(&turned), 0);
    // before training, with the weights that `seed(1)` draws, not all are right
    let start = units(&[
        &[
            &[0.13436424411240122, 0.8474337369372327, 0.763774618976614],
            &[0.2550690257394217, 0.49543508709194095, 0.4494910647887381],
        ],
        &[
            &[0.651592972722763, 0.7887233511355132, 0.0938595867742349],
            &[0.02834747652200631, 0.8357651039198697, 0.43276706790505337],
        ],
    ]);
    assert!(right(&start) < 10);
}
