//! Prove that equilibrium propagation tends to the gradient of the loss of the free state, and of what order its error is.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Output};

const RATE: f64 = 0.5;

struct Problem {
    network: Network<f64>,
    loss: Loss,
    x: Matrix<f64>,
    y: Matrix<f64>,
}

/// Read-outs beyond the states, and outputs that are states.
fn problems() -> Vec<Problem> {
    let cases = [
        (Activation::Tanh, Activation::Identity, Loss::CROSS_ENTROPY),
        (Activation::Tanh, Activation::Identity, Loss::HALF_SQUARES),
        (Activation::Logistic, Activation::Logistic, Loss::LOGISTIC_CROSS_ENTROPY),
        (Activation::Erf, Activation::Tanh, Loss::HALF_SQUARES),
        (Activation::Logistic, Activation::Logistic, Loss::SQUARES),
    ];
    let problem = |(hidden, output, loss): (Activation, Activation, Loss)| {
        let mut network = network(&[4, 6, 5, 3], hidden, output, 1);
        // so weak that states come to rest
        network.layers.iter_mut().for_each(|layer| layer.weight *= 0.6);
        Problem {
            network,
            loss,
            x: inputs(4, 3, 1),
            y: targets(loss, 3, 3, 1),
        }
    };
    cases.into_iter().map(problem).collect()
}

fn affine(network: &Network<f64>, l: usize, below: &Matrix<f64>) -> Matrix<f64> {
    let mut z = &network.layers[l].weight * below;
    z.column_iter_mut().for_each(|mut z| z += &network.layers[l].bias);
    z
}

/// The loss of the free state, from its equations.
fn free_loss(network: &Network<f64>, problem: &Problem) -> f64 {
    let squares = matches!(problem.loss, Loss::HalfSquares { .. } | Loss::Squares { .. });
    let top = network.top();
    let output = network.layers[top].activation;
    let count = top + usize::from(squares && output != Activation::Identity);
    let mut s: Vec<_> = (0..count)
        .map(|l| Matrix::zeros(network.layers[l].units(), problem.x.ncols()))
        .collect();
    for _ in 0..400 {
        for l in 0..count {
            let below = if l == 0 { &problem.x } else { &s[l - 1] };
            let mut z = affine(network, l, below);
            if l + 1 < count {
                z += network.layers[l + 1].weight.transpose() * &s[l + 1];
            }
            s[l] = z.map(|z| network.layers[l].activation.value(z));
        }
    }
    let (z, a) = if count > top {
        (s[top].clone(), s[top].clone())
    } else {
        let z = affine(network, top, &s[top - 1]);
        (z.clone(), z.map(|z| output.value(z)))
    };
    problem.loss.mean(Output { z: &z, a: &a }, &problem.y)
}

impl Problem {
    fn update(&self, options: &str) -> Vec<Affine<f64>> {
        let rule = format!("EquilibriumPropagation({options})");
        proposal(&rule, &self.network, self.loss, &self.x, &self.y)
    }

    fn settled(&self, phase: &str, beta: f64) -> Vec<f64> {
        let steps = "free: 400, nudged: 400";
        flat(&self.update(&format!("phase: {phase}, beta: {beta:?}, {steps}, rate: {RATE:?}")))
    }

    fn gradient(&self) -> Vec<f64> {
        central_differences(&self.network, 1e-5, |network| free_loss(network, self))
    }
}

#[test]
fn errors_are_of_first_order_and_centred_of_second() {
    for (i, problem) in problems().iter().enumerate() {
        let gradient = problem.gradient();
        for (phase, ratio) in [("OneSided", 2.0), ("Centred", 4.0)] {
            let error = |beta: f64| relative(&problem.settled(phase, beta), &gradient);
            let ratios: Vec<_> = [0.05, 0.025].map(|beta| error(beta) / error(0.5 * beta)).to_vec();
            assert!(
                ratios.iter().all(|found| (found / ratio - 1.0).abs() < 0.15),
                "{i} {phase}: {ratios:?}"
            );
        }
        assert!(relative(&problem.settled("Centred", 0.01), &gradient) < 1e-3);
        // the gradient of the feed-forward pass is another
        let other = proposal("Backprop", &problem.network, problem.loss, &problem.x, &problem.y);
        assert!(relative(&flat(&other), &gradient) > 0.01, "{i}");
    }
}

