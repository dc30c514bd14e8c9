//! Prove what targets without a correction compute: the gradient one layer down, and difference targets less what inverses get wrong.

use super::nets::*;
use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::Bind;
use creditlab::update::Optimizer;

#[test]
fn with_one_hidden_layer_a_target_at_the_penultimate_layer_is_the_gradient_for_any_step() {
    a_first_target_is_the_gradient("TargetPropagation", &[0.01, 1.0, 30.0]);
}

/// `post` of layer `l`, of seat 0 after a step.
fn post(text: &str, network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>, l: usize) -> Matrix<f64> {
    let mut training = training(&[text], network.clone(), Loss::CROSS_ENTROPY, Optimizer::sgd(0.1), x, y);
    training.step().expect("finite");
    training.seats[0].proposal.delta(l).expect("local").clone()
}

/// `g_{l+1}(h_{l+1})` with the arrays that the rule starts from.
fn back(network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>, l: usize) -> Matrix<f64> {
    let text = "TargetPropagation";
    let mut training = training(&[text], network.clone(), Loss::CROSS_ENTROPY, Optimizer::sgd(0.1), x, y);
    let of = |training: &mut OnBatch<f64>, what| learned(training, &format!("layer{}.inverse.{what}", l + 2));
    let (v, c) = (of(&mut training, "weight"), of(&mut training, "bias"));
    let h = &forward(network, x).a[l + 1];
    let mut z = v * h;
    z.column_iter_mut().for_each(|mut z| z += c.column(0));
    z.map(f64::tanh)
}

#[test]
fn below_the_first_target_it_is_the_difference_target_less_what_the_inverse_gets_wrong() {
    for seed in 0..3 {
        let network = network(&[6, 7, 5, 4, 3], Activation::Tanh, Activation::Identity, seed);
        let (x, y) = (inputs(6, 8, seed), targets(Loss::CROSS_ENTROPY, 3, 8, seed));
        let trace = forward(&network, &x);
        for step in [0.1, 1.0] {
            let error = |l: usize| {
                let of = |rule: &str| post(&format!("{rule}(step: {step})"), &network, &x, &y, l);
                let found = of("TargetPropagation") - of("DifferenceTargetPropagation");
                let wrong = (&trace.a[l] - back(&network, &x, &y, l)) / step;
                let expected = wrong.component_mul(&trace.a[l].map(|h| 1.0 - h * h));
                (found - &expected).norm() / expected.norm()
            };
            // the first target is that of the third layer
            assert!(error(1) <= 1e-13, "{:e}", error(1));
            // negative control: one layer further down, inverses have carried different targets
            assert!(error(0) > 0.1, "{}", error(0));
        }
    }
}

/// Without an error what inverses get wrong is left.
#[test]
fn it_is_not_driven_by_the_error() {
    let network = network(&[6, 7, 5, 3], Activation::Tanh, Activation::Identity, 1);
    let x = inputs(6, 8, 1);
    let y = forward(&network, &x).output().a.clone();
    let size = |rule: &str| {
        let update = proposal(rule, &network, Loss::HALF_SQUARES, &x, &y);
        flat(&update[..1]).iter().map(|u| u * u).sum::<f64>().sqrt()
    };
    assert!(size("TargetPropagation") > 0.01);
    // negative control: with the correction nothing is
    assert!(size("DifferenceTargetPropagation") <= 1e-13);
}

#[test]
fn with_exact_inverses_it_is_difference_target_propagation() {
    for seed in 0..3 {
        let (network, loss) = (linear(seed), Loss::HALF_SQUARES);
        let (x, y) = (inputs(5, 6, seed), targets(loss, 5, 6, seed));
        for start in ["Output", "Penultimate"] {
            let errors = |spoil: f64| {
                let texts = ["TargetPropagation", "DifferenceTargetPropagation"];
                let texts = texts.map(|rule| format!("{rule}(start: {start}, step: 0.1)"));
                let texts: Vec<_> = texts.iter().map(|text| &**text).collect();
                let mut training = training(&texts, network.clone(), loss, Optimizer::sgd(0.1), &x, &y);
                for seat in 0..2 {
                    training.seats[seat].learner.visit(&mut invert(&network, spoil));
                }
                let updates = step(&mut training);
                relative_by_layer(&updates[0][..2], &updates[1][..2])
            };
            assert!(errors(1.0).iter().all(|e| *e <= 1e-11), "{:?}", errors(1.0));
            // negative control: inverses 10 % too large
            assert!(errors(1.1).iter().all(|e| *e > 0.1), "{:?}", errors(1.1));
        }
    }
}

#[test]
fn numbers_that_cannot_work_are_refused_by_name() {
    let network = linear(0);
    for (options, option) in [
        ("step: 0.0", "step"),
        ("noise: -0.1", "noise"),
        ("inverses: Sgd(learning_rate: 0.0)", "inverses.learning_rate"),
    ] {
        let rule = rule(&format!("TargetPropagation({options})"));
        let stream = Stream::new(0, Purpose::RuleStart, 0, 0);
        let bound = f64::bind(&rule, &setting(&network, Loss::HALF_SQUARES), stream);
        let refusal = bound.map(|_| ()).expect_err(options);
        assert_eq!(refusal.option, option, "{options}");
    }
}
