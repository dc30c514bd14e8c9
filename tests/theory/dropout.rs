//! Prove that dropped units are silent in both directions, for the rules that know them, and that all others refuse them.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network, Trace};
use creditlab::random::{Purpose, Stream};
use creditlab::rules;
use creditlab::runner::Training;
use creditlab::update::Optimizer;

const SIZES: [usize; 4] = [5, 8, 7, 3];
const KNOWN: [&str; 17] = [
    "AttentionGated",
    "Backprop",
    "DirectFeedbackAlignment",
    "DirectKolenPollack",
    "FeedbackAlignment",
    "KolenPollack",
    "LastLayers",
    "LocalLoss",
    "MajorityClass",
    "OutputOnly",
    "Pepita",
    "PhaselessAlignment",
    "ProductFeedback",
    "RandomDirection",
    "RandomTargetProjection",
    "SignSymmetry",
    "WeightMirror",
];

/// A network that drops units with probabilities of 0.3 and 0.5 in its hidden layers.
fn dropping(hidden: Activation, loss: Loss, seed: u64) -> Network<f64> {
    let mut network = network(&SIZES, hidden, loss.default_output(), seed);
    network.layers[0].dropout = 0.3;
    network.layers[1].dropout = 0.5;
    network
}

fn start(text: &str, hidden: Activation, loss: Loss, batch: usize, seed: u64) -> OnBatch<f64> {
    let (x, y) = (inputs(SIZES[0], batch, seed), targets(loss, SIZES[3], batch, seed));
    training(&[text], dropping(hidden, loss, seed), loss, Optimizer::sgd(0.1), &x, &y)
}

/// The mean loss of a network whose units are dropped by these masks.
fn masked_loss(network: &Network<f64>, loss: Loss, x: &Matrix<f64>, y: &Matrix<f64>, mask: &[Matrix<f64>]) -> f64 {
    let mut a = x.clone();
    let mut z = x.clone();
    for (layer, mask) in network.layers.iter().zip(mask) {
        z = &layer.weight * &a;
        z.column_iter_mut().for_each(|mut z| z += &layer.bias);
        a = z.map(|z| layer.activation.value(z));
        if !mask.is_empty() {
            a.component_mul_assign(mask);
        }
    }
    loss.mean(creditlab::network::Output { z: &z, a: &a }, y)
}

#[test]
fn backprop_is_the_gradient_of_the_masked_network() {
    for hidden in [
        Activation::Logistic,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Erf,
    ] {
        for loss in Loss::ALL {
            for seed in 0..3 {
                let mut training = start("Backprop", hidden, loss, 6, seed);
                let before = training.network.clone();
                let gradient = flat(&step(&mut training)[0]);
                let Trace { input, mask, .. } = &training.trace;
                let y = &training.batch.targets;
                let differences = central_differences(&before, 1e-5, |n| masked_loss(n, loss, input, y, mask));
                let error = relative(&gradient, &differences);
                assert!(error <= 1e-7, "{hidden:?} {loss}: {error:e}");
                // negative control: the whole net has another gradient
                let whole = central_differences(&before, 1e-5, |n| mean_loss(n, loss, input, y));
                assert!(relative(&gradient, &whole) > 0.1, "{hidden:?} {loss}");
            }
        }
    }
}

/// With the forward weights as feedback, feedback alignment is backpropagation, dropped units or not.
#[test]
fn feedback_alignment_sees_the_same_masks() {
    for seed in 0..3 {
        let run = |text: &str| {
            let mut training = start(text, Activation::Tanh, Loss::CROSS_ENTROPY, 6, seed);
            let weights: Vec<_> = training
                .network
                .layers
                .iter()
                .map(|layer| layer.weight.clone())
                .collect();
            set_feedback(&mut training, 0, |l| weights[l].clone());
            flat(&step(&mut training)[0])
        };
        assert!(relative(&run("FeedbackAlignment"), &run("Backprop")) < 1e-14);
    }
}

/// A unit that is silent in both passes of PEPITA does not learn; with masks of its own, the second pass would teach it.
#[test]
fn pepita_uses_one_mask_for_both_passes() {
    let mut training = start("Pepita", Activation::Logistic, Loss::CROSS_ENTROPY, 1, 1);
    let update = step(&mut training).remove(0);
    let mut dropped = 0;
    for (u, mask) in update.iter().zip(&training.trace.mask[..2]) {
        for (unit, &m) in mask.iter().enumerate() {
            assert_eq!(u.bias[unit] == 0.0, m == 0.0);
            assert_eq!(u.weight.row(unit).iter().all(|u| *u == 0.0), m == 0.0);
            dropped += usize::from(m == 0.0);
        }
    }
    assert!(dropped > 0 && dropped < 15, "{dropped}");
}

/// Masks are a function of seed and step: shares as stated within 4 standard errors, the mean 1 as well.
#[test]
fn masks_have_their_shares_and_come_back() {
    let network = dropping(Activation::Tanh, Loss::CROSS_ENTROPY, 0);
    let masks = |seed, step| {
        let mut trace = Trace {
            input: inputs(SIZES[0], 5000, 0),
            ..Trace::default()
        };
        network.drop_units(&mut trace, |l| Stream::new(seed, Purpose::Dropout, l as u64, step));
        trace.mask
    };
    let first = masks(1, 0);
    for (mask, share) in first.iter().zip([0.3, 0.5]) {
        let n = mask.len() as f64;
        let zeros = mask.iter().filter(|m| **m == 0.0).count() as f64;
        let error = (share * (1.0 - share) / n).sqrt();
        assert!((zeros / n - share).abs() < 4.0 * error, "{}", zeros / n);
        assert!(mask.iter().all(|m| *m == 0.0 || *m == 1.0 / (1.0 - share)));
        // no unit and no sample is dropped for good
        assert!(mask.row_iter().all(|row| row.iter().any(|m| *m > 0.0)));
    }
    assert!(first[2].is_empty(), "the output is never dropped");
    assert_eq!(masks(1, 0), first);
    assert_ne!(masks(1, 1), first);
    assert_ne!(masks(2, 0), first);
}

#[test]
fn the_whole_net_answers_outside_training() {
    let dropping = dropping(Activation::Tanh, Loss::CROSS_ENTROPY, 0);
    let mut plain = dropping.clone();
    plain.layers.iter_mut().for_each(|layer| layer.dropout = 0.0);
    let (x, y) = (inputs(5, 6, 0), targets(Loss::CROSS_ENTROPY, 3, 6, 0));
    let loss = |network| mean_loss(network, Loss::CROSS_ENTROPY, &x, &y);
    assert_eq!(loss(&dropping), loss(&plain));
    // and training is not the same: the first change already differs
    let change = |network: &Network<f64>| flat(&proposal("Backprop", network, Loss::CROSS_ENTROPY, &x, &y));
    assert!(relative(&change(&dropping), &change(&plain)) > 0.1);
}

#[test]
fn rules_that_do_not_know_dropout_refuse_it() {
    let mut known = Vec::new();
    for entry in rules::builtin().entries() {
        let loss = match entry.name {
            "AttentionGated" => Loss::HALF_SQUARES,
            _ => Loss::CROSS_ENTROPY,
        };
        let network = dropping(Activation::Tanh, loss, 0);
        let rule = entry.defaults().expect("defaults");
        match Training::new(0, network, loss, Optimizer::sgd(0.1), 4, &[rule]) {
            Ok(_) => known.push(entry.name),
            Err((_, refusal)) => assert!(refusal.remedy.contains("`dropout`"), "{}: {refusal}", entry.name),
        }
    }
    assert_eq!(known, KNOWN);
}
