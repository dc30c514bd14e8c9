//! Check how `measure` chooses metrics and `save` moments, and the whole message of each mistake in them.

use super::{message, plan};
use crate::experiment::{Answering, Duration, Moment};
use crate::metrics::Choice;
use insta::assert_snapshot;

fn with(fields: &str) -> String {
    format!("(\n    task: Digits,\n    {fields},\n    arms: [Backprop, OutputOnly],\n)")
}

fn metrics(names: &str) -> String {
    with(&format!("measure: (metrics: [{names}])"))
}

#[test]
fn choices_are_read_and_written_out() {
    let plan_of = |text: &str| {
        let first = plan(text);
        assert_eq!(plan(&first.text).text, first.text);
        first
    };
    let usual = plan_of(&with("seeds: 2"));
    assert_eq!(usual.arms[0].settings.measure.metrics, Choice::default());
    let chosen = plan_of(&metrics("\"default\", \"class_accuracy\", \"top_accuracy(3)\""));
    let choice = &chosen.arms[1].settings.measure.metrics;
    assert!(
        choice.writes("weight_norm") && choice.writes("own_class_accuracy(7)") && !choice.writes("balanced_accuracy")
    );
    assert_ne!(
        chosen.arms[0].fingerprint, usual.arms[0].fingerprint,
        "other rows, another run"
    );
    let saved = plan_of(&with(
        "save: (weights: [Best, Every(Epochs(5)), End], predictions: [Best, End])",
    ));
    let save = &saved.arms[0].settings.save;
    assert_eq!(
        save.weights,
        [Moment::Best, Moment::Every(Duration::Epochs(5)), Moment::End]
    );
    assert_eq!(save.predictions, [Answering::Best, Answering::End]);
}

