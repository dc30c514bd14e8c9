//! Check that the field's own words lead to the names of files.

use super::parse;
use crate::notation::Document;
use crate::rules::builtin;
use insta::assert_snapshot;

fn message(text: &str) -> String {
    let document = Document::parse("x.ron", text);
    let plan = document.and_then(|document| super::Plan::parse(&document, &builtin()));
    plan.err().expect("this experiment is wrong").to_string()
}

/// The remedy in a message.
fn help(text: &str) -> String {
    let message = message(text);
    let (_, help) = message.split_once("help: ").unwrap_or_else(|| panic!("{message}"));
    help.trim_end().to_owned()
}

fn with(fields: &str) -> String {
    format!("(task: Digits, {fields}, arms: [Backprop])")
}

#[test]
fn names_of_the_field_lead_to_ours() {
    for (fields, remedy) in [
        ("network: (activation: Sigmoid)", "did you mean `Logistic`?"),
        ("network: (activation: ReLU)", "did you mean `Relu`?"),
        ("network: (init: Xavier)", "did you mean `Glorot`?"),
        ("network: (init: Kaiming)", "did you mean `He`?"),
        (
            "network: (init: xavier_uniform)",
            "write `Glorot(distribution: Uniform)`",
        ),
        ("network: (layers: [8])", "did you mean `hidden`?"),
        (
            "loss: MSE",
            "write `HalfSquares`, half the sum of squares over outputs, `Squares`, the sum, or `Squares(over: Mean)`, the mean",
        ),
        (
            "loss: BCE",
            "write `LogisticCrossEntropy`, summed over outputs, or `LogisticCrossEntropy(over: Mean)`",
        ),
        ("loss: CE", "did you mean `CrossEntropy`?"),
        ("optimizer: SGD(learning_rate: 0.1)", "did you mean `Sgd`?"),
        ("optimizer: Sgd(lr: 0.1)", "did you mean `learning_rate`?"),
        ("optimizer: AdamW(weight_decay: 0.1)", "did you mean `decay`?"),
        ("precision: float64", "did you mean `F64`?"),
    ] {
        assert_eq!(help(&with(fields)), remedy, "{fields}");
    }
    for (rule, remedy) in [
        ("BP", "did you mean `Backprop`?"),
        ("FA", "did you mean `FeedbackAlignment`?"),
        ("DFA", "did you mean `DirectFeedbackAlignment`?"),
        ("PC", "did you mean `PredictiveCoding`?"),
        ("FF", "did you mean `ForwardForward`?"),
        ("Oja", "write `Hebbian(kind: Oja)`"),
    ] {
        assert_eq!(help(&format!("(task: Digits, arms: [{rule}])")), remedy, "{rule}");
        let said = builtin().rule(rule).err().expect("no rule");
        assert!(said.contains(remedy), "{said}");
    }
}

#[test]
fn options_that_stand_in_another_field_lead_there() {
    for (field, remedy) in [
        ("epochs: 20", "write `stop: Epochs(20)`"),
        ("lr: 0.1", "write `optimizer: Sgd(learning_rate: ..)`"),
        ("learning_rate: 0.1", "write `optimizer: Sgd(learning_rate: ..)`"),
        (
            "hidden: [8]",
            "write `network: [64, 64]`, the units of the hidden layers",
        ),
        (
            "layers: [8]",
            "write `network: [64, 64]`, the units of the hidden layers",
        ),
        ("batch_size: 8", "did you mean `batch`?"),
        ("seed: 3", "did you mean `seeds`?"),
        ("validation: 0.1", "write `split: Random(validation: 0.1, test: 0.2)`"),
    ] {
        assert_eq!(help(&with(field)), remedy, "{field}");
    }
    // an arm too
    assert_eq!(
        help("(task: Digits, arms: [(rule: Backprop, epochs: 3)])"),
        "write `stop: Epochs(20)`"
    );
}

#[test]
fn an_option_of_a_nested_block_names_the_block() {
    assert_snapshot!(message("(task: Digits, arms: [FeedbackAlignment(scal: 0.5)])"), @r"
    error: unknown field `scal` of `FeedbackAlignment`
     --> x.ron:1:41
      |
    1 | (task: Digits, arms: [FeedbackAlignment(scal: 0.5)])
      |                                         ^^^^ expected `feedback`
      |
      = help: write `feedback: (scale: ..)`
    ");
    assert_eq!(
        help("(task: Digits, arms: [DirectFeedbackAlignment(scale: 0.5)])"),
        "write `feedback: (scale: ..)`"
    );
}

#[test]
fn habits_of_other_notations() {
    assert_snapshot!(message("(task: Digits, # the digits\n arms: [Backprop])"), @r"
    error: `#` begins no comment
     --> x.ron:1:16
      |
    1 | (task: Digits, # the digits
      |                ^
      |
      = help: a comment begins with `//`
    ");
    assert_snapshot!(message("(task: Digits, seeds: 0..10, arms: [Backprop])"), @r"
    error: a range cannot stand here
     --> x.ron:1:24
      |
    1 | (task: Digits, seeds: 0..10, arms: [Backprop])
      |                        ^^
      |
      = help: a number of seeds, `seeds: 10`, is 0 to 9; other values are listed: `[3, 5, 8]`
    ");
    assert_eq!(help(&with("network: (bias: False)")), "write `false`");
    // a number sign in a string is none of ours
    assert!(parse("(task: Digits, name: \"a\", arms: [(label: \"no. #1\", rule: Backprop)])").is_ok());
}

#[test]
fn remedies_do_not_contradict_each_other() {
    for task in ["Xor(targets: Single)", "LinearTeacher"] {
        let text = |loss: &str| format!("(task: {task}, network: [4], {loss} arms: [ForwardForward])");
        assert!(message(&text("")).contains("use a task with classes"), "{task}");
        // and what it says of the loss alone does not help
        assert!(message(&text("loss: CrossEntropy,")).contains("does not fit the task"));
    }
    assert!(parse_all("(task: Xor(targets: Classes), network: [4], arms: [ForwardForward])").is_ok());
}

fn parse_all(text: &str) -> Result<super::Plan, String> {
    let document = Document::parse("x.ron", text).map_err(|fault| fault.to_string())?;
    super::Plan::parse(&document, &builtin()).map_err(|fault| fault.to_string())
}
