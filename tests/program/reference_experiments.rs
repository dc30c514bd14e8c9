//! Run one step as experiments whose weights, feedback, data and order come from files, and compare what they leave with the steps
//! computed by another program, `tests/reference/one_step.py`.

use crate::support::Lab;
use creditlab::arrays::{self, Array};
use creditlab::network::Activation;
use std::path::Path;

/// What an experiment says of each rule: name, options. The file's start holds feedback of both kinds.
const RULES: [(&str, &str); 5] = [
    ("Backprop", ""),
    ("FeedbackAlignment", "(feedback: (file: \"start.safetensors\"))"),
    ("DirectFeedbackAlignment", "(feedback: (file: \"start.safetensors\"))"),
    ("KolenPollack", "(feedback: (file: \"start.safetensors\"))"),
    ("SignSymmetry", ""),
];

fn load(name: &str) -> Vec<Array> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    arrays::load(&folder.join(format!("{name}.safetensors"))).expect("a reference file")
}

fn array<'a>(arrays: &'a [Array], name: &str) -> &'a Array {
    let array = arrays.iter().find(|array| array.name == name);
    array.unwrap_or_else(|| panic!("no array {name}"))
}

/// The rows of a matrix.
fn rows(array: &Array) -> Vec<Vec<f64>> {
    let values: Vec<f64> = array.values();
    let (rows, columns) = (array.shape[0], array.shape.get(1).copied().unwrap_or(1));
    let row = |i| (0..columns).map(|j| values[i + j * rows]).collect();
    (0..rows).map(row).collect()
}

/// The name of an activation, without its options.
fn name(activation: Activation) -> String {
    let text = format!("{activation:?}");
    text.split(' ').next().unwrap_or_default().to_string()
}

/// What an arm is called, in files too.
fn label(rule: &str, hidden: &str, loss: &str) -> String {
    format!("{rule}.{hidden}.{loss}").to_lowercase()
}

/// A text with a line for each sample: its inputs, then its targets. Numbers are written so that they read back to the same bits.
fn csv(x: &Array, targets: &[Vec<f64>]) -> String {
    let line = |(x, y): (Vec<f64>, &Vec<f64>)| {
        let cells: Vec<_> = x.iter().chain(y).map(|number| format!("{number:?}")).collect();
        cells.join(",") + "\n"
    };
    rows(x).into_iter().zip(targets).map(line).collect()
}

/// An experiment with an arm for each rule, activation and loss.
fn experiment(task: &str, losses: &[&str]) -> String {
    let mut arms = String::new();
    for (rule, options) in RULES {
        for hidden in Activation::ALL.map(name) {
            for loss in losses {
                let output = if *loss == "LogisticCrossEntropy" {
                    "Logistic"
                } else {
                    &*hidden
                };
                let label = label(rule, &hidden, loss);
                arms += &format!(
                    "(label: \"{label}\", rule: {rule}{options}, loss: {loss}, network: (hidden: [3, 3], \
                     activation: {hidden}, output: {output}, init: File(\"start.safetensors\"))),\n"
                );
            }
        }
    }
    format!(
        "(task: {task}, split: Random(validation: 0, test: 0), optimizer: Sgd(learning_rate: 0.1, decay: 0.01),
        batch: (size: Full, order: AsGiven), stop: Steps(1), precision: F64, seeds: 1,
        save: (weights: [Steps(0), End]), arms: [{arms}])"
    )
}

fn largest_difference(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let differences = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, x| if x <= most { most } else { x })
}

/// The arrays `layer1.<what>`, `layer2.<what>`, .. of those in `whats`, layer by layer, each row by row.
fn row_by_row(arrays: &[Array], layers: std::ops::RangeInclusive<usize>, whats: &[&str]) -> Vec<f64> {
    let names = layers.flat_map(|l| whats.iter().map(move |what| format!("layer{l}.{what}")));
    names.flat_map(|name| rows(array(arrays, &name)).concat()).collect()
}

/// Compares every arm of an experiment; the worst difference to the reference. `case` names a loss in the reference.
fn compare(lab: &Lab, losses: &[&str], case: impl Fn(&str) -> String) -> f64 {
    let start = load("start");
    let mut worst: f64 = 0.0;
    for (rule, _) in RULES {
        let reference = load(rule);
        for hidden in Activation::ALL.map(name) {
            for loss in losses {
                let arm = label(rule, &hidden, loss);
                let at = |step| {
                    arrays::load(&lab.path(&format!("results/a/weights/{arm}/0/step-{step}.safetensors"))).unwrap()
                };
                let (before, after) = (at(0), at(1));
                for array in &before {
                    assert_eq!(
                        rows(array),
                        rows(self::array(&start, &array.name)),
                        "{arm}: {}",
                        array.name
                    );
                }
                let key = format!("{hidden}.{}", case(loss));
                let theirs: Vec<f64> = array(&reference, &key).values();
                let ours = row_by_row(&after, 1..=3, &["weight", "bias"]);
                let apart = largest_difference(&ours, &theirs);
                assert!(apart <= 1e-9, "{arm}: {apart:e}");
                worst = worst.max(apart);
                // negative control: the step is larger than the tolerance
                assert!(largest_difference(&row_by_row(&before, 1..=3, &["weight", "bias"]), &theirs) > 1e-4);
                if rule == "KolenPollack" {
                    let theirs: Vec<f64> = array(&reference, &format!("{key}.feedback")).values();
                    let apart = largest_difference(&row_by_row(&after, 2..=3, &["feedback"]), &theirs);
                    assert!(apart <= 1e-9, "feedback of {arm}: {apart:e}");
                }
            }
        }
    }
    worst
}

/// Puts the start and the samples into a lab and runs the experiment.
fn run(task: &str, losses: &[&str], targets: &[Vec<f64>]) -> Lab {
    let lab = Lab::new(&experiment(task, losses));
    let start = load("start");
    std::fs::write(lab.path("start.safetensors"), arrays::encode(&start).unwrap()).unwrap();
    lab.write("samples.csv", &csv(array(&start, "x"), targets));
    lab.succeed("run a.ron --quiet --no-figures");
    lab
}

#[test]
fn steps_towards_values_are_those_of_the_reference() {
    let losses = ["HalfSquares", "Squares"];
    let targets = rows(array(&load("start"), "HalfSquares"));
    let task = "Csv(path: \"samples.csv\", header: false, target: [5, 6], kind: Values)";
    let worst = compare(&run(task, &losses, &targets), &losses, str::to_string);
    println!("values: {worst:e}");
}

#[test]
fn steps_towards_classes_are_those_of_the_reference() {
    let losses = ["CrossEntropy", "LogisticCrossEntropy"];
    let class = |one_hot: Vec<f64>| vec![one_hot.iter().position(|y| *y == 1.0).expect("a class") as f64];
    let targets: Vec<_> = rows(array(&load("start"), "CrossEntropy"))
        .into_iter()
        .map(class)
        .collect();
    let task = "Csv(path: \"samples.csv\", header: false, target: 5)";
    let case = |loss: &str| match loss {
        "LogisticCrossEntropy" => "LogisticCrossEntropyOfClasses".to_string(),
        other => other.to_string(),
    };
    let worst = compare(&run(task, &losses, &targets), &losses, case);
    println!("classes: {worst:e}");
}
