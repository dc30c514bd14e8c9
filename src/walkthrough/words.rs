//! Say in words what a rule does in the place of backpropagation, on the page and in a terminal.

use super::ExplainedArm;
use super::formula::number;
use crate::network::layer_name;
use crate::rules::FeedbackPath;
use crate::runner::{Explanation, LayerExplanation};

/// The equation of a layer's errors, in Nielsen's letters.
pub fn error_equation(is_top: bool) -> &'static str {
    match is_top {
        true => "BP1  δ = ∂C/∂z = ∇a C ∘ φ'(z), for the loss and this activation together",
        false => "BP2  δ = ∂C/∂z = (W'ᵀ δ') ∘ φ'(z), with W' and δ' of the layer above",
    }
}

/// What the rule has in the place of the weights and errors that backpropagation would use.
pub fn instead(rule: &str, layer: &LayerExplanation) -> Vec<String> {
    let feedback = match layer.feedback {
        Some((FeedbackPath::Sequential, angle)) => Some(format!(
            "{rule} carries errors below by weights of its own, {angle:.1} degrees from W"
        )),
        Some((FeedbackPath::Direct, angle)) => Some(format!(
            "{rule} brings errors from the output directly, by weights {angle:.1} degrees from the product of those above"
        )),
        None => None,
    };
    let signal = (layer.trained && layer.own_delta.is_none())
        .then(|| format!("{rule} has no error signal for single units here"));
    feedback.into_iter().chain(signal).collect()
}

/// What the rule of an arm does and has: its update, what it needs besides the activity, and what it owns.
pub fn about_rule(arm: &ExplainedArm) -> Vec<String> {
    let needs = arm
        .needs
        .table()
        .into_iter()
        .filter_map(|(what, answer)| match &*answer {
            "no" | "nothing" | "0" => None,
            "yes" => Some(what.to_owned()),
            _ => Some(format!("{what}: {answer}")),
        });
    let needs: Vec<String> = needs.collect();
    let mut lines = vec![
        format!("{}: {}", arm.rule, arm.equation),
        format!("Its properties: {}", needs.join(", ")),
    ];
    let owned = arm.explanation.owned.iter().map(|array| {
        let lengths: Vec<String> = array.shape.iter().map(usize::to_string).collect();
        format!("{} ({}, norm {})", array.name, lengths.join(" x "), number(array.norm))
    });
    let owned: Vec<String> = owned.collect();
    if !owned.is_empty() {
        lines.push(format!("It has learned, besides the network: {}", owned.join(", ")));
    }
    lines
}

/// The update of the rule in a layer beside the exact gradient.
pub fn compared(rule: &str, layer: &LayerExplanation) -> String {
    match (layer.trained, layer.angle, layer.norm_ratio) {
        (false, ..) => format!("{rule} does not train this layer"),
        (true, Some(angle), Some(ratio)) => {
            format!("the update of {rule} lies {angle:.2} degrees from the gradient, and is {ratio:.3} times as long")
        }
        _ => "one of the two updates is zero".into(),
    }
}

/// The whole update beside the exact gradient.
pub fn outcome(rule: &str, explained: &Explanation) -> String {
    match explained.angle {
        Some(angle) => format!("the whole update of {rule} lies {angle:.2} degrees from the gradient"),
        None => "one of the two whole updates is zero".to_owned(),
    }
}

/// A weight by its layer and place.
pub fn weight(l: usize, (to, from): (usize, usize)) -> String {
    format!("{} w[{to}, {from}]", layer_name(l))
}
