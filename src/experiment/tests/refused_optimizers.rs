//! Check the whole message of each mistake that people make with optimizers, their groups and their schedules.

use super::message;
use insta::assert_snapshot;

/// What is said of an optimizer, for a network of three layers.
fn of(optimizer: &str) -> String {
    message(&format!(
        "(\n    task: Digits,\n    optimizer: {optimizer},\n    arms: [Backprop],\n)"
    ))
}

#[test]
fn unknown_optimizer() {
    assert_snapshot!(of("Adm(learning_rate: 0.1)"), @r"
    error: unknown optimizer `Adm`
     --> experiments/x.ron:3:16
      |
    3 |     optimizer: Adm(learning_rate: 0.1),
      |                ^^^ expected `Sgd`, `HeavyBall`, `Nesterov`, `RmsProp`, `Adam` or `AdamW`
      |
      = help: did you mean `Adam`?
    ");
}

#[test]
fn unknown_option() {
    assert_snapshot!(of("Adam(momentum: 0.9)"), @r"
    error: unknown field `momentum` of `Adam`
     --> experiments/x.ron:3:21
      |
    3 |     optimizer: Adam(momentum: 0.9),
      |                     ^^^^^^^^ expected `learning_rate`, `beta1`, `beta2`, `epsilon`, `l2`, `groups`, `schedule` or `clip`
    ");
}

#[test]
fn learning_rate_negative() {
    assert_snapshot!(of("RmsProp(learning_rate: -0.1)"), @r"
    error: `learning_rate` must be positive
     --> experiments/x.ron:3:39
      |
    3 |     optimizer: RmsProp(learning_rate: -0.1),
      |                                       ^^^^ is -0.1
    ");
}

#[test]
fn beta_of_one() {
    assert_snapshot!(of("Adam(beta2: 1)"), @r"
    error: `beta2` must be at least 0 and less than 1
     --> experiments/x.ron:3:28
      |
    3 |     optimizer: Adam(beta2: 1),
      |                            ^ is 1
    ");
}

#[test]
fn smoothing_negative() {
    assert_snapshot!(of("RmsProp(learning_rate: 0.1, smoothing: -0.1)"), @r"
    error: `smoothing` must be at least 0 and less than 1
     --> experiments/x.ron:3:55
      |
    3 |     optimizer: RmsProp(learning_rate: 0.1, smoothing: -0.1),
      |                                                       ^^^^ is -0.1
    ");
}

#[test]
fn epsilon_of_zero() {
    assert_snapshot!(of("Adam(epsilon: 0)"), @r"
    error: `epsilon` must be positive, and at least 1e-37
     --> experiments/x.ron:3:30
      |
    3 |     optimizer: Adam(epsilon: 0),
      |                              ^ is 0
    ");
}

#[test]
fn epsilon_of_zero_inside() {
    assert_snapshot!(of("Adam(epsilon: Inside(0))"), @r"
    error: `epsilon` must be positive, and at least 1e-37
     --> experiments/x.ron:3:30
      |
    3 |     optimizer: Adam(epsilon: Inside(0)),
      |                              ^^^^^^^^^
    ");
}

#[test]
fn epsilon_elsewhere() {
    assert_snapshot!(of("Adam(epsilon: Beside(1e-8))"), @r"
    error: unknown name `Beside`
     --> experiments/x.ron:3:30
      |
    3 |     optimizer: Adam(epsilon: Beside(1e-8)),
      |                              ^^^^^^ expected `Outside` or `Inside`
    ");
}

#[test]
fn epsilon_as_a_string() {
    assert_snapshot!(of("Adam(epsilon: \"small\")"), @r#"
    error: expected a number, `Outside(..)` or `Inside(..)`, found a string
     --> experiments/x.ron:3:30
      |
    3 |     optimizer: Adam(epsilon: "small"),
      |                              ^^^^^^^
    "#);
}

#[test]
fn no_momentum_for_nesterov() {
    assert_snapshot!(of("Nesterov(learning_rate: 0.1, momentum: 0)"), @r"
    error: `momentum` must be positive; without momentum this is `Sgd`
     --> experiments/x.ron:3:55
      |
    3 |     optimizer: Nesterov(learning_rate: 0.1, momentum: 0),
      |                                                       ^ is 0
    ");
}

#[test]
fn heavy_ball_without_momentum() {
    assert_snapshot!(of("HeavyBall(learning_rate: 0.1)"), @r"
    error: missing field `momentum` of `HeavyBall`
     --> experiments/x.ron:3:44
      |
    3 |     optimizer: HeavyBall(learning_rate: 0.1),
      |                                            ^ expected `momentum: ..`
    ");
}

#[test]
fn decay_missing() {
    assert_snapshot!(of("AdamW"), @r"
    error: missing field `decay` of `AdamW`
     --> experiments/x.ron:3:16
      |
    3 |     optimizer: AdamW,
      |                ^^^^^ expected `decay: ..`
    ");
}

#[test]
fn decay_of_everything() {
    assert_snapshot!(of("AdamW(learning_rate: 0.1, decay: 10)"), @r"
    error: `decay` must not be negative, and less than 1 when multiplied by the rate
     --> experiments/x.ron:3:49
      |
    3 |     optimizer: AdamW(learning_rate: 0.1, decay: 10),
      |                                                 ^^ is 10
    ");
}

#[test]
fn decay_of_everything_in_a_schedule() {
    assert_snapshot!(of("AdamW(learning_rate: 0.1, decay: 5, schedule: Piecewise([(Epochs(1), 3)]))"), @r"
    error: `decay` must not be negative, and less than 1 when multiplied by the rate
     --> experiments/x.ron:3:49
      |
    3 |     optimizer: AdamW(learning_rate: 0.1, decay: 5, schedule: Piecewise([(Epochs(1), 3)])),
      |                                                 ^ is 5
    ");
}

#[test]
fn decay_of_everything_in_a_group() {
    assert_snapshot!(of("AdamW(decay: 0.5, groups: [(match: \"*.bias\", learning_rate: 0.1, decay: 10)])"), @r#"
    error: `decay` must not be negative, and less than 1 when multiplied by the rate
     --> experiments/x.ron:3:88
      |
    3 |     optimizer: AdamW(decay: 0.5, groups: [(match: "*.bias", learning_rate: 0.1, decay: 10)]),
      |                                                                                        ^^ is 10
    "#);
}

#[test]
fn decay_of_adam() {
    assert_snapshot!(of("Adam(decay: 0.1)"), @r"
    error: unknown field `decay` of `Adam`
     --> experiments/x.ron:3:21
      |
    3 |     optimizer: Adam(decay: 0.1),
      |                     ^^^^^ expected `learning_rate`, `beta1`, `beta2`, `epsilon`, `l2`, `groups`, `schedule` or `clip`
    ");
}

#[test]
fn clip_of_zero() {
    assert_snapshot!(of("Adam(clip: 0)"), @r"
    error: `clip` must be positive
     --> experiments/x.ron:3:27
      |
    3 |     optimizer: Adam(clip: 0),
      |                           ^ is 0
      |
      = help: leave it out for no clipping
    ");
}

#[test]
fn no_groups() {
    assert_snapshot!(of("Adam(groups: [])"), @r"
    error: an empty `groups` has no effect
     --> experiments/x.ron:3:29
      |
    3 |     optimizer: Adam(groups: []),
      |                             ^^
      |
      = help: leave it out
    ");
}

#[test]
fn group_without_match() {
    assert_snapshot!(of("Adam(groups: [(learning_rate: 0.1)])"), @r"
    error: missing field `match`
     --> experiments/x.ron:3:49
      |
    3 |     optimizer: Adam(groups: [(learning_rate: 0.1)]),
      |                                                 ^ expected `match: ..`
    ");
}

#[test]
fn group_that_changes_nothing() {
    assert_snapshot!(of("Adam(groups: [(match: \"*.bias\")])"), @r#"
    error: this group changes nothing
     --> experiments/x.ron:3:30
      |
    3 |     optimizer: Adam(groups: [(match: "*.bias")]),
      |                              ^^^^^^^^^^^^^^^^^
      |
      = help: give it a `learning_rate`, a `decay` or an `l2`
    "#);
}

#[test]
fn group_of_nothing() {
    assert_snapshot!(of("Adam(groups: [(match: \"*.bias\", l2: 0.1), (match: \"layer4.*\", learning_rate: 0.1)])"), @r#"
    error: `layer4.*` fits no parameter of the network
     --> experiments/x.ron:3:66
      |
    3 |     optimizer: Adam(groups: [(match: "*.bias", l2: 0.1), (match: "layer4.*", learning_rate: 0.1)]),
      |                                                                  ^^^^^^^^^^
      |
      = help: there are `layer1.weight`, `layer1.bias`, `layer2.weight`, `layer2.bias`, `layer3.weight`, `layer3.bias`
    "#);
}

#[test]
fn group_after_others() {
    assert_snapshot!(of("Adam(groups: [(match: \"*.bias\", l2: 0.1), (match: \"layer1.bias\", learning_rate: 0.1)])"), @r#"
    error: `layer1.bias` has no effect: earlier groups take all that it fits
     --> experiments/x.ron:3:66
      |
    3 |     optimizer: Adam(groups: [(match: "*.bias", l2: 0.1), (match: "layer1.bias", learning_rate: 0.1)]),
      |                                                                  ^^^^^^^^^^^^^
      |
      = help: of the groups that fit a parameter the first counts
    "#);
}

#[test]
fn group_with_a_negative_rate() {
    assert_snapshot!(of("Adam(groups: [(match: \"*.bias\", learning_rate: -1)])"), @r#"
    error: `learning_rate` must not be negative
     --> experiments/x.ron:3:63
      |
    3 |     optimizer: Adam(groups: [(match: "*.bias", learning_rate: -1)]),
      |                                                               ^^ is -1
    "#);
}

#[test]
fn group_with_a_decay_of_one() {
    assert_snapshot!(of("Sgd(learning_rate: 0.1, groups: [(match: \"*.weight\", decay: 1)])"), @r#"
    error: `decay` must be at least 0 and less than 1
     --> experiments/x.ron:3:76
      |
    3 |     optimizer: Sgd(learning_rate: 0.1, groups: [(match: "*.weight", decay: 1)]),
      |                                                                            ^ is 1
    "#);
}

#[test]
fn group_with_a_decay_that_adam_has_not() {
    assert_snapshot!(of("Adam(groups: [(match: \"*.weight\", decay: 0.1)])"), @r#"
    error: `Adam` has no `decay`
     --> experiments/x.ron:3:57
      |
    3 |     optimizer: Adam(groups: [(match: "*.weight", decay: 0.1)]),
      |                                                         ^^^ is 0.1
      |
      = help: `AdamW` has one, and `l2` adds to the gradient
    "#);
}

#[test]
fn group_with_an_l2_that_adamw_has_not() {
    assert_snapshot!(of("AdamW(decay: 0.1, groups: [(match: \"*.weight\", l2: 0.1)])"), @r#"
    error: `AdamW` has no `l2`
     --> experiments/x.ron:3:67
      |
    3 |     optimizer: AdamW(decay: 0.1, groups: [(match: "*.weight", l2: 0.1)]),
      |                                                                   ^^^ is 0.1
      |
      = help: `Adam` has one; here there is `decay`
    "#);
}

#[test]
fn no_schedule() {
    assert_snapshot!(of("Adam(schedule: [])"), @r"
    error: an empty `schedule` has no effect
     --> experiments/x.ron:3:31
      |
    3 |     optimizer: Adam(schedule: []),
      |                               ^^
      |
      = help: leave it out
    ");
}

#[test]
fn schedule_as_a_number() {
    assert_snapshot!(of("Adam(schedule: 0.5)"), @r"
    error: expected a schedule such as `Cosine(over: Epochs(100))`, or a list of them, found `0.5`
     --> experiments/x.ron:3:31
      |
    3 |     optimizer: Adam(schedule: 0.5),
      |                               ^^^
    ");
}

#[test]
fn schedule_misspelt() {
    assert_snapshot!(of("Adam(schedule: Cosin(over: Epochs(2)))"), @r"
    error: unknown name `Cosin`
     --> experiments/x.ron:3:31
      |
    3 |     optimizer: Adam(schedule: Cosin(over: Epochs(2))),
      |                               ^^^^^ expected `Piecewise`, `Exponential`, `Cosine` or `WarmUp`
      |
      = help: did you mean `Cosine`?
    ");
}

#[test]
fn moments_that_do_not_ascend() {
    assert_snapshot!(of("Adam(schedule: Piecewise([(Epochs(2), 0.1), (Steps(20), 0.01)]))"), @r"
    error: the moments of `Piecewise` must ascend
     --> experiments/x.ron:3:31
      |
    3 |     optimizer: Adam(schedule: Piecewise([(Epochs(2), 0.1), (Steps(20), 0.01)])),
      |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn moment_after_the_end() {
    assert_snapshot!(of("Adam(schedule: Piecewise([(Epochs(2), 0.1), (Epochs(20), 0.01)]))"), @r"
    error: `Piecewise` has a moment after the last change
     --> experiments/x.ron:3:31
      |
    3 |     optimizer: Adam(schedule: Piecewise([(Epochs(2), 0.1), (Epochs(20), 0.01)])),
      |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: training ends at step 800
    ");
}

#[test]
fn no_moments() {
    assert_snapshot!(of("Adam(schedule: Piecewise([]))"), @r"
    error: `Piecewise` needs at least one moment
     --> experiments/x.ron:3:31
      |
    3 |     optimizer: Adam(schedule: Piecewise([])),
      |                               ^^^^^^^^^^^^^
    ");
}

#[test]
fn factor_of_zero() {
    assert_snapshot!(of("Adam(schedule: [WarmUp(over: Steps(9)), Piecewise([(Epochs(2), 0)])])"), @r"
    error: the factors of `Piecewise` must be positive
     --> experiments/x.ron:3:56
      |
    3 |     optimizer: Adam(schedule: [WarmUp(over: Steps(9)), Piecewise([(Epochs(2), 0)])]),
      |                                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn factor_of_one() {
    assert_snapshot!(of("Adam(schedule: Exponential(every: Epochs(1), factor: 1))"), @r"
    error: a `factor` of 1 has no effect
     --> experiments/x.ron:3:69
      |
    3 |     optimizer: Adam(schedule: Exponential(every: Epochs(1), factor: 1)),
      |                                                                     ^ is 1
    ");
}

#[test]
fn stairs_of_no_length() {
    assert_snapshot!(of("Adam(schedule: Exponential(every: Epochs(0), factor: 0.5))"), @r"
    error: `every` must be at least one step
     --> experiments/x.ron:3:50
      |
    3 |     optimizer: Adam(schedule: Exponential(every: Epochs(0), factor: 0.5)),
      |                                                  ^^^^^^^^^
    ");
}

#[test]
fn stairs_longer_than_training() {
    assert_snapshot!(of("Adam(schedule: Exponential(every: Epochs(20), factor: 0.5))"), @r"
    error: `every` is too long to have an effect
     --> experiments/x.ron:3:50
      |
    3 |     optimizer: Adam(schedule: Exponential(every: Epochs(20), factor: 0.5)),
      |                                                  ^^^^^^^^^^
      |
      = help: training ends at step 800
    ");
}

#[test]
fn cosine_of_no_length() {
    assert_snapshot!(of("Adam(schedule: Cosine(over: Steps(0)))"), @r"
    error: `over` must be at least one step
     --> experiments/x.ron:3:44
      |
    3 |     optimizer: Adam(schedule: Cosine(over: Steps(0))),
      |                                            ^^^^^^^^
    ");
}

#[test]
fn cosine_to_one() {
    assert_snapshot!(of("Adam(schedule: Cosine(over: Steps(9), to: 1))"), @r"
    error: a cosine from 1 to 1 has no effect
     --> experiments/x.ron:3:58
      |
    3 |     optimizer: Adam(schedule: Cosine(over: Steps(9), to: 1)),
      |                                                          ^ is 1
    ");
}

#[test]
fn cosine_below_zero() {
    assert_snapshot!(of("Adam(schedule: [WarmUp(over: Steps(9)), Cosine(over: Steps(9), to: -1)])"), @r"
    error: `to` must not be negative
     --> experiments/x.ron:3:83
      |
    3 |     optimizer: Adam(schedule: [WarmUp(over: Steps(9)), Cosine(over: Steps(9), to: -1)]),
      |                                                                                   ^^ is -1
    ");
}

#[test]
fn warm_up_of_one_step() {
    assert_snapshot!(of("Adam(schedule: WarmUp(over: Steps(1)))"), @r"
    error: a warm-up of less than two steps has no effect
     --> experiments/x.ron:3:44
      |
    3 |     optimizer: Adam(schedule: WarmUp(over: Steps(1))),
      |                                            ^^^^^^^^
    ");
}
