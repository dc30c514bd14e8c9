//! Compare one step of training with steps computed by another program, `tests/reference/one_step.py`.

use crate::common::*;
use creditlab::arrays::{self, Array};
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network};
use creditlab::update::Optimizer;
use std::path::Path;

const SIZES: [usize; 4] = [4, 3, 3, 2];
const RULES: [&str; 5] = [
    "Backprop",
    "FeedbackAlignment",
    "DirectFeedbackAlignment",
    "KolenPollack",
    "SignSymmetry",
];

fn load(name: &str) -> Vec<Array> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    arrays::load(&folder.join(format!("{name}.safetensors"))).expect("a reference file")
}

fn matrix(arrays: &[Array], name: &str, rows: usize, columns: usize) -> Matrix<f64> {
    let values = arrays::find(arrays, name, &[rows, columns]).unwrap_or_else(|problem| panic!("{problem}"));
    Matrix::from_vec(rows, columns, values)
}

fn row(arrays: &[Array], name: &str) -> Vec<f64> {
    let array = arrays.iter().find(|array| array.name == name);
    array.unwrap_or_else(|| panic!("no array {name}")).values()
}

/// The name of a variant, without its options.
fn name(value: impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(' ').next().unwrap_or_default().to_string()
}

/// The network of `start.safetensors`.
fn network(start: &[Array], hidden: Activation, output: Activation) -> Network<f64> {
    let layer = |l: usize| {
        let (inputs, outputs) = (SIZES[l], SIZES[l + 1]);
        let activation = if l + 2 == SIZES.len() { output } else { hidden };
        let bias = arrays::find(start, &format!("layer{}.bias", l + 1), &[outputs]).expect("biases");
        Layer {
            weight: matrix(start, &format!("layer{}.weight", l + 1), outputs, inputs),
            bias: Vector::from_vec(bias),
            ..Layer::zeros(outputs, inputs, true, activation)
        }
    };
    Network {
        layers: (0..SIZES.len() - 1).map(layer).collect(),
    }
}

/// The rule after one step from the reference's start.
fn step(rule: &str, start: &[Array], hidden: Activation, loss: Loss) -> OnBatch<f64> {
    let output = if loss == Loss::LOGISTIC_CROSS_ENTROPY {
        Activation::Logistic
    } else {
        hidden
    };
    let sgd = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.0,
        decay: 0.01,
        l2: 0.0,
    };
    let x = matrix(start, "x", 3, 4).transpose();
    let y = matrix(start, &name(loss), 3, 2).transpose();
    let mut training = training(&[rule], network(start, hidden, output), loss, sgd, &x, &y);
    set_feedback(&mut training, 0, |l| match rule {
        "DirectFeedbackAlignment" => matrix(
            start,
            &format!("layer{}.direct_feedback", l + 1),
            SIZES[l + 1],
            SIZES[3],
        ),
        _ => matrix(start, &format!("layer{}.feedback", l + 1), SIZES[l + 1], SIZES[l]),
    });
    training.step().expect("finite");
    training
}

fn by_rows(matrix: &Matrix<f64>) -> Vec<f64> {
    matrix.transpose().as_slice().to_vec()
}

/// The largest difference.
fn apart(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter()
        .zip(theirs)
        .fold(0.0, |most, (a, b)| (a - b).abs().max(most))
}

#[test]
fn one_step_of_every_rule_activation_and_loss_is_that_of_the_reference() {
    let start = load("start");
    for rule in RULES {
        let after = load(rule);
        for hidden in Activation::ALL {
            for loss in Loss::ALL {
                let case = format!("{}.{}", name(hidden), name(loss));
                let training = step(rule, &start, hidden, loss);
                let layers = training.network.layers.iter();
                let ours: Vec<_> = layers
                    .flat_map(|layer| [by_rows(&layer.weight), layer.bias.as_slice().to_vec()].concat())
                    .collect();
                let theirs = row(&after, &case);
                assert!(
                    apart(&ours, &theirs) <= 1e-9,
                    "{rule} {case}: {:e}",
                    apart(&ours, &theirs)
                );
                if rule == "KolenPollack" {
                    let ours: Vec<_> = [1, 2]
                        .iter()
                        .flat_map(|&l| by_rows(&feedback(&training, 0, l)))
                        .collect();
                    let theirs = row(&after, &format!("{case}.feedback"));
                    assert!(apart(&ours, &theirs) <= 1e-9, "feedback of {case}");
                }
            }
        }
    }
}

/// The comparison would notice another rule, activation or loss.
#[test]
fn references_differ_from_each_other() {
    let files = RULES.map(load);
    let differ = |a: &[f64], b: &[f64]| assert!(apart(a, b) > 1e-4);
    for hidden in Activation::ALL {
        let case = |hidden, loss: Loss| format!("{}.{}", name(hidden), name(loss));
        let squares = row(&files[0], &case(hidden, Loss::SQUARES));
        differ(&squares, &row(&files[0], &case(hidden, Loss::HALF_SQUARES)));
        for other in Activation::ALL.into_iter().filter(|other| *other != hidden) {
            differ(&squares, &row(&files[0], &case(other, Loss::SQUARES)));
        }
        // Kolen-Pollack's first step is that of feedback alignment
        for file in [1, 2, 4] {
            differ(&squares, &row(&files[file], &case(hidden, Loss::SQUARES)));
        }
    }
}
