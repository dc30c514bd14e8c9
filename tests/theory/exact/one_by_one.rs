//! Prove that the methods for small networks find the gradient, one parameter at a time, and count their passes.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::conformance::check;
use creditlab::linalg::Scalar;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::exact::MOST_PARAMETERS;
use creditlab::rules::exact::finite_difference::{self, FiniteDifference, Scheme};
use creditlab::rules::exact::forward_mode::{self, ForwardMode};
use creditlab::rules::{self, LearningRule, Setting};
use creditlab::update::Optimizer;

#[test]
fn forward_mode_is_backpropagation() {
    for case in Case::of_every_kind() {
        let g = flat(&case.gradient());
        let mut work = forward_mode::CountedTangent::default();
        let u = flat(&case.estimate(|step, out| ForwardMode {}.propose(&(), &mut work, *step, out)));
        assert!(relative(&u, &g) < 1e-12, "{:?}: {:e}", case.loss, relative(&u, &g));
        assert_eq!(work.passes, case.network.parameters() as u64);
        // negative control: neighbours changed for each other
        let shifted: Vec<_> = (0..u.len()).map(|k| u[(k + 1) % u.len()]).collect();
        assert!(relative(&shifted, &g) > 1e-2);
    }
}

/// The update by differences, and the passes that it took.
fn differences(case: &Case, scheme: Scheme, step: f64) -> (Vec<f64>, u64) {
    let mut work = finite_difference::MovedNetwork::default();
    let rule = FiniteDifference { scheme, step };
    let u = flat(&case.estimate(|step, out| rule.propose(&(), &mut work, *step, out)));
    (u, work.passes)
}

#[test]
fn the_error_of_differences_falls_with_the_step_until_rounding() {
    for seed in 1..4 {
        for loss in Loss::ALL {
            let case = Case::random(&[4, 5, 4, 3], Activation::Tanh, loss, 5, seed);
            let g = flat(&case.gradient());
            let error = |scheme, step| relative(&differences(&case, scheme, step).0, &g);
            for (scheme, order, smallest, best) in
                [(Scheme::Forward, 1.0, 1e-5, 1e-8), (Scheme::Central, 2.0, 1e-3, 1e-5)]
            {
                let mut step = 1e-2;
                while step >= smallest {
                    let slope = (error(scheme, step) / error(scheme, step / 2.0)).log2();
                    assert!((slope - order).abs() < 0.1, "{loss:?} {scheme:?} {step:e}: {slope}");
                    step /= 10.0;
                }
                // below the best step rounding, about 1e-16 / step, takes over
                assert!(
                    error(scheme, best) < 1e-6,
                    "{loss:?} {scheme:?}: {:e}",
                    error(scheme, best)
                );
                assert!(error(scheme, 1e-13) > 100.0 * error(scheme, best));
            }
        }
    }
}

#[test]
fn passes_are_counted() {
    for case in Case::of_every_kind().step_by(7) {
        let parameters = case.network.parameters() as u64;
        assert_eq!(differences(&case, Scheme::Forward, 1e-4).1, parameters);
        assert_eq!(differences(&case, Scheme::Central, 1e-4).1, 2 * parameters);
    }
}

/// In single precision the default step leaves both errors below one part in a hundred; a step that suits double
/// precision does not.
#[test]
fn the_default_step_suits_single_precision() {
    let case = Case::random(&[6, 8, 4], Activation::Tanh, Loss::CROSS_ENTROPY, 16, 2);
    let g = flat(&case.gradient());
    let narrow = network::<f32>(&[6, 8, 4], Activation::Tanh, Activation::Identity, 2);
    let error = |text: &str| {
        let (x, y) = (inputs::<f32>(6, 16, 2), targets::<f32>(case.loss, 4, 16, 2));
        let mut training = training(&[text], narrow.clone(), case.loss, Optimizer::sgd(0.1), &x, &y);
        training.step().expect("finite");
        let updates = arrays(&training.seats[0].proposal, &narrow, &training.trace);
        let numbers = updates.iter().flat_map(|u| u.weight.iter().chain(u.bias.iter()));
        relative(&numbers.map(|u| u.to_f64()).collect::<Vec<_>>(), &g)
    };
    assert!(error("FiniteDifference") < 1e-2, "{:e}", error("FiniteDifference"));
    assert!(error("FiniteDifference(step: 1e-6)") > 1e-2);
}

#[test]
fn large_networks_are_refused() {
    let refusal = |text: &str, network: &Network<f64>| {
        let setting = Setting {
            network,
            loss: Loss::HALF_SQUARES,
            optimizer: &Optimizer::default().into(),
            batch: 1,
            folder: std::path::Path::new(""),
        };
        let bound = common::rule(text).bind_f64(&setting, Stream::new(1, Purpose::RuleStart, 0, 0));
        bound.err().map(|refusal| refusal.to_string())
    };
    // n inputs to one output have n + 1 parameters
    let largest = network::<f64>(&[MOST_PARAMETERS - 1, 1], Activation::Tanh, Activation::Identity, 1);
    let larger = network::<f64>(&[MOST_PARAMETERS, 1], Activation::Tanh, Activation::Identity, 1);
    for rule in ["ForwardMode", "FiniteDifference"] {
        assert_eq!(refusal(rule, &largest), None);
        let said = refusal(rule, &larger).expect("too large");
        assert!(
            said.contains("2001 parameters") && said.contains("at most 2000"),
            "{said}"
        );
    }
    let said = refusal("FiniteDifference(step: 0.0)", &largest).expect("no step");
    assert!(said.starts_with("`step` must be positive"), "{said}");
}

#[test]
fn forward_differences_keep_the_laws() {
    let rule = "FiniteDifference(scheme: Forward)";
    check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
}
