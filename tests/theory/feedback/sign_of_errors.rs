//! Prove what enters the feedback where the sign of the error stands for it.

use crate::common;
use crate::common::*;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Trace};
use creditlab::runner::Training;
use creditlab::update::Optimizer;

fn small() -> Network<f64> {
    network(&[6, 10, 8, 4], Activation::Tanh, Activation::Identity, 1)
}

/// Rules that send the output error back through weights of their own.
const SENDERS: [&str; 8] = [
    "FeedbackAlignment",
    "DirectFeedbackAlignment",
    "SignSymmetry",
    "KolenPollack",
    "WeightMirror",
    "PhaselessAlignment",
    "DirectKolenPollack",
    "ProductFeedback",
];

/// The first update of a rule where the output's errors are these, one for each of five samples and four outputs.
fn update_at(text: &str, error: impl Fn(usize) -> f64) -> Vec<Affine<f64>> {
    let (x, y) = (inputs(6, 5, 1), targets(Loss::HALF_SQUARES, 4, 5, 1));
    let mut training = training(&[text], small(), Loss::HALF_SQUARES, Optimizer::sgd(0.1), &x, &y);
    let mut trace = Trace {
        input: training.batch.input.clone(),
        ..Default::default()
    };
    training.network.forward(&mut trace);
    // half squares with identity units: the error is prediction minus target
    training.batch.targets = trace.output().a.clone();
    for (i, target) in training.batch.targets.iter_mut().enumerate() {
        *target -= error(i);
    }
    step(&mut training).remove(0)
}

#[test]
fn hidden_layers_learn_from_the_sign_of_the_error_and_the_output_layer_from_all_of_it() {
    // both signs in every sample
    let sign = |i: usize| if i.is_multiple_of(3) { -1.0 } else { 1.0 };
    let size = |i: usize| sign(i) * (0.3 + i as f64 / 10.0);
    for rule in SENDERS {
        let with = format!("{rule}(feedback: (error: Sign))");
        let (hidden, of_signs) = (|u: &[Affine<f64>]| flat(&u[..2]), update_at(&with, size));
        // errors of size one are their own signs
        let expected = update_at(rule, sign);
        assert!(relative(&hidden(&of_signs), &hidden(&expected)) < 1e-12, "{rule}");
        // twice the error is the same sign
        let twice = update_at(&with, |i| 2.0 * size(i));
        assert_eq!(hidden(&of_signs), hidden(&twice), "{rule}");
        assert!(relative(&flat(&twice[2..]), &flat(&of_signs[2..])) > 0.5, "{rule}");
        // the output layer's own error is whole
        let whole = update_at(rule, size);
        assert_eq!(flat(&of_signs[2..]), flat(&whole[2..]), "{rule}");
        // negative control
        assert!(relative(&hidden(&whole), &hidden(&expected)) > 0.05, "{rule}");
        // no error has no sign
        assert!(hidden(&update_at(&with, |_| 0.0)).iter().all(|u| *u == 0.0), "{rule}");
    }
    for rule in ["RandomTargetProjection", "Pepita"] {
        let stated = common::rule(&format!("{rule}(feedback: (error: Sign))"));
        let started = Training::new(1, small(), Loss::HALF_SQUARES, Optimizer::sgd(0.1), 5, &[stated]);
        let (_, refusal) = started.err().expect(rule);
        assert_eq!(refusal.option, "feedback.error", "{refusal}");
    }
}
