//! Check how networks and losses are read and written, what is refused with which words, and that files are part of the key.

use super::{message, parse, plan, rules};
use crate::arrays::{self, Array};
use crate::experiment::{PerLayer, Plan};
use crate::loss::{Loss, Over};
use crate::network::{Activation, BiasInit, Init};
use crate::notation::Document;
use insta::assert_snapshot;
use std::path::Path;

/// The plan of an experiment on the digits with this network.
fn with(network: &str) -> String {
    format!("(\n    task: Digits,\n    network: {network},\n    arms: [Backprop],\n)")
}

/// The line of `experiment.ron` that a network becomes.
fn written(network: &str) -> String {
    let text = plan(&with(network)).text;
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("network: "))
        .expect("a network");
    line.trim_end_matches(',').to_string()
}

#[test]
fn networks_are_written_as_they_are_given_and_read_back() {
    let all = "(hidden: [4, 3], activation: [Tanh, LeakyRelu(slope: 0.2)], output: Erf, \
               init: [Normal(1.0), Zeros, Between(0.0, 1.0)], bias: [true, false, true], \
               bias_init: [Normal(1.0), Zeros, Uniform(0.5)], dropout: [0.1, 0.0])";
    assert_eq!(written(all), all);
    let same = "(hidden: [4, 3], activation: HardLogistic, output: Identity, \
                init: LeCun(gain: 0.5, distribution: Uniform), bias: true, \
                bias_init: LeCun(gain: 0.5, distribution: Uniform), dropout: 0.5)";
    assert_eq!(written(same), same);
    for network in [
        "(hidden: [], init: Orthogonal)",
        "(activation: LeakyRelu)",
        "(bias: false)",
        "(bias: [false, true, false])",
        "[8]",
    ] {
        assert_eq!(written(&written(network)), written(network));
    }
    assert!(!written("(bias: false)").contains("bias_init"));
    let shape = plan(&with("(activation: [Tanh, Relu])")).arms[0]
        .settings
        .network
        .clone();
    assert_eq!(
        shape.activation,
        PerLayer::Each(vec![Activation::Tanh, Activation::Relu])
    );
    assert_eq!(shape.bias_init, PerLayer::Same(BiasInit::Zeros));
}

#[test]
fn losses_are_sums_or_means() {
    let loss = |text: &str| {
        plan(&format!("(task: Digits, loss: {text}, arms: [Backprop])")).arms[0]
            .settings
            .loss
    };
    assert_eq!(loss("Squares"), Loss::SQUARES);
    assert_eq!(loss("Squares()"), loss("Squares(over: Sum)"));
    assert_eq!(loss("HalfSquares(over: Mean)"), Loss::HalfSquares { over: Over::Mean });
    assert_ne!(loss("CrossEntropy(over: Mean)"), Loss::CROSS_ENTROPY);
    let text = plan("(task: Digits, loss: Squares(over: Mean), arms: [Backprop])").text;
    assert!(text.contains("loss: Squares(over: Mean),"), "{text}");
    assert!(parse("(task: LinearTeacher, loss: Squares, arms: [Backprop])").is_ok());
    assert!(parse("(task: Xor(targets: Single), loss: Squares(over: Mean), arms: [Backprop])").is_ok());
}

