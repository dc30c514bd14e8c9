//! Prove what `RandomTargetProjection` does: it projects the target, and never looks at the output.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::update::Optimizer;

const SHAPES: [&[usize]; 3] = [&[5, 7, 3], &[5, 7, 6, 3], &[4, 6, 5, 4, 3]];

fn start(network: Network<f64>, loss: Loss, y: &Matrix<f64>) -> OnBatch<f64> {
    let x = inputs(network.inputs(), y.ncols(), 1);
    let rules = ["RandomTargetProjection", "DirectFeedbackAlignment"];
    training(&rules, network, loss, Optimizer::sgd(0.1), &x, y)
}

#[test]
fn hidden_errors_are_the_projected_target_with_a_minus() {
    for (seed, sizes) in (0..).zip(SHAPES) {
        for hidden in Activation::ALL {
            for loss in Loss::ALL {
                let y = targets(loss, 3, 6, seed);
                let mut training = start(network(sizes, hidden, loss.default_output(), seed), loss, &y);
                let given: Vec<_> = (0..sizes.len() - 2)
                    .map(|l| inputs(sizes[l + 1], 3, 50 + l as u64))
                    .collect();
                set_feedback(&mut training, 0, |l| given[l].clone());
                training.step().expect("finite");
                for (l, b) in given.iter().enumerate() {
                    let slope = training.trace.z[l].zip_map(&training.trace.a[l], |z, a| hidden.slope(z, a));
                    let expected = (-b * &y).component_mul(&slope);
                    let delta = training.seats[0].proposal.delta(l).expect("an error signal");
                    let error = relative(delta.as_slice(), expected.as_slice());
                    assert!(error <= 1e-14, "{hidden:?} {loss:?}: {error:e}");
                    // negative control: the sign of the authors' code
                    assert!(relative(delta.as_slice(), (-expected).as_slice()) > 1.0);
                }
            }
        }
    }
}

/// Other output weights and biases make other errors: the output layer's update moves, the hidden ones do not.
#[test]
fn hidden_updates_do_not_depend_on_the_output_error() {
    for (seed, sizes) in (0..).zip(SHAPES) {
        for loss in Loss::ALL {
            let y = targets(loss, 3, 6, seed);
            let one = network(sizes, Activation::Tanh, loss.default_output(), seed);
            let mut other = one.clone();
            let top = other.top();
            other.layers[top].weight *= -2.0;
            other.layers[top].bias.add_scalar_mut(1.0);
            let updates = [one, other].map(|network| step(&mut start(network, loss, &y)));
            let [one, other] = &updates;
            for l in 0..top {
                assert_eq!(one[0][l].weight, other[0][l].weight);
                assert_eq!(one[0][l].bias, other[0][l].bias);
                // negative control: direct feedback alignment
                assert_ne!(one[1][l].weight, other[1][l].weight);
            }
            assert_ne!(one[0][top].weight, other[0][top].weight);
        }
    }
}

#[test]
fn hidden_layers_learn_where_there_is_no_error() {
    for (seed, sizes) in (0..).zip(SHAPES) {
        let network = network(sizes, Activation::Tanh, Activation::Identity, seed);
        let mut training = start(network, Loss::HALF_SQUARES, &targets(Loss::HALF_SQUARES, 3, 6, seed));
        training.forward().expect("finite");
        training.batch.targets = training.trace.output().a.clone();
        let updates = step(&mut training);
        let (target, direct) = (updates[0].split_last(), updates[1].split_last());
        let (output, hidden) = target.expect("layers");
        assert_eq!(output.weight.norm(), 0.0);
        assert!(hidden.iter().all(|update| update.weight.norm() > 1e-2));
        // negative control: direct feedback alignment
        let (_, hidden) = direct.expect("layers");
        assert!(hidden.iter().all(|update| update.weight.norm() == 0.0));
    }
}

/// Where the output is 0 the error is `−y`, and target and error are one: with the same `B` the rule is direct feedback alignment.
#[test]
fn with_a_silent_output_it_is_direct_feedback_alignment() {
    for (seed, sizes) in (0..).zip(SHAPES) {
        let agreement = |silent: bool| {
            let mut network = network(sizes, Activation::Tanh, Activation::Identity, seed);
            if silent {
                let top = network.top();
                network.layers[top].weight.fill(0.0);
                network.layers[top].bias.fill(0.0);
            }
            let mut training = start(network, Loss::HALF_SQUARES, &targets(Loss::HALF_SQUARES, 3, 6, seed));
            let b: Vec<_> = (0..sizes.len() - 2).map(|l| feedback(&training, 0, l)).collect();
            set_feedback(&mut training, 1, |l| b[l].clone());
            let updates = step(&mut training);
            relative(&flat(&updates[0]), &flat(&updates[1]))
        };
        assert!(agreement(true) <= 1e-14, "{:e}", agreement(true));
        // negative control: an output that speaks
        assert!(agreement(false) > 1e-2);
    }
}
