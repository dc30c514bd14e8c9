//! Check the way from a table of one's own to a tuned comparison, and what the generated MNIST-1D is worth.

use crate::support::{Lab, errors};
use std::fs;
use std::path::{Path, PathBuf};

fn experiment(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments").join(name)
}

fn run(name: &str) -> Lab {
    let lab = Lab::new("");
    let output = lab.command("run --no-figures").arg(experiment(name)).output().unwrap();
    let said = errors(&output);
    assert!(output.status.success() && !said.contains("warning"), "{said}");
    lab
}

#[test]
fn a_table_of_one_s_own_needs_fifteen_lines_and_every_arm_is_tuned_alike() {
    let text = fs::read_to_string(experiment("your_csv.ron")).unwrap();
    assert!(text.lines().count() <= 15);
    let lab = run("your_csv.ron");
    let tuning = lab.table("results/your_csv/tuning.csv");
    let arms = tuning.distinct("arm");
    assert_eq!(arms.len(), 5);
    for arm in arms {
        let trials = tuning.select(&format!("arm={arm}"));
        assert_eq!(trials.distinct("setting"), ["0.03", "0.1", "0.3", "1"], "{arm}");
    }
    let comparisons = lab.table("results/your_csv/comparisons.csv");
    assert_eq!(
        (comparisons.distinct("arm").len(), comparisons.distinct("to").len()),
        (4, 1)
    );
    let runs = lab.table("results/your_csv/runs.csv");
    assert_eq!(runs.select("status=finished").rows.len(), 50);
    // the same kernels with the same varieties as the set that is built in
    let built_in =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tasks/data/wheat-seeds.csv")).unwrap();
    let names = ["Kama", "Rosa", "Canadian"];
    let named = built_in.lines().map(|row| {
        let (kernel, variety) = row.rsplit_once(',').unwrap();
        format!("{kernel},{}", names[variety.parse::<usize>().unwrap() - 1])
    });
    let own = fs::read_to_string(experiment("wheat.csv")).unwrap();
    assert!(own.lines().skip(1).eq(named));
}

/// Published: logistic regression 32 %, a multilayer perceptron 68 % (Greydanus, Kobak 2024).
#[test]
fn mnist_1d_needs_more_than_a_linear_map() {
    let lab = run("mnist1d.ron");
    let runs = lab.table("results/mnist1d/runs.csv");
    let mean = |arm: &str| {
        let accuracies = runs.select(&format!("arm={arm}")).numbers("final_test_accuracy");
        accuracies.iter().sum::<f64>() / accuracies.len() as f64
    };
    let (linear, perceptron) = (mean("logistic-regression"), mean("multilayer-perceptron"));
    println!("logistic regression {linear}, multilayer perceptron {perceptron}");
    assert!((0.29..=0.35).contains(&linear), "{linear}");
    assert!(perceptron >= 0.60, "{perceptron}");
}

/// The cross-entropy of values from 0 to 1, an autoencoder's say; other values are refused before anything runs.
#[test]
fn the_logistic_cross_entropy_takes_values_from_0_to_1() {
    let spec = |fields: &str| {
        format!(
            "({fields}, loss: LogisticCrossEntropy, network: [4], stop: Steps(3), seeds: 1, measure: (against: []), arms: [Backprop])"
        )
    };
    let table = "task: Csv(path: \"t.csv\", target: \"y\", kind: Values), split: Random(validation: 0, test: 0.5)";
    let lab = Lab::new(&spec("task: Digits(target: Input)"));
    lab.succeed("run a.ron --quiet --no-figures");
    for (rows, scale, refusal) in [
        ("1,0\n2,1\n", "", None),
        ("1,0\n2,1.5\n", "", Some("the target 1.5 is no probability")),
        ("1,-0.25\n2,1\n", "", Some("the target -0.25 is no probability")),
        ("1,-0.25\n2,1\n", ", scale: (targets: MinMax)", None),
        (
            "1,0\n2,1\n",
            ", scale: (targets: MinMax(low: 0, high: 2))",
            Some("no probabilities"),
        ),
        ("1,0\n2,1\n", ", scale: (targets: Standard)", Some("no probabilities")),
    ] {
        lab.write("t.csv", &format!("x,y\n{rows}"));
        lab.write("a.ron", &spec(&format!("{table}{scale}")));
        match refusal {
            None => drop(lab.succeed("run a.ron --quiet --no-figures --fresh")),
            Some(reason) => {
                let message = lab.fail("run a.ron --quiet --no-figures --fresh", 2);
                assert!(message.contains(reason), "{message}");
            }
        }
    }
    lab.write("a.ron", &spec("task: Digits(target: Input), scale: (inputs: Standard)"));
    let message = lab.fail("run a.ron --quiet --no-figures --fresh", 2);
    assert!(message.contains("`scale.inputs`"), "{message}");
}
