//! Compare rules on four networks with maps with another program, `tests/reference/convolution`.
//!
//! Its arrays have the axes that files have: `layerN.weight` of filters channels × channels below × rows × columns, of local layers with
//! the rows and columns of their map behind the first axis. What must come out of a rule is under its name.

use super::on_images;
use crate::common::*;
use creditlab::arrays::{self, Array};
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Map, Network, Shape, Trace};
use creditlab::update::Optimizer;
use std::path::Path;

struct Case {
    name: &'static str,
    image: Map,
    hidden: &'static str,
    activations: &'static [Activation],
    loss: Loss,
    samples: usize,
    outputs: usize,
}

const CASES: [Case; 4] = [
    Case {
        name: "conv-max",
        image: Map::new(2, 5, 6),
        hidden: "[Conv(channels: 3, kernel: (3, 2), stride: (1, 2), padding: (1, 0)), MaxPool((2, 1)), Conv(channels: 4, kernel: 2)]",
        activations: &[Activation::Tanh, Activation::Tanh],
        loss: Loss::CROSS_ENTROPY,
        samples: 3,
        outputs: 3,
    },
    Case {
        name: "local-dense",
        image: Map::new(1, 6, 6),
        hidden: "[Local(channels: 2, kernel: 3, stride: 2, padding: 1), 5]",
        activations: &[Activation::Tanh, Activation::Logistic],
        loss: Loss::HALF_SQUARES,
        samples: 2,
        outputs: 3,
    },
    Case {
        name: "overlap-mean",
        image: Map::new(3, 7, 7),
        hidden: "[Conv(channels: 4, kernel: 3, padding: 1), MaxPool(size: 3, stride: 2), Conv(channels: 5, kernel: 3, padding: 1), \
                 AveragePool(3)]",
        activations: &[Activation::Relu, Activation::Softplus],
        loss: Loss::CROSS_ENTROPY,
        samples: 2,
        outputs: 4,
    },
    Case {
        name: "signal",
        image: Map::new(1, 1, 12),
        hidden: "[Conv(channels: 3, kernel: (1, 3), stride: (1, 2), padding: (0, 1)), Local(channels: 2, kernel: (1, 2))]",
        activations: &[Activation::Tanh, Activation::Tanh],
        loss: Loss::CROSS_ENTROPY,
        samples: 4,
        outputs: 3,
    },
];

/// What the other program calls a rule, and what files do.
const RULES: [(&str, &str); 8] = [
    ("backprop", "Backprop"),
    ("feedback_alignment", "FeedbackAlignment"),
    ("direct_feedback_alignment", "DirectFeedbackAlignment"),
    (
        "direct_feedback_alignment_to_units",
        "DirectFeedbackAlignment(feedback: (lands: Units))",
    ),
    ("random_target_projection", "RandomTargetProjection"),
    ("sign_symmetry_uniform", "SignSymmetry"),
    ("sign_symmetry_fixed", "SignSymmetry(magnitude: FixedRandom)"),
    ("pepita", "Pepita"),
];

fn load(name: &str) -> Vec<Array> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/convolution");
    arrays::load(&folder.join(format!("{name}.safetensors"))).expect("a reference file")
}

