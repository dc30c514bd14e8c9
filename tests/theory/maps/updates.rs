//! Compare whole updates on maps with dense networks, with finite differences, and with the exact gradient in limits.

use super::{Filters, Order, normal, on_images};
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Layer, Map, Network, PoolKind, Trace, Window, Wiring};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::Step;
use creditlab::rules::feedback::{Landing, weights_above};
use creditlab::rules::shared::sweep;
use creditlab::update::{Optimizer, Proposal};

const LOSS: Loss = Loss::CROSS_ENTROPY;
const BATCH: usize = 4;

/// A convolution, a local layer with padding, a dense output.
fn filters() -> [Filters; 2] {
    let first = Filters {
        channels: 3,
        below: Map::new(2, 5, 6),
        window: Window {
            size: (3, 2),
            stride: (1, 2),
            padding: (1, 0),
        },
        own: false,
    };
    let second = Filters {
        channels: 2,
        below: first.wiring().map().expect("a map"),
        window: Window {
            size: (2, 2),
            stride: (1, 1),
            padding: (1, 1),
        },
        own: true,
    };
    [first, second]
}

/// The network of these filters, and the dense one that is the same function.
fn twins() -> (Network<f64>, Network<f64>) {
    let hidden = "[Conv(channels: 3, kernel: (3, 2), stride: (1, 2), padding: (1, 0)), Local(channels: 2, kernel: 2, padding: 1)]";
    let network = on_images(hidden, filters()[0].below, 3, Activation::Tanh, 1);
    let mut dense = network.clone();
    for (layer, filters) in dense.layers.iter_mut().zip(filters()) {
        assert_eq!(layer.wiring, filters.wiring());
        let bias = |unit: usize| layer.bias[layer.wiring.bias_of(unit)];
        let biases = Matrix::from_fn(layer.units(), 1, |unit, _| bias(unit))
            .column(0)
            .into_owned();
        *layer = Layer {
            weight: filters.toeplitz(&layer.weight, Order::Right),
            bias: biases,
            ..Layer::new(Wiring::dense(layer.units(), layer.inputs()), true, layer.activation)
        };
    }
    (network, dense)
}

/// Dense updates, summed over the places that share a weight or a bias.
fn tied(dense: &[Affine<f64>], network: &Network<f64>) -> Vec<Affine<f64>> {
    let mut tied = dense.to_vec();
    for ((update, filters), layer) in tied.iter_mut().zip(filters()).zip(&network.layers) {
        let mut bias = layer.bias.map(|_| 0.0);
        update
            .bias
            .iter()
            .enumerate()
            .for_each(|(unit, b)| bias[layer.wiring.bias_of(unit)] += b);
        *update = Affine {
            weight: filters.tie(&update.weight),
            bias,
        };
    }
    tied
}

/// The updates of a rule whose feedback weights are `b`.
fn with_feedback(text: &str, network: &Network<f64>, b: &[Matrix<f64>]) -> Vec<Affine<f64>> {
    let (x, y) = samples(network);
    let mut training = training(&[text], network.clone(), LOSS, Optimizer::sgd(0.1), &x, &y);
    set_feedback(&mut training, 0, |l| b[l].clone());
    step(&mut training).swap_remove(0)
}

fn samples(network: &Network<f64>) -> (Matrix<f64>, Matrix<f64>) {
    (
        inputs(network.inputs(), BATCH, 5),
        targets(LOSS, network.outputs(), BATCH, 5),
    )
}

fn gradient(network: &Network<f64>) -> Vec<f64> {
    let (x, y) = samples(network);
    flat(&proposal("Backprop", network, LOSS, &x, &y))
}

