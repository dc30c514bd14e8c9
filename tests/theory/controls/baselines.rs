//! Prove what the controls do: `LastLayers` and `MajorityClass`.

use crate::common::*;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Trace};
use creditlab::runner::Training;
use creditlab::update::Optimizer;

#[test]
fn the_last_layers_follow_the_exact_gradient_and_no_other_does() {
    for count in 1..=4 {
        let network = network(&[5, 6, 5, 4, 3], Activation::Tanh, Activation::Identity, count as u64);
        let (x, y) = (inputs(5, 6, 1), targets(Loss::CROSS_ENTROPY, 3, 6, 1));
        let rules = [&*format!("LastLayers(count: {count})"), "Backprop", "OutputOnly"];
        let mut training = training(&rules, network, Loss::CROSS_ENTROPY, Optimizer::sgd(0.1), &x, &y);
        let updates = step(&mut training);
        for (l, (update, exact)) in updates[0].iter().zip(&updates[1]).enumerate() {
            let trained = l + count >= 4;
            assert_eq!(training.seats[0].proposal.trains(l), trained);
            assert_eq!(update.weight == exact.weight, trained, "count {count}, layer {l}");
        }
        assert_eq!(updates[0][2].weight == updates[2][2].weight, count == 1);
    }
}

#[test]
fn the_majority_class_is_what_was_seen_most() {
    let y = |classes: &[usize]| Matrix::from_fn(3, classes.len(), |row, i| f64::from(u8::from(classes[i] == row)));
    for loss in Loss::ALL {
        let network = network(&[2, 3], Activation::Tanh, loss.default_output(), 0);
        let mut training = training(
            &["MajorityClass"],
            network,
            loss,
            Optimizer::sgd(0.1),
            &inputs(2, 3, 0),
            &y(&[2, 1, 2]),
        );
        let weights = training.network.layers[0].weight.clone();
        let shares = |training: &mut OnBatch<f64>| {
            let mut trace = Trace {
                input: training.batch.input.clone(),
                ..Trace::default()
            };
            let training = &mut training.training;
            training.seats[0].learner.predict(&training.network, &mut trace);
            assert_eq!(trace.output().a.column(0), trace.output().a.column(2));
            let a = trace.output().a.column(1).into_owned();
            if loss == Loss::CROSS_ENTROPY {
                a.map(f64::exp)
            } else {
                a
            }
        };
        let near =
            |shares: Vector<f64>, expected: [f64; 3]| (shares - Vector::from_column_slice(&expected)).norm() < 1e-14;
        assert!(near(shares(&mut training), [1.0 / 3.0; 3]));
        training.step().expect("finite");
        assert!(near(shares(&mut training), [1.0 / 12.0, 4.0 / 12.0, 7.0 / 12.0]));
        fill(&mut training, &inputs(2, 4, 0), &y(&[1, 1, 1, 0]));
        training.step().expect("finite");
        assert!(near(shares(&mut training), [4.0 / 24.0, 13.0 / 24.0, 7.0 / 24.0]));
        assert_eq!(training.network.layers[0].weight, weights);
    }
}

#[test]
fn last_layers_that_are_not_there_are_refused() {
    for count in [0, 4] {
        let network = network::<f64>(&[3, 4, 4, 2], Activation::Tanh, Activation::Identity, 0);
        let rules = [rule(&format!("LastLayers(count: {count})"))];
        let started = Training::new(0, network, Loss::HALF_SQUARES, Optimizer::sgd(0.1), 4, &rules);
        let (_, refusal) = started.err().expect("a refusal");
        assert_eq!(refusal.option, "count", "{refusal}");
    }
}
