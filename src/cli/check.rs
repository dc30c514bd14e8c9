//! `creditlab check`: print what experiments would do, without running anything.

mod data;
mod document;
mod files;

pub use document::CheckDocument;

use super::Failure;
use super::inputs::{InputArguments, SpecArguments};
use super::json;
use super::output::{count, print, ranges};
use crate::experiment::{Arm, FIRST_SEED, LayerPlan, Plan, Precision};
use crate::network::layer_name;
use crate::rules::{Broadcast, Needs, Registry};
use crate::tasks::Augment;
use clap::Args;
use document::PlanDescription;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    specs: SpecArguments,
    #[command(flatten)]
    inputs: InputArguments,
    /// Print JSON, as docs/schemas/check.json describes it
    #[arg(long)]
    json: bool,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let (mut lines, mut document) = (Vec::new(), CheckDocument::default());
    let inputs = &arguments.inputs;
    for experiment in inputs.experiments(&arguments.specs.specs, registry)? {
        let (plan, data) = (&experiment.plan, inputs.data(&experiment)?);
        let summary = plan.summary(&data).map_err(|error| inputs.wrong(plan.fault(error)))?;
        if arguments.json {
            let described = PlanDescription::of(plan, &data, &summary, inputs.threads());
            document.experiments.push(described);
            continue;
        }
        describe(plan, inputs.threads(), &mut lines);
        data::describe(plan, &data, &summary, &mut lines);
    }
    match arguments.json {
        true => json::print(&document),
        false => print(&lines),
    }
}

fn describe(plan: &Plan, threads: usize, lines: &mut Vec<String>) {
    lines.extend(beginning(plan));
    lines.push(String::new());
    let said: Vec<Vec<ArmSetting>> = plan.arms.iter().map(|arm| settings(plan, arm)).collect();
    lines.extend(arms(plan, &said));
    if let Some(compare) = &plan.compare {
        lines.push(String::new());
        let about = compare.about(plan.arms.len(), plan.seeds.len());
        lines.push(format!("compare    {about}"));
    }
    let warnings: Vec<_> = plan.warnings().map(|warning| format!("warning: {warning}")).collect();
    if !warnings.is_empty() {
        lines.push(String::new());
        lines.extend(warnings);
    }
    let Demand { work, bytes } = demand(plan, threads);
    lines.push(String::new());
    lines.push(format!(
        "work       {work:.1e} multiply-adds if every rule cost what Backprop costs"
    ));
    lines.push(format!("threads    {}", sharing(plan, threads)));
    lines.push(format!(
        "memory     about {} MB on {threads} threads, besides the program",
        bytes.div_ceil(1_000_000)
    ));
    lines.push(files::describe(plan));
}

/// How threads are shared out, in tuning and then.
fn sharing(plan: &Plan, threads: usize) -> String {
    let among = |runs: usize| match runs {
        1 if threads > 1 => format!("all {threads} work inside the one run"),
        runs if runs < threads => format!("{runs} take a run each, {} help inside them", threads - runs),
        _ if threads == 1 => "one, which takes one run after the other".into(),
        _ => format!("each of {threads} takes a run; those with none left help inside the others"),
    };
    let trials: usize = plan.arms.iter().map(|arm| trial_runs(plan, arm)).sum();
    let (tuning, then) = (among(trials), among(plan.arms.len() * plan.seeds.len()));
    match trials {
        0 => then,
        _ if tuning == then => then,
        _ => format!("{then}; in tuning {tuning}"),
    }
}

/// What all arms share.
fn beginning(plan: &Plan) -> Vec<String> {
    let (facts, sizes) = (plan.facts, plan.sizes);
    let mut lines = vec![
        format!(
            "{}: {} ({}, {})",
            plan.name,
            plan.task.about(),
            count(facts.inputs as u64, "input"),
            count(facts.kind.outputs() as u64, "output")
        ),
        format!(
            "split      {} training, {} validation, {} test samples",
            sizes.train, sizes.validation, sizes.test
        ),
        format!("seeds      {} ({})", plan.seeds.len(), ranges(&plan.seeds)),
        format!(
            "runs       {} in {:?}",
            plan.arms.len() * plan.seeds.len(),
            plan.precision
        ),
    ];
    if plan.label_noise.0 > 0.0 {
        let share = 100.0 * plan.label_noise.0;
        lines.push(format!(
            "labels     {share} % of the training part, drawn for each seed, are of another class"
        ));
    }
    let Augment { shift, mirror } = plan.augment;
    let shifted = (shift > 0).then(|| format!("shifted by up to {}", count(shift as u64, "pixel")));
    let mirrored = mirror.then(|| "mirrored with probability 1/2".to_owned());
    let changed: Vec<_> = shifted.into_iter().chain(mirrored).collect();
    if !changed.is_empty() {
        let how = changed.join(" and ");
        lines.push(format!("images     in training batches {how}, anew in each epoch"));
    }
    if let Some(tuning) = &plan.tuning {
        let trials: usize = plan.arms.iter().map(|arm| trial_runs(plan, arm)).sum();
        lines.push(format!(
            "tuning     {trials} runs more, {} of each trial with seeds from {FIRST_SEED}; by {} on the validation part",
            tuning.seeds, tuning.by
        ));
    }
    lines
}

