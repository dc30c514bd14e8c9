//! Put the numbers of a pass into tables: what print and screen readers have of the drawing, and the nudges of single examples.

use super::formula::precise;
use super::{ExplainedArm, words};
use crate::html::escape;
use crate::network::layer_name;
use crate::runner::{LayerExplanation, NUDGE, WeightCheck};
use std::fmt::Write;

/// Units and weights of a layer that are listed.
const UNITS: usize = 32;
const WEIGHTS: usize = 8;

/// Units and weights layer by layer, then the nudges that examples ask for.
pub fn all(arm: &ExplainedArm, classes: &[String]) -> String {
    let layers = &arm.explanation.layers;
    let mut text = String::new();
    for (l, layer) in layers.iter().enumerate() {
        let name = layer_name(l);
        let (inputs, units) = layer.shape;
        let _ = writeln!(
            text,
            "<details open><summary>{name}: {inputs} → {units}, {}</summary>\n<p>{}</p>",
            escape(&layer.activation),
            escape(words::error_equation(l + 1 == layers.len()))
        );
        for line in words::instead(&arm.rule, layer) {
            let _ = writeln!(text, "<p>{}.</p>", escape(&line));
        }
        text += &units_of(layer, (l + 1 == layers.len()).then_some(classes));
        text += &weights_of(l, layer);
        let _ = writeln!(text, "<p>{}.</p></details>", escape(&words::compared(&arm.rule, layer)));
    }
    text + &nudges(arm)
}

fn header(names: &[&str]) -> String {
    let cells: String = names
        .iter()
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .collect();
    format!("<thead><tr>{cells}</tr></thead>")
}

fn line(name: &str, cells: &[Option<f64>]) -> String {
    let cell = |value: &Option<f64>| format!("<td>{}</td>", value.map_or("–".into(), precise));
    let cells: String = cells.iter().map(cell).collect();
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escape(name))
}

fn table(head: &str, lines: &str, caption: &str) -> String {
    format!("<div class=\"wide\"><table><caption>{caption}</caption>{head}<tbody>\n{lines}</tbody></table></div>\n")
}

/// Every quantity of every unit; outputs have the names of their classes.
fn units_of(layer: &LayerExplanation, classes: Option<&[String]>) -> String {
    let of = |values: &[f64], j: usize| values.get(j).copied();
    let mut lines = String::new();
    for j in 0..layer.z.len().min(UNITS) {
        let class = classes
            .filter(|classes| classes.len() == layer.z.len())
            .map(|classes| &classes[j]);
        let name = class.map_or(format!("{j}"), |class| format!("{j}: {class}"));
        let wish = of(&layer.wishes, j).filter(|_| layer.wishes.len() == layer.z.len());
        let own = layer.own_delta.as_deref().and_then(|own| of(own, j));
        let cells = [
            of(&layer.z, j),
            of(&layer.a, j),
            of(&layer.slope, j),
            wish,
            of(&layer.delta, j),
            own,
        ];
        lines += &line(&name, &cells);
    }
    let more = match layer.z.len().saturating_sub(UNITS) {
        0 => String::new(),
        more => format!("; {more} more are left out"),
    };
    let names = ["unit", "z", "a", "φ'(z)", "wish", "δ", "δ of the rule"];
    table(&header(&names), &lines, &format!("units{more}"))
}

/// The steepest weights, their derivatives by the backward pass, by a central difference, and by a nudge.
fn weights_of(l: usize, layer: &LayerExplanation) -> String {
    if layer.checks.is_empty() {
        return "<p>The derivative by every weight is 0.</p>\n".into();
    }
    let row = |check: &WeightCheck| {
        let cells = [
            Some(check.weight),
            Some(check.derivative),
            Some(check.central),
            Some(check.nudged),
            check.own,
        ];
        line(&words::weight(l, check.place), &cells)
    };
    let lines: String = layer.checks.iter().take(WEIGHTS).map(row).collect();
    let nudge = format!("ΔC/Δw, Δw = {NUDGE}");
    let names = [
        "weight",
        "w",
        "∂C/∂w = a δ",
        "central difference",
        &nudge,
        "in the rule",
    ];
    table(&header(&names), &lines, "the steepest weights")
}

/// What each of a few examples asks of the steepest weights of each layer, and the mean over the batch, which is minus the gradient.
fn nudges(arm: &ExplainedArm) -> String {
    let explained = &arm.explanation;
    let mut lines = String::new();
    for (l, layer) in explained.layers.iter().enumerate() {
        for check in layer.checks.iter().take(WEIGHTS / 2) {
            let wished = check.of_examples.iter().map(|slope| Some(-slope));
            let cells: Vec<_> = wished.chain([Some(-check.of_batch)]).collect();
            lines += &line(&words::weight(l, check.place), &cells);
        }
    }
    let examples = explained.examples.iter().map(|row| format!("row {row}"));
    let mean = format!("mean of {}", explained.batch);
    let names: Vec<String> = std::iter::once("weight".into()).chain(examples).chain([mean]).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let caption = "the nudge, −∂C/∂w, that single examples of the next batch ask for, and their mean over the batch: minus the gradient";
    format!(
        "<details open><summary>Nudges by example</summary>\n{}</details>\n",
        table(&header(&names), &lines, caption)
    )
}