#[test]
fn loss_with_an_unknown_option() {
    assert_snapshot!(message("(task: Digits, loss: Squares(mean: true), arms: [Backprop])"), @r"
    error: unknown field `mean` of `Squares`
     --> experiments/x.ron:1:30
      |
    1 | (task: Digits, loss: Squares(mean: true), arms: [Backprop])
      |                              ^^^^ expected `over`
    ");
}

#[test]
fn too_few_activations() {
    assert_snapshot!(message(&with("(hidden: [8, 8, 8], activation: [Tanh, Relu])")), @r"
    error: expected 3 values in the list `activation`, found 2
     --> experiments/x.ron:3:46
      |
    3 |     network: (hidden: [8, 8, 8], activation: [Tanh, Relu]),
      |                                              ^^^^^^^^^^^^ the network has 3 hidden layers
      |
      = help: give one value for each, or a single value for all without brackets
    ");
}

#[test]
fn too_many_biases() {
    assert_snapshot!(message(&with("(hidden: [8], bias: [true, true, false])")), @r"
    error: expected 2 values in the list `bias`, found 3
     --> experiments/x.ron:3:34
      |
    3 |     network: (hidden: [8], bias: [true, true, false]),
      |                                  ^^^^^^^^^^^^^^^^^^^ the network has 2 layers, the output layer included
      |
      = help: give one value for each, or a single value for all without brackets
    ");
}

#[test]
fn activation_misspelt_in_a_list() {
    assert_snapshot!(message(&with("(activation: [Tanh, LeakyRelo(slope: 0.1)])")), @r"
    error: unknown activation `LeakyRelo`
     --> experiments/x.ron:3:34
      |
    3 |     network: (activation: [Tanh, LeakyRelo(slope: 0.1)]),
      |                                  ^^^^^^^^^ expected `Identity`, `Logistic`, `Tanh`, `Relu`, `LeakyRelu`, `Softplus`, `HardTanh`, `HardLogistic` or `Erf`
      |
      = help: did you mean `LeakyRelu`?
    ");
}

#[test]
fn slope_of_one() {
    assert_snapshot!(message(&with("(activation: [Tanh, LeakyRelu(slope: 1)])")), @r"
    error: `slope` must be more than 0 and less than 1
     --> experiments/x.ron:3:51
      |
    3 |     network: (activation: [Tanh, LeakyRelu(slope: 1)]),
      |                                                   ^ is 1
      |
      = help: leave it out for the default
    ");
}

#[test]
fn everything_dropped() {
    assert_snapshot!(message(&with("(dropout: [0.5, 1])")), @r"
    error: `dropout` must be at least 0 and less than 1
     --> experiments/x.ron:3:30
      |
    3 |     network: (dropout: [0.5, 1]),
      |                              ^ is 1
      |
      = help: it is the share of units that are silent in a step of training
    ");
}

#[test]
fn dropout_without_hidden_layers() {
    assert_snapshot!(message(&with("(hidden: [], dropout: 0.5)")), @r"
    error: `dropout` has no effect
     --> experiments/x.ron:3:36
      |
    3 |     network: (hidden: [], dropout: 0.5),
      |                                    ^^^ the network has no hidden layer
      |
      = help: leave it out
    ");
}

#[test]
fn rule_without_dropout() {
    let text = "(task: Digits, network: (dropout: 0.5), arms: [NodePerturbation])";
    let document = Document::parse("experiments/x.ron", text).unwrap();
    let fault = Plan::parse(&document, &crate::rules::builtin())
        .err()
        .expect("a refusal");
    assert_snapshot!(fault.to_string(), @r"
    error: `NodePerturbation` has no rule for dropped units
     --> experiments/x.ron:1:48
      |
    1 | (task: Digits, network: (dropout: 0.5), arms: [NodePerturbation])
      |                                                ^^^^^^^^^^^^^^^^
      |
      = help: leave the network's `dropout` out, or train with another rule
    ");
}

#[test]
fn negative_standard_deviation() {
    assert_snapshot!(message(&with("(init: Normal(-0.1))")), @r"
    error: the standard deviation must be positive
     --> experiments/x.ron:3:21
      |
    3 |     network: (init: Normal(-0.1)),
      |                     ^^^^^^^^^^^^
      |
      = help: `Zeros` starts all weights at 0
    ");
}

#[test]
fn negative_gain_of_one_layer() {
    assert_snapshot!(message(&with("(init: [LeCun, He(gain: -1), Zeros])")), @r"
    error: `gain` must be positive
     --> experiments/x.ron:3:38
      |
    3 |     network: (init: [LeCun, He(gain: -1), Zeros]),
      |                                      ^^ is -1
      |
      = help: `Zeros` starts all weights at 0
    ");
}

#[test]
fn empty_range() {
    assert_snapshot!(message(&with("(bias_init: Between(1, 0))")), @r"
    error: the first number must be less than the second
     --> experiments/x.ron:3:26
      |
    3 |     network: (bias_init: Between(1, 0)),
      |                          ^^^^^^^^^^^^^
      |
      = help: the smaller number comes first
    ");
}

#[test]
fn start_of_biases_without_biases() {
    assert_snapshot!(message(&with("(bias: false, bias_init: Normal(1))")), @r"
    error: `bias_init` has no effect
     --> experiments/x.ron:3:39
      |
    3 |     network: (bias: false, bias_init: Normal(1)),
      |                                       ^^^^^^^^^ no layer has biases
      |
      = help: leave it out
    ");
}

#[test]
fn start_of_biases_of_a_layer_without() {
    assert_snapshot!(message(&with("(bias: [true, false, true], bias_init: [Zeros, Normal(1), Zeros])")), @r"
    error: this start of biases has no effect
     --> experiments/x.ron:3:61
      |
    3 |     network: (bias: [true, false, true], bias_init: [Zeros, Normal(1), Zeros]),
      |                                                             ^^^^^^^^^ layer 2 has no biases
      |
      = help: write `Zeros` here
    ");
}

#[test]
fn orthogonal_biases() {
    assert_snapshot!(message(&with("(bias_init: Orthogonal)")), @r"
    error: unknown bias init `Orthogonal`
     --> experiments/x.ron:3:26
      |
    3 |     network: (bias_init: Orthogonal),
      |                          ^^^^^^^^^^ expected `Zeros`, `Constant`, `Normal`, `Uniform`, `Between` or `LeCun`
    ");
}

#[test]
fn file_that_is_not_there() {
    assert_snapshot!(message(&with("(init: File(\"no/such.safetensors\"))")).replace("No such file or directory", "not found"), @r#"
    error: `no/such.safetensors` cannot be read: not found (os error 2)
     --> experiments/x.ron:3:21
      |
    3 |     network: (init: File("no/such.safetensors")),
      |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give a safetensors file with `layer1.weight`, outputs x inputs, `layer1.bias` and so on, relative to the folder of the experiment file
    "#);
}

/// A folder with an experiment and the weights of a network 64-2-10.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, arrays: &[Array]) {
        let bytes = arrays::encode(arrays).expect("arrays");
        std::fs::write(self.0.path().join(name), bytes).expect("a file");
    }

    fn weights(&self, scale: f64) {
        let array = |name: &str, shape: &[usize]| {
            let values: Vec<f64> = (0..shape.iter().product()).map(|i| scale * (i as f64).sin()).collect();
            Array::new(name, shape, &values)
        };
        let arrays = [
            array("layer1.weight", &[2, 64]),
            array("layer1.bias", &[2]),
            array("layer2.weight", &[10, 2]),
            array("layer2.bias", &[10]),
        ];
        self.write("w.safetensors", &arrays);
    }

    fn plan(&self, text: &str) -> Result<Plan, String> {
        let path = self.0.path().join("x.ron").display().to_string();
        let document = Document::parse(&path, text).map_err(|fault| fault.to_string())?;
        Plan::parse(&document, &rules()).map_err(|fault| fault.to_string().replace(&path, "x.ron"))
    }
}

const FROM_FILE: &str =
    "(task: Digits, network: (hidden: [2], init: File(\"w.safetensors\")), seeds: 1, arms: [Backprop, OutputOnly])";

#[test]
fn weights_of_a_file_start_the_network_and_are_part_of_the_key() {
    let lab = Lab::new();
    lab.weights(1.0);
    let first = lab.plan(FROM_FILE).unwrap();
    assert_eq!(first.text, lab.plan(&first.text).unwrap().text);
    assert!(
        first
            .text
            .contains("init: File(\"w.safetensors\"), bias: true, dropout: 0.0"),
        "{}",
        first.text
    );
    let network = first.arms[0].settings.network.build::<f64>(64, 10, 0);
    // row-major on disk: the second number of the first row
    let stored: Vec<f64> = (0..128).map(|i| (i as f64).sin()).collect();
    assert_eq!(network.layers[0].weight.as_slice(), stored);
    assert_eq!(network.layers[1].bias[3], 3f64.sin());
    // the same text, another content
    lab.weights(2.0);
    let second = lab.plan(FROM_FILE).unwrap();
    assert_eq!(second.text, first.text);
    for (first, second) in first.arms.iter().zip(&second.arms) {
        assert_ne!(second.fingerprint, first.fingerprint);
    }
    lab.weights(1.0);
    assert_eq!(
        lab.plan(FROM_FILE).unwrap().arms[0].fingerprint,
        first.arms[0].fingerprint
    );
    // read once: arms share the numbers
    let Init::File(one) = &first.arms[0].settings.network.init.values()[0] else {
        panic!("a file")
    };
    assert_eq!(one.sha256().map(str::len), Some(64));
}

#[test]
fn file_of_another_network() {
    let lab = Lab::new();
    lab.weights(1.0);
    assert_snapshot!(lab.plan(&FROM_FILE.replace("[2]", "[3]")).err().unwrap(), @r#"
    error: `w.safetensors` holds `layer1.weight` in the shape [2, 64], not [3, 64]
     --> x.ron:1:45
      |
    1 | (task: Digits, network: (hidden: [3], init: File("w.safetensors")), seeds: 1, arms: [Backprop, OutputOnly])
      |                                             ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give a safetensors file with `layer1.weight`, outputs x inputs, `layer1.bias` and so on, relative to the folder of the experiment file
    "#);
    assert_snapshot!(lab.plan(&FROM_FILE.replace("[2]", "[2, 2]")).err().unwrap(), @r#"
    error: `w.safetensors` holds `layer2.weight` in the shape [10, 2], not [2, 2]
     --> x.ron:1:48
      |
    1 | (task: Digits, network: (hidden: [2, 2], init: File("w.safetensors")), seeds: 1, arms: [Backprop, OutputOnly])
      |                                                ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give a safetensors file with `layer1.weight`, outputs x inputs, `layer1.bias` and so on, relative to the folder of the experiment file
    "#);
    let biases = FROM_FILE.replace("init: File", "bias_init: Normal(1), init: File");
    assert_snapshot!(lab.plan(&biases).err().unwrap(), @r#"
    error: `bias_init` has no effect
     --> x.ron:1:50
      |
    1 | (task: Digits, network: (hidden: [2], bias_init: Normal(1), init: File("w.safetensors")), seeds: 1, arms: [Backprop, OutputOnly])
      |                                                  ^^^^^^^^^ all biases are in a file
      |
      = help: leave it out
    "#);
}

/// The same for what rules read: `feedback: (file: ..)` is found beside the experiment, wherever the program runs.
#[test]
fn feedback_of_a_file_is_part_of_the_key() {
    let lab = Lab::new();
    let text = "(task: Digits, network: [2], arms: [
        (rule: Backprop, shadows: [FeedbackAlignment(feedback: (file: \"b.safetensors\"))]),
        Backprop,
    ])";
    let text = text.replacen("Backprop,\n    ]", "OutputOnly,\n    ]", 1);
    let write = |scale: f64| {
        let values: Vec<f64> = (0..20).map(|i| scale * f64::from(i)).collect();
        lab.write("b.safetensors", &[Array::new("layer2.feedback", &[10, 2], &values)]);
    };
    assert!(
        lab.plan(&text)
            .err()
            .unwrap()
            .contains("`feedback.file` cannot be read")
    );
    write(1.0);
    let first = lab.plan(&text).unwrap();
    write(2.0);
    let second = lab.plan(&text).unwrap();
    assert_eq!(first.text, second.text);
    assert_ne!(first.arms[0].fingerprint, second.arms[0].fingerprint);
    assert_eq!(first.arms[1].fingerprint, second.arms[1].fingerprint);
    assert_eq!(first.arms[0].folder, lab.0.path());
    assert!(!Path::new("b.safetensors").exists());
}
