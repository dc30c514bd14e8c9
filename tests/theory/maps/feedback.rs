//! Hold rules whose feedback learns, and estimators, to what theory says of maps.

use super::{normal, on_images};
use crate::common::*;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Map, Network};
use creditlab::update::Optimizer;

const LOSS: Loss = Loss::CROSS_ENTROPY;

fn network() -> Network<f64> {
    let hidden =
        "[Conv(channels: 3, kernel: 3, padding: 1), MaxPool(2), Conv(channels: 4, kernel: 2), AveragePool(2), 5]";
    on_images(hidden, Map::new(2, 8, 8), 3, Activation::Tanh, 1)
}

const DECAY: f64 = 0.02;

fn trained(text: &str, network: &Network<f64>) -> (OnBatch<f64>, usize) {
    let (x, y) = (inputs(network.inputs(), 4, 5), targets(LOSS, 3, 4, 5));
    let optimizer = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.9,
        decay: DECAY,
        l2: 0.0,
    };
    let mut training = training(&[text], network.clone(), LOSS, optimizer, &x, &y);
    let start = training.step;
    (0..7).for_each(|_| training.step().expect("finite"));
    let steps = (training.step - start) as usize;
    (training, steps)
}

/// `W − B` shrinks by the decay at every step, whatever the data, filters and local weights included.
#[test]
fn kolen_pollack_closes_the_gap() {
    let hidden = "[Conv(channels: 3, kernel: 3, padding: 1), MaxPool(2), Local(channels: 2, kernel: 2), Conv(channels: 4, kernel: 2), 5]";
    let network = on_images(hidden, Map::new(2, 8, 8), 3, Activation::Tanh, 1);
    let (x, y) = (inputs(network.inputs(), 4, 5), targets(LOSS, 3, 4, 5));
    let start = training(&["KolenPollack"], network.clone(), LOSS, Optimizer::sgd(0.1), &x, &y);
    let (end, steps) = trained("KolenPollack", &network);
    for l in 1..network.depth() {
        let before = &network.layers[l].weight - feedback(&start, 0, l);
        let after = &end.network.layers[l].weight - feedback(&end, 0, l);
        let share = (1.0 - DECAY).powi(steps as i32);
        assert!((&after - &before * share).norm() < 1e-12 * before.norm(), "layer {l}");
        // a decay of W alone would leave another gap
        let alone = &network.layers[l].weight * share - feedback(&start, 0, l);
        assert!((&after - alone).norm() > 1e-2 * before.norm(), "layer {l}");
    }
}

/// `R − Pᵀ W` shrinks by the decay at every step, `W` being the filters.
#[test]
fn product_feedback_closes_the_gap() {
    let network = network();
    let text = "ProductFeedback(expansion: 3)";
    let (x, y) = (inputs(network.inputs(), 4, 5), targets(LOSS, 3, 4, 5));
    let mut start = training(&[text], network.clone(), LOSS, Optimizer::sgd(0.1), &x, &y);
    let (mut end, steps) = trained(text, &network);
    let share = (1.0 - DECAY).powi(steps as i32);
    for l in 1..network.depth() {
        let gap = |training: &mut OnBatch<f64>| {
            let p = learned(training, &format!("layer{}.feedback.fixed", l + 1));
            let r = learned(training, &format!("layer{}.feedback.learned", l + 1));
            r - p.transpose() * &training.network.layers[l].weight
        };
        let (before, after) = (gap(&mut start), gap(&mut end));
        assert!((&after - &before * share).norm() < 1e-12 * before.norm(), "layer {l}");
        assert!((&after - &before).norm() > 1e-2 * before.norm(), "layer {l}");
    }
}

/// The angle between the mirror's `B` and the filters after so many samples, from `B = 0` without leak, in a linear layer without biases; mean
/// over some layers.
fn mirror_angle(hidden: &str, image: Map, samples: usize) -> f64 {
    let one = |seed: u64| {
        let mut network = on_images(hidden, image, 3, Activation::Identity, seed);
        network.layers.iter_mut().for_each(|layer| layer.bias.fill(0.0));
        let text = format!("WeightMirror(leak: 0.0, samples: {samples})");
        let (x, y) = (inputs(network.inputs(), 2, seed), targets(LOSS, 3, 2, seed));
        let mut training = training(&[&text], network.clone(), LOSS, Optimizer::sgd(1e-9), &x, &y);
        set_feedback(&mut training, 0, |l| network.layers[l].weight.map(|_| 0.0));
        training.seed = seed;
        training.step().expect("finite");
        degrees(&feedback(&training, 0, 1), &network.layers[1].weight)
    };
    mean((0..40).map(one))
}

