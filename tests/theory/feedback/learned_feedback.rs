//! Prove what learned feedback does: `WeightMirror`, `PhaselessAlignment`, `DirectKolenPollack` and `ProductFeedback`.

use crate::common::*;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Distribution, Init, Layer, Network};
use creditlab::random::{Purpose, Stream};
use creditlab::runner::Training;
use creditlab::update::Optimizer;

/// A rule at work on `network`, which stands still where only `warm_up` is called.
fn start(text: &str, network: Network<f64>, optimizer: Optimizer, batch: usize, seed: u64) -> OnBatch<f64> {
    let (x, y) = (
        inputs(network.inputs(), batch, seed),
        targets(Loss::HALF_SQUARES, network.outputs(), batch, seed),
    );
    let started = Training::new(seed, network, Loss::HALF_SQUARES, optimizer, batch, &[rule(text)]);
    let training = started.unwrap_or_else(|(_, refusal)| panic!("{text}: {refusal}"));
    OnBatch::new(training, &x, &y)
}

fn zero_feedback(training: &mut Training<f64>) {
    let network = training.network.clone();
    set_feedback(training, 0, |l| 0.0 * &network.layers[l].weight);
}

/// Two layers, the upper one `inputs` to `outputs` with standard normal weights and no biases.
fn mirrored_layer(inputs: usize, outputs: usize, seed: u64) -> Network<f64> {
    let layer = |(l, (outputs, inputs)): (usize, (usize, usize))| {
        let gain = (inputs as f64).sqrt();
        let stream = Stream::new(seed, Purpose::Weights, l as u64, 0);
        Init::LeCun {
            gain,
            distribution: Distribution::Normal,
        }
        .layer(outputs, inputs, false, Activation::Identity, stream)
    };
    let layers = [(inputs, 2), (outputs, inputs)].into_iter().enumerate().map(layer);
    Network {
        layers: layers.collect(),
    }
}

/// From `B = 0` and without a leak, `B / n` is the mean of `W ξ ξᵀ`, so that `E |B/n − W|² = |W|² (n_in + 1) / n`: with
/// `E ξ_i² ξ_j² = 1`, or 3 on the diagonal, an entry of `W (ξ ξᵀ − I)` has the variance `|w_i|² + w_ij²`.
#[test]
fn the_mirror_finds_a_linear_layer_as_fast_as_noise_allows() {
    for (samples, steps) in [(400, 1), (400, 10), (4000, 10)] {
        let angle = |seed| {
            let text = format!("WeightMirror(leak: 0, samples: {samples})");
            let mut training = start(&text, mirrored_layer(40, 30, seed), Optimizer::sgd(0.1), 1, seed);
            zero_feedback(&mut training);
            for step in 0..steps {
                training.warm_up(step).expect("finite");
            }
            degrees(&feedback(&training, 0, 1), &training.network.layers[1].weight)
        };
        let angle = mean((0..8).map(angle));
        let formula = |n: u64| (41.0 / n as f64).sqrt().atan().to_degrees();
        let n = samples * steps;
        assert!(
            (angle / formula(n) - 1.0).abs() <= 0.05,
            "{n} samples: {angle}, not {}",
            formula(n)
        );
        // negative control: another number of samples
        assert!((angle / formula(2 * n) - 1.0).abs() > 0.05);
    }
}

/// With a leak the samples have weights `rate (1 − leak)^k`, whose sum is `rate / leak` and whose effective number is
/// `(Σ w)² / Σ w² = (2 − leak) / leak`.
#[test]
fn the_leaky_mirror_settles_at_a_multiple_of_the_weights() {
    let (leak, samples) = (0.02, 8);
    let settled = |seed| {
        let text = format!("WeightMirror(rate: 0.04, leak: {leak}, samples: {samples}, sigma: 2)");
        let mut training = start(&text, mirrored_layer(40, 30, seed), Optimizer::sgd(0.1), 1, seed);
        for step in 0..1000 {
            training.warm_up(step).expect("finite");
        }
        let (b, w) = (feedback(&training, 0, 1), &training.network.layers[1].weight);
        (degrees(&b, w), b.dot(w) / w.norm_squared())
    };
    let settled: Vec<_> = (0..8).map(settled).collect();
    let factor = mean(settled.iter().map(|(_, factor)| *factor));
    // rate σ² / leak
    assert!((factor / 8.0 - 1.0).abs() <= 0.02, "{factor}");
    // negative control: the noise's standard deviation in place of its variance
    assert!((factor / 4.0 - 1.0).abs() > 0.5);

    let angle = mean(settled.iter().map(|(angle, _)| *angle));
    let formula = |n: f64| (41.0 / n).sqrt().atan().to_degrees();
    let n = samples as f64 * (2.0 - leak) / leak;
    assert!((angle / formula(n) - 1.0).abs() <= 0.05, "{angle}, not {}", formula(n));
    // negative control: a window of 1 / leak
    assert!((angle / formula(samples as f64 / leak) - 1.0).abs() > 0.2);
}