#[test]
fn states_have_to_come_to_rest() {
    for problem in problems() {
        let gradient = problem.gradient();
        let hasty = flat(&problem.update("beta: 0.01, free: 20, nudged: 10, rate: 0.05"));
        assert!(relative(&hasty, &gradient) > 0.01);
    }
}

/// At rest the mean of the two one-sided updates is the centred one.
#[test]
fn a_random_sign_is_one_side_or_the_other() {
    for problem in problems() {
        let [one, both, random] = ["OneSided", "Centred", "RandomSign"].map(|phase| problem.settled(phase, 0.1));
        let other: Vec<f64> = both.iter().zip(&one).map(|(both, one)| 2.0 * both - one).collect();
        let nearest = relative(&random, &one).min(relative(&random, &other));
        assert!(nearest < 1e-9, "{nearest}");
        assert!(relative(&one, &other) > 1e-4);
    }
}

/// The paper's units are clipped to 0..1: the same states, where weights are 4 W and biases 4 b − 2 in units clipped at ±2.
#[test]
fn clipped_units_are_hard_logistic_ones_on_another_scale() {
    let mut network = network::<f64>(&[4, 6, 3], Activation::HardLogistic, Activation::HardLogistic, 2);
    let (x, y) = (inputs::<f64>(4, 5, 2), targets(Loss::CROSS_ENTROPY, 3, 5, 2));
    let clip = |z: f64| z.clamp(0.0, 1.0);
    let (w, b) = (
        [0, 1].map(|l| network.layers[l].weight.clone() * 0.3),
        [0, 1].map(|l| network.layers[l].bias.clone().add_scalar(0.4)),
    );
    for l in 0..2 {
        network.layers[l].weight = &w[l] * 4.0;
        network.layers[l].bias = (&b[l] * 4.0).add_scalar(-2.0);
    }
    let drive = |l: usize, below: &Matrix<f64>| {
        let mut z = &w[l] * below;
        z.column_iter_mut().for_each(|mut z| z += &b[l]);
        z
    };
    let (beta, rate) = (0.3, 0.4);
    let hidden = drive(0, &x).map(clip);
    let mut s = [hidden.clone(), drive(1, &hidden).map(clip)];
    let relax = |s: &mut [Matrix<f64>; 2], steps: usize, beta: f64| {
        for _ in 0..steps {
            let first = (drive(0, &x) + w[1].transpose() * &s[1]).map(clip);
            let second = (drive(1, &s[0]) - beta * (&s[1] - &y)).map(clip);
            s[0] += rate * (first - &s[0]);
            s[1] += rate * (second - &s[1]);
        }
    };
    relax(&mut s, 15, 0.0);
    let free = s.clone();
    relax(&mut s, 6, beta);
    let rule = format!(
        "EquilibriumPropagation(phase: OneSided, beta: {:?}, free: 15, nudged: 6, rate: {rate:?})",
        4.0 * beta
    );
    let found = proposal(&rule, &network, Loss::HALF_SQUARES, &x, &y);
    for l in 0..2 {
        let pairs = |s: &[Matrix<f64>; 2]| &s[l] * if l == 0 { &x } else { &s[0] }.transpose();
        let expected = (pairs(&free) - pairs(&s)) / (beta * 5.0);
        let far = (4.0 * &found[l].weight - &expected).norm() / expected.norm();
        assert!(far < 1e-12, "{far}");
        assert!((&found[l].weight - &expected).norm() / expected.norm() > 0.1);
    }
}

#[test]
fn states_without_a_bound_are_refused() {
    let said = |hidden| {
        let network = network(&[4, 5, 3], hidden, Activation::Identity, 1);
        refusal("EquilibriumPropagation", &network, Loss::CROSS_ENTROPY).map(|refusal| refusal.to_string())
    };
    assert_eq!(said(Activation::Tanh), None);
    assert_eq!(
        said(Activation::Relu).unwrap(),
        "lets states act on each other, which without a bound need not come to rest; use Tanh, Logistic, HardTanh, HardLogistic or Erf"
    );
}
