//! Prove that contrastive Hebbian learning tends to the gradient as its feedback weakens (Xie, Seung 2003).

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};

fn rule_of(gain: f64) -> String {
    format!("ContrastiveHebbian(gain: {gain:?}, steps: 200, rate: 0.5)")
}

struct Problem {
    network: Network<f64>,
    loss: Loss,
    x: Matrix<f64>,
    y: Matrix<f64>,
}

impl Problem {
    fn new(sizes: &[usize], loss: Loss, batch: usize, seed: u64) -> Self {
        let mut network = network(sizes, Activation::Tanh, loss.default_output(), seed);
        network.layers.iter_mut().for_each(|layer| layer.weight *= 0.8);
        Self {
            network,
            loss,
            x: inputs(sizes[0], batch, seed),
            y: targets(loss, sizes[sizes.len() - 1], batch, seed),
        }
    }

    /// `|u − g| / |g|` of each layer.
    fn errors(&self, gain: f64) -> Vec<f64> {
        let update = |rule: &str| proposal(rule, &self.network, self.loss, &self.x, &self.y);
        relative_by_layer(&update(&rule_of(gain)), &update("Backprop"))
    }
}

#[test]
fn the_error_of_every_layer_halves_with_the_gain() {
    for loss in Loss::ALL {
        let problem = Problem::new(&[5, 7, 6, 3], loss, 6, 1);
        let errors = [0.01, 0.005, 0.0025].map(|gain| problem.errors(gain));
        for pair in errors.windows(2) {
            for (l, (coarse, fine)) in pair[0].iter().zip(&pair[1]).enumerate() {
                assert!((coarse / fine - 2.0).abs() < 0.2, "{loss} layer {l}: {coarse} {fine}");
            }
        }
    }
}

/// Without the factor `gain^{l-L}` lower layers vanish.
#[test]
fn each_layer_below_needs_another_factor_of_the_gain() {
    let (problem, gain) = (Problem::new(&[5, 7, 6, 3], Loss::CROSS_ENTROPY, 6, 1), 0.005);
    let update = |rule: &str| proposal(rule, &problem.network, problem.loss, &problem.x, &problem.y);
    let (found, gradient) = (update(&rule_of(gain)), update("Backprop"));
    for l in 0..2 {
        let shrunk = &found[l].weight * gain.powi(2 - l as i32);
        assert!((&shrunk - &gradient[l].weight).norm() / gradient[l].weight.norm() > 0.98);
        assert!((&found[l].weight - &gradient[l].weight).norm() / gradient[l].weight.norm() < 0.1);
    }
}

/// R03 of the replications: 6-8-7-4, one example; each halving of the gain below .025 divides the difference of every layer by 1.8 to 2.3,
/// and at .00625 it is below 3 %.
#[test]
fn r03_contrastive_hebbian_learning_tends_to_backpropagation() {
    for seed in 0..3 {
        let problem = Problem::new(&[6, 8, 7, 4], Loss::HALF_SQUARES, 1, seed);
        let errors = [0.025, 0.0125, 0.00625].map(|gain| problem.errors(gain));
        for pair in errors.windows(2) {
            for (coarse, fine) in pair[0].iter().zip(&pair[1]) {
                assert!((1.8..=2.3).contains(&(coarse / fine)), "{seed}: {errors:?}");
            }
        }
        assert!(errors[2].iter().all(|error| *error < 0.03), "{seed}: {:?}", errors[2]);
        assert!(problem.errors(0.5).iter().any(|error| *error > 0.2));
    }
}

#[test]
fn squares_behind_a_nonlinearity_are_refused() {
    let remedy = |output, loss| {
        let network = network(&[4, 5, 3], Activation::Tanh, output, 1);
        refusal("ContrastiveHebbian", &network, loss).map(|refusal| refusal.remedy)
    };
    assert_eq!(remedy(Activation::Identity, Loss::SQUARES), None);
    assert_eq!(remedy(Activation::Logistic, Loss::LOGISTIC_CROSS_ENTROPY), None);
    assert_eq!(
        remedy(Activation::Logistic, Loss::HALF_SQUARES).unwrap(),
        "use LogisticCrossEntropy"
    );
}
