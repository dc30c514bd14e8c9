//! Check that limits refuse in words and at the place, and that what they allow is quick.

use super::{message, parse, plan};
use crate::experiment::{NetworkShape, PerLayer};
use crate::network::{Activation, Init};
use insta::assert_snapshot;

/// As many arms as are allowed. With three arms compared by two, and each field with each, they would take days to name.
#[test]
fn ten_thousand_arms_are_named() {
    let rates: Vec<String> = (1..=10_000).map(|i| format!("{i}e-5")).collect();
    let rates = rates.join(", ");
    let plan = plan(&format!(
        "(task: Xor, network: [2], measure: (against: []), arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Each([{rates}])))])"
    ));
    assert_eq!(plan.arms.len(), 10_000);
    assert_eq!(plan.paths, ["optimizer.learning_rate"]);
    for (i, arm) in (1..).zip(&plan.arms) {
        let rate = arm.values[0].as_deref().unwrap();
        assert_eq!(rate.parse(), format!("{i}e-5").parse::<f64>());
        assert_eq!(arm.label, format!("Backprop optimizer.learning_rate={rate}"));
    }
    assert!(plan.text.contains("    network: "), "what all arms share stands once");
}

/// A million seeds of trials are a range, and the experiment's own are looked up in it.
#[test]
fn seeds_of_trials_are_a_range() {
    let arm = "arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.1, 0.2])))]";
    let plan = plan(&format!("(task: Xor, seeds: 1000000, tune: (seeds: 1000000), {arm})"));
    assert_eq!(plan.seeds.len(), 1_000_000);
    let message = message(&format!(
        "(task: Xor, seeds: [3, 1999999], tune: (seeds: 1000000), {arm})"
    ));
    assert!(
        message.contains("seed 1999999 is one that tuning uses") && message.contains("x.ron:1:20"),
        "{message}"
    );
}

#[test]
fn more_arms_and_trials_than_possible() {
    let values: Vec<String> = (1..=101).map(|i| i.to_string()).collect();
    let values = values.join(", ");
    let text = format!(
        "(task: Xor, arms: [\n    (rule: Backprop, batch: Each([{values}]), optimizer: Sgd(learning_rate: Tune([{values}]))),\n])"
    );
    let message = message(&text);
    assert!(
        message.contains("these are more than 10000 arms and trials, which is the most that is possible")
            && message.contains("x.ron:2:5"),
        "{message}"
    );
}

#[test]
fn labels_that_no_table_can_show() {
    let labelled = |label: &str| format!("(task: Xor, arms: [\n    (label: \"{label}\", rule: Backprop),\n])");
    assert!(parse(&labelled(&"\u{e9}x".repeat(100))).is_ok());
    let long = message(&labelled(&"x".repeat(201)));
    assert!(
        long.contains("a label may have 200 characters, and this one has 201")
            && long.contains("x.ron:2:13")
            && long.contains("= help: shorten it"),
        "{long}"
    );
    // wider than formatting allows
    let long = message(&labelled(&"-x".repeat(33_000)));
    assert!(
        long.contains("a label may have 200 characters, and this one has 66000"),
        "{long:.300}"
    );
    let lines = message(&labelled("two\nlines"));
    assert!(
        lines.contains("a label cannot hold the control character `\\u{a}`")
            && lines.contains("x.ron:2:13")
            && lines.contains("= help: use what can be printed on one line"),
        "{lines}"
    );
    let rule = "(label: \"NAME\", rule: FeedbackAlignment)".replace("NAME", &"x".repeat(201));
    for text in [
        format!("(task: Xor, measure: (against: [{rule}]), arms: [Backprop])"),
        format!("(task: Xor, arms: [(rule: Backprop, shadows: [{rule}])])"),
    ] {
        assert!(message(&text).contains("and this one has 201"), "{text}");
    }
}

/// What the program writes it reads: `verify`, `merge` and `watch` begin with it.
#[test]
fn an_experiment_whose_labels_were_made_is_read_again() {
    let text = "(task: Xor, arms: [Backprop, (rule: Backprop, network: (hidden: [6], activation: Identity, init: He), \
        optimizer: Sgd(learning_rate: 1e30, momentum: 0.5))])";
    let plan = parse(text).unwrap_or_else(|fault| panic!("{fault}"));
    let longest = plan.arms.iter().map(|arm| arm.label.chars().count()).max();
    assert!(longest > Some(100), "{longest:?}");
    let again = parse(&plan.text).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(again.text, plan.text);
}

