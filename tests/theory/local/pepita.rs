//! Prove that `Pepita` makes the update it states, worked by hand on a 2-2-2 network.

use crate::common::*;
use creditlab::conformance::check;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network, Trace};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::feedback::Distribution;
use creditlab::rules::local::pepita::{Pepita, Projection, SecondPass};
use creditlab::rules::{self, LearningRule, Setting, Step};
use creditlab::update::{Optimizer, Proposal};

fn layer(weight: [f64; 4], bias: [f64; 2], activation: Activation) -> Layer<f64> {
    Layer {
        weight: Matrix::from_row_slice(2, 2, &weight),
        bias: Vector::from_column_slice(&bias),
        ..Layer::zeros(2, 2, true, activation)
    }
}

fn propose(network: &Network<f64>, f: &Matrix<f64>, loss: Loss, x: &Matrix<f64>, y: &Matrix<f64>) -> Vec<Matrix<f64>> {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    let mut out = Proposal::default();
    out.begin(&network.layers, x.ncols());
    let step = Step {
        network,
        loss,
        trace: &trace,
        targets: y,
        samples: &[],
        stream: Stream::new(1, Purpose::Propose, 0, 0),
    };
    Pepita::default().propose(&Projection(f.clone()), &mut SecondPass::default(), step, &mut out);
    // a row: weights, then the bias
    let rows = |update: &creditlab::network::Affine<f64>| {
        let n = update.weight.ncols();
        update.weight.clone().insert_column(n, 0.0)
            + Matrix::from_fn(
                update.bias.len(),
                n + 1,
                |i, j| if j == n { update.bias[i] } else { 0.0 },
            )
    };
    arrays(&out, network, &trace).iter().map(rows).collect()
}

fn close(u: &Matrix<f64>, expected: &[f64]) -> bool {
    let expected = Matrix::from_row_slice(u.nrows(), u.ncols(), expected);
    (u - &expected).norm() < 1e-12 * expected.norm()
}

/// ReLU units, so that every number is a fraction. First pass: `z_1 = (1·1 + 2·2, −1·1 + 1·2 + 0.5) = (5, 1.5)`, `h_1`
/// the same, `h_2 = (5 − 1.5, 0.5·5 + 1.5 − 1) = (3.5, 3)`; with `y = (3, 4)` the error is `e = (0.5, −1)`. With
/// `F = [0.4 0.1; −0.2 0.3]`, `F e = (0.2 − 0.1, −0.1 − 0.3) = (0.1, −0.4)` and `x' = (1.1, 1.6)`. Second pass:
/// `z'_1 = (1.1 + 3.2, −1.1 + 1.6 + 0.5) = (4.3, 1)`, so that `h_1 − h'_1 = (0.7, 0.5)`.
#[test]
fn both_layers_make_the_stated_update_of_a_network_worked_by_hand() {
    let network = Network {
        layers: vec![
            layer([1.0, 2.0, -1.0, 1.0], [0.0, 0.5], Activation::Relu),
            layer([1.0, -1.0, 0.5, 1.0], [0.0, -1.0], Activation::Identity),
        ],
    };
    let f = Matrix::from_row_slice(2, 2, &[0.4, 0.1, -0.2, 0.3]);
    let (x, y) = (
        Matrix::from_column_slice(2, 1, &[1.0, 2.0]),
        Matrix::from_column_slice(2, 1, &[3.0, 4.0]),
    );
    let u = propose(&network, &f, Loss::HALF_SQUARES, &x, &y);
    // (0.7, 0.5) (1.1, 1.6, 1)'
    let hidden = [0.77, 1.12, 0.7, 0.55, 0.8, 0.5];
    // (0.5, -1) (4.3, 1, 1)'
    let output = [2.15, 0.5, 0.5, -4.3, -1.0, -1.0];
    assert!(close(&u[0], &hidden), "{}", u[0]);
    assert!(close(&u[1], &output), "{}", u[1]);

    // negative controls: the projected error subtracted
    let minus = propose(&network, &-&f, Loss::HALF_SQUARES, &x, &y);
    assert!(!close(&minus[0], &hidden) && !close(&minus[1], &output));
    // the activity of the first pass at the output, (0.5, -1) (5, 1.5, 1)'
    assert!(!close(&u[1], &[2.5, 0.75, 0.5, -5.0, -1.5, -1.0]));
    // the error of the second pass there: h'_2 = (3.3, 2.15), e' = (0.3, -1.85)
    assert!(!close(&u[1], &[1.29, 0.3, 0.3, -7.955, -1.85, -1.85]));
}

