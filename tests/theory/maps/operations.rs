//! Compare the operations with dense layers, with each other, and with the layers that they are in limits.

use super::{Filters, Order, all_filters, normal};
use creditlab::linalg::{Matrix, Vector, empty};
use creditlab::network::{Activation, Layer, Map, Window, Wiring};

const BATCH: usize = 3;

fn layer(filters: Filters, seed: u64) -> Layer<f64> {
    let mut layer = Layer::<f64>::new(filters.wiring(), true, Activation::Tanh);
    let (rows, columns) = layer.weight.shape();
    layer.weight = normal(rows, columns, seed);
    filters.wiring().clear_dead(&mut layer.weight);
    layer.bias = normal(layer.bias.len(), 1, seed + 1).column(0).into_owned();
    layer
}

fn none() -> Vector<f64> {
    Vector::from_vec(Vec::new())
}

fn push(layer: &Layer<f64>, bias: &Vector<f64>, a: &Matrix<f64>) -> Matrix<f64> {
    let mut z = empty();
    layer.push(&layer.weight, bias, a, &mut z);
    z
}

fn pull(layer: &Layer<f64>, delta: &Matrix<f64>) -> Matrix<f64> {
    let mut below = empty();
    layer.pull(&layer.weight, delta, &mut below);
    below
}

fn pair(layer: &Layer<f64>, post: &Matrix<f64>, pre: &Matrix<f64>) -> Matrix<f64> {
    let mut update = layer.weight.clone();
    layer.pair(1.0, post, pre, 0.0, &mut update);
    update
}

fn far(a: &Matrix<f64>, b: &Matrix<f64>) -> f64 {
    (a - b).norm() / b.norm()
}

/// Push, pull and pair are those of the dense layer with the Toeplitz matrix; other conventions are not.
#[test]
fn operations_are_those_of_dense_layers() {
    for (i, filters) in all_filters().into_iter().enumerate() {
        let layer = layer(filters, i as u64);
        let (a, delta) = (normal(layer.inputs(), BATCH, 7), normal(layer.units(), BATCH, 8));
        let bias = |unit: usize| layer.bias[layer.wiring.bias_of(unit)];
        let biases = Matrix::from_fn(layer.units(), BATCH, |unit, _| bias(unit));
        let dense = filters.toeplitz(&layer.weight, Order::Right);
        assert!(far(&push(&layer, &layer.bias, &a), &(&dense * &a + &biases)) < 1e-13);
        assert!(far(&pull(&layer, &delta), &(dense.transpose() * &delta)) < 1e-13);
        let tied = filters.tie(&(&delta * a.transpose()));
        assert!(far(&pair(&layer, &delta, &a), &tied) < 1e-13);
        if !filters.own && layer.wiring.uses() > 1 {
            let mean = &tied / layer.wiring.uses() as f64;
            assert!(
                far(&pair(&layer, &delta, &a), &mean) > 0.5,
                "the sum over positions, not the mean"
            );
        }
        let controls = [
            (Order::Flipped, true),
            (Order::Transposed, filters.window.size.0.min(filters.window.size.1) > 1),
            (Order::ChannelsLast, filters.below.channels > 1),
        ];
        for (order, differs) in controls.into_iter().filter(|(_, differs)| *differs) {
            let other = filters.toeplitz(&layer.weight, order);
            assert!(far(&push(&layer, &none(), &a), &(&other * &a)) > 0.1, "{differs}");
        }
    }
}

/// `<push(u), d> = <u, pull(d)> = <W, pair(d, u)>` without biases.
#[test]
fn the_operations_are_adjoint() {
    for (i, filters) in all_filters().into_iter().enumerate() {
        let layer = layer(filters, 20 + i as u64);
        let (u, d) = (normal(layer.inputs(), BATCH, 7), normal(layer.units(), BATCH, 8));
        let product = push(&layer, &none(), &u).dot(&d);
        let size = push(&layer, &none(), &u).norm() * d.norm();
        assert!((product - u.dot(&pull(&layer, &d))).abs() < 1e-12 * size);
        assert!((product - layer.weight.dot(&pair(&layer, &d, &u))).abs() < 1e-12 * size);
        let flipped = filters.toeplitz(&layer.weight, Order::Flipped);
        let wrong = u.dot(&(flipped.transpose() * &d));
        assert!(
            (product - wrong).abs() > 1e-3 * size,
            "a pull through the flipped kernel"
        );
    }
}