/// `E φ'(m + s ξ)`, `ξ` normal, by the trapezoid rule.
fn mean_slope(activation: Activation, m: f64, s: f64) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for i in -8000..=8000 {
        let x = f64::from(i) / 1000.0;
        let density = (-x * x / 2.0).exp();
        sum += density * activation.slope(m + s * x, activation.value(m + s * x));
        weight += density;
    }
    sum / weight
}

/// Bussgang's theorem: `E φ(w·ξ + b) ξ = E[φ'] w`.
#[test]
fn each_unit_of_a_nonlinear_layer_is_mirrored_up_to_its_mean_slope() {
    for activation in [Activation::Tanh, Activation::Relu, Activation::Logistic] {
        let mut network = network(&[2, 12, 8], Activation::Identity, activation, 5);
        network.layers[1].bias = Vector::from_fn(8, |i, _| i as f64 / 4.0 - 1.0);
        let mut training = start(
            "WeightMirror(rate: 1, leak: 0, samples: 100000)",
            network,
            Optimizer::sgd(0.1),
            1,
            5,
        );
        zero_feedback(&mut training);
        for step in 0..20 {
            training.warm_up(step).expect("finite");
        }
        let (b, layer) = (feedback(&training, 0, 1) / 20.0, &training.network.layers[1]);
        for unit in 0..8 {
            let rows = [&b, &layer.weight]
                .map(|m| Matrix::from_row_slice(1, 12, &m.row(unit).iter().copied().collect::<Vec<_>>()));
            let [b, w] = &rows;
            assert!(degrees(b, w) < 1.0, "{activation:?}, unit {unit}: {}", degrees(b, w));
            let slope = mean_slope(activation, layer.bias[unit], w.norm());
            let ratio = b.dot(w) / w.norm_squared();
            assert!(
                (ratio / slope - 1.0).abs() < 0.02,
                "{activation:?}, unit {unit}: {ratio}, not {slope}"
            );
        }
        // negative control: units differ in their slopes, so that the whole matrix is not parallel
        assert!(
            degrees(&b, &layer.weight) > 2.0,
            "{activation:?}: {}",
            degrees(&b, &layer.weight)
        );
    }
}

/// `<φ'(z_l)> W_l` over the batch: where the phaseless rule pulls `B_l`.
fn mean_slopes_times_weights(training: &mut OnBatch<f64>, l: usize) -> Matrix<f64> {
    training.forward().expect("finite");
    let (layer, z, a) = (&training.network.layers[l], &training.trace.z[l], &training.trace.a[l]);
    let slopes = z.zip_map(a, |z, a| layer.activation.slope(z, a));
    let slope = |unit: usize| mean(slopes.row(unit).iter().copied());
    Matrix::from_fn(layer.outputs(), layer.inputs(), |i, j| slope(i) * layer.weight[(i, j)])
}

#[test]
fn a_phaseless_step_is_what_the_noise_is_expected_to_give() {
    for seed in 0..3 {
        let network = network(&[6, 10, 8, 4], Activation::Tanh, Activation::Tanh, seed);
        let text = "PhaselessAlignment(rate: 2, leak: 0, sigma: 0.05)";
        let mut training = start(text, network, Optimizer::sgd(0.1), 200_000, seed);
        zero_feedback(&mut training);
        training.warm_up(0).expect("finite");
        for l in 1..3 {
            let expected = 2.0 * 0.05f64.powi(2) * mean_slopes_times_weights(&mut training, l);
            let error = (feedback(&training, 0, l) - &expected).norm() / expected.norm();
            assert!(error < 0.05, "layer {l}: {error}");
            // negative control: the weights without the slopes
            let expected = 2.0 * 0.05f64.powi(2) * &training.network.layers[l].weight;
            let error = (feedback(&training, 0, l) - &expected).norm() / expected.norm();
            assert!(error > 0.1, "layer {l}: {error}");
        }
    }
}

