//! Refuse to judge estimators where nothing can be judged.

use super::{message, parse};
use insta::assert_snapshot;

#[test]
fn a_single_draw() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (draws: 1),\n    arms: [Backprop],\n)"), @"
    error: a variance needs at least two `draws`
     --> experiments/x.ron:3:22
      |
    3 |     measure: (draws: 1),
      |                      ^
      |
      = help: leave it out, or write 0, for no statistics of estimators
    ");
}

#[test]
fn no_rule_that_draws() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (draws: 100),\n    arms: [Backprop],\n)"), @"
    error: `draws` has no effect
     --> experiments/x.ron:3:22
      |
    3 |     measure: (draws: 100),
      |                      ^^^ no rule draws random numbers here
      |
      = help: leave it out, or train or shadow with a rule that does, such as `NodePerturbation`
    ");
}

#[test]
fn nobody_is_refused_for_saying_no() {
    assert!(parse("(task: Digits, measure: (draws: 0), arms: [Backprop])").is_ok());
}
