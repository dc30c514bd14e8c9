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
    let mut walk = Walk {
        shown: vec!["none"; layers + 1],
        stages: Vec::new(),
    };
    walk.shown[0] = "a";
    walk.add("weight", "Input", "a0 = x");
    walk.forward();
    walk.shown[layers] = "wish";
    let equation = "up or down, by the distance from the target: y − a";
    walk.add("weight", "Cost, and what it wishes of each output", equation);
    walk.backward();
    let equation = "BP3  ∂C/∂b = δ   BP4  ∂C/∂w = a δ  or  ∂z/∂w ∂a/∂z ∂C/∂a; lines show it";
    walk.add("gradient", "The gradient", equation);
    walk.shown[1..].fill("own");
    let equation = "its error signals and its update; lines show the update";
    walk.add("own", "What the rule has in its place", equation);
    walk.stages
}

/// Steps so far, and what is shown by now.
struct Walk {
    shown: Vec<&'static str>,
    stages: Vec<PassStage>,
}

impl Walk {
    fn add(&mut self, edges: &'static str, title: impl Into<String>, equation: &str) {
        self.stages.push(PassStage {
            title: title.into(),
            equation: equation.to_owned(),
            shown: self.shown.clone(),
            edges,
        });
    }

    fn forward(&mut self) {
        for l in 1..self.shown.len() {
            self.shown[l] = "z";
            let equation = "z = W a + b, with a of the layer below";
            self.add("weight", format!("Forward, layer {l}: weighted inputs"), equation);
            self.shown[l] = "a";
            self.add("weight", format!("Forward, layer {l}: activity"), "a = φ(z)");
        }
    }

    fn backward(&mut self) {
        let outputs = self.shown.len() - 1;
        for l in (1..=outputs).rev() {
            self.shown[l] = "delta";
            if l == outputs {
                self.add("weight", "Backward, outputs: error", "BP1  δ = ∇a C ∘ φ'(z)");
            } else {
                let equation = "BP2  δ = (W'ᵀ δ') ∘ φ'(z)  or  ∂C/∂z = ∂a/∂z ∂C/∂a";
                self.add("weight", format!("Backward, layer {l}: error"), equation);
            }
            if l > 1 {
                self.shown[l - 1] = "wish";
                let title = format!("Backward: the wishes of layer {l} for layer {}, added up", l - 1);
                self.add("weight", title, "−∂C/∂a = −Σ w δ, over all units that it reaches");
            }
        }
    }
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
