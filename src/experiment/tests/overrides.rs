//! Check what `--set` replaces, adds and refuses.

use super::rules;
use crate::experiment::{Plan, Stop, set};
use crate::notation::Document;
use insta::assert_snapshot;

const FILE: &str = "(
    task: Xor,
    network: [8, 4], // two layers
    arms: [
        Backprop,
        FeedbackAlignment,
        (rule: FeedbackAlignment(feedback: (scale: 2)), optimizer: Sgd(learning_rate: 0.3)),
    ],
)";

fn changed(text: &str, path: &str, value: &str) -> Result<String, String> {
    let document = Document::parse("experiments/x.ron", text).map_err(|fault| fault.to_string())?;
    let changed = set(&document, path, value, &rules()).map_err(|fault| fault.to_string())?;
    Ok(changed.text().to_owned())
}

fn plan(path: &str, value: &str) -> Plan {
    super::plan(&changed(FILE, path, value).unwrap_or_else(|message| panic!("{message}")))
}

#[test]
fn a_value_that_the_file_has_is_replaced_in_place() {
    let text = changed(FILE, "network.1", "5").unwrap();
    assert_eq!(text, FILE.replace("[8, 4]", "[8, 5]"));
}

#[test]
fn what_the_file_leaves_out_keeps_its_other_defaults() {
    let plan = plan("optimizer.learning_rate", "0.05");
    for arm in &plan.arms {
        assert_eq!(arm.settings.optimizer.optimizer.learning_rate(), 0.05);
    }
    let momenta: Vec<_> = plan
        .arms
        .iter()
        .map(|arm| arm.fingerprint.to_string().contains("momentum: 0.9"))
        .collect();
    assert_eq!(
        momenta,
        [true, true, false],
        "the third arm has its own optimizer, without momentum"
    );
}

#[test]
fn fields_of_the_experiment() {
    assert_eq!(plan("seeds", "[4, 5]").seeds, [4, 5]);
    assert_eq!(plan("stop", "Steps(3)").arms[0].settings.stop, Stop::Steps(3));
    assert!(plan("task.samples", "50").text.contains("task: Xor(samples: 50, "));
    assert!(plan("split.validation", "0.25").text.contains("validation: 0.25"));
    assert_eq!(plan("measure.probe", "7").arms[2].settings.measure.probe, 7);
    let plan = plan("network.activation", "Relu");
    assert!(plan.text.contains("hidden: [8, 4], activation: Relu"), "{}", plan.text);
}

#[test]
fn options_of_rules_are_set_in_every_arm_that_has_them() {
    let plan = plan("rule.feedback.scale", "0.25");
    let with = |i: usize| plan.arms[i].fingerprint.to_string().contains("scale: 0.25");
    assert_eq!([with(0), with(1), with(2)], [false, true, true]);
}

#[test]
fn one_arm_alone() {
    let plan = plan("arms.1.rule.feedback.scale", "0.25");
    let with = |i: usize| plan.arms[i].fingerprint.to_string().contains("scale: 0.25");
    assert_eq!([with(1), with(2)], [true, false]);
    let text = changed(FILE, "arms.2.optimizer.momentum", "0.5").unwrap();
    assert!(text.contains("Sgd(momentum: 0.5, learning_rate: 0.3)"), "{text}");
}

#[test]
fn an_unknown_field() {
    assert_snapshot!(changed(FILE, "optimiser.learning_rate", "1").unwrap_err(), @r"
    error: there is nothing called `optimiser.learning_rate`
     --> --set:1:1
      |
    1 | optimiser.learning_rate=1
      | ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `optimizer`?
    ");
}

#[test]
fn an_unknown_option_of_a_rule() {
    assert_snapshot!(changed(FILE, "rule.feedback.size", "1").unwrap_err(), @r"
    error: no arm's rule has the option `feedback.size`
     --> --set:1:1
      |
    1 | rule.feedback.size=1
      | ^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_value_that_is_no_ron() {
    assert_snapshot!(changed(FILE, "stop", "Epochs(").unwrap_err(), @r"
    error: `(` is never closed
     --> --set stop:1:7
      |
    1 | Epochs(
      |       ^
    ");
}

#[test]
fn an_arm_that_is_not_there() {
    assert_snapshot!(changed(FILE, "arms.3.rule", "Backprop").unwrap_err(), @r"
    error: there is no arm `3`
     --> --set:1:1
      |
    1 | arms.3.rule=Backprop
      | ^^^^^^^^^^^
      |
      = help: arms are counted from 0; there are 3
    ");
}

#[test]
fn all_arms_at_once() {
    assert_snapshot!(changed(FILE, "arms", "[Backprop]").unwrap_err(), @r"
    error: the arms themselves are not replaced
     --> --set:1:1
      |
    1 | arms=[Backprop]
      | ^^^^
      |
      = help: name a setting of all arms, `rule.feedback.scale=2`, or of one, `arms.0.rule=Backprop`; arms are counted from 0
    ");
}

#[test]
fn an_impossible_value_is_shown_in_the_changed_file() {
    let text = changed(FILE, "optimizer.learning_rate", "-1").unwrap();
    assert_snapshot!(super::message(&text), @r"
    error: `learning_rate` must be positive
     --> experiments/x.ron:1:32
      |
    1 | (optimizer: Sgd(learning_rate: -1, momentum: 0.9, decay: 0.0, l2: 0.0), 
      |                                ^^ is -1
    ");
}