#[test]
fn a_metric_that_nobody_knows() {
    assert_snapshot!(message(&metrics("\"loss\", \"balanced_acuracy\"")), @r#"
    error: unknown metric `balanced_acuracy`
     --> experiments/x.ron:3:33
      |
    3 |     measure: (metrics: ["loss", "balanced_acuracy"]),
      |                                 ^^^^^^^^^^^^^^^^^^ expected `loss`, `accuracy`, `running_loss`, `running_accuracy`, `gradient_angle`, `gradient_cosine`, `gradient_norm_ratio`, `sign_agreement`, `delta_angle`, `feedback_angle`, `feedback_norm_ratio`, `feedback_sign_agreement`, `residual`, `estimator_bias`, `estimator_variance`, `estimator_snr`, `estimator_draws`, `descent_efficiency`, `weight_norm`, `update_norm`, `activity_mean`, `activity_saturation`, `error_norm`, `balanced_accuracy`, `class_accuracy`, `top_accuracy(5)`, `r2` or `default`
      |
      = help: did you mean `balanced_accuracy`?
    "#);
}

#[test]
fn a_metric_that_is_written_along_with_another() {
    assert_snapshot!(message(&metrics("\"own_accuracy\"")), @r#"
    error: `own_accuracy` is written along with `accuracy`
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["own_accuracy"]),
      |                         ^^^^^^^^^^^^^^
      |
      = help: write `"accuracy"`
    "#);
    assert_snapshot!(message(&metrics("\"class_accuracy(7)\"")), @r#"
    error: `class_accuracy(7)` is written along with `class_accuracy`
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["class_accuracy(7)"]),
      |                         ^^^^^^^^^^^^^^^^^^^
      |
      = help: write `"class_accuracy"`
    "#);
}

#[test]
fn a_top_accuracy_without_a_sensible_number() {
    assert_snapshot!(message(&metrics("\"top_accuracy\"")), @r#"
    error: `top_accuracy` needs a number from 1
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["top_accuracy"]),
      |                         ^^^^^^^^^^^^^^
      |
      = help: such as `"top_accuracy(5)"`: the class is among the five best guesses
    "#);
    assert_snapshot!(message(&metrics("\"top_accuracy(0)\"")), @r#"
    error: `top_accuracy` needs a number from 1
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["top_accuracy(0)"]),
      |                         ^^^^^^^^^^^^^^^^^
      |
      = help: such as `"top_accuracy(5)"`: the class is among the five best guesses
    "#);
    assert_snapshot!(message(&metrics("\"top_accuracy(10)\"")), @r#"
    error: `top_accuracy(10)` is always 1 where there are 10 classes
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["top_accuracy(10)"]),
      |                         ^^^^^^^^^^^^^^^^^^
      |
      = help: use a smaller number, or leave it out
    "#);
}

#[test]
fn a_metric_that_the_task_has_not() {
    assert_snapshot!(message(&metrics("\"r2\"")), @r#"
    error: there is no `r2` where the targets are classes
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["r2"]),
      |                         ^^^^
      |
      = help: write `"accuracy"` or `"balanced_accuracy"`
    "#);
    let values =
        "(\n    task: LinearTeacher,\n    measure: (metrics: [\"balanced_accuracy\"]),\n    arms: [Backprop],\n)";
    assert_snapshot!(message(values), @r#"
    error: there is no `balanced_accuracy` where the targets are values
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["balanced_accuracy"]),
      |                         ^^^^^^^^^^^^^^^^^^^
      |
      = help: write `"loss"`, or `"r2"`, the share of variance that is explained
    "#);
}

#[test]
fn a_choice_that_has_no_effect() {
    assert_snapshot!(message(&metrics("\"default\", \"loss\"")), @r#"
    error: `loss` has no effect
     --> experiments/x.ron:3:36
      |
    3 |     measure: (metrics: ["default", "loss"]),
      |                         ---------  ^^^^^^
      |                         |
      |                         it is among these
      |
      = help: leave it out
    "#);
    assert_snapshot!(message(&metrics("\"loss\", \"loss\"")), @r#"
    error: the same metric is named twice
     --> experiments/x.ron:3:33
      |
    3 |     measure: (metrics: ["loss", "loss"]),
      |                         ------  ^^^^^^
      |                         |
      |                         first named here
      |
      = help: leave one of them out
    "#);
    assert_snapshot!(message(&metrics("")), @r#"
    error: at least one metric must be written
     --> experiments/x.ron:3:24
      |
    3 |     measure: (metrics: []),
      |                        ^^
      |
      = help: `["default"]` are those of a file that does not choose
    "#);
}

#[test]
fn statistics_of_estimators_and_their_draws_need_each_other() {
    assert_snapshot!(message(&metrics("\"estimator_bias\"")), @r#"
    error: `estimator_bias` needs `draws`
     --> experiments/x.ron:3:25
      |
    3 |     measure: (metrics: ["estimator_bias"]),
      |                         ^^^^^^^^^^^^^^^^
      |
      = help: say how many proposals are drawn, such as `draws: 100`
    "#);
    assert_snapshot!(message(&with("measure: (draws: 10, metrics: [\"loss\"])")), @r#"
    error: `draws` has no effect
     --> experiments/x.ron:3:22
      |
    3 |     measure: (draws: 10, metrics: ["loss"]),
      |                      ^^           -------- no metric of estimators is among these
      |
      = help: leave it out, or name one, such as `"estimator_bias"`
    "#);
}

#[test]
fn a_comparison_of_what_is_not_written() {
    assert_snapshot!(message(&with("compare: (to: \"backprop\", metrics: [\"balanced_accuracy\"])")), @r#"
    error: `balanced_accuracy` is not written
     --> experiments/x.ron:3:41
      |
    3 |     compare: (to: "backprop", metrics: ["balanced_accuracy"]),
      |                                         ^^^^^^^^^^^^^^^^^^^ `measure` leaves it out
      |
      = help: write it: `measure: (metrics: ["default", "balanced_accuracy"])`
    "#);
    plan(&with(
        "measure: (metrics: [\"balanced_accuracy\", \"top_accuracy(2)\"]), compare: (to: \"backprop\", metrics: [\"balanced_accuracy\", \"top_accuracy(2)\"])",
    ));
}

#[test]
fn a_best_moment_without_a_validation_part() {
    let without = |save: &str| message(&with(&format!("split: Random(validation: 0), save: ({save})")));
    assert_snapshot!(without("weights: [Best]"), @r"
    error: `Best` needs a validation part
     --> experiments/x.ron:3:52
      |
    3 |     split: Random(validation: 0), save: (weights: [Best]),
      |                                                    ^^^^ the measurement with the lowest validation loss
      |
      = help: give the split one, such as `validation: 0.1`, or write `End`
    ");
    assert_snapshot!(without("predictions: [End, Best]"), @r"
    error: `Best` needs a validation part
     --> experiments/x.ron:3:61
      |
    3 |     split: Random(validation: 0), save: (predictions: [End, Best]),
      |                                                             ^^^^ the measurement with the lowest validation loss
      |
      = help: give the split one, such as `validation: 0.1`, or write `End`
    ");
}

#[test]
fn weights_again_and_again() {
    let save = |save: &str| message(&with(&format!("stop: Steps(100), save: (weights: [{save}])")));
    assert_snapshot!(save("Every(Steps(0))"), @r"
    error: `Every` must be at least one step
     --> experiments/x.ron:3:40
      |
    3 |     stop: Steps(100), save: (weights: [Every(Steps(0))]),
      |                                        ^^^^^^^^^^^^^^^
      |
      = help: `Steps(0)` is before the first change
    ");
    assert_snapshot!(save("Every(Steps(101))"), @r"
    error: training ends before step 101
     --> experiments/x.ron:3:40
      |
    3 |     stop: Steps(100), save: (weights: [Every(Steps(101))]),
      |                                        ^^^^^^^^^^^^^^^^^ the last step is 100
      |
      = help: `End` is after the last step
    ");
    assert_snapshot!(message(&with("stop: Steps(10001), save: (weights: [Every(Steps(1))])")), @r"
    error: these are 10001 files of weights a run
     --> experiments/x.ron:3:42
      |
    3 |     stop: Steps(10001), save: (weights: [Every(Steps(1))]),
      |                                          ^^^^^^^^^^^^^^^
      |
      = help: write them less often: at most 10000 are possible
    ");
}

#[test]
fn predictions_at_a_step() {
    assert_snapshot!(message(&with("save: (predictions: [Steps(3)])")), @r"
    error: unknown moment `Steps`
     --> experiments/x.ron:3:26
      |
    3 |     save: (predictions: [Steps(3)]),
      |                          ^^^^^ expected `Best` or `End`
    ");
}