fn find(arrays: &[Array], name: &str, shape: Shape) -> Vec<f64> {
    arrays::find(arrays, name, shape).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Samples as columns.
fn columns(arrays: &[Array], name: &str, samples: usize, units: usize) -> Matrix<f64> {
    Matrix::from_vec(samples, units, find(arrays, name, Shape::matrix(samples, units))).transpose()
}

impl Case {
    fn network(&self, given: &[Array]) -> Network<f64> {
        let mut network = on_images(self.hidden, self.image, self.outputs, Activation::Tanh, 0);
        for (l, layer) in network.layers.iter_mut().enumerate() {
            layer.activation = self.activations.get(l).copied().unwrap_or(Activation::Identity);
            let [axes, bias_axes] = layer.wiring.axes();
            layer
                .weight
                .copy_from_slice(&find(given, &format!("layer{}.weight", l + 1), axes));
            let bias = format!("layer{}.bias", l + 1);
            layer.bias = match given.iter().any(|array| array.name == bias) {
                true => Vector::from_vec(find(given, &bias, bias_axes)),
                false => Vector::from_vec(Vec::new()),
            };
        }
        network
    }

    fn samples(&self, given: &[Array]) -> (Matrix<f64>, Matrix<f64>) {
        let x = columns(given, "inputs", self.samples, self.image.units());
        (x, columns(given, "targets", self.samples, self.outputs))
    }

    /// The rule on this network, with the arrays of the file in place of its own; none where it refuses.
    fn training(&self, given: &[Array], text: &str, optimizer: Optimizer) -> OnBatch<f64> {
        let (x, y) = self.samples(given);
        let mut training = training(&[text], self.network(given), self.loss, optimizer, &x, &y);
        let units = text.contains("lands");
        training.seats[0].learner.visit(&mut |name, shape, values| {
            let name = match units {
                true => format!("{name}_to_units"),
                false => name.to_string(),
            };
            if given.iter().any(|array| array.name == name) {
                values.copy_from_slice(&find(given, &name, shape));
            } else {
                assert!(name.contains("velocity"), "{name} is not given");
            }
        });
        training
    }
}

fn near(case: &str, name: &str, found: &[f64], expected: &[f64]) {
    let distance = relative(found, expected);
    assert!(distance < 1e-12, "{case}: {name} is {distance:e} away");
}

#[test]
fn passes_are_those_of_another_program() {
    for case in CASES {
        let (given, expected) = (load(case.name), load(&format!("{}.expected", case.name)));
        let network = case.network(&given);
        let (x, y) = case.samples(&given);
        let mut trace = Trace {
            input: x,
            ..Trace::default()
        };
        network.forward(&mut trace);
        for (l, layer) in network.layers.iter().enumerate() {
            let find = |what: &str, units| {
                columns(
                    &expected,
                    &format!("forward.layer{}.{what}", l + 1),
                    case.samples,
                    units,
                )
            };
            near(
                case.name,
                "z",
                trace.z[l].as_slice(),
                find("z", layer.units()).as_slice(),
            );
            near(
                case.name,
                "a",
                trace.a[l].as_slice(),
                find("a", layer.outputs()).as_slice(),
            );
        }
        let loss = find(&expected, "forward.loss", Shape::list(1));
        near(case.name, "loss", &[case.loss.mean(trace.output(), &y)], &loss);
    }
}

#[test]
fn updates_are_those_of_another_program() {
    for case in CASES {
        let (given, expected) = (load(case.name), load(&format!("{}.expected", case.name)));
        for (theirs, text) in RULES {
            if text.contains("lands") && !case.hidden.contains("Pool") {
                continue; // refused: nothing pools
            }
            let mut training = case.training(&given, text, Optimizer::sgd(0.0));
            let updates = step(&mut training).swap_remove(0);
            for (l, (update, layer)) in updates.iter().zip(&training.network.layers).enumerate() {
                let [axes, bias_axes] = layer.wiring.axes();
                let name = |what: &str| format!("{theirs}.layer{}.{what}", l + 1);
                near(
                    case.name,
                    &name("weight"),
                    update.weight.as_slice(),
                    &find(&expected, &name("weight"), axes),
                );
                if !layer.bias.is_empty() {
                    near(
                        case.name,
                        &name("bias"),
                        update.bias.as_slice(),
                        &find(&expected, &name("bias"), bias_axes),
                    );
                }
                let delta = training.seats[0].proposal.post(l).expect("columns");
                let expected = columns(&expected, &name("delta"), case.samples, layer.units());
                near(case.name, &name("delta"), delta.as_slice(), expected.as_slice());
            }
        }
    }
}

#[test]
fn kolen_pollack_is_that_of_another_program_after_five_steps() {
    let optimizer = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.9,
        decay: 0.01,
        l2: 0.0,
    };
    for case in CASES {
        let (given, expected) = (load(case.name), load(&format!("{}.expected", case.name)));
        let mut training = case.training(&given, "KolenPollack", optimizer);
        (0..5).for_each(|_| training.step().expect("finite"));
        let mut compared = 0;
        training.training.visit(|_, name, shape, values| {
            let theirs = format!("kolen_pollack.{name}");
            if expected.iter().any(|array| array.name == theirs) {
                near(case.name, name, values, &find(&expected, &theirs, shape));
                compared += 1;
            } else {
                assert!(name.contains("velocity"), "{name}");
            }
        });
        assert!(compared >= 7, "{}: {compared}", case.name);
    }
}

/// Each file is another network: what is expected of one is not what the rules of another say.
#[test]
fn another_order_of_taps_would_be_seen() {
    let (given, expected) = (load("conv-max"), load("conv-max.expected"));
    let mut network = CASES[0].network(&given);
    let weight = &mut network.layers[0].weight;
    let columns: Vec<usize> = (0..weight.ncols()).rev().collect();
    *weight = weight.select_columns(&columns);
    let (x, _) = CASES[0].samples(&given);
    let mut trace = Trace {
        input: x,
        ..Trace::default()
    };
    network.forward(&mut trace);
    let z = columns_of(&expected, network.layers[0].units());
    assert!(relative(trace.z[0].as_slice(), z.as_slice()) > 0.1);
}

fn columns_of(expected: &[Array], units: usize) -> Matrix<f64> {
    columns(expected, "forward.layer1.z", 3, units)
}