/// `B_l` settles at a multiple of `<φ'(z_l)> W_l`; where slopes differ little between units, that is nearly parallel to `W_l`.
#[test]
fn phaseless_feedback_aligns_with_a_frozen_net() {
    for seed in 0..3 {
        let network = network(&[6, 10, 8, 4], Activation::Tanh, Activation::Identity, seed);
        let text = "PhaselessAlignment(leak: 0.002, rate: 0.2)";
        let mut training = start(text, network, Optimizer::sgd(0.1), 40, seed);
        training.batch.input *= 0.25;
        let angle =
            |training: &Training<f64>, l: usize| degrees(&feedback(training, 0, l), &training.network.layers[l].weight);
        // negative control: drawn feedback is not aligned
        assert!((1..3).all(|l| angle(&training, l) > 50.0));
        for step in 0..3000 {
            training.warm_up(step).expect("finite");
        }
        for l in 1..3 {
            assert!(angle(&training, l) < 10.0, "layer {l}: {}", angle(&training, l));
            let expected = mean_slopes_times_weights(&mut training, l);
            let settled = degrees(&feedback(&training, 0, l), &expected);
            assert!(settled < 4.0, "layer {l}: {settled}");
        }
    }
}

fn sgd(learning_rate: f64, momentum: f64, decay: f64, l2: f64) -> Optimizer {
    Optimizer::Sgd {
        learning_rate,
        momentum,
        decay,
        l2,
    }
}

/// The largest relative error, over 300 steps on batches of 5 out of 20 samples, of `gap_t = factor^t gap_0`.
fn contraction_error(
    text: &str,
    optimizer: Optimizer,
    factor: f64,
    seed: u64,
    gap: impl Fn(&mut Training<f64>) -> Matrix<f64>,
) -> f64 {
    let network = network(&[10, 8, 6, 4], Activation::Tanh, Activation::Identity, seed);
    let mut training = start(text, network, optimizer, 5, seed);
    let (x, y) = (inputs(10, 20, seed), targets(Loss::HALF_SQUARES, 4, 20, seed));
    let mut expected = gap(&mut training);
    let mut worst: f64 = 0.0;
    for t in 0..300 {
        let first = 5 * (t % 4);
        fill(
            &mut training,
            &x.columns(first, 5).into_owned(),
            &y.columns(first, 5).into_owned(),
        );
        training.step().expect("finite");
        expected *= factor;
        worst = worst.max((gap(&mut training) - &expected).norm() / expected.norm());
    }
    worst
}

#[test]
fn direct_kolen_pollack_contracts_at_the_last_hidden_layer() {
    let gap = |training: &mut Training<f64>| training.network.layers[2].weight.transpose() - feedback(training, 0, 1);
    let deeper = |training: &mut Training<f64>| {
        let above = &training.network.layers[2].weight * &training.network.layers[1].weight;
        above.transpose() - feedback(training, 0, 0)
    };
    for seed in 0..3 {
        for (optimizer, factor) in [
            (sgd(0.1, 0.0, 0.01, 0.0), 0.99),
            (sgd(0.02, 0.9, 0.01, 0.0), 0.99),
            (sgd(0.1, 0.0, 0.0, 0.0), 1.0),
            (sgd(0.1, 0.0, 0.0, 0.1), 0.99),
        ] {
            let error = contraction_error("DirectKolenPollack", optimizer, factor, seed, gap);
            assert!(error <= 1e-12, "{optimizer:?}: {error:e}");
            // negative controls: another factor, feedback that stays, a layer further down
            assert!(contraction_error("DirectKolenPollack", optimizer, factor - 1e-3, seed, gap) > 0.1);
            assert!(contraction_error("DirectFeedbackAlignment", optimizer, factor, seed, gap) > 0.1);
            assert!(contraction_error("DirectKolenPollack", optimizer, factor, seed, deeper) > 0.1);
        }
    }
}

