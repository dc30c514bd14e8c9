//! `creditlab gradcheck`: compare exact gradients with finite differences.

use super::Failure;
use super::inputs::{Experiment, Inputs};
use super::output::{count, print};
use crate::experiment::Arm;
use crate::rules::{Registry, Rule};
use crate::runner::{BOUND, LayerCheck, gradient_check};
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// The rule whose update is taken for the gradient, as experiment files write it
    #[arg(long, default_value = "Backprop")]
    rule: String,
}

/// How far from theory a slope may be until it is worth a word.
const SLOPE: f64 = 0.2;

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let rule = registry.rule(&arguments.rule).map_err(Failure::Input)?;
    let mut wrong = Vec::new();
    for one in arguments.inputs.experiments(registry)? {
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
    experiment: &Experiment,
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
    let mut lines = vec![
        heading,
        format!(
            "initial weights of seed {seed} in F64, the first batch, {}; relative errors",
            count(batch as u64, "sample")
        ),
        String::new(),
    ];
    let error = |error: Option<f64>| error.map_or_else(|| "-".into(), |error| format!("{error:.1e}"));
    let slope = |slope: Option<f64>| slope.map_or_else(|| "-".into(), |slope| format!("{slope:.2}"));
    for (l, layer) in layers.iter().enumerate() {
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
        lines.push(format!(
            "layer{}  {checked} of {parameters} parameters{left_out}, norm {norm:.2e}",
            l + 1
        ));
        if !layer.compared() {
            lines.push(match checked {
                0 => "  nothing was compared: all of them stand on a kink".into(),
                _ => "  nothing was compared: the update and all differences are exactly 0".to_owned(),
            });
            lines.push(String::new());
            continue;
        }
        lines.push(format!("  {:>8}  {:>8}  {:>8}", "step", "forward", "central"));
        for errors in &layer.errors {
            lines.push(format!(
                "  {:>8e}  {:>8}  {:>8}",
                errors.step,
                error(errors.forward),
                error(errors.central)
            ));
        }
        let slopes = [layer.forward_slope(), layer.central_slope()];
        lines.push(format!(
            "  {:>8}  {:>8}  {:>8}",
            "slope",
            slope(slopes[0]),
            slope(slopes[1])
        ));
        let off = slopes
            .iter()
            .zip([1.0, 2.0])
            .any(|(slope, theory)| slope.is_some_and(|slope| (slope - theory).abs() > SLOPE));
        if off && layer.agrees() {
            lines.push("  in theory 1 and 2; a step across the kink of an activation such as Relu spoils them".into());
        }
        lines.push(String::new());
    }
    lines.push(verdict(layers));
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
