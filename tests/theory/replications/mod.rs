//! Run the experiments of `experiments/replications` and hold their results to the criteria stated there.

mod convolution_mnist1d;
mod deep_linear;
mod direct_feedback_theory;
mod exact_parts;
mod linear_task;
mod overlays;
mod prospective_configuration;
mod saddle;
mod target_theory;

use crate::support::{Lab, errors};
use creditlab::arrays::{self, Array};
use creditlab::experiment::Plan;
use creditlab::linalg::Matrix;
use creditlab::rules;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/replications")
}

/// Runs an experiment as it is; its results are in `results/<name>` of the lab.
fn replicate(name: &str) -> Lab {
    replicate_with(name, &[])
}

/// Runs it with more options.
fn replicate_with(name: &str, options: &[&str]) -> Lab {
    let lab = Lab::new("");
    let mut command = lab.command("run --quiet --no-figures");
    let command = command.arg(folder().join(format!("{name}.ron"))).args(options);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{name}: {}", errors(&output));
    lab
}

/// The arrays that a run has left at a step.
fn saved(lab: &Lab, name: &str, arm: &str, seed: u64, step: u64) -> Vec<Array> {
    let path = format!("results/{name}/weights/{arm}/{seed}/step-{step}.safetensors");
    arrays::load(&lab.path(&path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One of them.
fn matrix(arrays: &[Array], name: &str) -> Matrix<f64> {
    let array = arrays.iter().find(|array| array.name == name);
    let array = array.unwrap_or_else(|| panic!("no array {name}"));
    let rows = array.shape[0];
    Matrix::from_vec(rows, array.shape.get(1).copied().unwrap_or(1), array.values())
}

fn mean(numbers: &[f64]) -> f64 {
    assert!(!numbers.is_empty());
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// Those that take hours are read, at least.
#[test]
fn every_file_is_an_experiment_that_says_what_to_expect() {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let specs: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .collect();
    assert!(specs.len() >= 13, "{specs:?}");
    for path in specs {
        let plan = Plan::read(&path, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(plan.warnings().collect::<Vec<_>>(), [] as [String; 0], "{}", plan.name);
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["//", "xpected", "Takes"] {
            assert!(text.contains(word), "{} says nothing of `{word}`", plan.name);
        }
    }
}
