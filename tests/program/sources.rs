//! Hold the experiments of the teaching sources to the numbers that these state.

use crate::data_support::published;
use crate::support::{Lab, Table, errors};
use creditlab::arrays::{self, Array};
use std::path::Path;

/// Runs a shipped experiment with more options; the lab has its results in `results/`.
fn run(experiment: &str, options: &[&str]) -> Lab {
    let lab = Lab::new("");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("experiments")
        .join(experiment);
    let mut command = lab.command("run --quiet --no-figures");
    let output = command.arg(file).args(options).output().unwrap();
    assert!(output.status.success(), "{experiment}: {}", errors(&output));
    lab
}

/// Runs a shipped experiment on MNIST; absent where there is none.
fn run_on_mnist(experiment: &str, options: &[&str]) -> Option<Lab> {
    let folder = published("mnist")?;
    let data = folder.parent()?.to_str()?;
    Some(run(experiment, &[&["--data", data], options].concat()))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    (values[(values.len() - 1) / 2] + values[middle]) / 2.0
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected}");
}

#[track_caller]
fn assert_within(found: f64, [low, high]: [f64; 2]) {
    println!("{found} within [{low}, {high}]");
    assert!((low..=high).contains(&found), "{found} is not within [{low}, {high}]");
}

/// The accuracies of each run in percent, epoch by epoch from 0.
fn accuracies(metrics: &Table, arm: &str, split: &str) -> Vec<Vec<f64>> {
    let rows = metrics.select(&format!("arm={arm} metric=accuracy split={split}"));
    let of_seed = |seed| {
        let percent = |share| 100.0 * share;
        let rows = rows.select(&format!("seed={seed}"));
        rows.numbers("value").into_iter().map(percent).collect()
    };
    rows.distinct("seed").into_iter().map(of_seed).collect()
}

/// The median over runs of what `of` makes of each.
fn median_of(runs: &[Vec<f64>], of: impl Fn(&[f64]) -> f64) -> f64 {
    median(runs.iter().map(|run| of(run)).collect())
}

fn best(accuracies: &[f64]) -> f64 {
    accuracies.iter().copied().fold(0.0, f64::max)
}

fn last(accuracies: &[f64]) -> f64 {
    *accuracies.last().unwrap()
}

/// What Python's `random` draws after `seed(1)`, in Brownlee's order: unit by unit, the bias last.
const START: [[f64; 3]; 4] = [
    [0.13436424411240122, 0.8474337369372327, 0.763774618976614],
    [0.2550690257394217, 0.49543508709194095, 0.4494910647887381],
    [0.651592972722763, 0.7887233511355132, 0.0938595867742349],
    [0.02834747652200631, 0.8357651039198697, 0.43276706790505337],
];

/// Brownlee's units from a file of weights.
fn units(path: &Path) -> [[f64; 3]; 4] {
    let arrays: Vec<Array> = arrays::load(path).unwrap();
    let values = |name: &str| {
        let array = arrays.iter().find(|array| array.name == name);
        array.unwrap_or_else(|| panic!("an array `{name}`")).values::<f64>()
    };
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

#[test]
fn nielsen_s_neuron_learns_slowly_where_it_is_saturated() {
    let lab = run("sources/nielsen_learning_slowdown.ron", &[]);
    let metrics = lab.table("results/nielsen_learning_slowdown/metrics.csv");
    let of = |arm: &str, metric: &str| metrics.select(&format!("arm={arm} {metric}")).numbers("value");
    for (arm, published) in [
        ("quadratic-near", [(0, 0.8176), (300, 0.0940), (0, 0.8176)]),
        ("quadratic-far", [(0, 0.9820), (150, 0.9334), (300, 0.2028)]),
        ("cross-entropy-near", [(0, 0.8176), (300, 0.0375), (0, 0.8176)]),
        ("cross-entropy-far", [(0, 0.9820), (300, 0.0416), (0, 0.9820)]),
    ] {
        let outputs = of(arm, "metric=activity_mean layer=layer1");
        assert_eq!(outputs.len(), 301);
        for (epoch, output) in published {
            assert_near(outputs[epoch], output, 0.000_05);
        }
    }
    // the epoch in which the cost falls most
    let steepest = |arm: &str| {
        let costs = of(arm, "metric=loss split=train");
        let fall = |epoch: &usize| costs[*epoch] - costs[epoch + 1];
        (0..300).max_by(|a, b| fall(a).total_cmp(&fall(b))).unwrap()
    };
    assert_eq!((steepest("cross-entropy-near"), steepest("cross-entropy-far")), (0, 0));
    assert!(steepest("quadratic-far") > 150 && steepest("quadratic-near") > 0);
}

/// With the learning rate that the book states, the correct gradient does not end where the book's figure does.
#[test]
fn nielsen_s_rate_for_the_cross_entropy_is_too_small() {
    let lab = run(
        "sources/nielsen_learning_slowdown.ron",
        &["--set", "optimizer.learning_rate=0.005"],
    );
    let metrics = lab.table("results/nielsen_learning_slowdown/metrics.csv");
    for (arm, end) in [("cross-entropy-near", 0.418), ("cross-entropy-far", 0.780)] {
        let outputs = metrics.select(&format!("arm={arm} metric=activity_mean layer=layer1 step=300"));
        assert_near(outputs.number("value"), end, 0.000_5);
    }
}

#[test]
fn nielsen_s_first_network_lies_in_its_band() {
    let Some(lab) = run_on_mnist("sources/nielsen_first_network.ron", &[]) else {
        return;
    };
    let runs = accuracies(
        &lab.table("results/nielsen_first_network/metrics.csv"),
        "backprop",
        "test",
    );
    assert_eq!((runs.len(), runs[0].len()), (5, 31));
    assert_within(median_of(&runs, best), [94.5, 95.5]);
}

#[test]
fn nielsen_s_small_start_is_ahead_after_one_epoch() {
    let options = ["--set", "stop=Epochs(1)"];
    let Some(lab) = run_on_mnist("sources/nielsen_weight_initialization.ron", &options) else {
        return;
    };
    let metrics = lab.table("results/nielsen_weight_initialization/metrics.csv");
    let median = |arm| median_of(&accuracies(&metrics, arm, "validation"), last);
    assert_within(median("small-start"), [92.4, 93.4]);
    assert_within(median("large-start"), [86.0, 88.5]);
}

#[test]
#[ignore = "takes a minute or two"]
fn nielsen_s_small_start_is_hardly_ahead_at_the_end() {
    let Some(lab) = run_on_mnist("sources/nielsen_weight_initialization.ron", &[]) else {
        return;
    };
    let metrics = lab.table("results/nielsen_weight_initialization/metrics.csv");
    let median = |arm| median_of(&accuracies(&metrics, arm, "validation"), last);
    assert_within(median("small-start"), [96.0, 96.9]);
    assert_within(median("large-start"), [95.8, 96.7]);
}

#[test]
#[ignore = "takes a minute or two"]
fn nielsen_s_cross_entropy_and_regularization_lie_in_their_bands() {
    let Some(lab) = run_on_mnist("sources/nielsen_cross_entropy.ron", &[]) else {
        return;
    };
    let metrics = lab.table("results/nielsen_cross_entropy/metrics.csv");
    let median = |arm| median_of(&accuracies(&metrics, arm, "test"), best);
    assert_within(median("no-regularization"), [95.0, 95.8]);
    assert_within(median("lambda-5"), [95.7, 96.5]);
}
