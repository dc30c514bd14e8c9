//! Put a figure and the text below it together.

use super::axis::Outside;
use super::caption;
use super::curve::Curve;
use super::curves::Figure;
use super::data::Data;
use super::panel::Panel;
use std::collections::BTreeMap;

/// A finished figure.
pub struct Drawing {
    /// What is drawn.
    pub svg: String,
    /// What stands below it.
    pub caption: String,
}

impl Drawing {
    /// A figure of curves; `text` says what they are, and what holds for all figures is added.
    pub fn of(figure: &Figure, data: &Data, mut text: Vec<String>) -> Result<Self, Outside> {
        let curves: Vec<&Curve> = figure.panels.iter().flat_map(|panel| &panel.curves).collect();
        text.extend(caption::cut_intervals(figure.panels.iter().any(Panel::cuts_intervals)));
        text.push(caption::runs(data, &curves));
        text.extend(caption::about_arms(data, &figure.arms()));
        Ok(Self {
            svg: figure.draw(&data.paper, |arm| &data.arms[arm].row.label)?,
            caption: text.join("\n") + "\n",
        })
    }

    /// A figure with a row for each arm, made of so many runs each; `cuts` tells whether an interval is cut.
    pub fn of_rows(svg: String, data: &Data, mut text: Vec<String>, runs: &BTreeMap<usize, u64>, cuts: bool) -> Self {
        text.push(caption::sample_sizes(data, runs));
        text.extend(caption::cut_intervals(cuts));
        text.extend(caption::about_arms(data, &runs.keys().copied().collect()));
        Self {
            svg,
            caption: text.join("\n") + "\n",
        }
    }
}