fn shared(channels: usize, below: Map, window: Window) -> Filters {
    Filters {
        channels,
        below,
        window,
        own: false,
    }
}

/// A kernel of one by one is a dense layer at every position.
#[test]
fn one_by_one_is_dense_at_every_position() {
    let below = Map::new(3, 2, 4);
    let layer = layer(shared(5, below, Window::square(1, 1)), 1);
    let (a, z) = (
        normal(below.units(), 1, 2),
        push(&layer, &layer.bias, &normal(below.units(), 1, 2)),
    );
    for position in 0..below.positions() {
        let seen = Vector::from_fn(3, |channel, _| a[channel * below.positions() + position]);
        let dense = &layer.weight * seen + &layer.bias;
        let own = Vector::from_fn(5, |channel, _| z[channel * below.positions() + position]);
        assert!((own - &dense).norm() < 1e-13 * dense.norm());
    }
}

/// A kernel as large as the map is a dense layer.
#[test]
fn a_kernel_as_large_as_the_map_is_dense() {
    let below = Map::new(2, 3, 4);
    let window = Window {
        size: (3, 4),
        ..Window::square(1, 1)
    };
    let layer = layer(shared(5, below, window), 1);
    assert!(layer.wiring.is_full());
    let mut dense = Layer::<f64>::new(Wiring::dense(5, 24), true, Activation::Tanh);
    dense.weight.clone_from(&layer.weight);
    let (a, d) = (normal(24, BATCH, 2), normal(5, BATCH, 3));
    assert!(far(&push(&layer, &layer.bias, &a), &push(&dense, &layer.bias, &a)) < 1e-13);
    assert!(far(&pull(&layer, &d), &pull(&dense, &d)) < 1e-13);
    assert!(far(&pair(&layer, &d, &a), &pair(&dense, &d, &a)) < 1e-13);
}

/// A local layer with tied weights is a convolution to the last bit, and its pair summed over positions is the convolution's.
#[test]
fn a_local_layer_with_tied_weights_is_a_convolution() {
    for filters in all_filters().into_iter().filter(|filters| !filters.own) {
        let own = Filters { own: true, ..filters };
        let (shared, mut local) = (layer(filters, 3), layer(own, 4));
        let (a, d) = (normal(shared.inputs(), BATCH, 2), normal(shared.units(), BATCH, 3));
        let untied = far(&push(&local, &local.bias, &a), &push(&shared, &shared.bias, &a));
        assert!(untied > 0.5, "{untied}");
        local.untie(&shared);
        assert_eq!(push(&local, &local.bias, &a), push(&shared, &shared.bias, &a));
        assert!(far(&pull(&local, &d), &pull(&shared, &d)) < 1e-13);
        let (positions, update) = (shared.wiring.positions(), pair(&local, &d, &a));
        let sum = Matrix::from_fn(filters.channels, update.ncols(), |channel, tap| {
            (0..positions)
                .map(|position| update[(channel * positions + position, tap)])
                .sum()
        });
        assert!(far(&sum, &pair(&shared, &d, &a)) < 1e-13);
        let alone = update.rows(0, filters.channels).into_owned();
        assert!(far(&alone, &pair(&shared, &d, &a)) > 0.1);
    }
}

/// A pass of a batch is the passes of its samples, bit by bit.
#[test]
fn a_sample_does_not_depend_on_the_others_of_its_batch() {
    for filters in all_filters() {
        let layer = layer(filters, 5);
        let (a, d) = (normal(layer.inputs(), 7, 2), normal(layer.units(), 7, 3));
        for i in 0..7 {
            let one = |all: &Matrix<f64>| all.columns(i, 1).into_owned();
            assert_eq!(one(&push(&layer, &layer.bias, &a)), push(&layer, &layer.bias, &one(&a)));
            assert_eq!(one(&pull(&layer, &d)), pull(&layer, &one(&d)));
        }
    }
}
