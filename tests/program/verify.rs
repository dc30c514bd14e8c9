//! Carry out stored results again: the same bytes pass, and whatever differs is found and named.

use crate::support::{Lab, errors};
use std::fs;
use std::path::Path;

const SPEC: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 3, save: (weights: [End], predictions: [End]),
    optimizer: Sgd(learning_rate: Tune([0.1, 0.5])), arms: [Backprop, NodePerturbation, KolenPollack])";

fn lab() -> Lab {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    lab
}

#[test]
fn what_is_stored_is_what_runs_leave_again() {
    let lab = lab();
    let before = lab.tree("results/a");
    let said = lab.succeed("verify results/a");
    assert!(
        said.contains("results/a: 9 runs, all tables and weights byte for byte the same"),
        "{said}"
    );
    let said = lab.succeed("verify results/a --sample 4 --threads 1");
    assert!(
        said.contains("results/a: 4 runs, rows and weights byte for byte the same"),
        "{said}"
    );
    let said = lab.succeed("verify results/a --plan");
    assert!(
        said.contains("9 runs, which took ") && said.contains("tuning is carried out again too"),
        "{said}"
    );
    assert_eq!(lab.tree("results/a"), before, "verifying changes nothing");
}

/// Writes a table with another last value in a row, as if it had been made so: the manifest tells of the new one.
fn forge(lab: &Lab, name: &str, row: usize) {
    let path = lab.path(&format!("results/a/{name}"));
    let old = fs::read(&path).unwrap();
    let text = String::from_utf8(old.clone()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let digit = lines[row].pop().unwrap();
    lines[row].push(if digit == '1' { '2' } else { '1' });
    let new = lines.join("\n") + "\n";
    fs::write(&path, &new).unwrap();
    let digest = creditlab::digest::sha256;
    let manifest = lab.path("results/a/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace(&digest(&old), &digest(new.as_bytes()))).unwrap();
}

#[test]
fn another_value_is_found_with_its_arm_seed_and_line() {
    let lab = lab();
    forge(&lab, "metrics.csv", 5);
    let said = lab.fail("verify results/a", 1);
    let row = lab.table("results/a/metrics.csv");
    let (arm, seed) = (row.texts("arm")[4].to_owned(), row.texts("seed")[4].to_owned());
    let place = format!("results/a: not the same: metrics.csv:6: arm {arm}, seed {seed}");
    assert!(
        said.contains(&place) && said.contains("stored: ") && said.contains("now: "),
        "{said}"
    );
}

#[test]
fn other_weights_and_other_summaries_are_found() {
    let lab = lab();
    forge(&lab, "summary.csv", 1);
    assert!(lab.fail("verify results/a", 1).contains("summary.csv"));
    // rows of runs are as they were
    lab.succeed("verify results/a --sample 9");
    let weights = lab.path("results/a/weights/backprop/1");
    let file = fs::read_dir(weights).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let said = lab.fail("verify results/a --sample 9", 1);
    assert!(said.contains("weights/backprop/1/step-"), "{said}");
}

#[test]
fn other_numerics_are_named_beside_what_differs() {
    let lab = lab();
    forge(&lab, "metrics.csv", 5);
    let manifest = lab.path("results/a/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let numerics = creditlab::linalg::NUMERICS_VERSION;
    let older = text.replace(&format!("\"numerics_version\": {numerics}"), "\"numerics_version\": 0");
    fs::write(&manifest, older).unwrap();
    let said = lab.fail("verify results/a", 1);
    let sentence = format!("it was made with numerics 0; this program has numerics {numerics}");
    assert!(said.contains(&sentence), "{said}");
}

#[test]
fn what_cannot_be_verified_is_said() {
    let lab = lab();
    let said = lab.fail("verify results", 2);
    assert!(said.contains("it holds no results"), "{said}");
    let text = fs::read_to_string(lab.path("results/a/metrics.csv")).unwrap();
    fs::write(lab.path("results/a/metrics.csv"), &text[..text.len() / 2]).unwrap();
    let said = lab.fail("verify results/a", 1);
    assert!(said.contains("metrics.csv holds"), "{said}");
}

/// The manifest tells the way from the results to the folder of the experiment, not from where one stood when they were made.
#[test]
fn files_that_the_experiment_names_are_found_from_everywhere() {
    let lab = Lab::new("");
    fs::create_dir_all(lab.path("project/files")).unwrap();
    let wheat = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/wheat.csv");
    fs::copy(wheat, lab.path("project/files/wheat.csv")).unwrap();
    lab.write(
        "project/files/a.ron",
        "(task: Csv(path: \"wheat.csv\", target: \"variety\"), split: Random(validation: 0.2, test: 0.2), network: [4], \
         stop: Steps(4), seeds: 2, arms: [Backprop])",
    );
    let from = |folder: &str, arguments: &str| {
        let output = lab.command(arguments).current_dir(lab.path(folder)).output().unwrap();
        assert!(output.status.success(), "{folder}: {arguments}: {}", errors(&output));
    };
    from("project/files", "run a.ron --quiet --no-figures --out ../results");
    from(
        "project/files",
        "run a.ron --quiet --no-figures --out ../parts --shard 1/2",
    );
    from(
        "project",
        "run files/a.ron --quiet --no-figures --out parts --shard 2/2",
    );
    from("project/files", "verify ../results/a");
    fs::rename(lab.path("project"), lab.path("moved")).unwrap();
    from("moved/files", "verify ../results/a");
    from(".", "verify moved/results/a");
    from("moved/results/a", "watch .");
    from("moved/parts", "merge a.shard-1-of-2 a.shard-2-of-2");
    from(".", "verify moved/parts/results/a");
}
