//! Explore the symmetries of a network: exchange hidden units and turn signs, and watch outputs and length of the weights.
//!
//! `cargo run --release --example symmetries -- 3 5 4 2` takes the sizes of the layers; units are tanh. Hecht-Nielsen, "Theory of the
//! Backpropagation Neural Network" (1992): n hidden units of a layer give n! 2^n weight vectors of the same function, on one sphere.

use creditlab::linalg::Matrix;
use creditlab::network::{Activation, Init, Network, Trace};
use creditlab::random::{self, Generator, Purpose, Stream};

/// Samples that outputs are compared on.
const SAMPLES: usize = 50;
const MOVES: usize = 6;

/// A network of these sizes with drawn weights and biases.
fn drawn(sizes: &[usize], generator: &mut Generator) -> Network<f64> {
    let pairs = sizes.windows(2).zip(0..);
    let layer = |(size, l): (&[usize], u64)| {
        let stream = Stream::new(0, Purpose::Weights, l, 0);
        let mut layer = Init::default().layer(size[1], size[0], true, Activation::Tanh, stream);
        random::normal(layer.bias.as_mut_slice(), 0.5, generator);
        layer
    };
    Network {
        layers: pairs.map(layer).collect(),
    }
}

/// Exchanges two units of layer `l`, with all that leads to and from them.
fn exchange(network: &mut Network<f64>, l: usize, (i, j): (usize, usize)) {
    network.layers[l].weight.swap_rows(i, j);
    network.layers[l].bias.swap_rows(i, j);
    network.layers[l + 1].weight.swap_columns(i, j);
}

/// Turns the sign of all that leads to unit `i` of layer `l` and of all that leads from it: tanh(-z) = -tanh(z).
fn flip(network: &mut Network<f64>, l: usize, i: usize) {
    network.layers[l].weight.row_mut(i).neg_mut();
    network.layers[l].bias[i] *= -1.0;
    network.layers[l + 1].weight.column_mut(i).neg_mut();
}

fn outputs(network: &Network<f64>, input: &Matrix<f64>) -> Matrix<f64> {
    let mut trace = Trace {
        input: input.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace.output().a.clone()
}

/// The length of the vector of all weights and biases.
fn length(network: &Network<f64>) -> f64 {
    let squares = network
        .layers
        .iter()
        .map(|layer| layer.weight.norm_squared() + layer.bias.norm_squared());
    squares.sum::<f64>().sqrt()
}

/// Prints a moved network beside the first one.
fn compare(what: &str, (first, moved): (&Network<f64>, &Network<f64>), input: &Matrix<f64>) {
    let apart = (outputs(first, input) - outputs(moved, input)).amax();
    let weights = first
        .layers
        .iter()
        .zip(&moved.layers)
        .map(|(a, b)| (&a.weight - &b.weight).norm_squared());
    println!(
        "{what:40}{apart:14.1e}{:14.6}{:14.6}",
        length(moved),
        weights.sum::<f64>().sqrt()
    );
}

fn main() -> Result<(), String> {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![3, 5, 4, 2] } else { sizes };
    if sizes.len() < 3 || sizes.contains(&0) {
        return Err("sizes of three layers or more are needed, such as 3 5 4 2".into());
    }
    let mut generator = Stream::new(0, Purpose::Task, 0, 0).generator();
    let first = drawn(&sizes, &mut generator);
    let mut input = Matrix::zeros(sizes[0], SAMPLES);
    random::normal(input.as_mut_slice(), 1.0, &mut generator);
    let mut below = |bound: usize| random::below(bound as u64, &mut generator) as usize;

    println!(
        "{:40}{:>14}{:>14}{:>14}",
        "moves, one after another", "outputs apart", "length", "weights apart"
    );
    let mut moved = first.clone();
    compare("none", (&first, &moved), &input);
    for turn in 0..MOVES {
        let l = below(sizes.len() - 2);
        let i = below(sizes[l + 1]);
        // another one, where there is one
        let j = (i + 1 + below((sizes[l + 1] - 1).max(1))) % sizes[l + 1];
        let what = if turn % 2 == 0 {
            exchange(&mut moved, l, (i, j));
            format!("layer {}: units {} and {} exchanged", l + 1, i + 1, j + 1)
        } else {
            flip(&mut moved, l, i);
            format!("layer {}: signs of unit {} turned", l + 1, i + 1)
        };
        compare(&what, (&first, &moved), &input);
    }
    // what is no symmetry: the sign of what leads to a unit alone
    moved.layers[0].weight.row_mut(0).neg_mut();
    moved.layers[0].bias[0] *= -1.0;
    compare("layer 1: signs of what unit 1 hears alone", (&first, &moved), &input);

    let copies = |n: usize| (1..=n).map(|i| 2.0 * i as f64).product::<f64>();
    let all: f64 = sizes[1..sizes.len() - 1].iter().map(|n| copies(*n)).product();
    println!("\nweight vectors of the same function, n! 2^n a hidden layer: {all}");
    Ok(())
}
