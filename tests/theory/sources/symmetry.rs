//! Hold the symmetries of networks: exchanged hidden units and flipped signs leave the function as it is (Hecht-Nielsen 1989; Chen, Lu,
//! Hecht-Nielsen 1993; Reed and Marks, Neural Smithing, chapter 8).

use super::drawn;
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use std::collections::BTreeSet;

/// Exchanges units `i` and `j` of layer `l`, with all that leads to and from them.
fn exchange(network: &mut Network<f64>, l: usize, i: usize, j: usize) {
    network.layers[l].weight.swap_rows(i, j);
    network.layers[l].bias.swap_rows(i, j);
    network.layers[l + 1].weight.swap_columns(i, j);
}

/// Turns the sign of what unit `i` of layer `l` hears; with `outgoing`, of what leads from it too.
fn flip(network: &mut Network<f64>, l: usize, i: usize, outgoing: bool) {
    network.layers[l].weight.row_mut(i).neg_mut();
    network.layers[l].bias[i] *= -1.0;
    if outgoing {
        network.layers[l + 1].weight.column_mut(i).neg_mut();
    }
}

/// The length of the vector of all weights and biases.
fn norm(network: &Network<f64>) -> f64 {
    let squares = |layer: &creditlab::network::Layer<f64>| layer.weight.norm_squared() + layer.bias.norm_squared();
    network.layers.iter().map(squares).sum::<f64>().sqrt()
}

fn apart(a: &Matrix<f64>, b: &Matrix<f64>) -> f64 {
    (a - b).norm() / a.norm()
}

/// F7, F9: outputs, the loss and the length of the gradient stay, and so does the length of the weights: all copies lie on one sphere.
#[test]
fn exchanged_and_flipped_units_leave_the_function_and_the_norm() {
    for seed in 0..10 {
        let network = drawn(&[3, 5, 4, 2], Activation::Tanh, 1.0, seed);
        let (x, y) = (inputs(3, 20, seed), targets(Loss::HALF_SQUARES, 2, 20, seed));
        let mut copy = network.clone();
        exchange(&mut copy, 0, 1, 4);
        exchange(&mut copy, 1, 0, 2);
        for (l, i) in [(0, 0), (0, 3), (1, 1)] {
            flip(&mut copy, l, i, true);
        }
        assert!(relative(copy.layers[0].weight.as_slice(), network.layers[0].weight.as_slice()) > 0.1);
        assert!(apart(&outputs(&network, &x), &outputs(&copy, &x)) < 1e-14);
        assert!((norm(&copy) / norm(&network) - 1.0).abs() < 1e-14);
        let length = |network: &Network<f64>| {
            let gradient = flat(&proposal("Backprop", network, Loss::HALF_SQUARES, &x, &y));
            gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
        };
        assert!((length(&copy) / length(&network) - 1.0).abs() < 1e-12);
        // negative controls: a flip without what leads from the unit, and with an activation that is not odd
        flip(&mut copy, 0, 2, false);
        assert!(apart(&outputs(&network, &x), &outputs(&copy, &x)) > 1e-2);
        assert!(
            (norm(&copy) / norm(&network) - 1.0).abs() < 1e-14,
            "the norm alone says nothing"
        );
        let even = drawn(&[3, 5, 4, 2], Activation::Softplus, 1.0, seed);
        let mut flipped = even.clone();
        flip(&mut flipped, 0, 0, true);
        assert!(apart(&outputs(&even, &x), &outputs(&flipped, &x)) > 1e-2);
    }
}

/// F8: with `s(-z) = 1 - s(z)` logistic units flip too, where the biases above take up the 1; then the norm changes.
#[test]
fn logistic_units_flip_where_the_biases_above_make_up_for_it() {
    for seed in 0..10 {
        let network = drawn(&[3, 5, 2], Activation::Logistic, 1.0, seed);
        let x = inputs(3, 20, seed);
        let mut copy = network.clone();
        flip(&mut copy, 0, 2, true);
        // negative control
        assert!(apart(&outputs(&network, &x), &outputs(&copy, &x)) > 1e-3);
        let outgoing = network.layers[1].weight.column(2).into_owned();
        for (bias, weight) in copy.layers[1].bias.iter_mut().zip(outgoing.iter()) {
            *bias += weight;
        }
        assert!(apart(&outputs(&network, &x), &outputs(&copy, &x)) < 1e-14);
        assert!((norm(&copy) / norm(&network) - 1.0).abs() > 1e-6);
    }
}

/// Every order of `0..n`.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(n - 1);
    let insert = |place: usize| {
        shorter
            .iter()
            .map(move |order| [&order[..place], &[n - 1], &order[place..]].concat())
    };
    (0..n).flat_map(insert).collect()
}

/// `n! 2^n`
fn copies(n: u64) -> u64 {
    (1..=n).product::<u64>() << n
}

/// F8: `n` hidden units have `n! 2^n` weight vectors of the same function: 8, 48, 3,840 are counted, 3,715,891,200 is computed.
#[test]
fn copies_are_counted() {
    assert_eq!([2, 5, 10].map(copies), [8, 3840, 3_715_891_200]);
    for n in [2, 3, 5] {
        let network = drawn(&[2, n, 1], Activation::Tanh, 1.0, 4);
        let x = inputs(2, 5, 4);
        let answer = outputs(&network, &x);
        let mut different = BTreeSet::new();
        for order in orders(n) {
            for signs in 0..1_usize << n {
                let mut copy = network.clone();
                for (to, from) in order.iter().enumerate() {
                    copy.layers[0].weight.set_row(to, &network.layers[0].weight.row(*from));
                    copy.layers[0].bias[to] = network.layers[0].bias[*from];
                    copy.layers[1]
                        .weight
                        .set_column(to, &network.layers[1].weight.column(*from));
                }
                for unit in (0..n).filter(|unit| signs >> unit & 1 == 1) {
                    flip(&mut copy, 0, unit, true);
                }
                assert!(apart(&answer, &outputs(&copy, &x)) < 1e-13);
                let all = copy
                    .layers
                    .iter()
                    .flat_map(|layer| layer.weight.iter().chain(layer.bias.iter()));
                different.insert(all.map(|weight| weight.to_bits()).collect::<Vec<_>>());
            }
        }
        assert_eq!(different.len() as u64, copies(n as u64));
    }
}
