//! Prove what a controller's feedback teaches: between the gradient and the step of Gauss and Newton; and what its weights learn.

use crate::common::*;
use crate::targets::nets::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::update::Optimizer;

const RULE: &str = "DeepFeedbackControl";

fn one(text: &str, network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>) -> OnBatch<f64> {
    training(&[text], network.clone(), Loss::HALF_SQUARES, Optimizer::sgd(0.1), x, y)
}

/// `post` of every layer after a step with these feedback weights.
fn posts(training: &mut OnBatch<f64>, q: impl Fn(usize) -> Matrix<f64>) -> Vec<Matrix<f64>> {
    set_feedback(training, 0, q);
    training.step().expect("finite");
    let proposal = &training.seats[0].proposal;
    (0..proposal.depth())
        .map(|l| proposal.post(l).expect("columns").clone())
        .collect()
}

fn off(found: &Matrix<f64>, expected: &Matrix<f64>) -> f64 {
    (found - expected).norm() / expected.norm()
}

/// Feedback weights a little off the Jacobian of a linear network, so that the controller is stable.
fn near_jacobian(network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>) -> Vec<Matrix<f64>> {
    let j = jacobians(network, &forward(network, x), 0);
    let drawn = one(RULE, network, x, y);
    let q = |l: usize| j[l].transpose() + 0.2 * feedback(&drawn, 0, l);
    (0..network.top()).map(q).collect()
}

#[test]
fn on_a_linear_network_the_simulated_controller_settles_at_the_formula() {
    for seed in 0..3 {
        let network = network(&[6, 7, 5, 4], Activation::Identity, Activation::Identity, seed);
        let (x, y) = (inputs(6, 8, seed), targets(Loss::HALF_SQUARES, 4, 8, seed));
        let q = near_jacobian(&network, &x, &y);
        let signal = |settle: &str| {
            let mut training = one(&format!("{RULE}(alpha: 0.5, settle: {settle})"), &network, &x, &y);
            posts(&mut training, |l| q[l].clone())
        };
        let formula = signal("Linear");
        let long = signal("Simulate(steps: 4000, rate: 0.05)");
        for (found, expected) in long.iter().zip(&formula) {
            assert!(off(found, expected) <= 1e-12, "{:e}", off(found, expected));
        }
        // negative control: before it has settled
        let short = signal("Simulate(steps: 20, rate: 0.05)");
        assert!(
            short
                .iter()
                .zip(&formula)
                .all(|(found, expected)| off(found, expected) > 0.03)
        );
        // and the formula is one: r* − h_L = α u, which the output layer's columns show
        let trace = forward(&network, &x);
        let j = jacobians(&network, &trace, 0);
        let jq = (0..2).fold(Matrix::identity(4, 4), |sum, l| sum + &j[l] * &q[l]);
        let e = trace.output().a - &y;
        let system = |alpha: f64| inverse(&(&jq + Matrix::identity(4, 4) * alpha)) * &e * 1.5;
        assert!(off(&formula[2], &system(0.5)) <= 1e-12);
        assert!(off(&formula[2], &system(0.6)) > 0.01);
    }
}

/// One sample through tanh units, feedback the transposed Jacobian, and a target so near that the network is linear on the way.
fn curved(seed: u64) -> (Network<f64>, Matrix<f64>, Matrix<f64>, Vec<Matrix<f64>>) {
    let network = network(&[6, 7, 5, 4], Activation::Tanh, Activation::Identity, seed);
    let (x, y) = (inputs(6, 1, seed), targets(Loss::HALF_SQUARES, 4, 1, seed));
    let j = jacobians(&network, &forward(&network, &x), 0);
    (network, x, y, j)
}

#[test]
fn with_transposed_jacobians_a_leaky_controller_teaches_the_gradient() {
    for seed in 0..3 {
        let (network, x, y, j) = curved(seed);
        let gradient = proposal("Backprop", &network, Loss::HALF_SQUARES, &x, &y);
        for settle in ["Linear", "Simulate(steps: 40, rate: 8e-6)"] {
            let errors = |alpha: f64, factor: f64| {
                let text = format!("{RULE}(alpha: {alpha}, step: 1e-3, settle: {settle})");
                let mut training = one(&text, &network, &x, &y);
                let q = |l: usize| j[l].transpose() * if l == 0 { factor } else { 1.0 };
                set_feedback(&mut training, 0, q);
                relative_by_layer(&step(&mut training)[0], &gradient)
            };
            let near = errors(1e5, 1.0);
            assert!(near.iter().all(|e| *e <= 1e-4), "{near:?}");
            // negative controls: feedback to the first layer doubled, and a controller that does not leak so much
            assert!((errors(1e5, 2.0)[0] - 1.0).abs() < 1e-3);
            if settle == "Linear" {
                assert!(errors(1.0, 1.0).iter().all(|e| *e > 0.05));
            }
        }
    }
}

