//! Draw quantities layer by layer over training: how far updates lie from the reference's, feedback weights from the forward weights, and
//! whatever else was measured.

use super::axis::{Axis, Drawn, Outside};
use super::caption::{self, capital};
use super::curve::{self, Curve};
use super::curves::Figure;
use super::data::Data;
use super::panel::Panel;
use super::sketch::Sketch;
use super::{quantities, spread};
use crate::metrics::{FEEDBACK_ANGLE, GRADIENT_ANGLE, Metric, MetricUnit};
use crate::results::USUAL_REFERENCE;
use std::collections::BTreeSet;

/// Angle between each arm's update and the reference's, if any arm has one.
pub fn alignment(data: &Data) -> Result<Option<Sketch>, Outside> {
    measured(data, &GRADIENT_ANGLE)
}

/// Angle between feedback and forward weights, if any arm has one.
pub fn feedback(data: &Data) -> Result<Option<Sketch>, Outside> {
    measured(data, &FEEDBACK_ANGLE)
}

/// Any metric of the probe batch, the training batches or the weights, if it was measured; of its references the one that is shown.
pub fn measured(data: &Data, metric: &Metric) -> Result<Option<Sketch>, Outside> {
    match shown(data, metric) {
        Some(reference) => draw(data, metric, &reference),
        None => Ok(None),
    }
}

/// The reference beside which a metric is shown, if it was measured: of angles to updates see [`reference`], else the first.
pub fn shown(data: &Data, metric: &Metric) -> Option<String> {
    match metric.name == GRADIENT_ANGLE.name {
        true => reference(data),
        false => data.pairs(metric).into_iter().next().map(|pair| pair.1),
    }
}

/// What a caption says that a metric is.
pub fn sentence(metric: &Metric, reference: &str) -> String {
    if metric.name == GRADIENT_ANGLE.name {
        return format!(
            "Alignment over training: angle in degrees between the update that each arm's rule proposes and the one of \
             {reference}, on the same weights and the same probe batch; weights and biases of a layer together.\n\
             The dashed line marks 90 degrees: beyond it an update no longer descends."
        );
    }
    if metric.name == FEEDBACK_ANGLE.name {
        return "Feedback over training: angle in degrees between the feedback weights of each arm's rule and the forward \
                weights they stand for; for direct feedback, the product of the weights above the layer.\n\
                The dashed line marks 90 degrees, the angle between unrelated weights."
            .to_owned();
    }
    let beside = match reference {
        "none" => String::new(),
        reference => format!(", beside {reference}"),
    };
    format!("{} over training: {}{beside}.", named(metric), metric.about.trim())
}

/// The upright axis of a metric.
pub fn axis(metric: &Metric, reference: &str, drawn: Drawn) -> Option<Axis> {
    let title = match metric.name {
        name if name == GRADIENT_ANGLE.name => title(reference),
        name if name == FEEDBACK_ANGLE.name => "Feedback angle (°)".to_owned(),
        _ => named(metric),
    };
    match metric.unit {
        MetricUnit::Degrees => quantities::angle(&title, drawn),
        _ => quantities::score(metric, quantities::title(title, metric), &drawn, 5),
    }
}

fn named(metric: &Metric) -> String {
    capital(&metric.name.replace('_', " "))
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

/// What tables call all hidden layers together, and figures.
const HIDDEN: (&str, &str) = ("hidden", "All hidden layers");

/// The plots of a figure.
struct ShownLayers {
    /// Titles and curves.
    plots: Vec<(String, Vec<Curve>)>,
    left_out: usize,
}

impl ShownLayers {
    /// One plot a layer, and one for all hidden layers together where there are several of them; one in all for what is not measured
    /// layer by layer.
    fn of(data: &Data, metric: &Metric, reference: &str) -> Self {
        let pairs = data.pairs(metric).into_iter();
        let layers: BTreeSet<String> = pairs.filter(|pair| pair.1 == reference).map(|pair| pair.0).collect();
        let number = |layer: &String| layer.strip_prefix("layer")?.parse().ok();
        let mut numbers: Vec<u64> = layers.iter().filter_map(number).collect();
        numbers.sort_unstable();
        let plot = |layer: &str, title: String| {
            let curves = data.curves(metric, metric.split(), layer, reference);
            (!curves.is_empty()).then_some((title, curves))
        };
        let one = |number: &u64| plot(&format!("layer{number}"), format!("Layer {number}"));
        let single: Vec<_> = numbers.iter().filter_map(one).collect();
        let all = match numbers.len() {
            0 => [("all", ""), HIDDEN, ("none", "")]
                .into_iter()
                .find_map(|(layer, title)| plot(layer, title.to_owned())),
            1 | 2 => None,
            _ => plot(HIDDEN.0, HIDDEN.1.to_owned()),
        };
        let curves = single.iter().chain(&all).flat_map(|(_, curves)| curves);
        let arms: BTreeSet<usize> = curves.map(|curve| curve.arm).collect();
        let labels = arms.into_iter().map(|arm| (arm, &*data.arms[arm].row.label));
        let room = Figure::most(&data.paper, labels) - usize::from(all.is_some());
        let left_out = single.len().saturating_sub(room);
        let shown = spread::evenly(single.len(), room).map(|place| single[place].clone());
        Self {
            plots: shown.chain(all).collect(),
            left_out,
        }
    }
}

/// A right angle, in degrees.
pub const RIGHT: f64 = 90.0;

fn draw(data: &Data, metric: &Metric, reference: &str) -> Result<Option<Sketch>, Outside> {
    let ShownLayers { plots, left_out } = ShownLayers::of(data, metric, reference);
    let curves = || plots.iter().flat_map(|(_, curves)| curves);
    let drawn = curve::drawn(curves());
    let is_angle = metric.unit == MetricUnit::Degrees;
    let axes = quantities::epochs(curve::epochs(curves())).zip(axis(metric, reference, drawn));
    let Some((x, y)) = axes.filter(|_| !plots.is_empty()) else {
        return Ok(None);
    };
    let mut text = vec![sentence(metric, reference)];
    if !is_angle {
        text.push(format!("Values {}.", quantities::say_spacing(&y)));
    }
    text.push(caption::bands());
    if left_out > 0 {
        text.push(format!("{left_out} layers between those shown are left out."));
    }
    let panel = |(title, curves)| Panel {
        title,
        x: x.clone(),
        y: y.clone(),
        others: Vec::new(),
        mark_at: is_angle.then_some(RIGHT),
        curves,
    };
    let figure = Figure {
        title: if is_angle {
            "Angles over training"
        } else {
            "A quantity of each layer over training"
        },
        panels: plots.into_iter().map(panel).collect(),
        shared: true,
    };
    Ok(Some(Sketch::Plots(figure, text)))
}
