//! Carry an experiment out in parts, in any order, and hold what they are merged to, to the bytes of one process.

use crate::support::{Lab, difference, errors};
use std::fs;

/// Arms of very different cost, one that diverges, weights, predictions, a comparison.
const RUNS: &str = "(
    task: Xor(samples: 60, test: 20), network: [6], batch: 8, stop: Steps(20), seeds: 3,
    save: (weights: [End], predictions: [End]),
    compare: (to: \"exact\", metrics: [\"accuracy\"]),
    arms: [
        (label: \"exact\", rule: Backprop),
        (label: \"long\", rule: NodePerturbation, stop: Steps(90)),
        (label: \"mirror\", rule: WeightMirror, warm_up: Steps(3), shadows: [Backprop]),
        (label: \"wild\", rule: Backprop, network: (hidden: [6], activation: Identity), optimizer: Sgd(learning_rate: 1e30)),
    ],
)";

/// Two arms that are tuned beside one that is not.
fn tuned() -> String {
    RUNS.replace(
        "    compare:",
        "    tune: (seeds: 2),\n    optimizer: Sgd(learning_rate: Tune([0.01, 0.1])),\n    compare:",
    )
}

/// Carries out all parts in this order, each with another number of threads.
fn carry_out(lab: &Lab, count: usize, order: impl Iterator<Item = usize>) {
    for i in order {
        let threads = 1 + i % 4;
        lab.succeed(&format!("run a.ron --shard {i}/{count} --threads {threads} --quiet"));
    }
}

fn merge(lab: &Lab, count: usize) -> String {
    let parts: Vec<_> = (1..=count).map(|i| format!("results/a.shard-{i}-of-{count}")).collect();
    lab.succeed(&format!("merge {}", parts.join(" ")))
}

#[test]
fn parts_that_are_merged_are_what_one_process_makes() {
    let whole = Lab::new(RUNS);
    whole.succeed("run a.ron --quiet");
    let whole = whole.tree("results/a");
    for count in [1, 2, 3, 7] {
        let lab = Lab::new(RUNS);
        carry_out(&lab, count, (1..=count).rev());
        let said = merge(&lab, count);
        assert!(
            said.contains("a: 12 runs in") && said.contains("figures/final.png"),
            "{said}"
        );
        assert_eq!(difference(&whole, &lab.tree("results/a")), None, "{count} parts");
        // it stays so when nothing is missing any more
        lab.succeed("run a.ron --quiet");
        assert_eq!(difference(&whole, &lab.tree("results/a")), None);
    }
}

#[test]
fn trials_come_first_and_the_same_commands_go_on_with_the_runs() {
    let whole = Lab::new(&tuned());
    whole.succeed("run a.ron --quiet");
    let whole = whole.tree("results/a");
    for count in [2, 3] {
        let lab = Lab::new(&tuned());
        let said = lab.succeed(&format!("run a.ron --shard 1/{count}"));
        assert!(said.contains("trial runs of the 12 that were missing"), "{said}");
        carry_out(&lab, count, 2..=count);
        let said = merge(&lab, count);
        assert!(
            said.starts_with("a: no trial is missing, and the best of them are chosen; next come the 12 runs"),
            "{said}"
        );
        let said = lab.succeed(&format!("run a.ron --shard 1/{count}"));
        assert!(said.contains("runs of the 12 that were missing"), "{said}");
        carry_out(&lab, count, (2..=count).rev());
        merge(&lab, count);
        assert_eq!(difference(&whole, &lab.tree("results/a")), None, "{count} parts");
    }
}

#[test]
fn a_merge_names_what_is_missing_and_goes_on_from_what_is_there() {
    let lab = Lab::new(RUNS);
    carry_out(&lab, 2, 1..=1);
    let said = lab.fail("merge results/a.shard-1-of-2", 1);
    assert!(said.contains("error: a: of 12 runs "), "{said}");
    assert!(
        said.contains("are missing, and there are no tables yet:\n  exact: "),
        "{said}"
    );
    assert!(
        said.contains("help: start the parts that have not ended again"),
        "{said}"
    );
    assert!(!lab.path("results/a/metrics.csv").exists());
    // the rest in two new parts: nothing that is there is carried out again
    let rest = Lab::new(RUNS);
    fs::create_dir_all(rest.path("results")).unwrap();
    fs::rename(lab.path("results/a"), rest.path("results/a")).unwrap();
    let done: Vec<String> = (1..=2)
        .map(|i| rest.succeed(&format!("run a.ron --shard {i}/2")))
        .collect();
    assert!(done.iter().all(|said| said.contains("that were missing")), "{done:?}");
    assert!(!done[0].contains("of the 12 "), "{done:?}");
    merge(&rest, 2);
    let whole = Lab::new(RUNS);
    whole.succeed("run a.ron --quiet");
    assert_eq!(difference(&whole.tree("results/a"), &rest.tree("results/a")), None);
}

#[test]
fn a_finished_result_can_be_extended_in_parts() {
    let lab = Lab::new(RUNS);
    lab.succeed("run a.ron --quiet --seeds 2");
    for i in 1..=2 {
        let said = lab.succeed(&format!("run a.ron --shard {i}/2"));
        assert!(said.contains(" of the 4 that were missing"), "{said}");
    }
    merge(&lab, 2);
    let whole = Lab::new(RUNS);
    whole.succeed("run a.ron --quiet");
    assert_eq!(difference(&whole.tree("results/a"), &lab.tree("results/a")), None);
}

#[test]
fn what_is_no_part_of_the_experiment_is_refused() {
    let lab = Lab::new(RUNS);
    carry_out(&lab, 2, 1..=1);
    // the same name, another setting
    lab.write("a.ron", &RUNS.replace("Steps(90)", "Steps(80)"));
    carry_out(&lab, 2, 2..=2);
    let said = lab.fail("merge results/a.shard-1-of-2 results/a.shard-2-of-2", 2);
    assert!(
        said.contains("a.shard-2-of-2 cannot be merged: it is of another experiment ("),
        "{said}"
    );
    assert!(said.contains("Steps(90) -> Steps(80)"), "{said}");
    // not results at all
    lab.write("note.txt", "mine");
    fs::create_dir(lab.path("empty")).unwrap();
    let said = lab.fail("merge results/a.shard-1-of-2 empty", 2);
    assert!(
        said.contains("empty cannot be merged: it is no results folder"),
        "{said}"
    );
    let said = lab.fail("merge nowhere", 2);
    assert!(said.contains("nowhere"), "{said}");
}

#[test]
fn a_wrong_part_is_a_mistake_of_the_command_line() {
    let lab = Lab::new(RUNS);
    let output = lab.run("run a.ron --shard 3/2");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        errors(&output).contains("`3/2` is no part: write 2/7 for the second of seven"),
        "{}",
        errors(&output)
    );
    assert!(!lab.path("results").exists());
}