#[test]
fn with_transposed_jacobians_a_tight_controller_teaches_the_smallest_change_that_reaches_the_target() {
    for seed in 0..3 {
        let (network, x, y, j) = curved(seed);
        let e = forward(&network, &x).output().a - &y;
        let jj = j.iter().fold(Matrix::zeros(4, 4), |sum, j| sum + j * j.transpose());
        let errors = |alpha: f64, factor: f64| -> Vec<f64> {
            let mut training = one(&format!("{RULE}(alpha: {alpha}, step: 1e-4)"), &network, &x, &y);
            let found = posts(&mut training, |l| j[l].transpose() * if l == 0 { factor } else { 1.0 });
            let expected = |j: &Matrix<f64>| j.transpose() * inverse(&jj) * &e;
            found
                .iter()
                .zip(&j)
                .map(|(found, j)| off(found, &expected(j)))
                .collect()
        };
        let near = errors(1e-3, 1.0);
        assert!(near.iter().all(|e| *e <= 2e-3), "{near:?}");
        // first order in the leak
        let half = errors(5e-4, 1.0);
        assert!(
            near.iter()
                .zip(&half)
                .all(|(near, half)| (1.8..2.2).contains(&(near / half)))
        );
        // negative control: feedback to the first layer doubled
        assert!(errors(1e-3, 2.0).iter().all(|e| *e > 0.02), "{:?}", errors(1e-3, 2.0));
    }
}

#[test]
fn learning_from_rates_takes_the_slope_once_more() {
    for seed in 0..3 {
        let (network, x, y, j) = curved(seed);
        let trace = forward(&network, &x);
        let slope = |l: usize| trace.a[l].map(|h| if l == 2 { 1.0 } else { 1.0 - h * h });
        let of = |plasticity: &str| {
            let mut training = one(
                &format!("{RULE}(alpha: 1e4, step: 0.1, plasticity: {plasticity})"),
                &network,
                &x,
                &y,
            );
            posts(&mut training, |l| j[l].transpose())
        };
        let (rate, voltage) = (of("Rate"), of("Voltage"));
        for (l, (rate, voltage)) in rate.iter().zip(&voltage).enumerate() {
            let expected = voltage.component_mul(&slope(l));
            assert!(off(rate, &expected) <= 1e-4, "{l}: {:e}", off(rate, &expected));
            // negative control: where units are curved it is not the voltage itself
            assert!(l == 2 || off(rate, voltage) > 0.01, "{l}: {}", off(rate, voltage));
        }
    }
}

/// The weights learn on the activities under control.
#[test]
fn inputs_of_the_update_are_those_under_control() {
    let (network, x, y, j) = curved(1);
    let mut training = one(&format!("{RULE}(alpha: 0.1, step: 0.5)"), &network, &x, &y);
    let q = |l: usize| j[l].transpose();
    let update = {
        set_feedback(&mut training, 0, q);
        step(&mut training).remove(0)
    };
    let posts: Vec<_> = (0..3)
        .map(|l| training.seats[0].proposal.post(l).expect("columns"))
        .collect();
    let feedback = |l: usize| posts[l] * (-0.5 / 1.1);
    let trace = forward(&network, &x);
    let mut below = x.clone();
    for (l, layer) in network.layers.iter().enumerate() {
        let expected = posts[l] * below.transpose();
        assert!(off(&update[l].weight, &expected) <= 1e-12);
        if l > 0 {
            // negative control: on those of the forward pass
            assert!(off(&update[l].weight, &(posts[l] * trace.a[l - 1].transpose())) > 1e-3);
        }
        let mut z = &layer.weight * &below + feedback(l);
        z.column_iter_mut().for_each(|mut z| z += &layer.bias);
        below = z.map(f64::tanh);
    }
}

