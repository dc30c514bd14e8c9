//! Draw how far updates lie from the reference's, and feedback weights from the forward weights, layer by layer.

use super::axis::Outside;
use super::curve::{self, Curve};
use super::curves::Figure;
use super::data::Data;
use super::drawing::Drawing;
use super::panel::Panel;
use super::{caption, quantities};
use crate::metrics::{FEEDBACK_ANGLE, GRADIENT_ANGLE, Metric};
use crate::results::USUAL_REFERENCE;
use std::collections::BTreeSet;

/// Angle between each arm's update and the reference's, if any arm has one.
pub fn alignment(data: &Data) -> Result<Option<Drawing>, Outside> {
    let Some(reference) = &reference(data) else {
        return Ok(None);
    };
    let pairs = data.pairs(&GRADIENT_ANGLE);
    let layers = pairs
        .iter()
        .filter(|pair| pair.1 == *reference)
        .map(|(layer, _)| &**layer);
    let text = format!(
        "Alignment over training: angle in degrees between the update that each arm's rule proposes and the one of \
         {reference}, on the same weights and the same probe batch; weights and biases of a layer together.\n\
         The dashed line marks 90 degrees: beyond it an update no longer descends."
    );
    let title = title(reference);
    draw(data, &GRADIENT_ANGLE, reference, panels_of(layers, true), &title, text)
}

/// The reference whose angles are shown: [`USUAL_REFERENCE`] where there is one.
pub fn reference(data: &Data) -> Option<String> {
    let references: BTreeSet<String> = data.pairs(&GRADIENT_ANGLE).into_iter().map(|pair| pair.1).collect();
    let usual = references.get(USUAL_REFERENCE);
    usual.or(references.first()).cloned()
}

/// The title of an axis of angles.
pub fn title(reference: &str) -> String {
    if reference.len() > 12 {
        "Gradient angle (°)".to_owned()
    } else {
        format!("Angle to {reference} (°)")
    }
}

/// Angle between feedback and forward weights, if any arm has one.
pub fn feedback(data: &Data) -> Result<Option<Drawing>, Outside> {
    let pairs = data.pairs(&FEEDBACK_ANGLE);
    let references: BTreeSet<&str> = pairs.iter().map(|(_, reference)| &**reference).collect();
    let Some(reference) = references.first() else {
        return Ok(None);
    };
    let layers = pairs.iter().map(|(layer, _)| &**layer);
    let text =
        "Feedback over training: angle in degrees between the feedback weights of each arm's rule and the forward \
                weights they stand for; for direct feedback, the product of the weights above the layer.\n\
                The dashed line marks 90 degrees, the angle between unrelated weights."
            .to_owned();
    draw(
        data,
        &FEEDBACK_ANGLE,
        reference,
        panels_of(layers, false),
        "Feedback angle (°)",
        text,
    )
}

/// Layers to draw, with the titles of their plots.
struct ShownLayers {
    shown: Vec<(String, String)>,
    left_out: usize,
}

/// One plot a layer, and one for all hidden layers together where there are several of them.
fn panels_of<'a>(layers: impl Iterator<Item = &'a str>, with_hidden: bool) -> ShownLayers {
    let layers: BTreeSet<&str> = layers.collect();
    let mut numbers: Vec<u64> = layers
        .iter()
        .filter_map(|layer| layer.strip_prefix("layer")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let hidden = with_hidden && layers.contains("hidden") && numbers.len() > 2;
    let room = Figure::MOST - usize::from(hidden);
    let left_out = numbers.len().saturating_sub(room);
    if left_out > 0 {
        // The first, the last, and evenly many between them.
        numbers = (0..room)
            .map(|place| numbers[place * (numbers.len() - 1) / (room - 1)])
            .collect();
    }
    let mut shown: Vec<(String, String)> = numbers
        .iter()
        .map(|number| (format!("layer{number}"), format!("Layer {number}")))
        .collect();
    if hidden {
        shown.push(("hidden".to_owned(), "All hidden layers".to_owned()));
    }
    ShownLayers { shown, left_out }
}

fn draw(
    data: &Data,
    metric: &Metric,
    reference: &str,
    layers: ShownLayers,
    title: &str,
    sentence: String,
) -> Result<Option<Drawing>, Outside> {
    let plots: Vec<(String, Vec<Curve>)> = layers
        .shown
        .into_iter()
        .map(|(layer, title)| (title, data.curves(metric, metric.split(), &layer, reference)))
        .filter(|(_, curves)| !curves.is_empty())
        .collect();
    let curves = || plots.iter().flat_map(|(_, curves)| curves);
    let axes = quantities::epochs(curve::epochs(curves())).zip(quantities::angle(title, curve::drawn(curves())));
    let Some((x, y)) = axes.filter(|_| !plots.is_empty()) else {
        return Ok(None);
    };
    let panels = plots
        .into_iter()
        .map(|(title, curves)| Panel {
            title,
            x: x.clone(),
            y: y.clone(),
            mark_at: Some(90.0),
            curves,
        })
        .collect();
    let figure = Figure {
        title: "Angles over training",
        panels,
        shared: true,
    };
    let mut text = vec![sentence, caption::bands()];
    if layers.left_out > 0 {
        text.push(format!("{} layers between those shown are left out.", layers.left_out));
    }
    Drawing::of(&figure, data, text).map(Some)
}
