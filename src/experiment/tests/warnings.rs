//! Check what a plan warns of.

use super::plan;
use crate::notation::Document;
use crate::rules::builtin;

fn warnings(text: &str) -> Vec<String> {
    plan(text).warnings().collect()
}

fn with(fields: &str) -> Vec<String> {
    warnings(&format!("(task: Digits, {fields}, arms: [Backprop])"))
}

#[test]
fn factors_that_repeat() {
    let schedule = |pieces: &str| {
        with(&format!(
            "optimizer: Sgd(learning_rate: 0.1, schedule: Piecewise([{pieces}]))"
        ))
    };
    assert_eq!(
        schedule("(Epochs(5), 0.1), (Epochs(10), 0.1)"),
        [
            "Backprop: `Piecewise` has the factor 0.1 from Epochs(10) on as before, which changes nothing: factors multiply the \
          stated rate, not the last one; write their products"
        ]
    );
    // before the first moment the factor is 1
    assert!(schedule("(Epochs(5), 1.0)")[0].contains("the factor 1.0 from Epochs(5)"));
    assert_eq!(schedule("(Epochs(5), 0.1), (Epochs(10), 0.01)"), [] as [&str; 0]);
    // there and back again is meant
    assert_eq!(
        schedule("(Epochs(5), 0.1), (Epochs(10), 0.01), (Epochs(12), 0.1)"),
        [] as [&str; 0]
    );
}

#[test]
fn trials_are_looked_at_and_arms_that_share_a_warning_share_the_line() {
    let repeated = "Sgd(learning_rate: Tune([0.1, 0.2]), schedule: Tune([WarmUp(over: Epochs(2)), \
                    Piecewise([(Epochs(5), 0.1), (Epochs(10), 0.1)])]))";
    let found = with(&format!("optimizer: {repeated}"));
    assert!(found.len() == 1 && found[0].contains("Piecewise"), "{found:?}");
    let arms = |n: usize| {
        let arm = |i| format!("(label: \"a{i}\", rule: Backprop, batch: 5000), ");
        let arms: String = (0..n).map(arm).collect();
        let found = warnings(&format!("(task: Digits, arms: [{arms}OutputOnly])"));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].split_once(": ").unwrap().0.to_owned()
    };
    assert_eq!(
        [arms(1), arms(3), arms(5)],
        ["a0", "a0, a1, a2", "a0, a1 and 3 other arms"]
    );
    let all = warnings("(task: Digits, batch: 5000, arms: [Backprop, OutputOnly])");
    assert!(all[0].starts_with("all arms: a batch of 5000 is more than"), "{all:?}");
}

/// Of 1,797 digits 180 validate and 359 test.
#[test]
fn batches_larger_than_what_they_are_taken_from() {
    assert_eq!(
        with("batch: 1259"),
        [
            "Backprop: a batch of 1259 is more than the training part has: each step takes its 1258 samples; `size: Full` says so"
        ]
    );
    assert_eq!(with("batch: 1258"), [] as [&str; 0]);
    assert_eq!(with("batch: Full"), [] as [&str; 0]);
    let stream = "task: LinearTeacher(inputs: 5, outputs: 2, samples: 12, test: 6, stream: true)";
    let found = warnings(&format!("({stream}, batch: 13, arms: [Backprop])"));
    assert!(
        found[0].contains("a batch of 13 is more than an epoch of the stream has: each step takes its 12 samples"),
        "{found:?}"
    );
    // nobody asked for the default, 32
    assert_eq!(warnings(&format!("({stream}, arms: [Backprop])")), [] as [&str; 0]);
}

#[test]
fn seeds_that_are_no_multiple_of_the_folds() {
    assert_eq!(
        with("split: Folds(5), seeds: 7"),
        [
            "seeds: seed s tests on fold s mod 5, so that some folds are tested on 2 times and others 1 times; give as many seeds in \
          a row as there are folds, or a multiple: `seeds: 5`"
        ]
    );
    for even in ["seeds: 5", "seeds: 10", "seeds: [3, 4, 10, 6, 12]", "precision: F32"] {
        assert_eq!(with(&format!("split: Folds(5), {even}")), [] as [&str; 0], "{even}");
    }
    assert_eq!(with("split: Folds(5), seeds: [0, 5]").len(), 1);
}

#[test]
fn logits_that_are_bounded() {
    let found = with("network: (output: Logistic)");
    assert!(
        found[0].starts_with("Backprop: `CrossEntropy` takes the outputs for logits"),
        "{found:?}"
    );
    assert_eq!(
        with("network: (output: Logistic), loss: LogisticCrossEntropy"),
        [] as [&str; 0]
    );
}

/// No experiment that we ship warns.
#[test]
fn ours_are_clean() {
    let mut seen = 0;
    for folder in ["experiments", "experiments/sources", "experiments/replications"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "ron") {
                continue;
            }
            let document = Document::read(&path).unwrap();
            let plan = crate::experiment::Plan::parse(&document, &builtin()).unwrap();
            let found: Vec<_> = plan.warnings().collect();
            assert_eq!(found, [] as [&str; 0], "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
