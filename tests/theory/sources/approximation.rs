//! Hold the theorem of Hecht-Nielsen for one function: a net with one hidden layer, made of the terms of a Fourier series, each made of
//! logistic units, comes as near to it as one likes in the mean square.

use super::drawn;
use crate::common::outputs;
use creditlab::linalg::Matrix;
use creditlab::network::{Activation, Network};
use std::f64::consts::{PI, TAU};

/// A function that is in L² and not continuous: 1 on the first half of [0, 1], -1 on the second.
fn square_wave(x: f64) -> f64 {
    if x < 0.5 { 1.0 } else { -1.0 }
}

/// Its Fourier series up to `sin(2 π terms x)`.
fn series(terms: usize, x: f64) -> f64 {
    (1..=terms)
        .step_by(2)
        .map(|k| 4.0 / (PI * k as f64) * (TAU * k as f64 * x).sin())
        .sum()
}

/// What the series leaves of the squared norm, 1, by Parseval.
fn tail(terms: usize) -> f64 {
    1.0 - (1..=terms)
        .step_by(2)
        .map(|k| 8.0 / (PI * k as f64).powi(2))
        .sum::<f64>()
}

/// A net of `units` logistic units that climbs from value to value of the series in stairs a `units`-th wide.
fn stairs(terms: usize, units: usize) -> Network<f64> {
    let mut network = drawn(&[1, units, 1], Activation::Logistic, 1.0, 0);
    let width = 1.0 / units as f64;
    let [hidden, output] = &mut network.layers[..] else {
        unreachable!("two layers")
    };
    output.activation = Activation::Identity;
    output.bias[0] = series(terms, 0.0);
    for unit in 0..units {
        let at = (unit as f64 + 0.5) * width;
        hidden.weight[unit] = 20.0 / width;
        hidden.bias[unit] = -20.0 / width * at;
        output.weight[unit] = series(terms, (unit + 1) as f64 * width) - series(terms, unit as f64 * width);
    }
    network
}

/// The root mean square, over [0, 1], of what a function leaves.
fn distance(network: &Network<f64>, wanted: impl Fn(f64) -> f64) -> f64 {
    let n = 8192;
    let x = Matrix::from_fn(1, n, |_, i| (i as f64 + 0.5) / n as f64);
    let squares = outputs(network, &x)
        .iter()
        .zip(x.iter())
        .map(|(a, x)| (a - wanted(*x)).powi(2))
        .sum::<f64>();
    (squares / n as f64).sqrt()
}

/// F6: with twice the units a net is half as far from the series.
#[test]
fn nets_of_steps_come_to_each_series() {
    for terms in [1, 5, 21] {
        let far = |units| distance(&stairs(terms, units), |x| series(terms, x));
        for units in [256, 512] {
            let ratio = far(units) / far(2 * units);
            assert!((ratio - 2.0).abs() < 0.1, "{terms} terms, {units} units: {ratio}");
        }
    }
}

/// F6: the series come to the function in the mean square, and so do the nets; near the jump none of them does.
#[test]
fn nets_come_to_the_function_in_the_mean_square() {
    let mut last = 1.0;
    for (terms, units) in [(1, 64), (5, 256), (21, 512), (85, 1024)] {
        let net = stairs(terms, units);
        let far = distance(&net, square_wave);
        let of_series = tail(terms).sqrt();
        assert!(
            (far - of_series).abs() < 0.1 * of_series,
            "{terms}: {far}, not {of_series}"
        );
        assert!(far < 0.6 * last);
        last = far;
        // the largest error does not fall: it is a theorem of the mean square
        let x = Matrix::from_element(1, 1, 0.5 - 1e-3 / terms as f64);
        assert!((outputs(&net, &x)[0] - 1.0).abs() > 0.5);
    }
    // negative control: too few units for the terms
    assert!(distance(&stairs(85, 64), square_wave) > 1.5 * last);
}

/// The table that `hecht_nielsen_hidden_units.ron` trains on is the function that it says.
#[test]
fn the_wave_is_as_stated() {
    let table = include_str!("../../../experiments/sources/hecht_nielsen_wave.csv");
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 128);
    let mut squares = 0.0;
    for (i, row) in rows.iter().enumerate() {
        let (x, y) = row.split_once(',').unwrap();
        let [x, y]: [f64; 2] = [x, y].map(|cell| cell.parse().unwrap());
        assert!((x - (i as f64 + 0.5) / 128.0).abs() < 1e-8);
        assert!((y - ((2.0 * TAU * x).sin() + (3.0 * TAU * x).sin() / 2.0)).abs() < 1e-6);
        squares += y * y / 128.0;
    }
    assert!((squares / 2.0 - 0.3125).abs() < 1e-6, "half a mean square");
}
