//! Take every path through the processor: the same results; and one that there is not, which is refused.

use crate::support::{Lab, difference, errors};
use creditlab::linalg::{self, SIMD};

#[test]
fn every_path_leaves_the_same_results() {
    let lab = Lab::new(
        "(task: Digits, network: [40, 17], stop: Steps(30), seeds: 2, save: (weights: [End]), \
         arms: [Backprop, DirectFeedbackAlignment, PredictiveCoding])",
    );
    let mut trees = linalg::paths().map(|path| {
        let mut command = lab.command(&format!("run a.ron --no-figures --out {path}"));
        let output = command.env(SIMD, path).output().unwrap();
        assert!(output.status.success(), "{path}: {}", errors(&output));
        let manifest = std::fs::read(lab.path(path).join("a/manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["simd"], path);
        (path, lab.tree(&format!("{path}/a")))
    });
    let (_, first) = trees.next().unwrap();
    assert!(first.len() > 5, "tables and weights");
    for (path, tree) in trees {
        assert_eq!(difference(&first, &tree), None, "{path}");
    }
}

#[test]
fn that_multiply_adds_are_made_in_software_is_said_once() {
    let lab = Lab::new("(task: Xor, network: [4], stop: Steps(1), seeds: 2, arms: [Backprop, OutputOnly])");
    for path in linalg::paths() {
        let output = lab
            .command(&format!("run a.ron --no-figures --out {path}"))
            .env(SIMD, path)
            .output()
            .unwrap();
        let times = errors(&output)
            .matches("made in software: the same results, many times slower")
            .count();
        assert_eq!(
            times,
            usize::from(cfg!(target_arch = "x86_64") && path == "portable"),
            "{path}: {}",
            errors(&output)
        );
    }
}

#[test]
fn a_path_that_there_is_not_is_refused() {
    let lab = Lab::new("(task: Xor, network: [4], stop: Steps(1), seeds: 1, arms: [Backprop])");
    for path in ["avx3", ""] {
        let output = lab.command("run a.ron").env(SIMD, path).output().unwrap();
        let said = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let beginning = format!("error: `CREDITLAB_SIMD` is `{path}`, which this processor does not have; unset it");
        assert!(said.starts_with(&beginning), "{said}");
        assert!(said.trim_end().contains("portable"), "{said}");
        assert!(!lab.path("results").exists());
    }
}
