//! Make networks whose layers can be inverted, and look into what rules have learned of them.

use crate::common::*;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Layer, Network, Trace};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::{Setting, Shape, Step};
use creditlab::update::Recipe;
use std::sync::LazyLock;

/// A square network, 5 units a layer, with weights `Q diag(gains)`, `Q` random and orthogonal, and small biases.
pub fn invertible(depth: usize, gains: [f64; 5], activation: Activation, seed: u64) -> Network<f64> {
    let layer = |l: usize| {
        let mut generator = Stream::new(seed, Purpose::Weights, l as u64, 2).generator();
        let mut layer = Layer::zeros(5, 5, true, activation);
        random::normal(layer.weight.as_mut_slice(), 1.0, &mut generator);
        layer.weight = layer.weight.qr().q() * Matrix::from_diagonal(&Vector::from_row_slice(&gains));
        random::normal(layer.bias.as_mut_slice(), 0.1, &mut generator);
        layer
    };
    Network {
        layers: (0..depth).map(layer).collect(),
    }
}

/// A linear one, its singular values between 0.5 and 1.5.
pub fn linear(seed: u64) -> Network<f64> {
    invertible(4, [0.5, 0.7, 0.9, 1.2, 1.5], Activation::Identity, seed)
}

pub fn forward(network: &Network<f64>, x: &Matrix<f64>) -> Trace<f64> {
    let input = x.clone();
    let mut trace = Trace {
        input,
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace
}

pub fn inverse(matrix: &Matrix<f64>) -> Matrix<f64> {
    matrix.clone().try_inverse().expect("invertible")
}

/// Which layer, counted from 0, an array such as `layer2.inverse.bias` belongs to.
pub fn layer_of(name: &str) -> usize {
    let number = name.strip_prefix("layer").and_then(|rest| rest.split('.').next());
    number.and_then(|n| n.parse::<usize>().ok()).expect("layer...") - 1
}

/// Puts `V_l = spoil W_l⁻¹`, `c_l = −W_l⁻¹ b_l` into the arrays `layer{l}.inverse`: with `spoil` 1 the exact inverses of a linear network.
pub fn invert(network: &Network<f64>, spoil: f64) -> impl FnMut(&str, Shape, &mut [f64]) {
    move |name, shape, values| {
        let layer = &network.layers[layer_of(name)];
        let v = inverse(&layer.weight);
        if name.ends_with(".weight") {
            assert_eq!(shape, [v.nrows(), v.ncols()]);
            values.copy_from_slice((v * spoil).as_slice());
        } else {
            assert_eq!(shape, [v.nrows()]);
            values.copy_from_slice((-v * &layer.bias).as_slice());
        }
    }
}

static OPTIMIZER: LazyLock<Recipe> = LazyLock::new(Recipe::default);

pub fn setting(network: &Network<f64>, loss: Loss) -> Setting<'_, f64> {
    Setting {
        network,
        loss,
        optimizer: &OPTIMIZER,
        batch: 6,
        folder: std::path::Path::new(""),
    }
}

/// A step as rules see it, of a pass already made.
pub fn step_of<'a>(network: &'a Network<f64>, loss: Loss, trace: &'a Trace<f64>, y: &'a Matrix<f64>) -> Step<'a, f64> {
    Step {
        network,
        loss,
        trace,
        targets: y,
        samples: &[0],
        stream: Stream::new(0, Purpose::Propose, 0, 0),
    }
}

/// Takes a step from these weights; the updates of every seat.
pub fn step_on(training: &mut OnBatch<f64>, network: &Network<f64>) -> Vec<Vec<Affine<f64>>> {
    training.network.clone_from(network);
    step(training)
}

/// `f_l⁻¹(h)`, exactly: `W_l⁻¹ (φ⁻¹(h) − b_l)` of identity and tanh units.
pub fn undo(network: &Network<f64>, l: usize, h: &Matrix<f64>) -> Matrix<f64> {
    let layer = &network.layers[l];
    let mut z = match layer.activation {
        Activation::Identity => h.clone(),
        _ => h.map(f64::atanh),
    };
    z.column_iter_mut().for_each(|mut z| z -= &layer.bias);
    inverse(&layer.weight) * z
}

/// `∂h_L/∂z_l` of every layer, of the sample `i` of a pass of identity and tanh units.
pub fn jacobians(network: &Network<f64>, trace: &Trace<f64>, i: usize) -> Vec<Matrix<f64>> {
    let slope = |l: usize| -> Matrix<f64> {
        let slopes = trace.a[l].column(i).map(|h| match network.layers[l].activation {
            Activation::Identity => 1.0,
            _ => 1.0 - h * h,
        });
        Matrix::from_diagonal(&Vector::from_column_slice(slopes.as_slice()))
    };
    let top = network.top();
    let mut all = vec![slope(top)];
    for l in (0..top).rev() {
        let above: &Matrix<f64> = all.last().expect("one");
        all.push(above * &network.layers[l + 1].weight * slope(l));
    }
    all.reverse();
    all
}

/// With one hidden layer a first target at the penultimate layer makes the rule the gradient, whatever its step.
pub fn a_first_target_is_the_gradient(rule: &str, steps: &[f64]) {
    for loss in Loss::ALL {
        for output in Activation::ALL.into_iter().filter(|output| loss.accepts(*output)) {
            for hidden in Activation::ALL {
                let network = network(&[5, 8, 3], hidden, output, 1);
                let (x, y) = (inputs(5, 6, 1), targets(loss, 3, 6, 1));
                let gradient = proposal("Backprop", &network, loss, &x, &y);
                for step in steps {
                    let errors = |start| {
                        let text = format!("{rule}(step: {step}, start: {start})");
                        relative_by_layer(&proposal(&text, &network, loss, &x, &y), &gradient)
                    };
                    let exact = errors("Penultimate");
                    assert!(
                        exact.iter().all(|e| *e <= 1e-12),
                        "{loss:?} {output:?} {hidden:?} {step}: {exact:?}"
                    );
                    // negative control: through the random inverse of the output layer it is not; the output layer's own is
                    let other = errors("Output");
                    assert!(other[0] > 0.1 && other[1] <= 1e-15, "{other:?}");
                }
            }
        }
    }
}
