//! Check how `compare` is read and written, and the whole message of each mistake in it.

use super::{message, plan};
use crate::experiment::{Compare, Occasion, Part};
use crate::stats::Test;
use insta::assert_snapshot;

fn with(fields: &str) -> String {
    format!("(\n    task: Digits,\n    {fields},\n    arms: [Backprop, (label: \"DFA, slow\", rule: OutputOnly)],\n)")
}

fn compare(fields: &str) -> Option<Compare> {
    plan(&with(fields)).compare
}

#[test]
fn defaults_are_filled_in_and_labels_become_slugs() {
    let expected = Compare {
        to: "dfa-slow".into(),
        metrics: vec!["accuracy".into()],
        test: Test::PairedT,
        split: Part::Test,
        at: vec![Occasion::Final, Occasion::BestValidation],
    };
    for to in ["DFA, slow", "dfa-slow"] {
        let read = compare(&format!("compare: (to: \"{to}\", metrics: [\"accuracy\"])"));
        assert_eq!(read, Some(expected.clone()));
    }
    let without_validation = compare("split: Random(validation: 0), compare: (to: \"backprop\", metrics: [\"loss\"])");
    assert_eq!(without_validation.unwrap().at, [Occasion::Final]);
    assert_eq!(compare("seeds: 2"), None);
}

#[test]
fn what_is_written_out_reads_back() {
    for fields in [
        "compare: (to: \"backprop\", metrics: [\"accuracy\", \"running_loss\"])",
        "compare: (to: \"backprop\", metrics: [\"loss\"], test: Wilcoxon, split: Train, at: [BestValidation])",
    ] {
        let first = plan(&with(fields));
        let second = plan(&first.text);
        assert_eq!((&second.compare, &second.text), (&first.compare, &first.text));
    }
}

#[test]
fn a_comparison_changes_no_run() {
    let (with_it, without) = (
        plan(&with("compare: (to: \"backprop\", metrics: [\"loss\"])")),
        plan(&with("seeds: 10")),
    );
    assert_eq!(with_it.arms[1].fingerprint, without.arms[1].fingerprint);
}

#[test]
fn scores_have_the_split_asked_for_and_other_metrics_their_own() {
    let compare =
        compare("compare: (to: \"backprop\", metrics: [\"loss\", \"gradient_angle\"], split: Validation)").unwrap();
    assert_eq!(
        (compare.split_of("loss"), compare.split_of("gradient_angle")),
        ("validation", "probe")
    );
}