/// 2-2-2-2, identity units, half squares, one sample: two steps with momentum, number by number.
#[test]
fn direct_kolen_pollack_by_hand() {
    let layer = |weight: [f64; 4]| Layer {
        weight: Matrix::from_row_slice(2, 2, &weight),
        ..Layer::zeros(2, 2, false, Activation::Identity)
    };
    let layers = vec![
        layer([1.0, 0.0, 0.0, 2.0]),
        layer([0.0, 1.0, 1.0, 0.0]),
        layer([1.0, 1.0, 0.0, 1.0]),
    ];
    let mut training = start("DirectKolenPollack", Network { layers }, sgd(0.5, 0.5, 0.25, 0.0), 1, 0);
    fill(
        &mut training,
        &Matrix::from_column_slice(2, 1, &[1.0, 1.0]),
        &Matrix::from_column_slice(2, 1, &[2.0, 0.0]),
    );
    set_feedback(&mut training, 0, |l| match l {
        0 => Matrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 1.0]),
        _ => Matrix::from_row_slice(2, 2, &[0.0, 2.0, 4.0, 0.0]),
    });
    // a_1 = (1, 2), a_2 = (2, 1), a_3 = (3, 1), e = a_3 − y = (1, 1)
    training.step().expect("finite");
    // v = a eᵀ; B ← 3/4 B − v/2
    let first = Matrix::from_row_slice(2, 2, &[0.25, -0.5, -1.0, -0.25]);
    let second = Matrix::from_row_slice(2, 2, &[-1.0, 0.5, 2.5, -0.5]);
    assert_eq!(feedback(&training, 0, 0), first);
    assert_eq!(feedback(&training, 0, 1), second);

    // the forward weights got: δ_1 = B_1 e = (1, 1), δ_2 = B_2 e = (2, 4), δ_3 = e
    let weights = [
        [0.25, -0.5, -0.5, 1.0],
        [-1.0, -1.25, -1.25, -4.0],
        [-0.25, 0.25, -1.0, 0.25],
    ];
    for (layer, weight) in training.network.layers.iter().zip(weights) {
        assert_eq!(layer.weight, Matrix::from_row_slice(2, 2, &weight));
    }
    // now a_1 = (−1/4, 1/2), a_2 = (−3/8, −27/16), a_3 = (−21/64, −3/64), e = (−149/64, −3/64)
    training.step().expect("finite");
    let (e, v) = ([-149.0 / 64.0, -3.0 / 64.0], [[1.0, 1.0], [2.0, 2.0]]);
    let expected = Matrix::from_fn(2, 2, |i, j| {
        0.75 * first[(i, j)] - 0.5 * (0.5 * v[i][j] + [-0.25, 0.5][i] * e[j])
    });
    assert!(
        (feedback(&training, 0, 0) - &expected).norm() < 1e-14,
        "{}",
        feedback(&training, 0, 0)
    );
    // negative control: without momentum
    let expected = Matrix::from_fn(2, 2, |i, j| 0.75 * first[(i, j)] - 0.5 * [-0.25, 0.5][i] * e[j]);
    assert!((feedback(&training, 0, 0) - expected).norm() > 0.1);
}

#[test]
fn direct_feedback_stands_still_while_the_network_does() {
    let network = network(&[3, 4, 2], Activation::Tanh, Activation::Identity, 0);
    let mut training = start("DirectKolenPollack", network, Optimizer::sgd(0.1), 4, 0);
    let before = feedback(&training, 0, 0);
    training.warm_up(0).expect("finite");
    assert_eq!(feedback(&training, 0, 0), before);
    training.step().expect("finite");
    assert_ne!(feedback(&training, 0, 0), before);
}

/// `R_l − P_lᵀ W_l` of every layer but the first, in one column.
fn path_gap(training: &mut Training<f64>) -> Matrix<f64> {
    let mut gaps = Vec::new();
    for l in 1..training.network.depth() {
        let fixed = learned(training, &format!("layer{}.feedback.fixed", l + 1));
        let learned = learned(training, &format!("layer{}.feedback.learned", l + 1));
        gaps.extend_from_slice((learned - fixed.transpose() * &training.network.layers[l].weight).as_slice());
    }
    Matrix::from_vec(gaps.len(), 1, gaps)
}

