//! `creditlab explain`: take one pass of an arm apart, layer by layer, with the equation that each number comes from.

use super::inputs::{CheckedExperiment, InputArguments};
use super::output::{print, width};
use super::{Failure, arms};
use crate::experiment::Arm;
use crate::network::layer_name;
use crate::results::files;
use crate::rules::Registry;
use crate::runner::{Explanation, LayerExplanation, Looked, NUDGE, Unexplained, WeightCheck, explain};
use crate::walkthrough::{
    ExplainedArm, MessageSchedule, Walkthrough, about_rule, compared, error_equation, instead, outcome,
};
use clap::Args;
use std::path::PathBuf;

/// Units of a layer that are shown; of larger layers those with the largest errors.
const MOST_UNITS: usize = 8;
/// Weights of a layer that are shown.
const MOST_WEIGHTS: usize = 3;
/// Weights of a layer that can be nudged on a page.
const NUDGED_WEIGHTS: usize = 64;
/// Arms side by side on a page, where none is named.
const MOST_ARMS: usize = 4;
/// Below this width, numbers stand in a list.
const NARROW: usize = 84;

#[derive(Args)]
pub struct Arguments {
    /// The experiment file (RON)
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// The arm, by its label or its name in tables; more than one stand side by side on a page [default: the first, and all of few on
    /// a page]
    #[arg(long = "arm", value_name = "NAME")]
    arms: Vec<String>,
    /// Which sample of the training part, from 0
    #[arg(long, value_name = "I", default_value_t = 0, conflicts_with = "batch")]
    sample: usize,
    /// The whole batch of the next step, every quantity averaged over it
    #[arg(long)]
    batch: bool,
    /// After so many steps of training
    #[arg(long, value_name = "N", default_value_t = 0)]
    step: u64,
    /// The pass as messages between local processors, in the order of their delivery: suns and planets (Hecht-Nielsen 1989)
    #[arg(long, conflicts_with_all = ["batch", "html"])]
    messages: bool,
    /// Write a page: the network drawn, walked through forward and backward, its weights to be nudged
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    inputs: InputArguments,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let specs = std::slice::from_ref(&arguments.spec);
    let experiments = arguments.inputs.experiments(specs, registry)?;
    let experiment = &experiments[0];
    let arms = chosen(experiment, arguments)?;
    let seed = experiment.plan.seeds[0];
    let data = arguments.inputs.data(experiment)?;
    let of_run = experiment.plan.of_run(&data, seed);
    let (parts, data) = of_run.map_err(|error| arguments.inputs.wrong(experiment.plan.fault(error)))?;
    let looked = match arguments.batch {
        true => Looked::Batch,
        false => Looked::Sample(arguments.sample),
    };
    let weights = if arguments.html.is_some() {
        NUDGED_WEIGHTS
    } else {
        MOST_WEIGHTS
    };
    let explained = arms.iter().map(|arm| {
        let explanation = explain(arm, seed, &data, &parts, arguments.step, looked, weights);
        let explanation = explanation.map_err(|reason| Failure::Input(unexplained(arm, arguments, reason)))?;
        Ok(ExplainedArm {
            label: arm.label.clone(),
            rule: arm.rule.label.clone(),
            equation: registry
                .entry(arm.rule.rule.name())
                .map_or_else(|_| String::new(), |entry| entry.equation.to_owned()),
            needs: arm.rule.rule.needs(),
            explanation,
        })
    });
    let explained = explained.collect::<Result<Vec<_>, Failure>>()?;
    let classes = data.class_names().unwrap_or_default();
    if let Some(file) = &arguments.html {
        let page = Walkthrough {
            title: &title(experiment, arguments),
            what: &what(arguments, &explained[0].explanation),
            image: data.image(),
            classes,
            arms: &explained,
        };
        files::place(file, page.page().as_bytes()).map_err(Failure::execution)?;
        return print(&[file.display().to_string()]);
    }
    let mut lines = vec![title(experiment, arguments)];
    for arm in &explained {
        lines.extend(match arguments.messages {
            true => messages(arm)?,
            false => told(arm, arguments, classes),
        });
    }
    print(&lines)
}

