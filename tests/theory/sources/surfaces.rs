//! Hold what Hecht-Nielsen states of the error surface: the mean squared error over ever more examples is an integral, and far out the
//! surface is flat, in stairs.

use super::drawn;
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::random::{self, Purpose, Stream};

/// What is to be learned, on [0, 1].
fn wanted(x: f64) -> f64 {
    (std::f64::consts::TAU * x).sin()
}

/// Examples `x` of the density with `x = draw(u)`, `u` uniform.
fn examples(n: usize, seed: u64, draw: fn(f64) -> f64) -> (Matrix<f64>, Matrix<f64>) {
    let mut generator = Stream::new(seed, Purpose::Task, 2, 0).generator();
    let x = Matrix::from_fn(1, n, |_, _| draw(random::uniform(&mut generator)));
    let y = x.map(wanted);
    (x, y)
}

/// The midpoints of `n` equal parts of [0, 1]: sums over them are integrals, to `1 / n²`.
fn grid(n: usize) -> (Matrix<f64>, Matrix<f64>) {
    let x = Matrix::from_fn(1, n, |_, i| (i as f64 + 0.5) / n as f64);
    let y = x.map(wanted);
    (x, y)
}

/// The squared errors of a network, example by example.
fn errors(network: &Network<f64>, (x, y): &(Matrix<f64>, Matrix<f64>)) -> Vec<f64> {
    (outputs(network, x) - y).iter().map(|error| error * error).collect()
}

fn uniform(u: f64) -> f64 {
    u
}

fn crowded(u: f64) -> f64 {
    u * u
}

/// F5: `(1/N) Σ |f(x_k) - B(x_k, w)|²` comes to `∫ |f - B|² ρ`, within its own standard error, which falls as `1/√N`.
#[test]
fn the_error_over_examples_is_an_integral() {
    let network = drawn(&[1, 5, 1], Activation::Tanh, 1.5, 2);
    let integral = mean(errors(&network, &grid(100_000)));
    let estimate = |n: usize, seed: u64, draw| {
        let errors = errors(&network, &examples(n, seed, draw));
        let average = mean(errors.iter().copied());
        let variance = errors.iter().map(|error| (error - average).powi(2)).sum::<f64>() / (n - 1) as f64;
        (average - integral) / (variance / n as f64).sqrt()
    };
    for n in [100, 1000, 10_000, 100_000] {
        let far = estimate(n, n as u64, uniform);
        assert!(far.abs() < 3.5, "{n}: {far} standard errors");
    }
    // negative control: examples of another density have another limit
    assert!(estimate(100_000, 1, crowded).abs() > 10.0);
    // the spread over repetitions falls as the root of the number
    let spread = |n: usize| {
        let squares = (0..400).map(|seed| (mean(errors(&network, &examples(n, seed, uniform))) - integral).powi(2));
        mean(squares).sqrt()
    };
    let ratio = spread(50) / spread(800);
    assert!((ratio - 4.0).abs() < 0.8, "{ratio}");
}

/// F2 (ii), F5: the integral is differentiable, and the mean of the examples' gradients comes to its gradient.
#[test]
fn the_mean_gradient_is_that_of_the_integral() {
    let network = drawn(&[1, 5, 1], Activation::Tanh, 1.5, 2);
    let gradient = |(x, y): &(Matrix<f64>, Matrix<f64>)| flat(&proposal("Backprop", &network, Loss::SQUARES, x, y));
    let fine = grid(20_000);
    let exact = gradient(&fine);
    let differences = central_differences(&network, 1e-5, |n| mean(errors(n, &fine)));
    assert!(relative(&exact, &differences) < 1e-6);
    let far = |n: usize| {
        let squares = (0..100).map(|seed| relative(&gradient(&examples(n, seed, uniform)), &exact).powi(2));
        mean(squares).sqrt()
    };
    let ratio = far(50) / far(800);
    assert!((ratio - 4.0).abs() < 1.0, "{ratio}");
    // negative control: another density
    assert!(relative(&gradient(&examples(20_000, 1, crowded)), &exact) > 5.0 * far(800));
}

/// F7, F10: along any ray out the surface becomes flat but for the edges of stairs, which become ever narrower: its slope vanishes.
#[test]
fn the_surface_is_flat_far_out() {
    for seed in 0..5 {
        let start = drawn(&[3, 4, 2], Activation::Logistic, 1.0, seed);
        let x = inputs(3, 10, seed);
        let y = targets(Loss::LOGISTIC_CROSS_ENTROPY, 2, 10, seed).map(f64::round);
        let slope = |factor: f64| {
            let mut network = start.clone();
            for layer in &mut network.layers {
                layer.weight *= factor;
                layer.bias *= factor;
            }
            let gradient = flat(&proposal("Backprop", &network, Loss::HALF_SQUARES, &x, &y));
            gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
        };
        assert!(slope(1.0) > 1e-3, "{}", slope(1.0));
        assert!(slope(1e6) < 1e-3 * slope(1.0), "{}", slope(1e6));
    }
}

/// F10: where one unit is steep, moving its threshold over `n` examples takes the cost through stairs, one for each example that is
/// passed; more examples, more steps.
#[test]
fn the_surface_has_a_step_for_each_example() {
    for n in [4, 8, 16] {
        let x = Matrix::from_fn(1, n, |_, i| (i as f64 + 0.5) / n as f64);
        let y = Matrix::from_fn(1, n, |_, i| f64::from(u8::from(i % 3 == 0)));
        let mut network = drawn(&[1, 1], Activation::Logistic, 1.0, 0);
        network.layers[0].weight[0] = 1e4;
        let mut cost = |threshold: f64| {
            network.layers[0].bias[0] = -1e4 * threshold;
            mean_loss(&network, Loss::SQUARES, &x, &y)
        };
        // thresholds from below all examples to above all; the unit says 1 to those above it
        let mut stairs = 0;
        for below in 0..=n {
            let wrong = (0..n).filter(|i| (*i >= below) != (i % 3 == 0)).count();
            let flat = [0.2, 0.5, 0.8].map(|part| cost((below as f64 - 0.5 + part) / n as f64));
            for cost in flat {
                assert!((cost - wrong as f64 / n as f64).abs() < 1e-9, "{n} {below}: {cost}");
            }
            stairs += usize::from(flat[0] == flat[2]);
        }
        assert_eq!(stairs, n + 1);
        // negative control: a gentle unit has a slope between
        network.layers[0].weight[0] = 5.0;
        let mut gentle = |threshold: f64| {
            network.layers[0].bias[0] = -5.0 * threshold;
            mean_loss(&network, Loss::SQUARES, &x, &y)
        };
        assert!((gentle(0.2 / n as f64) - gentle(0.8 / n as f64)).abs() > 1e-4);
    }
}
