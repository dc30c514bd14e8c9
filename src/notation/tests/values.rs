//! Check the messages about values of the wrong kind and numbers out of range.

use super::{Document, Whole, message};
use insta::assert_snapshot;

#[test]
fn string_for_a_number() {
    assert_snapshot!(message("(rate: \"big\")"), @r#"
    error: expected a number, found a string
     --> experiments/x.ron:1:8
      |
    1 | (rate: "big")
      |        ^^^^^
    "#);
}

#[test]
fn number_for_a_string() {
    assert_snapshot!(message("(name: 3)"), @r"
    error: expected a string, found `3`
     --> experiments/x.ron:1:8
      |
    1 | (name: 3)
      |        ^
    ");
}

#[test]
fn bare_word_for_a_string() {
    assert_snapshot!(message("(name: wheat)"), @r#"
    error: expected a string, found the name `wheat`
     --> experiments/x.ron:1:8
      |
    1 | (name: wheat)
      |        ^^^^^
      |
      = help: write it in quotes: `"wheat"`
    "#);
}

#[test]
fn list_for_a_number() {
    assert_snapshot!(message("(rate: [0.1, 0.2])"), @r"
    error: expected a number, found a list
     --> experiments/x.ron:1:8
      |
    1 | (rate: [0.1, 0.2])
      |        ^^^^^^^^^^
    ");
}

#[test]
fn number_for_a_list() {
    assert_snapshot!(message("(layers: 64)"), @r"
    error: expected a list `[..]`, found `64`
     --> experiments/x.ron:1:10
      |
    1 | (layers: 64)
      |          ^^
    ");
}

#[test]
fn number_for_a_name() {
    assert_snapshot!(message("(init: 3)"), @r"
    error: expected one of `Zero`, `LeCun` or `Uniform`, found `3`
     --> experiments/x.ron:1:8
      |
    1 | (init: 3)
      |        ^
    ");
}

#[test]
fn string_for_a_name() {
    assert_snapshot!(message("(init: \"Zero\")"), @r#"
    error: expected one of `Zero`, `LeCun` or `Uniform`, found a string
     --> experiments/x.ron:1:8
      |
    1 | (init: "Zero")
      |        ^^^^^^
      |
      = help: names are written without quotes
    "#);
}

#[test]
fn number_for_a_struct() {
    assert_snapshot!(message("(inner: 3)"), @r"
    error: expected named options `(depth: ..)`, found `3`
     --> experiments/x.ron:1:9
      |
    1 | (inner: 3)
      |         ^
    ");
}

#[test]
fn list_for_a_struct() {
    assert_snapshot!(message("(inner: [3])"), @r"
    error: expected named options `(depth: ..)`, found a list
     --> experiments/x.ron:1:9
      |
    1 | (inner: [3])
      |         ^^^
    ");
}

#[test]
fn number_for_a_bool() {
    assert_snapshot!(message("(bias: 1)"), @r"
    error: expected `true` or `false`, found `1`
     --> experiments/x.ron:1:8
      |
    1 | (bias: 1)
      |        ^
    ");
}

#[test]
fn integer_out_of_range() {
    assert_snapshot!(message("(size: 256)"), @r"
    error: expected a whole number from 0 to 255
     --> experiments/x.ron:1:8
      |
    1 | (size: 256)
      |        ^^^ is 256
    ");
}

#[test]
fn negative_for_unsigned() {
    assert_snapshot!(message("(seed: -1)"), @r"
    error: expected a whole number from 0 to 18446744073709551615
     --> experiments/x.ron:1:8
      |
    1 | (seed: -1)
      |        ^^ is -1
    ");
}

#[test]
fn beyond_64_bits() {
    assert_snapshot!(message("(seed: 18446744073709551616)"), @r"
    error: expected a whole number from 0 to 18446744073709551615
     --> experiments/x.ron:1:8
      |
    1 | (seed: 18446744073709551616)
      |        ^^^^^^^^^^^^^^^^^^^^ is 18446744073709551616
    ");
}

#[test]
fn point_in_an_integer() {
    assert_snapshot!(message("(size: 2.5)"), @r"
    error: expected a whole number, found `2.5`
     --> experiments/x.ron:1:8
      |
    1 | (size: 2.5)
      |        ^^^
    ");
}

#[test]
fn integer_written_as_real() {
    assert_snapshot!(message("(seed: 1e3)"), @r"
    error: expected a whole number, found `1e3`
     --> experiments/x.ron:1:8
      |
    1 | (seed: 1e3)
      |        ^^^
      |
      = help: write `1000`
    ");
}

#[test]
fn infinite() {
    assert_snapshot!(message("(rate: inf)"), @r"
    error: a number must be finite
     --> experiments/x.ron:1:8
      |
    1 | (rate: inf)
      |        ^^^ is inf
    ");
}

#[test]
fn not_a_number() {
    assert_snapshot!(message("(rate: NaN)"), @r"
    error: a number must be finite
     --> experiments/x.ron:1:8
      |
    1 | (rate: NaN)
      |        ^^^ is NaN
    ");
}

#[test]
fn overflow() {
    assert_snapshot!(message("(rate: -1e400)"), @r"
    error: a number must be finite
     --> experiments/x.ron:1:8
      |
    1 | (rate: -1e400)
      |        ^^^^^^ is -1e400
    ");
}

#[test]
fn overflow_of_single_precision() {
    assert_snapshot!(message("(small: 1e39)"), @r"
    error: this number is too large for single precision
     --> experiments/x.ron:1:9
      |
    1 | (small: 1e39)
      |         ^^^^
    ");
}

#[test]
fn type_suffix() {
    assert_snapshot!(message("(rate: 1f32)"), @r"
    error: expected a number, found `1f32`
     --> experiments/x.ron:1:8
      |
    1 | (rate: 1f32)
      |        ^^^^
      |
      = help: a number is written without a type
    ");
}

#[test]
fn too_few_values() {
    assert_snapshot!(message("(init: Uniform(1.0))"), @r"
    error: expected 2 values, found 1
     --> experiments/x.ron:1:19
      |
    1 | (init: Uniform(1.0))
      |                   ^
    ");
}

#[test]
fn too_many_values() {
    assert_snapshot!(message("(pair: (1.0, 2.0, 3.0))"), @r"
    error: expected 2 values, found 3
     --> experiments/x.ron:1:19
      |
    1 | (pair: (1.0, 2.0, 3.0))
      |                   ^^^
    ");
}

#[test]
fn too_few_items() {
    assert_snapshot!(message("(pair: [1.0])"), @r"
    error: expected 2 values, found 1
     --> experiments/x.ron:1:12
      |
    1 | (pair: [1.0])
      |            ^
    ");
}

#[test]
fn a_mistake_tells_the_names_that_could_stand_there() {
    let names = |text: &str| {
        let document = Document::parse("x", text).unwrap();
        document.root().read::<Whole>().unwrap_err().expected_names()
    };
    assert_eq!(names("(init: Lecun)"), ["Zero", "LeCun", "Uniform"]);
    assert_eq!(names("(rate: Lecun)"), [""; 0]);
}
