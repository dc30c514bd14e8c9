//! Hold the experiments of Brownlee's page to what it prints.

use super::*;

/// What Python's `random` draws after `seed(1)`, in Brownlee's order: unit by unit, the bias last.
const START: [[f64; 3]; 4] = [
    [0.13436424411240122, 0.8474337369372327, 0.763774618976614],
    [0.2550690257394217, 0.49543508709194095, 0.4494910647887381],
    [0.651592972722763, 0.7887233511355132, 0.0938595867742349],
    [0.02834747652200631, 0.8357651039198697, 0.43276706790505337],
];

/// Brownlee's units from a file of weights.
fn units(path: &Path) -> [[f64; 3]; 4] {
    let values = |name: &str| array(path, name);
    let layers = ["layer1", "layer2"].map(|layer| {
        // column by column
        let (weight, bias) = (values(&format!("{layer}.weight")), values(&format!("{layer}.bias")));
        [0, 1].map(|unit| [weight[unit], weight[unit + 2], bias[unit]])
    });
    [layers[0][0], layers[0][1], layers[1][0], layers[1][1]]
}

#[test]
fn brownlee_s_toy_repeats_his_sums_and_weights() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/sources");
    assert_eq!(units(&folder.join("brownlee_toy_start.safetensors")), START);
    let lab = run("sources/brownlee_toy.ron", &[]);
    let printed = [
        6.350, 5.531, 5.221, 4.951, 4.519, 4.173, 3.835, 3.506, 3.192, 2.898, 2.626, 2.377, 2.153, 1.953, 1.774, 1.614,
        1.472, 1.346, 1.233, 1.132,
    ];
    let metrics = lab.table("results/brownlee_toy/metrics.csv");
    let running = metrics.select("metric=running_loss").numbers("value");
    assert_eq!(running.len(), printed.len());
    for (mean, printed) in running.iter().zip(printed) {
        assert_near(2.0 * 10.0 * mean, printed, 0.000_5);
    }
    // after each epoch's changes the sum is another one: the running one is meant
    let after = metrics.select("metric=loss split=train").numbers("value");
    assert!((20.0 * after[1] - printed[0]).abs() > 0.01);

    let end = units(&lab.path("results/brownlee_toy/weights/backprop/0/step-200.safetensors"));
    let published = [
        [-1.4688375095432327, 1.850887325439514, 1.0858178629550297],
        [0.37711098142462157, -0.0625909894552989, 0.2765123702642716],
        [2.515394649397849, -0.3391927502445985, -0.9671565426390275],
        [-2.5584149848484263, 1.0036422106209202, 0.42383086467582715],
    ];
    for (found, expected) in end.as_flattened().iter().zip(published.as_flattened()) {
        assert_near(*found, *expected, 1e-12);
    }
}

/// What the experiment's file says of the weights that the page predicts with.
#[test]
fn brownlee_s_second_set_of_weights_is_no_end_of_this_training() {
    let predicting = [
        [2.5001872433501404, 0.7887233511355132, -1.1026649757805829],
        [-2.429350576245497, 0.8357651039198697, 1.0699217181280656],
    ];
    for (later, start) in predicting.iter().zip(&START[2..]) {
        assert_eq!(later[1], start[1]);
        assert!(later[0] != start[0] && later[2] != start[2]);
    }
}

#[test]
fn brownlee_s_wheat_seeds_lie_in_their_band_and_the_zero_rule_is_exact() {
    let lab = run("sources/brownlee_wheat_seeds.ron", &[]);
    let runs = lab.table("results/brownlee_wheat_seeds/runs.csv");
    let of = |arm: &str| runs.select(&format!("arm={arm}")).numbers("final_test_accuracy");
    let zero_rule = of("majority-class");
    assert_eq!(zero_rule, [13.0, 10.0, 13.0, 13.0, 10.0].map(|right| right / 42.0));
    assert_near(100.0 * mean(&zero_rule), 28.095, 0.000_5);
    // two standard errors of 210 predictions, of which the published share is right
    let share: f64 = 0.933_33;
    let error = 2.0 * (share * (1.0 - share) / 210.0).sqrt();
    assert_within(mean(&of("backprop")), [share - error, share + error]);
}
