//! Show one pass through the network of an arm, or of several side by side, as a page that is walked through forward and backward.

mod drawing;
mod formula;
mod messages;
mod stages;
mod tables;
mod words;

use crate::html::{Page, escape};
use crate::network::Map;
use crate::rules::Needs;
use crate::runner::Explanation;
pub use messages::MessageSchedule;
use serde::Serialize;
use std::fmt::Write;
pub use words::{about_rule, compared, error_equation, instead, outcome};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a page shows.
pub struct Walkthrough<'a> {
    /// What is looked at, in a line.
    pub title: &'a str,
    /// Which samples, in a sentence.
    pub what: &'a str,
    /// How the input lies as an image, if it is one.
    pub image: Option<Map>,
    /// What the outputs are called, where they are classes.
    pub classes: &'a [String],
    /// The same samples through the networks of these arms.
    pub arms: &'a [ExplainedArm],
}

/// One arm of a page.
pub struct ExplainedArm {
    /// What the experiment calls it.
    pub label: String,
    /// What its rule is called.
    pub rule: String,
    /// The rule's update, in words and symbols.
    pub equation: String,
    /// What the rule needs.
    pub needs: Needs,
    /// Its pass.
    pub explanation: Explanation,
}

/// A weight that can be nudged on the page.
#[derive(Serialize)]
struct Nudged {
    name: String,
    derivative: f64,
    /// Pairs of a nudge and the cost then.
    curve: Vec<(f64, f64)>,
}

impl Walkthrough<'_> {
    /// The file.
    pub fn page(&self) -> String {
        let title = escape(self.title);
        let mut body = format!("<h1>{title}</h1>\n<p>{}</p>\n", escape(self.what));
        let most = self.arms.iter().map(|arm| arm.explanation.layers.len()).max();
        body += &stages::list(most.unwrap_or(0));
        body += "<div class=\"arms\">\n";
        let nudged: Vec<Vec<Nudged>> = self.arms.iter().map(|arm| nudged(&arm.explanation)).collect();
        for (number, (arm, weights)) in self.arms.iter().zip(&nudged).enumerate() {
            body += &self.arm(number, arm, weights);
        }
        body += "</div>\n";
        Page {
            title: self.title,
            style: STYLE,
            body: &body,
            data: &serde_json::to_string(&nudged).expect("numbers and names have a form in JSON"),
            script: SCRIPT,
        }
        .text()
    }

    fn arm(&self, number: usize, arm: &ExplainedArm, weights: &[Nudged]) -> String {
        let explained = &arm.explanation;
        let mut section = format!(
            "<section class=\"arm\" aria-labelledby=\"arm{number}\">\n<h2 id=\"arm{number}\">{}</h2>\n<p>C = {}, {}; {}.</p>\n",
            escape(&arm.label),
            formula::number(explained.cost),
            explained.loss,
            escape(&outcome(&arm.rule, explained))
        );
        section += &drawing::network(arm, self.image, self.classes);
        section += "<pre class=\"formula screen\" aria-live=\"polite\">Point at a unit, or go to one with the tab key: its formulas with \
                    numbers.</pre>\n";
        section += &slider(number, weights);
        for line in about_rule(arm) {
            let _ = writeln!(section, "<p>{}.</p>", escape(&line));
        }
        section += &tables::all(arm, self.classes);
        section + "</section>\n"
    }
}

/// The weights that can be nudged, with the largest derivatives first.
fn nudged(explained: &Explanation) -> Vec<Nudged> {
    let layers = explained.layers.iter().enumerate();
    let weights = layers.flat_map(|(l, layer)| layer.checks.iter().map(move |check| (l, check)));
    weights
        .map(|(l, check)| Nudged {
            name: words::weight(l, check.place),
            derivative: check.derivative,
            curve: check.curve.clone(),
        })
        .collect()
}

/// Chooses a weight and nudges it; the script draws the cost.
fn slider(number: usize, weights: &[Nudged]) -> String {
    let Some(first) = weights.first() else {
        return String::new();
    };
    let mut options = String::new();
    for (place, weight) in weights.iter().enumerate() {
        let _ = write!(options, "<option value=\"{place}\">{}</option>", weight.name);
    }
    let last = first.curve.len() - 1;
    format!(
        "<fieldset class=\"nudge screen\" data-arm=\"{number}\"><legend>Nudge one weight, leave all others</legend>\
         <label>weight <select>{options}</select></label> \
         <label>nudge <input type=\"range\" min=\"0\" max=\"{last}\" value=\"{}\"></label>\
         <output></output>\
         <svg viewBox=\"0 0 360 170\" role=\"img\" aria-label=\"cost over the nudge, with the gradient as its tangent; the same \
         numbers stand above\"></svg></fieldset>\n",
        last / 2
    )
}