/// The arms that are asked for.
fn chosen<'a>(experiment: &'a CheckedExperiment, arguments: &Arguments) -> Result<Vec<&'a Arm>, Failure> {
    let plan = &experiment.plan;
    if arguments.arms.is_empty() {
        let most = if arguments.html.is_some() { MOST_ARMS } else { 1 };
        return Ok(plan.arms.iter().take(most).collect());
    }
    let places = arms::named(plan, &arguments.arms)?;
    Ok(places.into_iter().map(|place| &plan.arms[place]).collect())
}

/// The messages of the pass, for a network of suns and planets.
fn messages(arm: &ExplainedArm) -> Result<Vec<String>, Failure> {
    let schedule = MessageSchedule::new(&arm.explanation).ok_or_else(|| {
        Failure::Input("--messages: suns and planets pass on one sample, through dense layers".into())
    })?;
    let head = [
        String::new(),
        format!("{}: messages between suns and planets", arm.label),
    ];
    Ok(head.into_iter().chain(schedule.lines).collect())
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

fn title(experiment: &CheckedExperiment, arguments: &Arguments) -> String {
    let plan = &experiment.plan;
    format!("{}, seed {}, after {} steps", plan.name, plan.seeds[0], arguments.step)
}

fn what(arguments: &Arguments, explained: &Explanation) -> String {
    match &explained.samples[..] {
        [row] => format!(
            "sample {} of the training part, row {row} of the data; in double precision",
            arguments.sample
        ),
        rows => format!(
            "the batch of the next step, {} samples; every number is a mean over them; in double precision",
            rows.len()
        ),
    }
}

/// One arm: what the network answers, then its layers.
fn told(arm: &ExplainedArm, arguments: &Arguments, classes: &[String]) -> Vec<String> {
    let explained = &arm.explanation;
    let named = |values: &[f64]| -> String {
        let name = |(i, value): (usize, &f64)| match classes.get(i).filter(|_| classes.len() == values.len()) {
            Some(class) => format!("{class}: {value:.4}"),
            None => format!("{value:.4}"),
        };
        let named: Vec<_> = values.iter().enumerate().take(MOST_UNITS + 2).map(name).collect();
        named.join("  ")
    };
    let mut lines = vec![
        format!("{}: {}", arm.label, what(arguments, explained)),
        String::new(),
        format!(
            "input   x = a0, {} numbers, {}",
            explained.input.len(),
            range(&explained.input)
        ),
        format!("wanted  y    {}", named(&explained.target)),
        format!("output  a    {}", named(&explained.output)),
        format!("cost    C = {:.6}, {}", explained.cost, explained.loss),
        String::new(),
    ];
    lines.extend(about_rule(arm));
    for (l, layer) in explained.layers.iter().enumerate() {
        lines.push(String::new());
        lines.extend(describe(l, layer, explained, &arm.rule));
    }
    lines.push(String::new());
    lines.push(outcome(&arm.rule, explained));
    lines
}

fn range(values: &[f64]) -> String {
    let (low, high) = values
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    format!("from {low:.3} to {high:.3}")
}

/// One layer: what is computed, unit by unit, then its weights.
fn describe(l: usize, layer: &LayerExplanation, explained: &Explanation, rule: &str) -> Vec<String> {
    let is_top = l + 1 == explained.layers.len();
    let (inputs, units) = layer.shape;
    let error = error_equation(is_top);
    let mut lines = vec![
        format!("{}  {inputs} -> {units}, {}", layer_name(l), layer.activation),
        "  z = W a + b, with a of the layer below;  a = φ(z)".into(),
        format!("  {error}"),
    ];
    lines.extend(instead(rule, layer).into_iter().map(|line| format!("  {line}")));
    lines.extend(units_of(layer));
    if layer.checks.is_empty() {
        lines.push("  BP3  ∂C/∂b = δ    BP4  ∂C/∂w = a δ, which is 0 for every weight".into());
    } else {
        lines.push(
            "  BP3  ∂C/∂b = δ    BP4  ∂C/∂w = a δ, with a of the unit it comes from; the steepest weights:".into(),
        );
        lines.extend(layer.checks.iter().flat_map(weight));
    }
    lines.push(format!("  {}", compared(rule, layer)));
    lines
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
        ..
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
