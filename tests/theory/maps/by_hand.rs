//! Compare the operations on a small image with numbers made by hand.

use creditlab::linalg::{Matrix, Vector, empty};
use creditlab::network::{Activation, Layer, Map, Window, Wiring};

/// Push, pull of 1, 2, .., and pair of 1, 2, .. with the image 0..15.
fn operations(kernel: &[f64], window: Window) -> [Vec<f64>; 3] {
    let image = Matrix::from_fn(16, 1, |i, _| i as f64);
    let mut layer = Layer::<f64>::new(
        Wiring::convolution(1, Map::new(1, 4, 4), window),
        false,
        Activation::Identity,
    );
    layer.weight = Matrix::from_row_slice(1, kernel.len(), kernel);
    let delta = Matrix::from_fn(4, 1, |i, _| (i + 1) as f64);
    let (mut z, mut below, mut update) = (empty(), empty(), layer.weight.clone());
    layer.push(&layer.weight, &Vector::from_vec(Vec::new()), &image, &mut z);
    layer.pull(&layer.weight, &delta, &mut below);
    layer.pair(1.0, &delta, &image, 0.0, &mut update);
    [z, below, update].map(|numbers| numbers.as_slice().to_vec())
}

#[test]
fn a_kernel_of_two_by_two() {
    let window = Window::square(2, 2);
    let [push, pull, pair] = operations(&[1.0, 2.0, 3.0, 4.0], window);
    assert_eq!(push, [34.0, 54.0, 114.0, 134.0]);
    let rows = [
        [1.0, 2.0, 2.0, 4.0],
        [3.0, 4.0, 6.0, 8.0],
        [3.0, 6.0, 4.0, 8.0],
        [9.0, 12.0, 12.0, 16.0],
    ];
    assert_eq!(pull, rows.concat());
    assert_eq!(pair, [68.0, 78.0, 108.0, 118.0]);
}

#[test]
fn a_kernel_of_three_by_three_with_padding() {
    let window = Window {
        padding: (1, 1),
        ..Window::square(3, 2)
    };
    let kernel: Vec<f64> = (1..10).map(f64::from).collect();
    let [push, pull, pair] = operations(&kernel, window);
    assert_eq!(push, [83.0, 178.0, 330.0, 528.0]);
    let rows = [
        [5.0, 14.0, 10.0, 12.0],
        [14.0, 36.0, 24.0, 30.0],
        [15.0, 34.0, 20.0, 24.0],
        [24.0, 55.0, 32.0, 36.0],
    ];
    assert_eq!(pull, rows.concat());
    assert_eq!(pair, [20.0, 36.0, 43.0, 38.0, 68.0, 78.0, 62.0, 108.0, 118.0]);
    // a flipped kernel is another function
    let flipped: Vec<f64> = kernel.iter().rev().copied().collect();
    assert_ne!(operations(&flipped, window)[0], push);
}