#[test]
fn updates_are_those_of_the_dense_network_summed_over_shared_weights() {
    let (network, dense) = twins();
    let shape = |l: usize| network.layers[l].weight.shape();
    let own: Vec<_> = (0..3).map(|l| normal(shape(l).0, shape(l).1, 30 + l as u64)).collect();
    let mut blurred = own.clone();
    network.layers[1].wiring.clear_dead(&mut blurred[1]);
    let down: Vec<_> = vec![
        own[0].clone(),
        filters()[1].toeplitz(&own[1], Order::Right),
        own[2].clone(),
    ];
    let direct: Vec<_> = (0..2)
        .map(|l| normal(network.layers[l].units(), 3, 40 + l as u64))
        .collect();
    for (rule, here, there) in [
        ("Backprop", &own, &own),
        ("FeedbackAlignment", &blurred, &down),
        ("DirectFeedbackAlignment", &direct, &direct),
    ] {
        let u = with_feedback(rule, &network, here);
        let expected = tied(&with_feedback(rule, &dense, there), &network);
        assert!(relative(&flat(&u), &flat(&expected)) < 1e-13, "{rule}");
        // the mean over positions is another update
        let mut mean = expected.clone();
        mean[0].weight /= network.layers[0].wiring.uses() as f64;
        assert!(relative(&flat(&u), &flat(&mean)) > 0.1, "{rule}");
    }
}

/// Both pools, windows that overlap, strides and paddings.
fn pooled(activation: Activation) -> Network<f64> {
    let hidden = "[Conv(channels: 3, kernel: 3, padding: 1), MaxPool(size: 3, stride: 2), \
                  Local(channels: 4, kernel: 2, stride: 1), AveragePool(size: 2, stride: 1), 5]";
    on_images(hidden, Map::new(2, 9, 8), 3, activation, 2)
}

#[test]
fn updates_are_central_differences() {
    for activation in [Activation::Tanh, Activation::Softplus] {
        let network = pooled(activation);
        let (x, y) = samples(&network);
        let g = gradient(&network);
        let differences = central_differences(&network, 1e-5, |network| mean_loss(network, LOSS, &x, &y));
        // weights from beyond a map move nothing
        assert!(
            relative(&g, &differences) < 1e-7,
            "{activation:?}: {}",
            relative(&g, &differences)
        );
        let spread = spread_evenly(&network, &x, &y);
        assert!(
            relative(&spread, &differences) > 0.1,
            "errors spread evenly, not to the winner"
        );
    }
}

/// The updates if a pool that takes the largest sent errors down as one that takes means.
fn spread_evenly(network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>) -> Vec<f64> {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    let mut wrong = network.clone();
    for pool in wrong.layers.iter_mut().filter_map(|layer| layer.pool.as_mut()) {
        pool.kind = PoolKind::Average;
    }
    let mut out = Proposal::default();
    out.begin(&wrong.layers, BATCH);
    let step = Step {
        network: &wrong,
        loss: LOSS,
        trace: &trace,
        targets: y,
        samples: &[0, 1, 2, 3],
        stream: Stream::new(0, Purpose::Probe, 0, 0),
    };
    sweep(&step, &mut out, |l| &wrong.layers[l].weight);
    flat(&arrays(&out, &wrong, &trace))
}

/// Feedback alignment with `B = W`, sign symmetry with the sizes of `W`.
#[test]
fn feedback_of_the_forward_weights_gives_the_gradient() {
    let network = pooled(Activation::Tanh);
    let g = gradient(&network);
    let own: Vec<_> = network.layers.iter().map(|layer| layer.weight.clone()).collect();
    let u = with_feedback("FeedbackAlignment", &network, &own);
    assert!(relative(&flat(&u), &g) < 1e-13);
    let (x, y) = samples(&network);
    let random = flat(&proposal("FeedbackAlignment", &network, LOSS, &x, &y));
    assert!(relative(&random, &g) > 0.3, "feedback of its own");
    let text = "SignSymmetry(magnitude: FixedRandom)";
    let mut signs = training(&[text], network.clone(), LOSS, Optimizer::sgd(0.1), &x, &y);
    let random = flat(&step(&mut signs)[0]);
    assert!(relative(&random, &g) > 0.1, "sizes of its own");
    let mut signs = training(&[text], network.clone(), LOSS, Optimizer::sgd(0.1), &x, &y);
    signs.seats[0].learner.visit(&mut |name, shape, values| {
        let l: usize = name["layer".len()..name.len() - ".magnitude".len()]
            .parse()
            .expect("a number");
        assert_eq!(shape, network.layers[l - 1].wiring.axes()[0]);
        let sizes = network.layers[l - 1].weight.abs();
        values.copy_from_slice(sizes.as_slice());
    });
    assert!(relative(&flat(&step(&mut signs)[0]), &g) < 1e-13);
}

