//! Check that `check` refuses whatever `run` refuses, in the same words, and prints what matters once.

use crate::data_support::npy;
use crate::support::{Lab, errors};
use creditlab::arrays::{self, Array};
use insta::assert_snapshot;
use std::process::Output;

/// A lab with files of data, good and bad.
fn lab(spec: &str) -> Lab {
    let lab = Lab::new(spec);
    let doubles = |values: &[f64]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>();
    let classes: Vec<u8> = (0..8).map(|i| i % 2).collect();
    let numbers: Vec<f64> = (0..8).map(f64::from).collect();
    let mut damaged = numbers.clone();
    damaged[5] = f64::NAN;
    for (name, bytes) in [
        ("x.npy", npy("<f8", false, "(8, 1)", &doubles(&numbers))),
        ("nan.npy", npy("<f8", false, "(8, 1)", &doubles(&damaged))),
        ("y.npy", npy("|u1", false, "(8,)", &classes)),
    ] {
        std::fs::write(lab.path(name), bytes).unwrap();
    }
    let rows = (0..8).map(|i| format!("{i},{}.5\n", i - 3));
    lab.write("t.csv", &format!("x,y\n{}", rows.collect::<String>()));
    lab.write("bad.csv", "x,y\n1,2\n3\n");
    lab.write("folds.csv", "row,fold,position\n0,0,0\n1,1,0\n2,1,zero\n");
    lab.write("weights.safetensors", "no arrays");
    lab
}

/// No data set is found from here.
fn run(lab: &Lab, arguments: &str) -> Output {
    let mut command = lab.command(arguments);
    command.env("HOME", lab.path("nobody"));
    command.env_remove("CREDITLAB_DATA").env_remove("XDG_DATA_HOME");
    command.output().unwrap()
}

