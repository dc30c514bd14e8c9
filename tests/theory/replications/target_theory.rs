//! R04: what target propagation and deep feedback control compute (Meulemans et al. 2020, 2021).

use super::*;
use crate::common::{feedback, inputs, network, set_feedback, targets, training};
use crate::targets::nets::*;
use creditlab::linalg::{Vector, empty};
use creditlab::loss::Loss;
use creditlab::network::Activation;
use creditlab::rules::targets::{LayerTargets, Start, difference_target, targets as carry};
use creditlab::update::{Optimizer, Proposal};

/// R04 (a): to first order in `η` targets are Gauss-Newton targets, `ĥ_l − h_l = −η J_l⁻¹ (h_L − y)`: 5-5-5-5 tanh, weights 1.1 times
/// orthogonal, no biases, one example. The exact inverse of a tanh layer, `W_l⁻¹ artanh h`, is not of the form that is learned; it is given
/// to the shared code as a function.
#[test]
fn with_exact_inverses_targets_are_gauss_newton_to_first_order() {
    for seed in 0..5 {
        let mut network = invertible(3, [1.1; 5], Activation::Tanh, seed);
        network
            .layers
            .iter_mut()
            .for_each(|layer| layer.bias = Vector::zeros(5));
        let (x, y) = (inputs(5, 1, seed) * 0.5, targets(Loss::HALF_SQUARES, 5, 1, seed) * 0.3);
        let trace = forward(&network, &x);
        let step = step_of(&network, Loss::HALF_SQUARES, &trace, &y);
        let slope = |l: usize| trace.a[l].map(|h| 1.0 - h * h);
        let errors = |eta: f64, exact: f64| -> Vec<f64> {
            let (mut out, mut back) = (Proposal::default(), empty());
            out.begin(&network.layers, 1);
            carry(
                &step,
                Start::Output,
                eta,
                &mut LayerTargets::default(),
                &mut out,
                |l, target, below| {
                    difference_target(&step, l, target, &mut back, below, |l, h, below| {
                        *below = undo(&network, l, h) * exact;
                    });
                    assert!(
                        exact != 1.0 || (&trace.a[l - 1] - &back).amax() <= 1e-13,
                        "the correction is {back}"
                    );
                },
            );
            let j = jacobians(&network, &trace, 0);
            let error = |l: usize| {
                let j = &j[l + 1] * &network.layers[l + 1].weight;
                let expected = inverse(&j) * (trace.output().a - &y);
                let found = out.delta(l).expect("local").component_div(&slope(l));
                (found - &expected).norm() / expected.norm()
            };
            (0..2).map(error).collect()
        };
        let [coarse, fine, finest] = [0.1, 0.01, 0.001].map(|eta| errors(eta, 1.0));
        println!("R04 (a), seed {seed}: {coarse:?} {fine:?} {finest:?}");
        for (fine, finest) in fine.iter().zip(&finest) {
            assert!(
                (8.0..12.0).contains(&(fine / finest)) && *finest < 0.01,
                "{seed}: {fine} {finest}"
            );
        }
        // negative control: inverses 10 % too large
        assert!(errors(0.001, 1.1).iter().all(|e| *e > 0.05));
    }
}

/// R04 (b): on a linear 6-5-4 network the controller settles at `u = (J Q + α I)⁻¹ (r* − h_L)`; with `Q = Jᵀ (J Jᵀ + γ I)⁻¹` the feedback
/// to the hidden layer is a damped Gauss-Newton step.
#[test]
fn the_controller_settles_at_its_formula() {
    for seed in 0..3 {
        let network = network(&[6, 5, 4], Activation::Identity, Activation::Identity, seed);
        let (x, y) = (inputs(6, 1, seed), targets(Loss::HALF_SQUARES, 4, 1, seed));
        let e = forward(&network, &x).output().a - &y;
        let (j, identity) = (&network.layers[1].weight, Matrix::identity(4, 4));
        let q = j.transpose() * inverse(&(j * j.transpose() + &identity * 0.1));
        let (alpha, eta) = (0.3, 0.1);
        let found = |steps: u32| {
            let text = format!(
                "DeepFeedbackControl(alpha: {alpha}, step: {eta}, settle: Simulate(steps: {steps}, rate: 0.1))"
            );
            let mut training = training(
                &[&text],
                network.clone(),
                Loss::HALF_SQUARES,
                Optimizer::sgd(0.1),
                &x,
                &y,
            );
            set_feedback(&mut training, 0, |_| q.clone());
            assert_eq!(feedback(&training, 0, 0), q);
            training.step().expect("finite");
            training.seats[0].proposal.post(0).expect("columns").clone()
        };
        // the output layer, which gets the whole of `u`, is one of the layers that reach the target
        let formula = |alpha: f64| &q * inverse(&(j * &q + &identity * (1.0 + alpha))) * &e * (1.0 + alpha);
        let off = |found: &Matrix<f64>, expected: Matrix<f64>| (found - &expected).norm() / expected.norm();
        let settled = found(2000);
        println!("R04 (b), seed {seed}: {:e}", off(&settled, formula(alpha)));
        assert!(off(&settled, formula(alpha)) <= 1e-8);
        // negative controls: another leak, and too few steps
        assert!(off(&settled, formula(2.0 * alpha)) > 0.01);
        assert!(off(&found(5), formula(alpha)) > 0.05);
    }
}
