//! `creditlab explain`: take one pass of an arm apart, layer by layer, with the equation that each number comes from.

use super::Failure;
use super::inputs::{CheckedExperiment, InputArguments};
use super::output::{print, width};
use crate::experiment::Arm;
use crate::network::layer_name;
use crate::rules::{FeedbackPath, Registry};
use crate::runner::{Explanation, LayerExplanation, Looked, NUDGE, Unexplained, WeightCheck, explain};
use clap::Args;
use std::path::PathBuf;

/// Units of a layer that are shown; of larger layers those with the largest errors.
const MOST_UNITS: usize = 8;
/// Below this width, numbers stand in a list.
const NARROW: usize = 84;

#[derive(Args)]
pub struct Arguments {
    /// The experiment file (RON)
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// The arm, by its label or its name in tables [default: the first]
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Which sample of the training part, from 0
    #[arg(long, value_name = "I", default_value_t = 0, conflicts_with = "batch")]
    sample: usize,
    /// The whole batch of the next step, every quantity averaged over it
    #[arg(long)]
    batch: bool,
    /// After so many steps of training
    #[arg(long, value_name = "N", default_value_t = 0)]
    step: u64,
    #[command(flatten)]
    inputs: InputArguments,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let specs = std::slice::from_ref(&arguments.spec);
    let experiments = arguments.inputs.experiments(specs, registry)?;
    let experiment = &experiments[0];
    let arm = arm(experiment, arguments.arm.as_deref())?;
    let seed = experiment.plan.seeds[0];
    let data = arguments.inputs.data(experiment)?;
    let of_run = experiment.plan.of_run(&data, seed);
    let (parts, data) = of_run.map_err(|error| arguments.inputs.wrong(experiment.plan.fault(error)))?;
    let looked = match arguments.batch {
        true => Looked::Batch,
        false => Looked::Sample(arguments.sample),
    };
    let explained = explain(arm, seed, &data, &parts, arguments.step, looked);
    let explained = explained.map_err(|reason| Failure::Input(unexplained(arm, arguments, reason)))?;
    let classes = data.class_names().unwrap_or_default();
    let mut lines = beginning(experiment, arm, arguments, &explained, classes);
    for (l, layer) in explained.layers.iter().enumerate() {
        lines.push(String::new());
        lines.extend(describe(l, layer, &explained, arm));
    }
    lines.push(String::new());
    lines.push(end(arm, &explained));
    print(&lines)
}

fn arm<'a>(experiment: &'a CheckedExperiment, name: Option<&str>) -> Result<&'a Arm, Failure> {
    let arms = &experiment.plan.arms;
    let Some(name) = name else { return Ok(&arms[0]) };
    let found = arms.iter().find(|arm| arm.label == name || arm.slug == name);
    found.ok_or_else(|| {
        let names: Vec<_> = arms.iter().map(|arm| format!("`{}`", arm.label)).collect();
        Failure::Input(format!("there is no arm `{name}`; the arms are {}", names.join(", ")))
    })
}

fn unexplained(arm: &Arm, arguments: &Arguments, reason: Unexplained) -> String {
    let label = &arm.label;
    match reason {
        Unexplained::Refused(refusal) => format!("{label}: {refusal}"),
        Unexplained::Diverged(step) => format!("{label} diverges at step {step}; give a smaller --step"),
        Unexplained::Ended(step) => format!("{label} ends after {step} steps; give a smaller --step"),
        Unexplained::NoSample(samples) => format!(
            "there is no sample {}: the training part has {samples}, from 0 to {}",
            arguments.sample,
            samples.saturating_sub(1)
        ),
    }
}

/// What is looked at, and what the network answers.
fn beginning(
    experiment: &CheckedExperiment,
    arm: &Arm,
    arguments: &Arguments,
    explained: &Explanation,
    classes: &[String],
) -> Vec<String> {
    let what = match &explained.samples[..] {
        [row] => format!(
            "sample {} of the training part, row {row} of the data",
            arguments.sample
        ),
        rows => format!(
            "the batch of the next step, {} samples; every number is a mean over them",
            rows.len()
        ),
    };
    let named = |values: &[f64]| -> Vec<String> {
        let name = |(i, value): (usize, &f64)| match classes.get(i).filter(|_| classes.len() == values.len()) {
            Some(class) => format!("{class}: {value:.4}"),
            None => format!("{value:.4}"),
        };
        values.iter().enumerate().take(MOST_UNITS + 2).map(name).collect()
    };
    vec![
        format!(
            "{}: {}, seed {}, after {} steps",
            experiment.plan.name, arm.label, experiment.plan.seeds[0], arguments.step
        ),
        format!("{what}; in double precision"),
        String::new(),
        format!(
            "input   x = a0, {} numbers, {}",
            explained.input.len(),
            range(&explained.input)
        ),
        format!("wanted  y    {}", named(&explained.target).join("  ")),
        format!("output  a    {}", named(&explained.output).join("  ")),
        format!("cost    C = {:.6}, {}", explained.cost, explained.loss),
    ]
}