/// `E Q_l = mean Jᵀ / decay`, `J = ∂h_L/∂v_l`, on a network that stands still.
#[test]
fn feedback_learns_the_mean_transposed_jacobian() {
    let network = network(&[6, 7, 5, 3], Activation::Tanh, Activation::Identity, 4);
    let (x, y) = (inputs(6, 32, 4), targets(Loss::HALF_SQUARES, 3, 32, 4));
    let mut training = one(
        &format!("{RULE}(noise: 0.01, rate: 0.02, decay: 2.0)"),
        &network,
        &x,
        &y,
    );
    let mut means: Vec<_> = (0..2).map(|l| 0.0 * feedback(&training, 0, l)).collect();
    const STEPS: u64 = 20_000;
    for step in 0..1000 + STEPS {
        training.warm_up(step).expect("finite");
        if step >= 1000 {
            for (l, mean) in means.iter_mut().enumerate() {
                *mean += feedback(&training, 0, l) / STEPS as f64;
            }
        }
    }
    let trace = forward(&network, &x);
    for (l, mean) in means.iter().enumerate() {
        let sum = |of: &dyn Fn(usize) -> Matrix<f64>| (1..32).fold(of(0), |sum, i| sum + of(i)).transpose() / 64.0;
        let expected = sum(&|i| jacobians(&network, &trace, i).swap_remove(l));
        println!("layer {}: {}", l + 1, off(mean, &expected));
        assert!(off(mean, &expected) <= 0.03, "{l}: {}", off(mean, &expected));
        // negative control: the Jacobian in the activity, which noise on pre-activations does not meet
        let other = sum(&|i| &jacobians(&network, &trace, i)[l + 1] * &network.layers[l + 1].weight);
        assert!(off(mean, &other) > 0.1, "{l}: {}", off(mean, &other));
    }
}

/// A step of the controller multiplies what is missing by `1 − rate λ`, `λ` an eigenvalue of `J Q + α I`.
#[test]
fn the_simulated_controller_is_stable_up_to_twice_the_inverse_of_the_largest_eigenvalue() {
    let network = network(&[6, 7, 5, 4], Activation::Identity, Activation::Identity, 2);
    let (x, y) = (inputs(6, 8, 2), targets(Loss::HALF_SQUARES, 4, 8, 2));
    let j = jacobians(&network, &forward(&network, &x), 0);
    let jq = (0..2).fold(Matrix::identity(4, 4), |sum, l| sum + &j[l] * j[l].transpose());
    let largest = (jq + Matrix::identity(4, 4) * 0.5).symmetric_eigenvalues().max();
    let off_by = |share: f64| {
        let text = format!(
            "{RULE}(alpha: 0.5, settle: Simulate(steps: 100, rate: {}))",
            share * 2.0 / largest
        );
        let mut training = one(&text, &network, &x, &y);
        posts(&mut training, |l| j[l].transpose());
        let formula = posts(&mut one(&format!("{RULE}(alpha: 0.5)"), &network, &x, &y), |l| {
            j[l].transpose()
        });
        let found = training.seats[0].proposal.post(2).expect("columns").clone();
        off(&found, &formula[2])
    };
    assert!(off_by(0.95) <= 1e-3, "{}", off_by(0.95));
    assert!(off_by(1.05) > 1e2, "{}", off_by(1.05));
}

#[test]
fn what_cannot_work_is_refused_by_name() {
    let deep = network(&[6, 7, 5, 3], Activation::Tanh, Activation::Identity, 1);
    let flat = network(&[6, 3], Activation::Tanh, Activation::Identity, 1);
    let wide = network(&[6, 7, 200], Activation::Tanh, Activation::Identity, 1);
    let cases = [
        (&deep, "alpha: 0.0", "alpha"),
        (&deep, "step: 0.0", "step"),
        (&deep, "settle: Simulate(steps: 0)", "settle.steps"),
        (&deep, "settle: Simulate(rate: 0.0)", "settle.rate"),
        (&deep, "noise: 0.0", "noise"),
        (&deep, "rate: 0.0", "rate"),
        (&deep, "decay: -1.0", "decay"),
        (&deep, "feedback: (error: Sign)", "feedback.error"),
        (&deep, "feedback: (lands: Units)", "feedback.lands"),
        (&wide, "", "settle"),
        (&flat, "", ""),
    ];
    refused_by_name(RULE, Loss::CROSS_ENTROPY, &cases);
    let simulated = format!("{RULE}(settle: Simulate())");
    assert_eq!(refusal(&simulated, &wide, Loss::CROSS_ENTROPY), None);
}