/// What is said of an arm: the path, or what else it is about, and the text.
type ArmSetting = (String, String);

/// The arms, a line each; what most of them have in common is said once before them.
fn arms(plan: &Plan, said: &[Vec<ArmSetting>]) -> Vec<String> {
    let common = common(said);
    let mut lines = Vec::new();
    if !common.is_empty() {
        let texts: Vec<_> = common.iter().map(|(_, text)| text.as_str()).collect();
        lines.push(format!("arms       {}; where nothing else is said:", plan.arms.len()));
        lines.extend(texts.iter().map(|text| format!("           {text}")));
        lines.push(String::new());
    }
    let label = plan.arms.iter().map(|arm| arm.label.chars().count()).max().unwrap_or(0);
    for (arm, said) in plan.arms.iter().zip(said) {
        lines.push(format!("  {:label$}  {}", arm.label, arm.slug));
        let own = said.iter().filter(|setting| !common.contains(setting));
        lines.extend(own.map(|(_, text)| format!("  {:label$}    {text}", "")));
    }
    lines
}

/// What more than half of several arms have, where every arm says something of the same.
fn common(said: &[Vec<ArmSetting>]) -> Vec<&ArmSetting> {
    let [first, ..] = said else { return Vec::new() };
    let mut common = Vec::new();
    for (about, _) in first {
        let values = said.iter().map(|one| one.iter().find(|setting| setting.0 == *about));
        let Some(values) = values.collect::<Option<Vec<_>>>() else {
            continue;
        };
        let mut counts = std::collections::BTreeMap::new();
        values
            .iter()
            .for_each(|setting| *counts.entry(*setting).or_insert(0) += 1);
        let most = counts.into_iter().find(|(_, count)| 2 * count > said.len());
        common.extend(most.map(|(setting, _)| setting).filter(|_| said.len() > 1));
    }
    common
}

/// Size and length of an arm's runs, and its values of the paths in which arms differ, or the lists to choose them from.
fn settings(plan: &Plan, arm: &Arm) -> Vec<ArmSetting> {
    let size = count(parameters(plan, arm) as u64, "parameter");
    let batch = arm.settings.batch;
    let train = plan.sizes.train as usize;
    let steps = arm.settings.stop.at_most().steps(batch.steps_per_epoch(train));
    let at_most = arm.settings.stop.patience().map_or("", |_| "at most ");
    let length = format!("{at_most}{} of {}", count(steps, "step"), batch.samples(train));
    let about = |(path, value): (&String, &Option<String>)| {
        let value = value.as_ref()?;
        let text = match &*tuned(arm, path) {
            [] => format!("{path} = {}", short(value)),
            values => format!("{path} to be tuned: {}", values.join(", ")),
        };
        Some((path.clone(), text))
    };
    let values = plan.paths.iter().zip(&arm.values).filter_map(about);
    let runs = (String::new(), format!("{size}, {length}"));
    std::iter::once(runs).chain(maps(plan, arm)).chain(values).collect()
}

/// The layers of a network with maps, a line each; none of networks without.
fn maps(plan: &Plan, arm: &Arm) -> Vec<ArmSetting> {
    let (network, outputs) = (&arm.settings.network, plan.facts.kind.outputs());
    let layers = network.layers(&plan.facts, outputs);
    if layers.iter().all(|layer| layer.wiring.map().is_none()) {
        return Vec::new();
    }
    let parameters = network.parameters_by_layer(&plan.facts, outputs);
    let line = |(l, (layer, parameters)): (usize, (&LayerPlan, usize))| {
        let work = match layer.wiring.multiply_adds() {
            few @ ..10_000 => few.to_string(),
            many => format!("{:.2} M", many as f64 / 1e6),
        };
        let name = layer_name(l);
        let text = format!(
            "{name}  {layer}; {}; {work} multiply-adds",
            count(parameters as u64, "parameter")
        );
        (name, text)
    };
    layers.iter().zip(parameters).enumerate().map(line).collect()
}

/// The values of a path that an arm's trials try.
fn tuned<'a>(arm: &'a Arm, path: &str) -> Vec<&'a str> {
    let taken = arm.trials.iter().flat_map(|trial| &trial.taken);
    let mut values: Vec<&str> = Vec::new();
    for (_, value) in taken.filter(|(taken, _)| taken == path) {
        if !values.contains(&value.as_str()) {
            values.push(value);
        }
    }
    values
}