/// In a linear network with averages, direct feedback of the product of all above is the gradient, behind pools and before them.
#[test]
fn direct_feedback_of_the_product_gives_the_gradient() {
    let hidden = "[Conv(channels: 3, kernel: 3), AveragePool(2), Local(channels: 4, kernel: 2), 5]";
    let network = on_images(hidden, Map::new(1, 7, 8), 3, Activation::Identity, 3);
    let g = gradient(&network);
    for (text, lands) in [
        ("DirectFeedbackAlignment", Landing::Activity),
        ("DirectFeedbackAlignment(feedback: (lands: Units))", Landing::Units),
    ] {
        let product: Vec<_> = (0..3)
            .map(|l| weights_above(&network, l, lands).expect("a product"))
            .collect();
        let u = with_feedback(text, &network, &product);
        assert!(relative(&flat(&u), &g) < 1e-13, "{text}");
        let (x, y) = samples(&network);
        assert!(
            relative(&flat(&proposal(text, &network, LOSS, &x, &y)), &g) > 0.3,
            "{text}: weights of its own"
        );
    }
    let largest = on_images(
        &hidden.replace("Average", "Max"),
        Map::new(1, 7, 8),
        3,
        Activation::Identity,
        3,
    );
    assert!(
        weights_above(&largest, 0, Landing::Units).is_none() && weights_above(&largest, 0, Landing::Activity).is_some()
    );
}

/// Predictive coding with max pooling and a local layer.
#[test]
fn predictive_coding_gives_the_gradient() {
    let network = pooled(Activation::Tanh);
    let (x, y) = samples(&network);
    let g = gradient(&network);
    let far = |text: &str| relative(&flat(&proposal(text, &network, LOSS, &x, &y)), &g);
    let steps = network.depth() - 1;
    let fixed = |steps: usize, rate: f64| {
        format!("PredictiveCoding(schedule: FixedPrediction(steps: {steps}, rate: {rate:?}))")
    };
    assert!(far("PredictiveCoding(schedule: ZeroDivergence)") < 1e-13);
    assert!(far(&fixed(steps, 1.0)) < 1e-13);
    assert!(far(&fixed(steps, 0.9)) > 0.05 && far(&fixed(steps - 1, 1.0)) > 0.1);
}

/// Ways to the exact gradient that do not go down through a pool: one parameter at a time, forward.
#[test]
fn forward_mode_gives_the_gradient() {
    let network = pooled(Activation::Tanh);
    let (x, y) = samples(&network);
    let u = proposal("ForwardMode", &network, LOSS, &x, &y);
    assert!(relative(&flat(&u), &gradient(&network)) < 1e-12);
}

/// A network of local processors, whose every weight is its own.
#[test]
fn suns_and_planets_give_the_gradient() {
    let hidden = "[Local(channels: 2, kernel: 3, padding: 1), Local(channels: 2, kernel: 2, stride: 2), 4]";
    let network = on_images(hidden, Map::new(1, 4, 5), 3, Activation::Tanh, 4);
    let (x, y) = samples(&network);
    let u = proposal("SunsAndPlanets", &network, LOSS, &x, &y);
    assert!(relative(&flat(&u), &gradient(&network)) < 1e-13);
}
