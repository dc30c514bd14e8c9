//! Prove what direct feedback sends, and what it learns from answers to noise: the damped pseudo-inverse of the layers above.

use super::nets::*;
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network, Trace};
use creditlab::random::{self, Purpose, Stream};
use creditlab::update::Optimizer;

const RULE: &str = "DirectDifferenceTargetPropagation";

/// `Q_l` of seat 0.
fn direct(training: &mut OnBatch<f64>, l: usize) -> Matrix<f64> {
    learned(training, &format!("layer{}.direct_feedback", l + 1))
}

#[test]
fn the_error_of_the_output_activity_goes_straight_to_every_hidden_layer() {
    for output in [Activation::Identity, Activation::Tanh] {
        let (network, loss) = (network(&[6, 7, 5, 3], Activation::Tanh, output, 1), Loss::SQUARES);
        let (x, y) = (inputs(6, 8, 1), targets(loss, 3, 8, 1));
        let mut training = training(
            &[RULE, "DirectFeedbackAlignment"],
            network.clone(),
            loss,
            Optimizer::sgd(0.1),
            &x,
            &y,
        );
        let q: Vec<_> = (0..2).map(|l| direct(&mut training, l)).collect();
        set_feedback(&mut training, 1, |l| q[l].clone());
        let updates = step(&mut training);
        let trace = forward(&network, &x);
        let e = 2.0 * (trace.output().a - &y);
        for (l, q) in q.iter().enumerate() {
            let expected = (q * &e).component_mul(&trace.a[l].map(|h| 1.0 - h * h));
            let found = training.seats[0].proposal.delta(l).expect("local");
            assert!((found - &expected).norm() <= 1e-13 * expected.norm());
        }
        let errors = relative_by_layer(&updates[0], &updates[1]);
        // direct feedback alignment sends the output's delta, which is this error only where its units are the identity
        let same = output == Activation::Identity;
        assert!(
            errors[..2].iter().all(|e| if same { *e <= 1e-13 } else { *e > 0.05 }),
            "{errors:?}"
        );
        assert!(errors[2] <= 1e-15);
    }
}

/// The product of the weights above: `∂h_L/∂h_l` of a linear network.
fn above(network: &Network<f64>, l: usize) -> Matrix<f64> {
    let n = network.layers[l].weight.nrows();
    let layers = network.layers[l + 1..].iter();
    layers.fold(Matrix::identity(n, n), |j, layer| &layer.weight * j)
}

/// On a linear network the answer to noise is `J ξ`, whatever the sample.
#[test]
fn a_step_of_the_feedback_descends_the_reconstruction_of_noise() {
    let (network, loss) = (
        network(&[6, 7, 5, 3], Activation::Identity, Activation::Identity, 2),
        Loss::HALF_SQUARES,
    );
    let (x, y) = (inputs(6, 8, 2), targets(loss, 3, 8, 2));
    let (rate, decay) = (0.05, 0.3);
    let text = format!("{RULE}(rate: {rate}, decay: {decay}, noise: 0.2)");
    let mut training = training(&[&text], network, loss, Optimizer::sgd(0.1), &x, &y);
    let before = [0, 1].map(|l| direct(&mut training, l));
    training.step().expect("finite");
    let mut generator = Stream::new(3, Purpose::Adapt, 0, 0).generator();
    for (l, before) in before.into_iter().enumerate() {
        let mut xi = Matrix::zeros(before.nrows(), 8);
        random::normal(xi.as_mut_slice(), 1.0, &mut generator);
        let change = (&before - direct(&mut training, l)) / rate;
        let expected = |decay: f64| {
            let answer = above(&training.network, l) * &xi;
            (&before * &answer - &xi) * answer.transpose() / 8.0 + decay * &before
        };
        let right = expected(decay);
        let error = (&change - &right).norm() / right.norm();
        assert!(error <= 1e-12, "{l}: {error:e}");
        // negative control: twice the decay
        assert!((&change - expected(2.0 * decay)).norm() > 0.01 * right.norm());
    }
}

/// `Σ Jᵀ (Σ J Jᵀ + B decay I)⁻¹`, `J = ∂h_L/∂h_l` of each sample.
fn settled(network: &Network<f64>, trace: &Trace<f64>, l: usize, decay: f64) -> Matrix<f64> {
    let samples = trace.batch();
    let j = |i| &jacobians(network, trace, i)[l + 1] * &network.layers[l + 1].weight;
    let (n, outputs) = (network.layers[l].weight.nrows(), network.outputs());
    let mut sums = (
        Matrix::zeros(n, outputs),
        Matrix::identity(outputs, outputs) * decay * samples as f64,
    );
    for i in 0..samples {
        let j: Matrix<f64> = j(i);
        sums.0 += j.transpose();
        sums.1 += &j * j.transpose();
    }
    sums.0 * inverse(&sums.1)
}

#[test]
fn feedback_learns_the_damped_pseudo_inverse_of_the_batch() {
    let (network, loss, decay) = (
        network(&[6, 7, 5, 3], Activation::Tanh, Activation::Identity, 4),
        Loss::CROSS_ENTROPY,
        0.1,
    );
    let (x, y) = (inputs(6, 32, 4), targets(loss, 3, 32, 4));
    let text = format!("{RULE}(rate: 0.02, decay: {decay}, noise: 0.01)");
    let mut training = training(&[&text], network.clone(), loss, Optimizer::sgd(0.1), &x, &y);
    let trace = forward(&network, &x);
    let mut means = [0, 1].map(|l| 0.0 * direct(&mut training, l));
    const STEPS: u64 = 10_000;
    for step in 0..2000 + STEPS {
        training.warm_up(step).expect("finite");
        if step >= 2000 {
            for (l, mean) in means.iter_mut().enumerate() {
                *mean += direct(&mut training, l) / STEPS as f64;
            }
        }
    }
    for (l, mean) in means.iter().enumerate() {
        let expected = settled(&network, &trace, l, decay);
        // where the gradient of the expected loss is 0
        let mut gradient = &expected * decay * 32.0;
        for i in 0..32 {
            let j = &jacobians(&network, &trace, i)[l + 1] * &network.layers[l + 1].weight;
            gradient += (&expected * &j - Matrix::identity(j.ncols(), j.ncols())) * j.transpose();
        }
        assert!(gradient.norm() <= 1e-12, "{gradient}");
        let error = (mean - &expected).norm() / expected.norm();
        println!("layer {}: {error}", l + 1);
        assert!(error <= 0.03, "{l}: {error}");
        // negative control: twice the decay
        let other = settled(&network, &trace, l, 2.0 * decay);
        let error = (mean - &other).norm() / other.norm();
        println!("layer {}, twice the decay: {error}", l + 1);
        assert!(error > 0.08, "{l}: {error}");
    }
}

#[test]
fn what_cannot_work_is_refused_by_name() {
    let deep = network(&[6, 7, 5, 3], Activation::Tanh, Activation::Identity, 1);
    let flat = network(&[6, 3], Activation::Tanh, Activation::Identity, 1);
    let cases = [
        (&deep, "noise: 0.0", "noise"),
        (&deep, "rate: 0.0", "rate"),
        (&deep, "decay: -1.0", "decay"),
        (&deep, "rate: 0.5, decay: 2.0", "decay"),
        (&deep, "feedback: (rank: 1)", "feedback.rank"),
        (&deep, "feedback: (lands: Units)", "feedback.lands"),
        (&flat, "", ""),
    ];
    refused_by_name(RULE, Loss::CROSS_ENTROPY, &cases);
}