/// In random networks, for every loss: the error is prediction minus target, softmax for the cross-entropy; no slope
/// enters.
#[test]
fn random_networks_make_the_stated_update() {
    for seed in 1..6 {
        for loss in Loss::ALL {
            let output = if matches!(loss, Loss::HalfSquares { .. } | Loss::Squares { .. }) {
                Activation::Tanh
            } else {
                loss.default_output()
            };
            let network = network::<f64>(&[4, 5, 6, 3], Activation::Tanh, output, seed);
            let (x, y) = (inputs(4, 1, seed), targets(loss, 3, 1, seed));
            let f = inputs(4, 3, seed + 100) * 0.3;
            let pass = |x: &Matrix<f64>| {
                let mut trace = Trace {
                    input: x.clone(),
                    ..Trace::default()
                };
                network.forward(&mut trace);
                trace
            };
            let first = pass(&x);
            let prediction = match loss {
                Loss::CROSS_ENTROPY => {
                    let powers = first.a[2].map(f64::exp);
                    &powers / powers.sum()
                }
                _ => first.a[2].clone(),
            };
            let factor = if loss == Loss::SQUARES { 2.0 } else { 1.0 };
            let error = (prediction - &y) * factor;
            let second = pass(&(&x + &f * &error));
            let expected = [
                (&first.a[0] - &second.a[0]) * second.input.transpose(),
                (&first.a[1] - &second.a[1]) * second.a[0].transpose(),
                &error * second.a[1].transpose(),
            ];
            for (u, expected) in propose(&network, &f, loss, &x, &y).iter().zip(&expected) {
                let u = u.columns(0, expected.ncols());
                assert!((u - expected).norm() < 1e-12 * expected.norm(), "{loss:?}");
            }
        }
    }
}

#[test]
fn the_projection_is_drawn_as_stated() {
    let network = network::<f64>(&[400, 5, 10], Activation::Tanh, Activation::Identity, 1);
    let setting = Setting {
        network: &network,
        loss: Loss::CROSS_ENTROPY,
        optimizer: &Optimizer::default().into(),
        batch: 8,
        folder: std::path::Path::new(""),
    };
    for (distribution, scale) in [
        (Distribution::Normal, 1.0),
        (Distribution::Uniform, 1.0),
        (Distribution::Uniform, 3.0),
    ] {
        let mut rule = Pepita::default();
        rule.feedback.distribution = distribution;
        rule.feedback.scale = scale;
        let Projection(f) = rule
            .init(&setting, Stream::new(1, Purpose::RuleStart, 0, 0))
            .expect("fits");
        assert_eq!(f.shape(), (400, 10));
        // 4000 numbers: the standard error of their standard deviation is about 1 %
        let sd = (f.norm_squared() / f.len() as f64).sqrt();
        let expected = scale * 0.05 * (2.0f64 / 400.0).sqrt();
        assert!((sd / expected - 1.0).abs() < 0.05, "{sd}");
        let bound = scale * 0.05 * (6.0f64 / 400.0).sqrt();
        assert_eq!(
            f.iter().all(|x| x.abs() <= bound),
            distribution == Distribution::Uniform
        );
    }
    let named = {
        let mut names = Vec::new();
        let x = inputs::<f64>(400, 2, 1);
        let y = targets(Loss::CROSS_ENTROPY, 10, 2, 1);
        let mut training = training(
            &["Pepita"],
            network.clone(),
            Loss::CROSS_ENTROPY,
            Optimizer::sgd(0.1),
            &x,
            &y,
        );
        training.seats[0]
            .learner
            .visit(&mut |name, shape, _| names.push((name.to_string(), shape.to_vec())));
        names
    };
    assert_eq!(named, [("input.feedback".to_string(), vec![400, 10])]);
    let text = "Pepita(feedback: (distribution: Uniform, scale: 2.0))";
    check(&rules::builtin(), text).unwrap_or_else(|violations| panic!("{violations}"));
}
