//! Check the whole message of each mistake that people make with arms and rules.

use super::message;
use insta::assert_snapshot;

#[test]
fn missing_task() {
    assert_snapshot!(message("(arms: [Backprop])"), @r"
    error: missing field `task`
     --> experiments/x.ron:1:18
      |
    1 | (arms: [Backprop])
      |                  ^ expected `task: ..`
    ");
}

#[test]
fn missing_arms() {
    assert_snapshot!(message("(task: Digits)"), @r"
    error: missing field `arms`
     --> experiments/x.ron:1:14
      |
    1 | (task: Digits)
      |              ^ expected `arms: ..`
    ");
}

#[test]
fn unknown_task() {
    assert_snapshot!(message("(task: Digit, arms: [Backprop])"), @r"
    error: unknown task `Digit`
     --> experiments/x.ron:1:8
      |
    1 | (task: Digit, arms: [Backprop])
      |        ^^^^^ expected `Digits`, `Iris`, `WheatSeeds`, `Xor`, `Parity`, `Spirals`, `Blobs`, `Mnist1d`, `LinearTeacher`, `NonlinearTeacher`, `Mnist`, `FashionMnist`, `Cifar10`, `Csv`, `Idx` or `Npy`
      |
      = help: did you mean `Digits`?
    ");
}

#[test]
fn unknown_rule() {
    assert_snapshot!(message("(task: Digits, arms: [Backprop, FeedbackAligment])"), @r"
    error: unknown rule `FeedbackAligment`
     --> experiments/x.ron:1:33
      |
    1 | (task: Digits, arms: [Backprop, FeedbackAligment])
      |                                 ^^^^^^^^^^^^^^^^ expected `Backprop`, `DirectFeedbackAlignment`, `FeedbackAlignment`, `KolenPollack` or `OutputOnly`
      |
      = help: did you mean `FeedbackAlignment`?
    ");
}

#[test]
fn unknown_option_of_a_rule() {
    assert_snapshot!(message("(task: Digits, arms: [Backprop(scale: 1)])"), @r"
    error: unknown field `scale` of `Backprop`
     --> experiments/x.ron:1:32
      |
    1 | (task: Digits, arms: [Backprop(scale: 1)])
      |                                ^^^^^ there are no options here
    ");
}

#[test]
fn unknown_nested_option_of_a_rule() {
    assert_snapshot!(message("(\n    task: Digits,\n    arms: [\n        (label: \"b\", rule: FeedbackAlignment(feedback: (scal: 0.5))),\n    ],\n)"), @r#"
    error: unknown field `scal`
     --> experiments/x.ron:4:57
      |
    4 |         (label: "b", rule: FeedbackAlignment(feedback: (scal: 0.5))),
      |                                                         ^^^^ expected `distribution`, `scale`, `file`, `symmetry`, `rank`, `sparsity`, `sign`, `levels`, `noise`, `error`, `lands` or `delay`
      |
      = help: did you mean `scale`?
    "#);
}

#[test]
fn value_for_the_options_of_a_rule() {
    assert_snapshot!(message("(task: Digits, arms: [FeedbackAlignment(0.5)])"), @r"
    error: the options of `FeedbackAlignment` need their names
     --> experiments/x.ron:1:41
      |
    1 | (task: Digits, arms: [FeedbackAlignment(0.5)])
      |                                         ^^^ this value has no name
    ");
}

#[test]
fn rule_in_quotes() {
    assert_snapshot!(message("(task: Digits, arms: [\"Backprop\"])"), @r#"
    error: expected a rule or `(rule: .., ..)`, found a string
     --> experiments/x.ron:1:23
      |
    1 | (task: Digits, arms: ["Backprop"])
      |                       ^^^^^^^^^^
    "#);
}

#[test]
fn refused_by_a_rule_at_its_option() {
    assert_snapshot!(message("(\n    task: Digits,\n    arms: [(rule: Backprop, shadows: [FeedbackAlignment(feedback: (scale: -0.5))])],\n)"), @r"
    error: `feedback.scale` must be positive
     --> experiments/x.ron:3:75
      |
    3 |     arms: [(rule: Backprop, shadows: [FeedbackAlignment(feedback: (scale: -0.5))])],
      |                                                                           ^^^^ is -0.5
      |
      = help: leave it out for the default 1.0
    ");
}

#[test]
fn refused_by_a_rule_for_its_setting() {
    assert_snapshot!(message("(\n    task: Digits,\n    optimizer: Sgd(learning_rate: 0.1, l2: 0.01),\n    arms: [Backprop, (label: \"kp\", rule: KolenPollack)],\n)"), @r#"
    error: `KolenPollack` cannot use `l2`: it pulls W alone towards 0, and the gap to B would stay for ever
     --> experiments/x.ron:4:42
      |
    4 |     arms: [Backprop, (label: "kp", rule: KolenPollack)],
      |                                          ^^^^^^^^^^^^
      |
      = help: use the optimizer's `decay`, which B shares
    "#);
}

#[test]
fn refused_by_a_rule_measured_against() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (against: [KolenPollack(feedback: (scale: 0))]),\n    arms: [Backprop],\n)"), @r"
    error: `feedback.scale` must be positive
     --> experiments/x.ron:3:56
      |
    3 |     measure: (against: [KolenPollack(feedback: (scale: 0))]),
      |                                                        ^ is 0
      |
      = help: leave it out for the default 1.0
    ");
}

#[test]
fn arm_without_rule() {
    assert_snapshot!(message("(task: Digits, arms: [(label: \"a\")])"), @r#"
    error: missing field `rule`
     --> experiments/x.ron:1:34
      |
    1 | (task: Digits, arms: [(label: "a")])
      |                                  ^ expected `rule: ..`
    "#);
}

#[test]
fn arm_with_its_own_seeds() {
    assert_snapshot!(message("(task: Digits, arms: [(rule: Backprop, seeds: 3)])"), @r"
    error: an arm cannot have its own `seeds`
     --> experiments/x.ron:1:40
      |
    1 | (task: Digits, arms: [(rule: Backprop, seeds: 3)])
      |                                        ^^^^^
      |
      = help: all arms share it: say it once, beside `arms`
    ");
}

#[test]
fn arm_with_an_unknown_field() {
    assert_snapshot!(message("(task: Digits, arms: [(rule: Backprop, shadow: [OutputOnly])])"), @r"
    error: unknown field `shadow`
     --> experiments/x.ron:1:40
      |
    1 | (task: Digits, arms: [(rule: Backprop, shadow: [OutputOnly])])
      |                                        ^^^^^^ expected `label`, `rule`, `shadows`, `network`, `loss`, `optimizer`, `batch`, `stop`, `warm_up`, `measure` or `save`
      |
      = help: did you mean `shadows`?
    ");
}

#[test]
fn no_arms() {
    assert_snapshot!(message("(task: Digits, arms: [])"), @r"
    error: an experiment needs at least one arm
     --> experiments/x.ron:1:22
      |
    1 | (task: Digits, arms: [])
      |                      ^^
      |
      = help: such as `[Backprop]`
    ");
}

#[test]
fn one_arm_without_list() {
    assert_snapshot!(message("(task: Digits, arms: Backprop)"), @r"
    error: expected a list of arms `[..]`, found the name `Backprop`
     --> experiments/x.ron:1:22
      |
    1 | (task: Digits, arms: Backprop)
      |                      ^^^^^^^^
      |
      = help: such as `[Backprop]`
    ");
}

#[test]
fn same_arm_twice() {
    assert_snapshot!(message("(task: Digits, arms: [Backprop, OutputOnly, Backprop])"), @r"
    error: two arms are called `backprop`
     --> experiments/x.ron:1:45
      |
    1 | (task: Digits, arms: [Backprop, OutputOnly, Backprop])
      |                       -------- the first    ^^^^^^^^
      |
      = help: give one of them another `label`
    ");
}

#[test]
fn same_label_twice() {
    assert_snapshot!(message("(\n    task: Digits,\n    arms: [\n        (label: \"slow\", rule: Backprop),\n        (label: \"Slow!\", rule: OutputOnly),\n    ],\n)"), @r#"
    error: two arms are called `slow`
     --> experiments/x.ron:5:17
      |
    4 |         (label: "slow", rule: Backprop),
      |                 ------ the first
    5 |         (label: "Slow!", rule: OutputOnly),
      |                 ^^^^^^^
      |
      = help: give one of them another `label`
    "#);
}

#[test]
fn label_without_letters() {
    assert_snapshot!(message("(task: Digits, arms: [(label: \"!?\", rule: Backprop)])"), @r#"
    error: a label needs a letter from a to z or a digit
     --> experiments/x.ron:1:31
      |
    1 | (task: Digits, arms: [(label: "!?", rule: Backprop)])
      |                               ^^^^
      |
      = help: files are named after it
    "#);
}

#[test]
fn field_that_every_arm_replaces() {
    assert_snapshot!(message("(\n    task: Digits,\n    stop: Epochs(3),\n    arms: [(rule: Backprop, stop: Epochs(4))],\n)"), @r"
    error: `stop` has no effect
     --> experiments/x.ron:3:5
      |
    3 |     stop: Epochs(3),
      |     ^^^^ every arm replaces it
      |
      = help: leave it out
    ");
}

#[test]
fn same_rule_twice_in_an_arm() {
    assert_snapshot!(message("(task: Digits, arms: [(rule: FeedbackAlignment, shadows: [FeedbackAlignment])])"), @r#"
    error: two rules of this arm are called `FeedbackAlignment`
     --> experiments/x.ron:1:59
      |
    1 | (task: Digits, arms: [(rule: FeedbackAlignment, shadows: [FeedbackAlignment])])
      |                              ----------------- the first  ^^^^^^^^^^^^^^^^^
      |
      = help: give one of them a name: `(label: "..", rule: ..)`
    "#);
}

#[test]
fn same_rule_twice_in_a_list() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (against: [Backprop, OutputOnly, Backprop]),\n    arms: [Backprop],\n)"), @r#"
    error: two rules in this list are called `Backprop`
     --> experiments/x.ron:3:47
      |
    3 |     measure: (against: [Backprop, OutputOnly, Backprop]),
      |                         -------- the first    ^^^^^^^^
      |
      = help: give one of them a name: `(label: "..", rule: ..)`
    "#);
}

#[test]
fn different_rules_of_one_name() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (against: [FeedbackAlignment(feedback: (scale: 2))]),\n    arms: [FeedbackAlignment],\n)"), @r#"
    error: two rules of this arm are called `FeedbackAlignment`
     --> experiments/x.ron:3:25
      |
    3 |     measure: (against: [FeedbackAlignment(feedback: (scale: 2))]),
      |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    4 |     arms: [FeedbackAlignment],
      |            ----------------- the first
      |
      = help: give one of them a name: `(label: "..", rule: ..)`
    "#);
}
