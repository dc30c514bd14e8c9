//! `creditlab gradcheck`: compare exact gradients with finite differences.

use super::Failure;
use super::inputs::{CheckedExperiment, InputArguments, SpecArguments};
use super::output::{count, print};
use crate::experiment::Arm;
use crate::rules::{Registry, Rule};
use crate::runner::{BOUND, LayerCheck, gradient_check};
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    specs: SpecArguments,
    #[command(flatten)]
    inputs: InputArguments,
    /// The rule whose update is taken for the gradient, as experiment files write it
    #[arg(long, default_value = "Backprop")]
    rule: String,
}

/// How far from theory a slope may be until it is worth a word.
const SLOPE: f64 = 0.2;

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let rule = registry.rule(&arguments.rule).map_err(Failure::Input)?;
    let mut wrong = Vec::new();
    for one in arguments.inputs.experiments(&arguments.specs.specs, registry)? {
        experiment(&one, arguments, &rule, &mut wrong)?;
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::Execution(format!(
        "{} is not the gradient, with a relative error above {BOUND:e}: {}",
        arguments.rule,
        wrong.join(", ")
    )))
}

/// Arms that share network, loss and batch share their gradient, and are checked once.
fn experiment(
    experiment: &CheckedExperiment,
    arguments: &Arguments,
    rule: &Rule,
    wrong: &mut Vec<String>,
) -> Result<(), Failure> {
    let (plan, data) = (&experiment.plan, arguments.inputs.data(experiment)?);
    let seed = plan.seeds[0];
    let of_run = plan.of_run(&data, seed);
    let (parts, data) = of_run.map_err(|error| arguments.inputs.wrong(plan.fault(error)))?;
    let mut groups: Vec<Vec<&Arm>> = Vec::new();
    for arm in &plan.arms {
        let (one, batch) = (&arm.settings, arm.settings.batch);
        let same = |group: &&mut Vec<&Arm>| {
            let other = &group[0].settings;
            (&one.network, one.loss, batch) == (&other.network, other.loss, other.batch)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(arm),
            None => groups.push(vec![arm]),
        }
    }
    for group in groups {
        let checked = gradient_check(group[0], seed, &data, &parts, rule);
        let layers = checked.map_err(|refusal| Failure::Input(format!("{}: {refusal}", group[0].label)))?;
        let arms: Vec<_> = group.iter().map(|arm| &*arm.label).collect();
        let batch = group[0].settings.batch.samples(parts.train.len());
        let heading = format!("{}: {}", plan.name, arms.join(", "));
        print(&describe(heading, seed, batch, &layers))?;
        let disagreeing = layers.iter().enumerate().filter(|(_, layer)| !layer.agrees());
        wrong.extend(disagreeing.map(|(l, _)| format!("layer{} of {}", l + 1, arms.join(", "))));
    }
    Ok(())
}

fn describe(heading: String, seed: u64, batch: usize, layers: &[LayerCheck]) -> Vec<String> {
    let batch = count(batch as u64, "sample");
    let mut lines = vec![
        heading,
        format!("initial weights of seed {seed} in F64, the first batch, {batch}; relative errors"),
    ];
    for (l, layer) in layers.iter().enumerate() {
        lines.push(String::new());
        lines.extend(describe_layer(l + 1, layer));
    }
    lines.push(String::new());
    lines.push(verdict(layers));
    lines
}

/// What was compared in a layer, and how far the two are apart at each step.
fn describe_layer(number: usize, layer: &LayerCheck) -> Vec<String> {
    let LayerCheck {
        parameters,
        checked,
        kinks,
        norm,
        ..
    } = layer;
    let left_out = match kinks {
        0 => String::new(),
        _ => format!(", {kinks} on a kink of the loss left out"),
    };
    let mut lines = vec![format!(
        "layer{number}  {checked} of {parameters} parameters{left_out}, norm {norm:.2e}"
    )];
    if !layer.compared() {
        let why = match checked {
            0 => "all of them stand on a kink",
            _ => "the update and all differences are exactly 0",
        };
        lines.push(format!("  nothing was compared: {why}"));
        return lines;
    }
    let row = |step: String, [forward, central]: [String; 2]| format!("  {step:>8}  {forward:>8}  {central:>8}");
    let cell = |number: Option<f64>, text: fn(f64) -> String| number.map_or_else(|| "-".into(), text);
    lines.push(row("step".into(), ["forward", "central"].map(str::to_owned)));
    for errors in &layer.errors {
        let both = [errors.forward, errors.central].map(|error| cell(error, |error| format!("{error:.1e}")));
        lines.push(row(format!("{:e}", errors.step), both));
    }
    let slopes = [layer.forward_slope(), layer.central_slope()];
    lines.push(row(
        "slope".into(),
        slopes.map(|slope| cell(slope, |slope| format!("{slope:.2}"))),
    ));
    let off = slopes
        .iter()
        .zip([1.0, 2.0])
        .any(|(slope, theory)| slope.is_some_and(|slope| (slope - theory).abs() > SLOPE));
    if off && layer.agrees() {
        lines.push("  in theory 1 and 2; a step across the kink of an activation such as Relu spoils them".into());
    }
    lines
}

/// One sentence; a layer in which nothing could be compared is no agreement.
fn verdict(layers: &[LayerCheck]) -> String {
    let numbers = |of: fn(&LayerCheck) -> bool| -> Vec<String> {
        let layers = layers.iter().enumerate().filter(|(_, layer)| of(layer));
        layers.map(|(l, _)| format!("layer{}", l + 1)).collect()
    };
    let (compared, idle) = (numbers(LayerCheck::compared), numbers(|layer| !layer.compared()));
    let nothing = |idle: &[String]| format!("nothing was compared in {}", idle.join(", "));
    if compared.is_empty() {
        return format!("no verdict: {}", nothing(&idle));
    }
    let worst = layers.iter().filter_map(LayerCheck::least).fold(0.0, f64::max);
    let verdict = if layers.iter().all(LayerCheck::agrees) {
        "agrees"
    } else {
        "disagrees"
    };
    let (place, rest) = match &*idle {
        [] => ("every layer".into(), String::new()),
        idle => (compared.join(", "), format!("; {}", nothing(idle))),
    };
    format!(
        "{verdict}: at the best step, central differences are within {worst:.1e} in {place} (bound {BOUND:e}){rest}"
    )
}
