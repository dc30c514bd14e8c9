//! Check the messages about names: of fields, of variants, of what is missing or given twice.

use super::message;
use insta::assert_snapshot;

#[test]
fn unknown_field() {
    assert_snapshot!(message("(\n    rate: 0.1,\n    optimizer: Sgd(learning_rate: 0.1, momentun: 0.9),\n)"), @r"
    error: unknown field `momentun` of `Sgd`
     --> experiments/x.ron:3:40
      |
    3 |     optimizer: Sgd(learning_rate: 0.1, momentun: 0.9),
      |                                        ^^^^^^^^ expected `learning_rate` or `momentum`
      |
      = help: did you mean `momentum`?
    ");
}

#[test]
fn unknown_field_far_from_any() {
    assert_snapshot!(message("(colour: 1, rate: 2)"), @r"
    error: unknown field `colour`
     --> experiments/x.ron:1:2
      |
    1 | (colour: 1, rate: 2)
      |  ^^^^^^ expected `rate`, `small`, `size`, `seed`, `shift`, `name`, `label`, `bias`, `layers`, `pair`, `init`, `stop`, `optimizer`, `inner` or `even`
    ");
}

#[test]
fn unknown_field_of_a_struct() {
    assert_snapshot!(message("(inner: Inner(dept: 2))"), @r"
    error: unknown field `dept` of `Inner`
     --> experiments/x.ron:1:15
      |
    1 | (inner: Inner(dept: 2))
      |               ^^^^ expected `depth`
      |
      = help: did you mean `depth`?
    ");
}

#[test]
fn unknown_variant() {
    assert_snapshot!(message("(init: Lecun(gain: 1))"), @r"
    error: unknown init `Lecun`
     --> experiments/x.ron:1:8
      |
    1 | (init: Lecun(gain: 1))
      |        ^^^^^ expected `Zero`, `LeCun` or `Uniform`
      |
      = help: did you mean `LeCun`?
    ");
}

#[test]
fn unknown_variant_far_from_any() {
    assert_snapshot!(message("(stop: Forever)"), @r"
    error: unknown stop `Forever`
     --> experiments/x.ron:1:8
      |
    1 | (stop: Forever)
      |        ^^^^^^^ expected `Epochs` or `Steps`
    ");
}

#[test]
fn duplicate_field() {
    assert_snapshot!(message("(\n    rate: 0.1,\n    size: 3,\n    rate: 0.2,\n)"), @r"
    error: field `rate` is given twice
     --> experiments/x.ron:4:5
      |
    2 |     rate: 0.1,
      |     ---- first given here
    3 |     size: 3,
    4 |     rate: 0.2,
      |     ^^^^
    ");
}

#[test]
fn missing_field_at_the_bracket() {
    assert_snapshot!(message("(optimizer: Sgd(momentum: 0.9))"), @r"
    error: missing field `learning_rate` of `Sgd`
     --> experiments/x.ron:1:30
      |
    1 | (optimizer: Sgd(momentum: 0.9))
      |                              ^ expected `learning_rate: ..`
    ");
}

#[test]
fn missing_field_at_the_name() {
    assert_snapshot!(message("(optimizer: Adam)"), @r"
    error: missing field `learning_rate` of `Adam`
     --> experiments/x.ron:1:13
      |
    1 | (optimizer: Adam)
      |             ^^^^ expected `learning_rate: ..`
    ");
}

#[test]
fn no_value() {
    assert_snapshot!(message("(stop: Epochs)"), @r"
    error: expected a whole number, found no value
     --> experiments/x.ron:1:8
      |
    1 | (stop: Epochs)
      |        ^^^^^^
      |
      = help: write `Epochs(..)`
    ");
}

#[test]
fn two_values() {
    assert_snapshot!(message("(stop: Epochs(1, 2))"), @r"
    error: one value too many
     --> experiments/x.ron:1:18
      |
    1 | (stop: Epochs(1, 2))
      |                  ^
    ");
}

#[test]
fn options_for_a_value() {
    assert_snapshot!(message("(stop: Steps(count: 2))"), @r"
    error: expected a whole number, found named options
     --> experiments/x.ron:1:8
      |
    1 | (stop: Steps(count: 2))
      |        ^^^^^^^^^^^^^^^
    ");
}

#[test]
fn value_for_options() {
    assert_snapshot!(message("(optimizer: Sgd(0.1))"), @r"
    error: expected named options `(learning_rate: ..)`, found `0.1`
     --> experiments/x.ron:1:17
      |
    1 | (optimizer: Sgd(0.1))
      |                 ^^^
    ");
}

#[test]
fn value_for_options_of_a_variant() {
    assert_snapshot!(message("(init: LeCun(1.0))"), @r"
    error: the options of `LeCun` need their names
     --> experiments/x.ron:1:14
      |
    1 | (init: LeCun(1.0))
      |              ^^^ this value has no name
      |
      = help: an option is written `gain: ..`
    ");
}

#[test]
fn value_beside_options() {
    assert_snapshot!(message("(optimizer: Sgd(learning_rate: 0.1, 0.9))"), @r"
    error: expected the name of a field
     --> experiments/x.ron:1:37
      |
    1 | (optimizer: Sgd(learning_rate: 0.1, 0.9))
      |                                     ^^^ in these brackets values have names
    ");
}

#[test]
fn options_for_a_plain_name() {
    assert_snapshot!(message("(init: Zero(gain: 1.0))"), @r"
    error: `Zero` has no options
     --> experiments/x.ron:1:13
      |
    1 | (init: Zero(gain: 1.0))
      |             ^^^^
    ");
}

#[test]
fn wrong_struct_name() {
    assert_snapshot!(message("(inner: Outer(depth: 2))"), @r"
    error: expected `(..)` or `Inner(..)`, found the name `Outer`
     --> experiments/x.ron:1:9
      |
    1 | (inner: Outer(depth: 2))
      |         ^^^^^^^^^^^^^^^
    ");
}

#[test]
fn custom_error() {
    assert_snapshot!(message("(inner: (depth: 1), even: 3)"), @r"
    error: `even` must be even
     --> experiments/x.ron:1:27
      |
    1 | (inner: (depth: 1), even: 3)
      |                           ^
    ");
}

#[test]
fn after_letters_beyond_ascii() {
    assert_snapshot!(message("(name: \"Größe µ\", sise: 3)"), @r#"
    error: unknown field `sise`
     --> experiments/x.ron:1:19
      |
    1 | (name: "Größe µ", sise: 3)
      |                   ^^^^ expected `rate`, `small`, `size`, `seed`, `shift`, `name`, `label`, `bias`, `layers`, `pair`, `init`, `stop`, `optimizer`, `inner` or `even`
      |
      = help: did you mean `size`?
    "#);
}
