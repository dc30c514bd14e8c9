//! Hold rules that learn layer by layer to what they are on maps: patches as samples, losses of a layer's own.

use super::on_images;
use crate::common::*;
use creditlab::linalg::{Matrix, empty};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Map, Network, Output, Trace, Window, Wiring};
use creditlab::update::Optimizer;

const LOSS: Loss = Loss::CROSS_ENTROPY;

/// Every patch of every sample as a column.
fn patches(layer: &Layer<f64>, x: &Matrix<f64>) -> Matrix<f64> {
    let (positions, channels) = (layer.wiring.positions(), layer.weight.nrows());
    let mut patches = Matrix::zeros(layer.weight.ncols(), positions * x.ncols());
    for i in 0..x.ncols() {
        layer.wiring.synapses(|unit, input, place| {
            if unit < positions {
                patches[(place / channels, i * positions + unit)] = x[(input, i)];
            }
        });
    }
    patches
}

/// Hebbian learning of filters is that of a dense layer whose samples are the patches.
#[test]
fn hebbian_learning_takes_patches_for_samples() {
    let network = on_images(
        "[Conv(channels: 4, kernel: (2, 3), stride: (1, 2))]",
        Map::new(2, 4, 7),
        3,
        Activation::Tanh,
        1,
    );
    let filters = &network.layers[0];
    let (x, y) = (inputs(56, 5, 1), targets(LOSS, 3, 5, 1));
    let seen = patches(filters, &x);
    let mut dense = Network {
        layers: vec![
            Layer::new(Wiring::dense(4, 12), true, Activation::Tanh),
            Layer::new(Wiring::dense(3, 4), true, Activation::Identity),
        ],
    };
    dense.layers[0].weight.clone_from(&filters.weight);
    dense.layers[0].bias.clone_from(&filters.bias);
    for kind in ["Oja", "Sanger", "SoftCompetition(temperature: 0.5)"] {
        let text = format!("Hebbian(kind: {kind})");
        let u = proposal(&text, &network, LOSS, &x, &y).swap_remove(0).weight;
        let expected = proposal(&text, &dense, LOSS, &seen, &targets(LOSS, 3, seen.ncols(), 2));
        let expected = &expected[0].weight;
        assert!((&u - expected).norm() < 1e-13 * expected.norm(), "{kind}");
        // the sum over positions would be another scale
        assert!(
            (&u * filters.wiring.positions() as f64 - expected).norm() > expected.norm(),
            "{kind}"
        );
    }
}

/// A network whose first layer pools, and what the heads of `text` start as.
fn with_heads(text: &str) -> (OnBatch<f64>, Network<f64>) {
    let network = on_images(
        "[Conv(channels: 3, kernel: 2), MaxPool(size: 2, stride: 1)]",
        Map::new(1, 6, 7),
        3,
        Activation::Tanh,
        2,
    );
    let (x, y) = (inputs(42, 6, 3), targets(LOSS, 3, 6, 3));
    (
        training(&[text], network.clone(), LOSS, Optimizer::sgd(0.0), &x, &y),
        network,
    )
}

/// The layer's update against central differences of a loss of its activity, in the first layer's parameters.
fn far_from(training: &mut OnBatch<f64>, network: &Network<f64>, loss: impl Fn(&Matrix<f64>) -> f64) -> f64 {
    let x = training.batch.input.clone();
    let differences = central_differences(network, 1e-5, |network| {
        let mut trace = Trace {
            input: x.clone(),
            ..Trace::default()
        };
        network.forward(&mut trace);
        loss(&trace.a[0])
    });
    let u = flat(&step(training)[0][..1]);
    relative(&u, &differences[..u.len()])
}

/// The head that predicts reads averages of squares, the smallest that leave no more than `inputs` numbers.
#[test]
fn a_local_loss_that_predicts_reads_averages() {
    // the layer shows 3 x 4 x 5: squares of 2 leave 12 numbers, squares of 3 leave 3
    for (most, side) in [(60, 1), (59, 2), (12, 2), (11, 3), (1, 5)] {
        let (mut training, network) = with_heads(&format!("LocalLoss(head: Fixed, inputs: {most})"));
        let (down, right) = (side.min(4), side.min(5));
        let (rows, columns) = (4 / down, 5 / right);
        let head = learned(&mut training, "layer1.head.weight");
        let bias = learned(&mut training, "layer1.head.bias");
        assert_eq!(head.ncols(), 3 * rows * columns, "{most}");
        let y = training.batch.targets.clone();
        let read = |a: &Matrix<f64>| {
            Matrix::from_fn(3 * rows * columns, a.ncols(), |n, i| {
                let (c, r, q) = (n / (rows * columns), n / columns % rows, n % columns);
                let cells = (0..down).flat_map(|j| (0..right).map(move |k| (j, k)));
                mean(cells.map(|(j, k)| a[((c * 4 + r * down + j) * 5 + q * right + k, i)]))
            })
        };
        let loss = |a: &Matrix<f64>| {
            let mut z = &head * read(a);
            z.column_iter_mut().for_each(|mut z| z += bias.column(0));
            LOSS.mean(Output { z: &z, a: &z }, &y)
        };
        let far = far_from(&mut training, &network, loss);
        assert!(far < 1e-7, "{most}: {far}");
        if side > 1 {
            let (mut training, network) = with_heads(&format!("LocalLoss(head: Fixed, inputs: {most})"));
            let shifted = |a: &Matrix<f64>| loss(&a.map(|a| a.abs()));
            assert!(far_from(&mut training, &network, shifted) > 0.1, "another loss");
        }
    }
}

/// Cosines between the columns, each with its mean taken off.
fn cosines(h: &Matrix<f64>) -> Matrix<f64> {
    let mut directions = h.clone();
    for mut column in directions.column_iter_mut() {
        let mean = column.mean();
        column.add_scalar_mut(-mean);
        column.normalize_mut();
    }
    directions.transpose() * directions
}

/// The head that compares samples is a convolution, and what is compared is how much its channels vary.
#[test]
fn a_local_loss_that_compares_reads_deviations() {
    let (mut training, network) = with_heads("LocalLoss(kind: Similarity, head: Fixed)");
    let map = Map::new(3, 4, 5);
    let window = Window {
        padding: (1, 1),
        ..Window::square(3, 1)
    };
    let mut head = Layer::<f64>::new(Wiring::convolution(3, map, window), false, Activation::Identity);
    head.weight = learned(&mut training, "layer1.similarity.weight");
    let wanted = cosines(&training.batch.targets);
    let loss = |a: &Matrix<f64>, bessel: bool| {
        let mut z = empty();
        head.push(&head.weight, &head.bias, a, &mut z);
        let deviations = Matrix::from_fn(3, z.ncols(), |c, i| {
            let places = (0..20).map(|p| z[(c * 20 + p, i)]);
            let middle = mean(places.clone());
            let squares: f64 = places.map(|z| (z - middle).powi(2)).sum();
            (squares / if bessel { 19.0 } else { 20.0 }).sqrt()
        });
        (cosines(&deviations) - &wanted).norm_squared() / (z.ncols() * z.ncols()) as f64
    };
    let far = far_from(&mut training, &network, |a| loss(a, true));
    assert!(far < 1e-7, "{far}");
    let (mut training, network) = with_heads("LocalLoss(kind: Similarity, head: Fixed)");
    let dense = |a: &Matrix<f64>| (cosines(a) - &wanted).norm_squared() / 36.0;
    assert!(far_from(&mut training, &network, dense) > 0.1, "without the head");
}
