//! Prove that `Backprop` is the gradient of the mean loss.

mod common;

use common::*;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Trace};

const STEP: f64 = 1e-5;

/// Whether some pre-activation is so near the kink of ReLU that a difference could step over it.
fn near_a_kink(network: &creditlab::network::Network<f64>, x: &creditlab::linalg::Matrix<f64>) -> bool {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace.z.iter().flat_map(|z| z.iter()).any(|z| z.abs() < 10.0 * STEP)
}

#[test]
fn backprop_equals_central_differences_for_every_activation_loss_and_depth() {
    for hidden in Activation::ALL {
        for loss in Loss::ALL {
            for output in Activation::ALL.into_iter().filter(|output| loss.accepts(*output)) {
                for depth in 1..=4 {
                    let sizes = &[5, 7, 6, 4, 3][4 - depth..];
                    let seeds = (0..20).filter(|seed| {
                        !near_a_kink(&network(sizes, hidden, output, *seed), &inputs(sizes[0], 6, *seed))
                    });
                    for seed in seeds.take(3) {
                        let network = network(sizes, hidden, output, seed);
                        let (x, y) = (inputs(sizes[0], 6, seed), targets(loss, 3, 6, seed));
                        let gradient = flat(&proposal("Backprop", &network, loss, &x, &y));
                        let differences = central_differences(&network, STEP, |n| mean_loss(n, loss, &x, &y));
                        if differences.iter().all(|d| *d == 0.0) {
                            // every ReLU output is silent: the gradient must be exactly zero too
                            assert!(gradient.iter().all(|g| *g == 0.0));
                            continue;
                        }
                        let error = relative(&gradient, &differences);
                        assert!(error <= 1e-7, "{hidden:?} {loss:?} {output:?} depth {depth}: {error:e}");
                        // negative control: a scale error must fail
                        let doubled: Vec<_> = gradient.iter().map(|g| 2.0 * g).collect();
                        assert!(relative(&doubled, &differences) > 0.5);
                    }
                }
            }
        }
    }
}
