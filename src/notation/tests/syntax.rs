//! Check the messages about texts that are not RON, and files that are no text.

use super::{Document, message};
use insta::assert_snapshot;

#[test]
fn missing_comma() {
    assert_snapshot!(message("(\n    rate: 0.1\n    size: 3,\n)"), @r"
    error: expected a comma
     --> experiments/x.ron:3:5
      |
    3 |     size: 3,
      |     ^^^^ a comma is missing before this
    ");
}

#[test]
fn missing_comma_in_a_list() {
    assert_snapshot!(message("(layers: [64 64])"), @r"
    error: expected a comma
     --> experiments/x.ron:1:14
      |
    1 | (layers: [64 64])
      |              ^^ a comma is missing before this
    ");
}

#[test]
fn decimal_comma() {
    assert_snapshot!(message("(rate: 0,1, size: 3)"), @r"
    error: expected the name of a field
     --> experiments/x.ron:1:10
      |
    1 | (rate: 0,1, size: 3)
      |          ^ in these brackets values have names
      |
      = help: decimals are written with a point
    ");
}

#[test]
fn equals_sign() {
    assert_snapshot!(message("(optimizer: Sgd(learning_rate = 0.1))"), @r"
    error: unexpected `=`
     --> experiments/x.ron:1:31
      |
    1 | (optimizer: Sgd(learning_rate = 0.1))
      |                               ^
      |
      = help: an option is written `name: value`
    ");
}

#[test]
fn equals_sign_later() {
    assert_snapshot!(message("(rate: 0.1, size = 3)"), @r"
    error: expected `:` and a value after this name
     --> experiments/x.ron:1:13
      |
    1 | (rate: 0.1, size = 3)
      |             ^^^^
      |
      = help: an option is written `name: value`
    ");
}

#[test]
fn missing_value() {
    assert_snapshot!(message("(rate: , size: 3)"), @r"
    error: expected a value
     --> experiments/x.ron:1:7
      |
    1 | (rate: , size: 3)
      |       ^
    ");
}

#[test]
fn missing_colon() {
    assert_snapshot!(message("(rate: 0.1, size 3)"), @r"
    error: expected `:` and a value after this name
     --> experiments/x.ron:1:13
      |
    1 | (rate: 0.1, size 3)
      |             ^^^^
    ");
}

#[test]
fn two_values_in_a_field() {
    assert_snapshot!(message("(rate: 0.1 0.2)"), @r"
    error: expected a comma or a closing bracket
     --> experiments/x.ron:1:12
      |
    1 | (rate: 0.1 0.2)
      |            ^^^ found this
    ");
}

#[test]
fn point_without_digit() {
    assert_snapshot!(message("(rate: 5.)"), @r"
    error: unexpected `.`
     --> experiments/x.ron:1:9
      |
    1 | (rate: 5.)
      |         ^
      |
      = help: write a digit on both sides of the point
    ");
}

#[test]
fn trailing_text() {
    assert_snapshot!(message("(rate: 0.1) (size: 3)"), @r"
    error: unexpected text after the end
     --> experiments/x.ron:1:13
      |
    1 | (rate: 0.1) (size: 3)
      |             ^ a file holds one value, which ended before this
    ");
}

#[test]
fn empty() {
    assert_snapshot!(message(""), @r"
    error: this file is empty
     --> experiments/x.ron:1:1
      |
    1 |
      | ^
      |
      = help: the smallest experiment is `(task: Digits, arms: [Backprop])`
    ");
}

#[test]
fn only_a_comment() {
    assert_snapshot!(message("// nothing\n"), @r"
    error: this file is empty
     --> experiments/x.ron:1:12
      |
    1 | // nothing
      |           ^
      |
      = help: the smallest experiment is `(task: Digits, arms: [Backprop])`
    ");
}

#[test]
fn never_closed() {
    assert_snapshot!(message("(\n    optimizer: Sgd(learning_rate: 0.1,\n    size: 3,\n"), @r"
    error: `(` is never closed
     --> experiments/x.ron:2:19
      |
    2 |     optimizer: Sgd(learning_rate: 0.1,
      |                   ^
    ");
}

#[test]
fn wrong_bracket() {
    assert_snapshot!(message("(layers: [64, 64), size: 3)"), @r"
    error: expected `]`, found `)`
     --> experiments/x.ron:1:17
      |
    1 | (layers: [64, 64), size: 3)
      |          -      ^
      |          |
      |          this `[` is still open
    ");
}

#[test]
fn closes_nothing() {
    assert_snapshot!(message("(rate: 0.1))"), @r"
    error: `)` closes nothing
     --> experiments/x.ron:1:12
      |
    1 | (rate: 0.1))
      |            ^
      |
      = help: remove it, or open it before
    ");
}

#[test]
fn string_without_end() {
    assert_snapshot!(message("(name: \"wheat, rate: 0.1)"), @r#"
    error: a string does not end
     --> experiments/x.ron:1:8
      |
    1 | (name: "wheat, rate: 0.1)
      |        ^ it begins here; expected `"`
    "#);
}

#[test]
fn single_quotes() {
    assert_snapshot!(message("(name: 'wheat')"), @r#"
    error: a character in single quotes does not end
     --> experiments/x.ron:1:8
      |
    1 | (name: 'wheat')
      |        ^
      |
      = help: a string stands in double quotes: `".."`
    "#);
}

#[test]
fn comment_without_end() {
    assert_snapshot!(message("(rate: 0.1 /* slow )"), @r"
    error: a comment does not end
     --> experiments/x.ron:1:12
      |
    1 | (rate: 0.1 /* slow )
      |            ^^ it begins here; expected `*/`
    ");
}

#[test]
fn bad_escape() {
    assert_snapshot!(message("(name: \"a\\q\")"), @r#"
    error: unknown escape sequence
     --> experiments/x.ron:1:10
      |
    1 | (name: "a\q")
      |          ^^
    "#);
}

#[test]
fn attribute() {
    assert_snapshot!(message("#![enable(implicit_some)]\n(rate: 0.1)"), @r"
    error: attributes have no effect here
     --> experiments/x.ron:1:1
      |
    1 | #![enable(implicit_some)]
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: remove it
    ");
}

#[test]
fn strange_character() {
    assert_snapshot!(message("(rate: 0.1; size: 3)"), @r"
    error: expected a comma or a closing bracket
     --> experiments/x.ron:1:11
      |
    1 | (rate: 0.1; size: 3)
      |           ^ found this
    ");
}

#[test]
fn windows_line_ends() {
    assert_snapshot!(message("(\r\n    rate: 0.1,\r\n    sise: 3,\r\n)\r\n"), @r"
    error: unknown field `sise`
     --> experiments/x.ron:3:5
      |
    3 |     sise: 3,
      |     ^^^^ expected `rate`, `small`, `size`, `seed`, `shift`, `name`, `label`, `bias`, `layers`, `pair`, `init`, `stop`, `optimizer`, `inner` or `even`
      |
      = help: did you mean `size`?
    ");
}

#[test]
fn byte_order_mark() {
    assert_snapshot!(message("\u{feff}(sise: 3)"), @r"
    error: unknown field `sise`
     --> experiments/x.ron:1:2
      |
    1 | (sise: 3)
      |  ^^^^ expected `rate`, `small`, `size`, `seed`, `shift`, `name`, `label`, `bias`, `layers`, `pair`, `init`, `stop`, `optimizer`, `inner` or `even`
      |
      = help: did you mean `size`?
    ");
}

#[test]
fn not_utf8() {
    assert_snapshot!(message(b"(\n  name: \"Gr\xf6\xdfe\")".as_slice()), @r#"
    error: this file is not UTF-8 text
     --> experiments/x.ron:2:12
      |
    2 |   name: "Gr��e")
      |            ^
      |
      = help: save it as UTF-8
    "#);
}

#[test]
fn huge() {
    assert_snapshot!(message(vec![b' '; (1 << 18) + 1]), @"error: experiments/x.ron: this file is too large: 262145 bytes, at most 262144");
}

#[test]
fn deep() {
    assert_snapshot!(message("[".repeat(100_000)).replace(&"[".repeat(100), ""), @r"
    error: brackets are nested more than 64 deep
     --> experiments/x.ron:1:65
      |
    1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                                 ^
    ");
}

#[test]
fn no_such_file() {
    let fault = Document::read(std::path::Path::new("no/such.ron")).expect_err("there is none");
    assert_snapshot!(fault, @"error: no/such.ron: cannot read this file: No such file or directory (os error 2)");
}

#[test]
fn braces() {
    assert_snapshot!(message("{rate: 0.1}"), @r"
    error: curly brackets have no meaning here
     --> experiments/x.ron:1:1
      |
    1 | {rate: 0.1}
      | ^
      |
      = help: named options stand in round brackets: `(name: value)`
    ");
}
