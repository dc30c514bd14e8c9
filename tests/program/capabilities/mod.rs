//! Say in an experiment file each of the 26 things that published settings need, and see that it makes a difference.
//!
//! The numbers are those of the list in the project's plan of replications. What a setting stands against is the same experiment
//! without it, so that an option that is read but not used fails here.

use crate::support;
mod table;

use crate::support::Lab;
use creditlab::arrays::{self, Array};
use creditlab::experiment::Plan;
use creditlab::notation::Document;
use creditlab::rules;
use std::collections::BTreeMap;
use table::{BASE, CAPABILITIES, Capability, Fields};

/// [`BASE`] with other fields.
fn experiment(fields: Fields) -> String {
    let named = |fields: Fields, name: &str| fields.iter().any(|(known, _)| *known == name);
    let kept = BASE.iter().filter(|(name, _)| !named(fields, name));
    let lines = kept.chain(fields).map(|(name, value)| format!("{name}: {value},\n"));
    format!("({})", lines.collect::<String>())
}

/// Weights and biases of 2-4-2, and feedback.
fn start() -> Vec<Array> {
    let numbers = |n: usize, step: f64| (0..n).map(|i| step * i as f64 - 0.4).collect::<Vec<f64>>();
    vec![
        Array::new("layer1.weight", &[4, 2], &numbers(8, 0.1)),
        Array::new("layer1.bias", &[4], &numbers(4, 0.2)),
        Array::new("layer2.weight", &[2, 4], &numbers(8, 0.11)),
        Array::new("layer2.bias", &[2], &numbers(2, 0.3)),
        Array::new("layer2.feedback", &[2, 4], &numbers(8, 0.12)),
    ]
}

/// A place where experiments are run, each once.
struct Runs {
    lab: Lab,
    texts: Vec<String>,
}