/// The beginning of a long value; `experiment.ron` will have all of it.
fn short(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ..", &value[..end]),
        None => value.to_owned(),
    }
}

/// What all runs take of the machine.
struct Demand {
    /// Multiply-adds, if every rule cost what `Backprop` costs.
    work: f64,
    /// Memory, with runs on all threads, or what a thread needs inside one.
    bytes: u64,
}

fn demand(plan: &Plan, threads: usize) -> Demand {
    let train = plan.sizes.train as usize;
    let (mut work, mut memory) = (0.0, 0);
    for arm in &plan.arms {
        let batch = arm.settings.batch;
        let (parameters, samples) = (parameters(plan, arm), batch.samples(train));
        let steps = arm.settings.stop.at_most().steps(batch.steps_per_epoch(train));
        let runs = (plan.seeds.len() + trial_runs(plan, arm)) as f64;
        let layers = arm.settings.network.layers(&plan.facts, plan.facts.kind.outputs());
        // weights that many places share are worked with at each
        let shared: usize = layers
            .iter()
            .map(|layer| layer.wiring.multiply_adds() - layer.wiring.parameters(false))
            .sum();
        work += 3.0 * (parameters + shared) as f64 * (steps * samples as u64) as f64 * runs;
        memory = memory.max(bytes_of_a_run(
            arm,
            &layers,
            parameters,
            samples.max(256),
            plan.precision,
        ));
    }
    // with `seed: PerRun` each run at work has samples of its own
    let own = plan.task.for_run(0).map_or(0, |_| plan.facts.bytes);
    let bytes = plan.facts.bytes + (own + memory) * threads as u64;
    Demand { work, bytes }
}

/// Weights and biases of an arm's network.
fn parameters(plan: &Plan, arm: &Arm) -> usize {
    arm.settings.network.parameters(&plan.facts, plan.facts.kind.outputs())
}

/// Runs by which an arm's settings are chosen.
fn trial_runs(plan: &Plan, arm: &Arm) -> usize {
    plan.tuning.map_or(0, |tuning| arm.trials.len() * tuning.seeds as usize)
}

/// Weights, what the optimizer remembers, feedback, gradients of the probe, and activities of the widest evaluation, with what pools
/// keep of theirs; and the two copies that there are of what goes on while a checkpoint is written.
fn bytes_of_a_run(arm: &Arm, layers: &[LayerPlan], parameters: usize, columns: usize, precision: Precision) -> u64 {
    let number = match precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    };
    let seats = 1 + arm.shadows.len() + arm.settings.measure.against.len();
    let memory = arm.settings.optimizer.arrays().max(1);
    let (mut units, mut pooled, mut seen) = (0, 0, 0);
    for layer in &layers[..layers.len() - 1] {
        units += layer.wiring.outputs();
        pooled += layer.pool.map_or(0, |pool| pool.below.units() + pool.map().units());
        seen += layer.pool.map_or(layer.wiring.outputs(), |pool| pool.map().units());
    }
    // direct feedback leads to all that a layer shows, which of a map is more than its weights
    let rules = std::iter::once(&arm.rule)
        .chain(&arm.shadows)
        .chain(&arm.settings.measure.against);
    let direct = |needs: Needs| needs.feedback_path && needs.broadcast == Broadcast::Vector;
    let direct = rules.filter(|named| direct(named.rule.needs())).count();
    let outputs = layers[layers.len() - 1].wiring.outputs();
    let feedback = direct * (seen * outputs).saturating_sub(parameters);
    let samples = units * columns * (2 + 2 * seats) + pooled * columns;
    let going_on = parameters * (1 + memory);
    (number * (3 * (going_on + parameters * seats) + samples + feedback)) as u64
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn what_most_arms_say_is_said_once_where_all_say_something() {
        let arm = |said: &[(&str, &str)]| -> Vec<_> {
            said.iter()
                .map(|(path, text)| (path.to_string(), text.to_string()))
                .collect()
        };
        let arms = [
            arm(&[("size", "22"), ("rate", "0.1"), ("scale", "1")]),
            arm(&[("size", "22"), ("rate", "0.1"), ("scale", "1")]),
            arm(&[("size", "22"), ("rate", "0.2")]),
        ];
        let texts: Vec<_> = common(&arms).into_iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["22", "0.1"]);
        assert!(common(&arms[..1]).is_empty(), "one arm has nothing in common");
        // half is not most
        let two = [arm(&[("rate", "0.1")]), arm(&[("rate", "0.2")])];
        assert!(common(&two).is_empty());
    }
}