#[test]
fn an_arm_that_is_not_there() {
    assert_snapshot!(message(&with("compare: (to: \"DFA, slo\", metrics: [\"accuracy\"])")), @r#"
    error: there is no arm `DFA, slo`
     --> experiments/x.ron:3:19
      |
    3 |     compare: (to: "DFA, slo", metrics: ["accuracy"]),
      |                   ^^^^^^^^^^ expected `backprop` or `dfa-slow`
      |
      = help: did you mean `DFA, slow`?
    "#);
}

#[test]
fn an_unknown_metric() {
    assert_snapshot!(message(&with("compare: (to: \"backprop\", metrics: [\"loss\", \"acuracy\"])")), @r#"
    error: unknown metric `acuracy`
     --> experiments/x.ron:3:49
      |
    3 |     compare: (to: "backprop", metrics: ["loss", "acuracy"]),
      |                                                 ^^^^^^^^^ expected `accuracy`, `loss`, `balanced_accuracy`, `r2`, `running_accuracy`, `running_loss`, `gradient_angle`, `gradient_cosine`, `gradient_norm_ratio`, `sign_agreement`, `feedback_angle`, `feedback_norm_ratio` or `feedback_sign_agreement`
      |
      = help: did you mean `accuracy`?
    "#);
}

#[test]
fn the_accuracy_of_values() {
    let text = with("compare: (to: \"backprop\", metrics: [\"accuracy\"])").replace("Digits", "LinearTeacher");
    assert_snapshot!(message(&text), @r#"
    error: there is no `accuracy` where the targets are values
     --> experiments/x.ron:3:41
      |
    3 |     compare: (to: "backprop", metrics: ["accuracy"]),
      |                                         ^^^^^^^^^^
      |
      = help: compare `loss`
    "#);
}

#[test]
fn a_metric_named_twice() {
    assert_snapshot!(message(&with("compare: (to: \"backprop\", metrics: [\"loss\", \"loss\"])")), @r#"
    error: the same metric is named twice
     --> experiments/x.ron:3:49
      |
    3 |     compare: (to: "backprop", metrics: ["loss", "loss"]),
      |                                         ------  ^^^^^^
      |                                         |
      |                                         first named here
      |
      = help: leave one of them out
    "#);
}

#[test]
fn a_part_that_is_not_there() {
    assert_snapshot!(message(&with("split: Random(test: 0), compare: (to: \"backprop\", metrics: [\"loss\"])")), @r#"
    error: there is no test part to compare on
     --> experiments/x.ron:3:72
      |
    3 |     split: Random(test: 0), compare: (to: "backprop", metrics: ["loss"]),
      |                                                                        ^
      |
      = help: let `split` of the experiment hold one out, or compare on another part: `split: Train`
    "#);
}

#[test]
fn a_split_without_effect() {
    let text = with("compare: (to: \"backprop\", metrics: [\"gradient_angle\"], split: Train)");
    assert_snapshot!(message(&text), @r#"
    error: `split` has no effect
     --> experiments/x.ron:3:67
      |
    3 |     compare: (to: "backprop", metrics: ["gradient_angle"], split: Train),
      |                                                                   ^^^^^ each of these metrics has one split only
      |
      = help: leave it out
    "#);
}

#[test]
fn a_best_step_without_validation() {
    let text =
        with("split: Random(validation: 0), compare: (to: \"backprop\", metrics: [\"loss\"], at: [BestValidation])");
    assert_snapshot!(message(&text), @r#"
    error: there is no validation part
     --> experiments/x.ron:3:84
      |
    3 |     split: Random(validation: 0), compare: (to: "backprop", metrics: ["loss"], at: [BestValidation]),
      |                                                                                    ^^^^^^^^^^^^^^^^
      |
      = help: write `at: [Final]`
    "#);
}

#[test]
fn the_only_arm() {
    assert_snapshot!(message("(\n    task: Digits,\n    compare: (to: \"backprop\", metrics: [\"loss\"]),\n    arms: [Backprop],\n)"), @r#"
    error: there is no other arm to compare it with
     --> experiments/x.ron:3:19
      |
    3 |     compare: (to: "backprop", metrics: ["loss"]),
      |                   ^^^^^^^^^^
      |
      = help: add an arm, or leave `compare` out
    "#);
}

#[test]
fn nothing_to_compare() {
    assert_snapshot!(message(&with("compare: (to: \"backprop\", metrics: [])")), @r#"
    error: a comparison needs at least one metric
     --> experiments/x.ron:3:40
      |
    3 |     compare: (to: "backprop", metrics: []),
      |                                        ^^
      |
      = help: such as `["accuracy"]`
    "#);
}

#[test]
fn an_arm_of_its_own() {
    assert_snapshot!(message("(\n    task: Digits,\n    arms: [Backprop, (rule: OutputOnly, compare: (to: \"backprop\", metrics: [\"loss\"]))],\n)"), @r#"
    error: an arm cannot have its own `compare`
     --> experiments/x.ron:3:41
      |
    3 |     arms: [Backprop, (rule: OutputOnly, compare: (to: "backprop", metrics: ["loss"]))],
      |                                         ^^^^^^^
      |
      = help: all arms share it: say it once, beside `arms`
    "#);
}

/// A family of three tests: `3 · 2^{1 − n} < 0.05` from n = 7 on; of one test from n = 6 on. With a t test two seeds may do.
#[test]
fn seeds_that_cannot_show_anything_are_warned_of() {
    let compare = |test| Compare {
        to: "a".into(),
        metrics: vec!["loss".into()],
        test,
        split: Part::Test,
        at: vec![Occasion::Final],
    };
    for (test, arms, enough) in [(Test::Wilcoxon, 4, 7), (Test::Wilcoxon, 2, 6), (Test::PairedT, 4, 2)] {
        assert_eq!(compare(test).warning(arms, enough), None);
        let warning = compare(test).warning(arms, enough - 1).unwrap();
        assert!(warning.contains(&format!("give at least {enough}")), "{warning}");
    }
}
