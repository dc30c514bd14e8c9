//! Hold the walk of 3Blue1Brown's "What is backpropagation really doing?": what outputs, weights and units below are wished to do.

use super::{drawn, logistic, slope};
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network, Trace};
use creditlab::random::{self, Purpose, Stream};
use creditlab::update::Optimizer;

fn image(pixels: usize, seed: u64) -> Matrix<f64> {
    let mut generator = Stream::new(seed, Purpose::Task, 0, 0).generator();
    Matrix::from_fn(pixels, 1, |_, _| random::uniform(&mut generator))
}

fn one_hot(class: usize) -> Matrix<f64> {
    Matrix::from_fn(10, 1, |j, _| f64::from(u8::from(j == class)))
}

fn pass(network: &Network<f64>, x: &Matrix<f64>) -> Trace<f64> {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace
}

/// A4: for an image of a 2 the output of the 2 is to go up and the nine others down, each in proportion to its distance from what is
/// wanted.
#[test]
fn outputs_are_wished_up_and_down_by_their_distance() {
    for seed in 0..10 {
        let network = drawn(&[64, 16, 16, 10], Activation::Logistic, 1.0, seed);
        let (x, y) = (image(64, seed), one_hot(2));
        let trace = pass(&network, &x);
        let delta = &proposal("Backprop", &network, Loss::SQUARES, &x, &y)[2].bias;
        let wish: Vec<f64> = (0..10).map(|j| -delta[j] / slope(trace.z[2][j])).collect();
        for (j, wish) in wish.iter().enumerate() {
            let distance = y[j] - trace.a[2][j];
            assert!((wish - 2.0 * distance).abs() < 1e-9, "{wish} {distance}");
            assert_eq!(*wish > 0.0, j == 2);
        }
    }
}

/// A5, A6: weights are wished to change in proportion to the activity that they come from, most from the brightest; the bias as if its
/// activity were 1.
#[test]
fn weights_from_bright_neurons_are_changed_most() {
    for seed in 0..10 {
        let network = drawn(&[64, 16, 16, 10], Activation::Logistic, 1.0, seed);
        let (x, y) = (image(64, seed), one_hot(2));
        let below = pass(&network, &x).a[1].clone();
        let update = &proposal("Backprop", &network, Loss::SQUARES, &x, &y)[2];
        for j in 0..10 {
            for i in 0..16 {
                assert!(
                    (update.weight[(j, i)] - update.bias[j] * below[i]).abs() <= 1e-15 + 1e-12 * update.bias[j].abs()
                );
            }
        }
        let brightest = below.column(0).imax();
        assert_eq!(update.weight.row(2).transpose().iamax(), brightest);
        let dimmest = below.column(0).imin();
        // negative control: it is not so of any other
        assert_ne!(update.weight.row(2).transpose().iamax(), dimmest);
    }
}

/// A7: what the layer below is wished to do is the sum of what each output asks for, in proportion to the weights.
#[test]
fn wishes_of_the_outputs_are_summed_below() {
    for seed in 0..10 {
        let network = drawn(&[64, 16, 16, 10], Activation::Logistic, 1.0, seed);
        let (x, y) = (image(64, seed), one_hot(2));
        let trace = pass(&network, &x);
        let gradient = proposal("Backprop", &network, Loss::SQUARES, &x, &y);
        for k in 0..16 {
            let asked: Vec<f64> = (0..10)
                .map(|j| {
                    let z = trace.z[2][j];
                    network.layers[2].weight[(j, k)] * slope(z) * 2.0 * (logistic(z) - y[j])
                })
                .collect();
            let wish = slope(trace.z[1][k]) * asked.iter().sum::<f64>();
            let found = gradient[1].bias[k];
            assert!((found - wish).abs() <= 1e-12 * asked.iter().map(|a| a.abs()).sum::<f64>());
            // negative control: one output's wish alone
            let alone = slope(trace.z[1][k]) * asked[2];
            assert!(found == alone || (found - alone).abs() > 1e-9 * found.abs());
        }
    }
}

/// A3: two entries of the gradient say how much more the cost answers to one weight than to the other.
#[test]
fn entries_of_the_gradient_are_sensitivities() {
    let network = drawn(&[64, 16, 16, 10], Activation::Logistic, 1.0, 3);
    let (x, y) = (image(64, 3), one_hot(2));
    let update = &proposal("Backprop", &network, Loss::SQUARES, &x, &y)[2].weight;
    let change = |place: usize| {
        let mut moved = network.clone();
        moved.layers[2].weight[place] += 1e-5;
        mean_loss(&moved, Loss::SQUARES, &x, &y) - mean_loss(&network, Loss::SQUARES, &x, &y)
    };
    let places: Vec<usize> = (0..update.len()).filter(|place| update[*place].abs() > 1e-3).collect();
    assert!(places.len() > 20);
    for pair in places.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let (entries, answers) = (update[a] / update[b], change(a) / change(b));
        assert!((answers / entries - 1.0).abs() < 1e-3, "{answers}, not {entries}");
    }
}

/// A8: trained on one image of a 2 alone, the net says 2 of everything; trained on one of each digit it does not.
#[test]
fn one_example_alone_teaches_one_answer() {
    let classes: Vec<usize> = (0..10).collect();
    let said = |taught: &[usize]| {
        let network = drawn(&[64, 16, 10], Activation::Logistic, 1.0, 1);
        let x = Matrix::from_fn(64, taught.len(), |i, column| image(64, 100 + taught[column] as u64)[i]);
        let y = Matrix::from_fn(10, taught.len(), |j, column| f64::from(u8::from(j == taught[column])));
        let mut on = training(&["Backprop"], network, Loss::SQUARES, Optimizer::sgd(1.0), &x, &y);
        for _ in 0..1000 {
            on.step().expect("finite");
        }
        let answer = |seed: u64| outputs(&on.network, &image(64, seed)).column(0).imax();
        (0..100).filter(|seed| answer(1000 + seed) == 2).count()
    };
    assert!(said(&[2]) >= 95, "{}", said(&[2]));
    // negative control
    assert!(said(&classes) < 50, "{}", said(&classes));
}
