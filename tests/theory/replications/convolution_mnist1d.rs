//! R16: convolution without weight transport, and without sharing, on MNIST-1D.

use super::*;
use crate::data_support::published;

const EXPERIMENT: &str = "r16_convolution_mnist1d";

/// The criteria are for means of three seeds. One seed scatters more, by so many points at three standard errors: `3 sd (1 - 1/sqrt 3)`.
/// `sds`, of a single seed, are those of the independent program; those of a difference add up as squares.
fn slack(sds: &[f64]) -> f64 {
    let sd = sds.iter().map(|sd| sd * sd).sum::<f64>().sqrt();
    3.0 * sd * (1.0 - 1.0 / 3f64.sqrt())
}

#[test]
fn convolution_needs_signs_of_the_weights_and_without_sharing_fixed_feedback_does_better() {
    let Some(data) = published("mnist1d") else { return };
    let place = |file: &str| data.join(file).display().to_string();
    let [x, y, test_x, test_y] = ["train-x.npy", "train-y.npy", "test-x.npy", "test-y.npy"].map(place);
    let task = format!("task=Npy(x: {x:?}, y: {y:?}, test_x: {test_x:?}, test_y: {test_y:?}, image: (1, 1, 40))");
    // half of the training: all is met by then
    let lab = replicate_with(
        EXPERIMENT,
        &["--seeds", "1", "--set", "stop=Steps(3000)", "--set", &task],
    );
    let runs = lab.table(&format!("results/{EXPERIMENT}/runs.csv"));
    let accuracy = |arm: &str| {
        let accuracy = 100.0 * runs.select(&format!("arm={arm}")).number("final_test_accuracy");
        println!("R16 {arm}: {accuracy:.1} %");
        accuracy
    };

    let backprop = accuracy("backprop");
    assert!((backprop - 94.0).abs() <= 2.5 + slack(&[0.8]), "{backprop}");

    let behind = |arm: &str| backprop - accuracy(arm);
    let [signs, learned, control] = ["sign-symmetry", "kolen-pollack", "output-only"].map(behind);
    assert!(signs <= 6.0 + slack(&[0.8, 0.8]), "{signs}");
    assert!(learned <= 6.0 + slack(&[0.8, 1.8]), "{learned}");
    // control: where hidden layers learn nothing, neither is met
    assert!(control > 6.0 + slack(&[0.8, 1.8]), "{control}");

    let [alignment, direct] = ["feedback-alignment", "direct-feedback-alignment"].map(behind);
    assert!(alignment >= 15.0 - slack(&[0.8, 0.8]), "{alignment}");
    assert!(direct >= 15.0 - slack(&[0.8, 6.2]), "{direct}");

    // sharing helps where errors are exact, and hurts where they come through fixed feedback
    let gain = |arm: &str| accuracy(&format!("{arm}-local")) - accuracy(arm);
    let [exact, alignment, direct] = ["backprop", "feedback-alignment", "direct-feedback-alignment"].map(gain);
    assert!(
        exact < 0.0 && alignment > 0.0 && direct > 0.0,
        "{exact} {alignment} {direct}"
    );
}
