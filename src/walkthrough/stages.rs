//! List the steps of a pass, forward and backward, each with its equation and what the drawing shows then.

use crate::html::escape;
use std::fmt::Write;

/// A step of a pass.
struct PassStage {
    /// What is computed.
    title: String,
    /// By which equation.
    equation: String,
    /// What is shown at the units of each row, the input first; `none` where nothing is known yet.
    shown: Vec<&'static str>,
    /// What lines between units stand for.
    edges: &'static str,
}

/// The list, from which one is chosen.
pub fn list(layers: usize) -> String {
    let mut text = "<nav class=\"walk\" aria-label=\"steps of the pass\">\n<p class=\"screen\"><button type=\"button\" id=\"back\">‹ \
                    back</button> <button type=\"button\" id=\"on\">on ›</button> or the arrow keys. Circles: bright is a large \
                    value. Arrows at units: what the cost wishes of them. Lines: blue is positive; red and dashed is negative; wide \
                    is large.</p>\n<ol class=\"stages\">\n"
        .to_owned();
    for stage in stages(layers) {
        let _ = writeln!(
            text,
            "<li tabindex=\"0\" data-shown=\"{}\" data-edges=\"{}\"><b>{}</b> <span>{}</span></li>",
            stage.shown.join(" "),
            stage.edges,
            escape(&stage.title),
            escape(&stage.equation)
        );
    }
    text + "</ol></nav>\n"
}

/// The steps of a pass through so many layers.
fn stages(layers: usize) -> Vec<PassStage> {
    let mut shown = vec!["none"; layers + 1];
    let mut stages = Vec::new();
    let mut add = |shown: &[&'static str], edges, title: String, equation: &str| {
        let equation = equation.to_owned();
        stages.push(PassStage {
            title,
            equation,
            shown: shown.to_vec(),
            edges,
        });
    };
    shown[0] = "a";
    add(&shown, "weight", "Input".into(), "a0 = x");
    for l in 1..=layers {
        shown[l] = "z";
        let title = format!("Forward, layer {l}: weighted inputs");
        add(&shown, "weight", title, "z = W a + b, with a of the layer below");
        shown[l] = "a";
        let title = format!("Forward, layer {l}: activity");
        add(&shown, "weight", title, "a = φ(z)");
    }
    shown[layers] = "wish";
    let title = "Cost, and what it wishes of each output".to_owned();
    add(
        &shown,
        "weight",
        title,
        "up or down, by the distance from the target: y − a",
    );
    for l in (1..=layers).rev() {
        shown[l] = "delta";
        let (title, equation) = match l == layers {
            true => ("Backward, outputs: error".to_owned(), "BP1  δ = ∇a C ∘ φ'(z)"),
            false => (
                format!("Backward, layer {l}: error"),
                "BP2  δ = (W'ᵀ δ') ∘ φ'(z)  or  ∂C/∂z = ∂a/∂z ∂C/∂a",
            ),
        };
        add(&shown, "weight", title, equation);
        if l > 1 {
            shown[l - 1] = "wish";
            let title = format!("Backward: the wishes of layer {l} for layer {}, added up", l - 1);
            add(
                &shown,
                "weight",
                title,
                "−∂C/∂a = −Σ w δ, over all units that it reaches",
            );
        }
    }
    let title = "The gradient".to_owned();
    let equation = "BP3  ∂C/∂b = δ   BP4  ∂C/∂w = a δ  or  ∂z/∂w ∂a/∂z ∂C/∂a; lines show it";
    add(&shown, "gradient", title, equation);
    for row in &mut shown[1..] {
        *row = "own";
    }
    let title = "What the rule has in its place".to_owned();
    add(
        &shown,
        "own",
        title,
        "its error signals and its update; lines show the update",
    );
    stages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_is_passed_up_and_down_once() {
        let stages = stages(3);
        // input; z and a of each layer; cost; an error of each layer and wishes between them; gradient; rule
        assert_eq!(stages.len(), 1 + 6 + 1 + 5 + 2);
        let changes = |l: usize| {
            let mut values: Vec<_> = stages.iter().map(|stage| stage.shown[l]).collect();
            values.dedup();
            values
        };
        assert_eq!(changes(0), ["a"]);
        for l in 1..=3 {
            assert_eq!(changes(l), ["none", "z", "a", "wish", "delta", "own"]);
        }
    }
}