fn range(values: &[f64]) -> String {
    let (low, high) = values
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    format!("from {low:.3} to {high:.3}")
}

/// One layer: what is computed, unit by unit, then its weights.
fn describe(l: usize, layer: &LayerExplanation, explained: &Explanation, arm: &Arm) -> Vec<String> {
    let is_top = l + 1 == explained.layers.len();
    let (inputs, units) = layer.shape;
    let error = match is_top {
        true => "BP1  δ = ∂C/∂z = ∇a C ∘ φ'(z), for the loss and this activation together",
        false => "BP2  δ = ∂C/∂z = (W'ᵀ δ') ∘ φ'(z), with W' and δ' of the layer above",
    };
    let mut lines = vec![
        format!("{}  {inputs} -> {units}, {}", layer_name(l), layer.activation),
        "  z = W a + b, with a of the layer below;  a = φ(z)".into(),
        format!("  {error}"),
    ];
    lines.extend(instead(layer, arm));
    lines.extend(units_of(layer));
    if layer.checks.is_empty() {
        lines.push("  BP3  ∂C/∂b = δ    BP4  ∂C/∂w = a δ, which is 0 for every weight".into());
    } else {
        lines.push(
            "  BP3  ∂C/∂b = δ    BP4  ∂C/∂w = a δ, with a of the unit it comes from; the steepest weights:".into(),
        );
        lines.extend(layer.checks.iter().flat_map(weight));
    }
    let own = match (layer.trained, layer.angle, layer.norm_ratio) {
        (false, ..) => format!("{} does not train this layer", arm.rule.label),
        (true, Some(angle), Some(ratio)) => format!(
            "the update of {} lies {angle:.2} degrees from the gradient, and is {ratio:.3} times as long",
            arm.rule.label
        ),
        _ => "one of the two updates is zero".into(),
    };
    lines.push(format!("  {own}"));
    lines
}

/// What the rule has in the place of the weights that would carry errors down.
fn instead(layer: &LayerExplanation, arm: &Arm) -> Vec<String> {
    let rule = &arm.rule.label;
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
    feedback
        .into_iter()
        .chain(signal)
        .map(|line| format!("  {line}"))
        .collect()
}

/// The units with the largest errors, or all of few.
fn units_of(layer: &LayerExplanation) -> Vec<String> {
    let units = layer.z.len();
    let error = |j: usize| layer.delta.get(j).map_or(0.0, |delta| delta.abs());
    let mut shown: Vec<usize> = (0..units).collect();
    shown.sort_by(|i, j| error(*j).total_cmp(&error(*i)));
    shown.truncate(MOST_UNITS);
    shown.sort_unstable();
    let has_own = layer.own_delta.as_ref().is_some_and(|own| *own != layer.delta);
    let cells = |j: usize| {
        let number = |values: &[f64]| values.get(j).map_or_else(|| "–".to_owned(), |x| format!("{x:.5}"));
        let own = layer.own_delta.as_deref().filter(|_| has_own);
        [&layer.z, &layer.a, &layer.slope, &layer.delta]
            .map(|values| number(values))
            .into_iter()
            .chain(own.map(number))
            .collect::<Vec<_>>()
    };
    let names = ["z", "a", "φ'(z)", "δ", "δ of the rule"];
    let mut lines = Vec::new();
    if width() >= NARROW {
        let head: Vec<String> = names
            .iter()
            .take(4 + usize::from(has_own))
            .map(|name| format!("{name:>15}"))
            .collect();
        lines.push(format!("    unit{}", head.concat()));
        for j in &shown {
            let row: Vec<String> = cells(*j).iter().map(|cell| format!("{cell:>15}")).collect();
            lines.push(format!("    {j:>4}{}", row.concat()));
        }
    } else {
        for j in &shown {
            lines.push(format!("    unit {j}"));
            lines.extend(
                cells(*j)
                    .iter()
                    .zip(names)
                    .map(|(cell, name)| format!("      {name} = {cell}")),
            );
        }
    }
    if units > shown.len() {
        lines.push(format!(
            "    and {} units more, with smaller errors",
            units - shown.len()
        ));
    }
    lines
}

/// A weight, put in numbers, beside what moving it does.
fn weight(check: &WeightCheck) -> Vec<String> {
    let WeightCheck {
        place: (j, k),
        weight,
        derivative,
        central,
        nudged,
        own,
    } = *check;
    let own = own.filter(|own| *own != derivative);
    let own = own.map(|own| format!("; the rule's: {own:.6}")).unwrap_or_default();
    vec![
        format!("    w[{j}, {k}] = {weight:.4}   ∂C/∂w = {derivative:.6}{own}"),
        format!(
            "      central difference {central:.6}, {:.1e} apart;  nudged by {NUDGE}: ΔC/Δw = {nudged:.6}",
            (central - derivative).abs()
        ),
    ]
}

fn end(arm: &Arm, explained: &Explanation) -> String {
    let rule = &arm.rule.label;
    match explained.angle {
        Some(angle) => format!("the whole update of {rule} lies {angle:.2} degrees from the gradient"),
        None => "one of the two whole updates is zero".to_owned(),
    }
}