/// `atan √((K + 1) / (n P))` after n samples of P positions, K taps: the positions of a sample are as good as samples of their own.
#[test]
fn the_mirror_learns_from_every_position() {
    let theory =
        |taps: f64, samples: f64, positions: f64| ((taps + 1.0) / (samples * positions)).sqrt().atan().to_degrees();
    // patches side by side: 16 positions of 27 taps
    let own = "[Conv(channels: 3, kernel: 1), Conv(channels: 8, kernel: 3, stride: 3)]";
    let (found, expected) = (mirror_angle(own, Map::new(1, 12, 12), 20), theory(27.0, 20.0, 16.0));
    assert!((found / expected - 1.0).abs() < 0.1, "{found}, not {expected}");
    // patches that overlap: 100 positions
    let overlapping = "[Conv(channels: 3, kernel: 1), Conv(channels: 8, kernel: 3)]";
    let (found, expected) = (
        mirror_angle(overlapping, Map::new(1, 12, 12), 20),
        theory(27.0, 20.0, 100.0),
    );
    assert!((found / expected - 1.0).abs() < 0.1, "{found}, not {expected}");
    // with padding, taps are not at all positions on the map: 144 positions
    let padded = "[Conv(channels: 3, kernel: 1), Conv(channels: 8, kernel: 3, padding: 1)]";
    let (found, expected) = (
        mirror_angle(padded, Map::new(1, 12, 12), 200),
        theory(27.0, 200.0, 144.0),
    );
    assert!((found / expected - 1.0).abs() < 0.1, "{found}, not {expected}");
    // without the counts of positions the taps at the edges stay too small, which leaves 3.4 degrees for ever
    let network = on_images(padded, Map::new(1, 12, 12), 3, Activation::Identity, 0);
    let (layer, noise) = (&network.layers[1], normal(432, 200, 3));
    let (mut answer, mut sum) = (creditlab::linalg::empty(), layer.weight.clone());
    layer.push(&layer.weight, &layer.bias.map(|_| 0.0), &noise, &mut answer);
    layer.pair(1.0, &answer, &noise, 0.0, &mut sum);
    let uncounted = degrees(&sum, &layer.weight);
    assert!((3.4..4.5).contains(&uncounted), "{uncounted}");
}

/// The angle between a Gaussian vector and its signs is `acos √(2/π)`, 37.07 degrees.
#[test]
fn uniform_signs_of_filters_lie_at_their_angle() {
    let network = on_images(
        "[Conv(channels: 8, kernel: 3), Conv(channels: 64, kernel: 5)]",
        Map::new(3, 9, 9),
        3,
        Activation::Tanh,
        2,
    );
    let (x, y) = (inputs(network.inputs(), 2, 0), targets(LOSS, 3, 2, 0));
    let training = training(
        &["SignSymmetry", "FeedbackAlignment"],
        network.clone(),
        LOSS,
        Optimizer::sgd(0.1),
        &x,
        &y,
    );
    let angle = |seat| degrees(&feedback(&training, seat, 1), &network.layers[1].weight);
    assert!((angle(0) - 37.07).abs() < 0.5, "{}", angle(0));
    assert!((angle(1) - 90.0).abs() < 5.0, "{}", angle(1));
}

/// The variance of node perturbation in a linear layer of filters without biases, one sample: `C |δ|² Σ_p |x_p|² + |g|²`.
#[test]
fn node_perturbation_has_the_variance_of_theory() {
    let image = Map::new(1, 4, 4);
    let mut network = on_images("[Conv(channels: 2, kernel: 2)]", image, 3, Activation::Identity, 3);
    network.layers.truncate(1);
    network.layers[0].bias.fill(0.0);
    let loss = Loss::HALF_SQUARES;
    let (x, y) = (normal(16, 1, 1), normal(18, 1, 2));
    let g = proposal("Backprop", &network, loss, &x, &y).swap_remove(0).weight;
    let mut z = creditlab::linalg::empty();
    network.layers[0].push(&network.layers[0].weight, &network.layers[0].bias, &x, &mut z);
    let error = (&z - &y).norm_squared();
    // every number of the image counts as often as a patch has it
    let mut patches = 0.0;
    network.layers[0]
        .wiring
        .synapses(|unit, input, _| patches += if unit < 9 { x[input].powi(2) } else { 0.0 });
    let variance = 2.0 * error * patches + g.norm_squared();
    let mut training = training(
        &["NodePerturbation(sigma: 1e-4)"],
        network.clone(),
        loss,
        Optimizer::sgd(0.0),
        &x,
        &y,
    );
    let draws = 20_000;
    let square = |_| {
        let u = step(&mut training).swap_remove(0).swap_remove(0).weight;
        (u - &g).norm_squared()
    };
    let found = (0..draws).map(square).sum::<f64>() / f64::from(draws);
    assert!((found / variance - 1.0).abs() < 0.05, "{found}, not {variance}");
    let one_position = 19.0 * g.norm_squared();
    assert!((found / one_position - 1.0).abs() > 0.2, "the formula of one position");
}