const NAN: &str = "(task: Npy(x: \"nan.npy\", y: \"y.npy\"), arms: [Backprop])";
const PROBABILITIES: &str = "(
    task: Csv(path: \"t.csv\", target: \"y\", kind: Values),
    arms: [
        Backprop,
        (label: \"logistic\", rule: Backprop, loss: LogisticCrossEntropy),
    ],
)";
const MNIST: &str = "(task: Mnist, arms: [Backprop])";
const FOLDS: &str =
    "(task: Csv(path: \"t.csv\", target: \"y\", kind: Values), split: Folds(file: \"folds.csv\"), arms: [Backprop])";

/// Experiments that cannot be run, and a part of the reason.
const WRONG: [(&str, &str); 14] = [
    ("", "this file is empty"),
    ("(task: Digits, arms: [Bakprop])", "unknown rule"),
    ("(task: Digits, seeds: 0, arms: [Backprop])", "at least one seed"),
    (NAN, "NaN"),
    (PROBABILITIES, "no probability"),
    (MNIST, "data set `mnist`"),
    (
        "(task: FashionMnist, arms: [Backprop])",
        "creditlab data fetch fashion-mnist",
    ),
    (FOLDS, "is not three numbers"),
    (
        "(task: Csv(path: \"none.csv\", target: \"y\"), arms: [Backprop])",
        "none.csv",
    ),
    (
        "(task: Csv(path: \"bad.csv\", target: \"y\"), arms: [Backprop])",
        "bad.csv",
    ),
    ("(task: Npy(x: \"t.csv\", y: \"y.npy\"), arms: [Backprop])", "t.csv"),
    (
        "(task: Digits, network: (hidden: [4], init: File(\"weights.safetensors\")), arms: [Backprop])",
        "cannot be read",
    ),
    (
        "(task: Digits, arms: [FeedbackAlignment(feedback: (file: \"none.safetensors\"))])",
        "none.safetensors",
    ),
    (
        "(task: Xor(targets: Single), network: [4], arms: [ForwardForward])",
        "learns classes only",
    ),
];

#[test]
fn check_refuses_what_run_refuses_in_the_same_words() {
    for (spec, reason) in WRONG {
        let lab = lab(spec);
        let checked = run(&lab, "check a.ron");
        assert_eq!(checked.status.code(), Some(2), "{spec}: {}", errors(&checked));
        assert!(errors(&checked).contains(reason), "{spec}: {}", errors(&checked));
        for command in ["run", "gradcheck"] {
            let other = run(&lab, &format!("{command} a.ron"));
            assert_eq!(other.status.code(), Some(2), "{command} {spec}");
            assert_eq!(errors(&other), errors(&checked), "{command} {spec}");
            assert!(other.stdout.is_empty(), "{command} {spec}");
        }
        assert!(!lab.path("results").exists(), "{spec}");
    }
    // and accepts what it accepts
    let lab = lab("(task: Npy(x: \"x.npy\", y: \"y.npy\"), network: [2], stop: Steps(1), seeds: 1, arms: [Backprop])");
    for command in ["check a.ron", "run a.ron --no-figures"] {
        let output = run(&lab, command);
        assert!(output.status.success(), "{command}: {}", errors(&output));
    }
}

/// Of several experiments all are looked at before the first one runs.
#[test]
fn nothing_runs_where_a_later_experiment_cannot() {
    let lab = lab("(task: Xor, network: [2], stop: Steps(1), seeds: 1, arms: [Backprop])");
    lab.write("b.ron", NAN);
    let checked = run(&lab, "check a.ron b.ron");
    let other = run(&lab, "run a.ron b.ron");
    assert_eq!((checked.status.code(), other.status.code()), (Some(2), Some(2)));
    assert_eq!(errors(&other), errors(&checked));
    assert!(!lab.path("results").exists());
    lab.write(
        "b.ron",
        "(task: Xor, name: \"c\", network: [2], stop: Steps(1), seeds: 1, arms: [Backprop])",
    );
    assert!(run(&lab, "run a.ron b.ron --no-figures").status.success());
    assert!(lab.path("results/c/manifest.json").exists());
}

fn message(spec: &str) -> String {
    let lab = lab(spec);
    errors(&run(&lab, "check a.ron")).replace(&lab.path("").display().to_string(), "LAB/")
}

#[test]
fn messages_from_data_name_file_place_and_remedy() {
    assert_snapshot!(message(NAN), @r#"
    error: nan.npy: value [5, 0] (row, column, from 0) is NaN
     --> a.ron:1:15
      |
    1 | (task: Npy(x: "nan.npy", y: "y.npy"), arms: [Backprop])
      |               ^^^^^^^^^
      |
      = help: put a number in its place, or leave the sample out
    "#);
    assert_snapshot!(message(PROBABILITIES), @r#"
    error: `loss`: the target -3.5 is no probability, which `LogisticCrossEntropy` needs
     --> a.ron:5:51
      |
    5 |         (label: "logistic", rule: Backprop, loss: LogisticCrossEntropy),
      |                                                   ^^^^^^^^^^^^^^^^^^^^ is the name `LogisticCrossEntropy`
      |
      = help: use `scale: (targets: MinMax)`, or `loss: HalfSquares`
    "#);
    assert_snapshot!(message(MNIST), @r#"
    error: data set `mnist`: not found in
             data/mnist (the working directory): no such folder
             LAB/nobody/.local/share/creditlab/mnist (the user's data directory): no such folder
     --> a.ron:1:8
      |
    1 | (task: Mnist, arms: [Backprop])
      |        ^^^^^ is the name `Mnist`
      |
      = help: get it by `creditlab data fetch mnist`, or place its 4 files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (each may end in .gz) in a folder `mnist` in one of these, or name the folder that holds `mnist` with --data DIR
    "#);
    assert_snapshot!(message(FOLDS), @r#"
    error: folds.csv: line 4: `2,1,zero` is not three numbers
     --> a.ron:1:74
      |
    1 | (task: Csv(path: "t.csv", target: "y", kind: Values), split: Folds(file: "folds.csv"), arms: [Backprop])
      |                                                                          ^^^^^^^^^^^
      |
      = help: give each sample one line `row,fold,position`, rows and folds counted from 0, below a line with these names
    "#);
    let output = run(&lab(MNIST), "check a.ron --set batch=8");
    assert!(
        errors(&output).contains("a.ron (as changed by --set):1:18"),
        "{}",
        errors(&output)
    );
}

#[test]
fn how_threads_are_shared_out_is_said() {
    let spec = |seeds: u32| format!("(task: Xor, network: [4], stop: Steps(1), seeds: {seeds}, arms: [Backprop])");
    let lab = Lab::new(&spec(1));
    let said = |file: &str, threads: u32| {
        let said = lab.succeed(&format!("check {file} --threads {threads}"));
        let line = said.lines().find_map(|line| line.strip_prefix("threads    "));
        line.expect("a line of threads").to_owned()
    };
    assert_eq!(said("a.ron", 1), "one, which takes one run after the other");
    assert_eq!(said("a.ron", 4), "all 4 work inside the one run");
    lab.write("b.ron", &spec(3));
    assert_eq!(
        said("b.ron", 2),
        "each of 2 takes a run; those with none left help inside the others"
    );
    assert_eq!(
        said("b.ron", 3),
        "each of 3 takes a run; those with none left help inside the others"
    );
    assert_eq!(said("b.ron", 5), "3 take a run each, 2 help inside them");
    let tuned = "arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.1, 0.2])))], tune: (seeds: 2)";
    lab.write("c.ron", &spec(1).replace("arms: [Backprop]", tuned));
    assert_eq!(
        said("c.ron", 5),
        "all 5 work inside the one run; in tuning 4 take a run each, 1 help inside them"
    );
}

#[test]
fn seeds_are_ranges_and_what_arms_share_is_said_once() {
    let spec = |network: &str, arms: &str| {
        format!("(task: Xor(samples: 40, test: 20), {network}stop: Epochs(2), seeds: 10000, arms: [{arms}])")
    };
    let lab = Lab::new(&spec(
        "network: [4], ",
        "Backprop, FeedbackAlignment, (label: \"slow\", rule: OutputOnly, optimizer: Sgd(learning_rate: 0.01))",
    ));
    let said = lab.succeed("check a.ron --threads 2");
    let shown: Vec<_> = said.lines().take_while(|line| !line.starts_with("work")).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    a: exclusive or of two bits, synthetic: two inputs, two classes (2 inputs, 2 outputs)
    split      36 training, 4 validation, 20 test samples
    seeds      10000 (0 to 9999)
    runs       30000 in F32

    arms       3; where nothing else is said:
               22 parameters, 4 steps of 32
               optimizer.learning_rate = 0.1
               optimizer.momentum = 0.9

      Backprop           backprop
      FeedbackAlignment  feedback-alignment
      slow               slow
                           optimizer.learning_rate = 0.01
                           optimizer.momentum = 0.0
    "#);
    // where no arms have anything in common nothing is
    let two = "(rule: Backprop, network: [2]), (label: \"b\", rule: Backprop, network: [3])";
    lab.write("b.ron", &spec("", two));
    let said = lab.succeed("check b.ron");
    assert!(!said.contains("where nothing else is said"), "{said}");
    assert!(
        said.contains("network.hidden = [2]") && said.contains("network.hidden = [3]"),
        "{said}"
    );
    // warnings stand there too, and the same in `run`
    lab.write(
        "c.ron",
        "(task: Xor(samples: 40, test: 20), network: [2], batch: 500, stop: Steps(1), seeds: 1, arms: [Backprop, OutputOnly])",
    );
    let checked = lab.succeed("check c.ron");
    let ran = errors(&lab.run("run c.ron --no-figures"));
    let warning = ran.lines().find(|line| line.starts_with("warning: ")).unwrap();
    assert!(warning.contains("all arms: a batch of 500"), "{warning}");
    assert!(checked.lines().any(|line| line == warning), "{checked}");
}

#[test]
fn a_result_of_diverged_runs_alone_says_so_last() {
    let spec = |rate: &str| {
        format!(
            "(task: LinearTeacher(inputs: 5, outputs: 2), network: (hidden: [4], activation: Identity), seeds: 2, \
             optimizer: Sgd(learning_rate: {rate}), stop: Epochs(3), arms: [Backprop])"
        )
    };
    let lab = Lab::new(&spec("1e15"));
    let said = lab.succeed("run a.ron --no-figures");
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("no result: all 2 runs diverged;"), "{said}");
    lab.write("a.ron", &spec("0.01"));
    let said = lab.succeed("run a.ron --no-figures --fresh");
    assert_eq!(said.lines().last(), Some("tables in results/a"));
}

/// What a rule has learned goes on from the file, whatever the seed.
#[test]
fn a_file_starts_the_arrays_of_rules_too() {
    let spec = |seed: u64, init: &str, save: &str| {
        format!(
            "(task: Xor, network: (hidden: [4]{init}), stop: Steps(3), seeds: [{seed}], save: (weights: [{save}]), \
             optimizer: Sgd(learning_rate: 0.1, decay: 0.01), \
             arms: [(label: \"kp\", rule: KolenPollack, shadows: [FeedbackAlignment])])"
        )
    };
    let lab = Lab::new(&spec(1, "", "End"));
    lab.succeed("run a.ron --no-figures");
    let end = lab.path("results/a/weights/kp/1/step-3.safetensors");
    std::fs::copy(&end, lab.path("w.safetensors")).unwrap();
    let start = |name: &str, init: &str| {
        lab.write(&format!("{name}.ron"), &spec(2, init, "Steps(0)"));
        lab.succeed(&format!("run {name}.ron --no-figures"));
        arrays::load(&lab.path(&format!("results/{name}/weights/kp/2/step-0.safetensors"))).unwrap()
    };
    let end = arrays::load(&end).unwrap();
    let names: Vec<_> = end.iter().map(|array| &*array.name).collect();
    assert!(
        names.contains(&"layer2.feedback") && names.contains(&"shadow.FeedbackAlignment.layer2.feedback"),
        "{names:?}"
    );
    assert_eq!(start("b", ", init: File(\"w.safetensors\")"), end);
    // negative controls: a list takes weights and biases alone, and without a file all is drawn
    let differing = |arrays: Vec<Array>| -> Vec<String> {
        let pairs = arrays.into_iter().zip(&end).filter(|(a, b)| a != *b);
        pairs.map(|(array, _)| array.name).collect()
    };
    let listed = differing(start("c", ", init: [File(\"w.safetensors\"), File(\"w.safetensors\")]"));
    assert_eq!(listed, ["layer2.feedback", "shadow.FeedbackAlignment.layer2.feedback"]);
    assert!(differing(start("d", "")).contains(&"layer1.weight".to_owned()));
}

#[test]
fn arrays_that_nothing_starts_from_are_refused_by_name() {
    let refusal = |extra: Array, rule: &str| {
        let lab = Lab::new(&format!(
            "(task: Xor, network: (hidden: [4], init: File(\"w.safetensors\")), arms: [{rule}])"
        ));
        let array = |name: &str, shape: &[usize]| Array::new(name, shape, &vec![0.5; shape.iter().product()]);
        let arrays = [
            array("layer1.weight", &[4, 2]),
            array("layer1.bias", &[4]),
            array("layer2.weight", &[2, 4]),
            array("layer2.bias", &[2]),
            extra,
        ];
        std::fs::write(lab.path("w.safetensors"), arrays::encode(&arrays).unwrap()).unwrap();
        let output = lab.run("check a.ron");
        (!output.status.success()).then(|| errors(&output))
    };
    let feedback = || Array::new("layer2.feedback", &[2, 4], &[0.5; 8]);
    let deeper = Array::new("layer3.bias", &[2], &[0.5; 2]);
    assert_snapshot!(refusal(feedback(), "Backprop").unwrap(), @r#"
    error: `w.safetensors` holds `layer2.feedback`, which neither the network nor a rule of this experiment has
     --> a.ron:1:42
      |
    1 | (task: Xor, network: (hidden: [4], init: File("w.safetensors")), arms: [Backprop])
      |                                          ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: name the file for each layer, `init: [File("w.safetensors"), ..]`, to take weights and biases alone, or leave the array out of it
    "#);
    assert_snapshot!(refusal(deeper, "Backprop").unwrap(), @r#"
    error: `w.safetensors` holds `layer3.bias`, and the network has 2 layers
     --> a.ron:1:42
      |
    1 | (task: Xor, network: (hidden: [4], init: File("w.safetensors")), arms: [Backprop])
      |                                          ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: name the file for each layer, `init: [File("w.safetensors"), ..]`, to take weights and biases alone, or leave the array out of it
    "#);
    assert_eq!(refusal(feedback(), "FeedbackAlignment"), None);
    assert_eq!(
        refusal(feedback(), "Backprop, FeedbackAlignment"),
        None,
        "one of the arms has a use for it"
    );
    let wrong = Array::new("layer2.feedback", &[4, 2], &[0.5; 8]);
    assert_snapshot!(refusal(wrong, "FeedbackAlignment").unwrap(), @r#"
    error: `w.safetensors` holds `layer2.feedback` in the shape [4, 2], not [2, 4]
     --> a.ron:1:42
      |
    1 | (task: Xor, network: (hidden: [4], init: File("w.safetensors")), arms: [FeedbackAlignment])
      |                                          ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: it is an array of `FeedbackAlignment`; save it from a run of the same network
    "#);
    let infinite = Array::new("layer2.feedback", &[2, 4], &[f64::INFINITY; 8]);
    assert!(refusal(infinite, "FeedbackAlignment").unwrap().contains("not finite"));
}