#[test]
fn a_value_twice_in_a_list() {
    let arm = |rate: &str| format!("(task: Xor, arms: [(rule: Backprop, optimizer: Sgd(learning_rate: {rate}))])");
    assert_snapshot!(message(&arm("Tune([0.1, 0.1])")), @r"
    error: `0.1` is in this list twice
     --> experiments/x.ron:1:78
      |
    1 | (task: Xor, arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.1, 0.1])))])
      |                                                                         ---  ^^^
      |                                                                         |
      |                                                                         the first
      |
      = help: leave one of them out
    ");
    for list in [
        "Each([1, 2, 1.0])",
        "Tune([0.5, 5e-1])",
        "Each([-0.0, 0])",
        "Tune([1_0, 10])",
    ] {
        assert!(message(&arm(list)).contains("is in this list twice"), "{list}");
    }
    let batch = "(task: Xor, arms: [(rule: Backprop, batch: Each([Full, 8, Full]))])";
    assert!(message(batch).contains("`Full` is in this list twice"));
    let texts = "(task: Xor, arms: [(rule: Backprop, batch: Each([(size: 4, last: Drop), (size: 4,  last: Drop)]))])";
    assert!(message(texts).contains("is in this list twice"));
    assert_eq!(plan(&arm("Each([0.1, 0.2])")).arms.len(), 2);
}

#[test]
fn numbers_that_single_precision_does_not_have() {
    let rate =
        |rate: &str, rest: &str| format!("(task: Xor, optimizer: Sgd(learning_rate: {rate}), {rest}arms: [Backprop])");
    assert_snapshot!(message(&rate("1e-50", "")), @r"
    error: this number is 0 in single precision
     --> experiments/x.ron:1:43
      |
    1 | (task: Xor, optimizer: Sgd(learning_rate: 1e-50), arms: [Backprop])
      |                                           ^^^^^
      |
      = help: give another number, or run in double precision: `precision: F64`
    ");
    assert_snapshot!(message(&rate("1e39", "")), @r"
    error: this number is infinite in single precision
     --> experiments/x.ron:1:43
      |
    1 | (task: Xor, optimizer: Sgd(learning_rate: 1e39), arms: [Backprop])
      |                                           ^^^^
      |
      = help: give another number, or run in double precision: `precision: F64`
    ");
    for text in [
        "(task: Xor, optimizer: Sgd(learning_rate: Tune([0.1, 1e-46])), arms: [Backprop])",
        "(task: Xor, network: (init: Normal(1e-60)), arms: [Backprop])",
        "(task: Xor, optimizer: Sgd(learning_rate: 0.1, decay: 1e-300), arms: [Backprop])",
        "(task: Xor, arms: [FeedbackAlignment(feedback: (scale: 1e-99))])",
    ] {
        assert!(message(text).contains("this number is 0 in single precision"), "{text}");
        assert!(
            parse(&text.replace("(task: Xor,", "(task: Xor, precision: F64,")).is_ok(),
            "{text}"
        );
    }
    // the smallest and the largest that there are
    for there in ["1.5e-45", "1e-40", "3.4e38", "0.1"] {
        assert!(parse(&rate(there, "")).is_ok(), "{there}");
    }
}

/// Parameters are counted without drawing any, and rules are asked without making orthogonal weights.
#[test]
fn parameters_are_counted_and_a_stand_in_is_cheap() {
    let shape = |hidden: &[usize], bias: PerLayer<bool>| NetworkShape {
        hidden: hidden.iter().map(|units| (*units).into()).collect(),
        activation: PerLayer::Same(Activation::Tanh),
        output: Activation::Identity,
        init: PerLayer::Same(Init::Orthogonal { gain: 1.5 }),
        bias,
        bias_init: PerLayer::none(),
        dropout: PerLayer::Same(0.0),
    };
    for shape in [
        shape(&[], PerLayer::Same(true)),
        shape(&[3], PerLayer::Same(false)),
        shape(&[5, 3], PerLayer::Each(vec![true, false, true])),
    ] {
        let network = shape.build::<f64>(4, 2, 0);
        assert_eq!(shape.parameters(4, 2), network.parameters());
        let other = shape.stand_in::<f64>(4, 2, 0);
        let gram = |network: &crate::network::Network<f64>| {
            let weight = &network.layers[0].weight;
            (weight.column(0).dot(&weight.column(0)) / 2.25 - 1.0).abs()
        };
        if shape.hidden.first() == Some(&5.into()) {
            assert!(
                gram(&network) < 1e-12 && gram(&other) > 1e-3,
                "the one is orthogonal, the other is not"
            );
        }
        let sizes = |network: &crate::network::Network<f64>| -> Vec<_> {
            network
                .layers
                .iter()
                .map(|layer| (layer.weight.shape(), layer.bias.len()))
                .collect()
        };
        assert_eq!(sizes(&other), sizes(&network));
    }
}
