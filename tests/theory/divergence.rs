//! See weights that overflow at the step that makes them, even where saturated units hide them from the loss.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::runner::Diverged;
use creditlab::update::Optimizer;

fn infinite(network: &Network<f32>) -> bool {
    network
        .layers
        .iter()
        .any(|layer| layer.weight.iter().any(|w| !w.is_finite()))
}

#[test]
fn overflowing_weights_are_seen_at_their_step_though_factors_are_moderate() {
    let sgd = |learning_rate, l2| Optimizer::Sgd {
        learning_rate,
        momentum: 0.0,
        decay: 0.0,
        l2,
    };
    for optimizer in [sgd(f64::from(f32::MAX), 0.0), sgd(0.1, 1e5)] {
        let network = network::<f32>(&[3, 4, 2], Activation::Tanh, Activation::Logistic, 1);
        let (x, y): (Matrix<f32>, Matrix<f32>) = (inputs(3, 5, 1), targets(Loss::HALF_SQUARES, 2, 5, 1));
        let mut training = training(
            &["Backprop"],
            network,
            Loss::HALF_SQUARES,
            optimizer,
            &(x * 10.0),
            &(y * 10.0),
        );
        let mut seen = false;
        for _ in 0..30 {
            let before = training.step;
            match training.step() {
                Ok(()) => assert!(!infinite(&training.network), "{optimizer:?}: unseen at step {before}"),
                Err(Diverged { step }) => {
                    assert!(step == before || step == before + 1);
                    seen = true;
                    break;
                }
            }
        }
        assert!(seen, "{optimizer:?}");
    }
}