impl Runs {
    /// Of every capability, with and without, and of the plain experiment a second time, as `again`.
    fn new() -> Self {
        let lab = Lab::new(&experiment(&[]));
        let (own, network): (Vec<Array>, Vec<Array>) =
            start().into_iter().partition(|array| array.name.contains("feedback"));
        for (file, arrays) in [("w.safetensors", network), ("b.safetensors", own)] {
            std::fs::write(lab.path(file), arrays::encode(&arrays).unwrap()).unwrap();
        }
        for file in ["r06_x.npy", "r06_y.npy"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/replications");
            std::fs::copy(folder.join(file), lab.path(file)).unwrap();
        }
        let halves = CAPABILITIES
            .iter()
            .flat_map(|capability| [capability.with, capability.without]);
        let mut texts: Vec<_> = halves.map(experiment).collect();
        texts.sort();
        texts.dedup();
        let mut command = lab.command("run --quiet --no-figures again.ron");
        lab.write("again.ron", &experiment(&[]));
        for (i, text) in texts.iter().enumerate() {
            lab.write(&format!("{i}.ron"), text);
            command.arg(format!("{i}.ron"));
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", support::errors(&output));
        Self { lab, texts }
    }

    /// The results of an experiment.
    fn results(&self, fields: Fields) -> String {
        let place = self.texts.binary_search(&experiment(fields));
        format!("results/{}", place.expect("a known experiment"))
    }

    /// What a run has left but words.
    fn outcome(&self, results: &str) -> Outcome {
        let rows = |table: &str| self.lab.table(&format!("{results}/{table}.csv")).rows;
        let tree = self.lab.tree(results).into_iter();
        Outcome {
            weights: tree.filter(|(file, _)| file.starts_with("weights/")).collect(),
            metrics: rows("metrics"),
            runs: rows("runs"),
        }
    }
}

#[derive(PartialEq)]
struct Outcome {
    weights: BTreeMap<String, Vec<u8>>,
    metrics: Vec<Vec<String>>,
    runs: Vec<Vec<String>>,
}

#[test]
fn every_capability_is_said_and_makes_a_difference() {
    let runs = Runs::new();
    for Capability { number, with, without } in CAPABILITIES {
        let [said, unsaid] = [*with, *without].map(|fields| runs.outcome(&runs.results(fields)));
        assert!(said != unsaid, "capability {number} has no effect: {with:?}");
    }
    // negative control: the same experiment under another name makes none
    assert!(runs.outcome("results/again") == runs.outcome(&runs.results(&[])));
    let mut numbers: Vec<u32> = CAPABILITIES.iter().map(|capability| capability.number).collect();
    numbers.dedup();
    // 15 has a test of its own, and 21 waits
    let expected: Vec<u32> = (1..=26).filter(|number| ![15, 21].contains(number)).collect();
    assert_eq!(numbers, expected);
    looks_as_said(&runs);
}

/// What else some of them promise.
fn looks_as_said(runs: &Runs) {
    let lab = &runs.lab;
    let of = |number| {
        let capability = CAPABILITIES.iter().find(|capability| capability.number == number);
        runs.results(capability.expect("a capability").with)
    };
    let saved =
        |number, step| arrays::load(&lab.path(&format!("{}/weights/a/0/step-{step}.safetensors", of(number)))).unwrap();
    // 1: the file's numbers
    for array in saved(1, 0) {
        assert!(start().contains(&array), "{}", array.name);
    }
    // 3: zeros
    let zeros = saved(3, 0)
        .into_iter()
        .find(|array| array.name == "layer1.weight")
        .expect("weights");
    assert_eq!(zeros.values::<f64>(), [0.0; 8]);
    // 24: the last and the best moment
    let table = lab.table(&format!("{}/runs.csv", of(24)));
    for column in [
        "best_step",
        "final_validation_loss",
        "best_validation_loss",
        "final_test_loss",
        "best_test_loss",
    ] {
        assert_eq!(table.numbers(column).len(), 1, "{column}");
    }
    // 25: written before the first update, and where asked for
    assert_ne!(saved(25, 0), saved(25, 1));
    assert_ne!(saved(25, 1), saved(25, 4));
    // 18 and 26: rows of their own
    let rows = |number, conditions| {
        lab.table(&format!("{}/metrics.csv", of(number)))
            .select(conditions)
            .rows
            .len()
    };
    assert!(rows(18, "metric=own_accuracy split=test") > 0);
    assert!(rows(26, "metric=delta_angle layer=layer1 reference=PseudoInverse") > 0);
}

/// 15: the hidden signal of direct feedback shares the averaging of the output gradient over outputs; it is kept out of it by the
/// scale of the feedback, times the number of outputs (times the batch for the average over samples, which is the proposal's own).
#[test]
fn the_hidden_signal_can_be_kept_out_of_the_average_over_outputs() {
    let lab = Lab::new(&experiment(&[
        (
            "arms",
            "[
            (label: \"sum\", rule: DirectFeedbackAlignment, loss: HalfSquares),
            (label: \"mean\", rule: DirectFeedbackAlignment, loss: HalfSquares(over: Mean)),
            (label: \"kept out\", rule: DirectFeedbackAlignment(feedback: (scale: 2.0)), loss: HalfSquares(over: Mean)),
        ]",
        ),
        ("stop", "Steps(1)"),
    ]));
    lab.succeed("run a.ron --quiet --no-figures");
    let change = |arm: &str, layer: &str| {
        let at = |step| {
            let path = format!("results/a/weights/{arm}/0/step-{step}.safetensors");
            let arrays = arrays::load(&lab.path(&path)).unwrap();
            let array = arrays.into_iter().find(|array| array.name == layer);
            array.expect("a layer").values::<f64>()
        };
        at(1)
            .iter()
            .zip(at(0))
            .map(|(after, before)| after - before)
            .collect::<Vec<f64>>()
    };
    let is = |a: &[f64], factor: f64, b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - factor * b).abs() <= 1e-15);
    let [sum, mean, kept] =
        ["sum", "mean", "kept-out"].map(|arm| ["layer1.weight", "layer2.weight"].map(|l| change(arm, l)));
    assert!(sum.iter().all(|change| change.iter().any(|x| x.abs() > 1e-4)));
    assert!(is(&mean[0], 0.5, &sum[0]) && is(&mean[1], 0.5, &sum[1]));
    assert!(is(&kept[0], 1.0, &sum[0]) && is(&kept[1], 0.5, &sum[1]));
}

/// 21, states of each training sample kept from epoch to epoch, belong to equilibrium propagation, which does not exist yet. Their
/// place is among the options of that rule, as a relaxation's are (22); rules are told which samples a batch holds
/// (`Step::samples`). When the rule comes, this gives way to an entry above.
#[test]
fn kept_states_wait_for_their_rule() {
    let text = experiment(&[("arms", "[EquilibriumPropagation(start: Kept)]")]);
    let document = Document::parse("a.ron", text).expect("RON");
    let fault = Plan::parse(&document, &rules::builtin())
        .err()
        .expect("a refusal")
        .to_string();
    assert!(fault.contains("EquilibriumPropagation"), "{fault}");
}