#[test]
fn the_paths_of_product_feedback_conserve_their_relation_up_to_the_decay() {
    for seed in 0..3 {
        for (learning_rate, momentum) in [(0.1, 0.0), (0.02, 0.9)] {
            for decay in [0.01, 0.0] {
                let optimizer = sgd(learning_rate, momentum, decay, 0.0);
                let error = contraction_error("ProductFeedback(expansion: 3)", optimizer, 1.0 - decay, seed, path_gap);
                assert!(error <= 1e-12, "momentum {momentum}, decay {decay}: {error:e}");
                // negative control: another factor
                assert!(
                    contraction_error(
                        "ProductFeedback(expansion: 3)",
                        optimizer,
                        0.999 - decay,
                        seed,
                        path_gap
                    ) > 0.1
                );
            }
        }
    }
}

/// Once the gap is closed the product is `P Pᵀ W`, with `E P Pᵀ = I` and `E (P Pᵀ)² = (1 + (n + 1) / m) I`.
#[test]
fn the_product_of_the_paths_aligns_with_the_weights_as_far_as_the_population_is_large() {
    for expansion in [1, 4, 16] {
        let angle = |seed| {
            let network = network(&[8, 16, 20, 4], Activation::Tanh, Activation::Identity, seed);
            let text = format!("ProductFeedback(expansion: {expansion})");
            let mut training = start(&text, network, sgd(0.05, 0.0, 0.01, 0.0), 20, seed);
            for _ in 0..1500 {
                training.step().expect("finite");
            }
            let (product, w) = (feedback(&training, 0, 1), training.network.layers[1].weight.clone());
            let fixed = learned(&mut training, "layer2.feedback.fixed");
            let expected = &fixed * fixed.transpose() * &w;
            assert!(
                (&product - &expected).norm() <= 1e-3 * expected.norm(),
                "expansion {expansion}, seed {seed}"
            );
            degrees(&product, &w)
        };
        let angle = mean((0..8).map(angle));
        let formula = |n: f64| ((n + 1.0) / (expansion as f64 * 20.0)).sqrt().atan().to_degrees();
        assert!(
            (angle / formula(20.0) - 1.0).abs() <= 0.15,
            "expansion {expansion}: {angle}, not {}",
            formula(20.0)
        );
        // negative control: half as large a population
        assert!(
            (angle / formula(41.0) - 1.0).abs() > 0.15,
            "expansion {expansion}: {angle}"
        );
    }
}

#[test]
fn impossible_numbers_are_refused_where_they_stand() {
    for (text, option) in [
        ("WeightMirror(leak: 1)", "leak"),
        ("WeightMirror(samples: 0)", "samples"),
        ("WeightMirror(sigma: 0)", "sigma"),
        ("PhaselessAlignment(rate: -1)", "rate"),
        ("ProductFeedback(expansion: 0)", "expansion"),
    ] {
        let network = network::<f64>(&[3, 4, 4, 2], Activation::Tanh, Activation::Identity, 0);
        let started = Training::new(0, network, Loss::HALF_SQUARES, Optimizer::sgd(0.1), 4, &[rule(text)]);
        let (_, refusal) = started.err().expect(text);
        assert_eq!(refusal.option, option, "{text}: {refusal}");
    }
    let network = network::<f64>(&[3, 4, 2], Activation::Tanh, Activation::Identity, 0);
    let started = Training::new(
        0,
        network,
        Loss::HALF_SQUARES,
        sgd(0.1, 0.0, 0.0, 0.1),
        4,
        &[rule("ProductFeedback")],
    );
    assert!(started.err().expect("a refusal").1.reason.contains("l2"));
}

#[test]
fn a_mirror_learns_in_a_step_too_not_only_in_a_warm_up() {
    let network = network(&[4, 6, 3], Activation::Tanh, Activation::Identity, 1);
    for text in ["WeightMirror", "PhaselessAlignment"] {
        let mut training = start(text, network.clone(), Optimizer::sgd(0.1), 8, 1);
        let before = feedback(&training, 0, 1);
        training.step().expect("finite");
        assert_ne!(feedback(&training, 0, 1), before, "{text}");
    }
}
