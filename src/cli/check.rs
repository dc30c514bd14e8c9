//! `creditlab check`: print what experiments would do, without running anything.

mod data;

use super::Failure;
use super::inputs::Inputs;
use super::output::{count, print};
use crate::experiment::{Arm, FIRST_SEED, Plan, Precision};
use crate::rules::Registry;
use clap::Args;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for plan in arguments.inputs.plans(registry)? {
        describe(&plan, arguments.inputs.threads(), &mut lines)?;
        data::describe(&plan, &arguments.inputs.folders(), &mut lines)?;
    }
    print(&lines)
}

fn describe(plan: &Plan, threads: usize, lines: &mut Vec<String>) -> Result<(), Failure> {
    let mut line = |text: String| lines.push(text);
    let (facts, sizes) = (plan.facts, plan.sizes);
    let train = sizes.train as usize;
    let outputs = facts.kind.outputs();
    line(format!(
        "{}: {} ({}, {})",
        plan.name,
        plan.task.about(),
        count(facts.inputs as u64, "input"),
        count(outputs as u64, "output")
    ));
    line(format!(
        "split      {} training, {} validation, {} test samples",
        sizes.train, sizes.validation, sizes.test
    ));
    let seeds: Vec<_> = plan.seeds.iter().map(u64::to_string).collect();
    line(format!("seeds      {} ({})", plan.seeds.len(), seeds.join(", ")));
    line(format!(
        "runs       {} in {:?}",
        plan.arms.len() * plan.seeds.len(),
        plan.precision
    ));
    if let Some(tuning) = &plan.tuning {
        let trials: usize = plan.arms.iter().map(|arm| trial_runs(plan, arm)).sum();
        line(format!(
            "tuning     {trials} runs more, {} of each trial with seeds from {FIRST_SEED}; by {} on the validation part",
            tuning.seeds, tuning.by
        ));
    }
    line(String::new());
    let label = plan.arms.iter().map(|arm| arm.label.chars().count()).max().unwrap_or(0);
    let slug = plan.arms.iter().map(|arm| arm.slug.len()).max().unwrap_or(0);
    let mut work = 0.0;
    let mut memory = 0;
    for arm in &plan.arms {
        let settings = &arm.settings;
        let parameters = settings.network.build::<f32>(facts.inputs, outputs, 0).parameters();
        let epoch = settings.batch.steps_per_epoch(train);
        let steps = settings.stop.at_most().steps(epoch);
        let samples = settings.batch.samples(train);
        let runs = (plan.seeds.len() + trial_runs(plan, arm)) as f64;
        work += 3.0 * parameters as f64 * (steps * samples as u64) as f64 * runs;
        memory = memory.max(bytes_of_a_run(arm, parameters, samples.max(256), plan.precision));
        let at_most = settings.stop.patience().map_or("", |_| "at most ");
        line(format!(
            "  {:label$}  {:slug$}  {parameters} parameters, {at_most}{steps} steps of {samples}",
            arm.label, arm.slug
        ));
        for about in differences(plan, arm) {
            line(format!("  {:label$}    {about}", ""));
        }
        if let Some(warning) = arm.rule.rule.warning(&settings.optimizer) {
            line(format!("  {:label$}    warning: {warning}", ""));
        }
    }
    if let Some(compare) = &plan.compare {
        line(String::new());
        line(format!(
            "compare    {}",
            compare.about(plan.arms.len(), plan.seeds.len())
        ));
        if let Some(warning) = plan.too_few_seeds() {
            line(format!("  warning: {warning}"));
        }
    }
    let megabytes = (facts.bytes + memory * threads as u64).div_ceil(1_000_000);
    line(String::new());
    line(format!(
        "work       {work:.1e} multiply-adds if every rule cost what Backprop costs"
    ));
    line(format!(
        "memory     about {megabytes} MB on {threads} threads, besides the program and its tables"
    ));
    Ok(())
}

/// The beginning of a long value; `experiment.ron` will have all of it.
fn short(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ..", &value[..end]),
        None => value.to_owned(),
    }
}

/// Runs by which an arm's settings are chosen.
fn trial_runs(plan: &Plan, arm: &Arm) -> usize {
    plan.tuning.map_or(0, |tuning| arm.trials.len() * tuning.seeds as usize)
}

/// What tells an arm from others: values, and lists to choose from.
fn differences(plan: &Plan, arm: &Arm) -> Vec<String> {
    let tuned = |path: &str| -> Vec<&str> {
        let taken = arm.trials.iter().flat_map(|trial| &trial.taken);
        let mut values: Vec<&str> = Vec::new();
        for (_, value) in taken.filter(|(taken, _)| taken == path) {
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
        values
    };
    let about = |(path, value): (&String, &Option<String>)| {
        let value = value.as_ref()?;
        Some(match &*tuned(path) {
            [] => format!("{path} = {}", short(value)),
            values => format!("{path} to be tuned: {}", values.join(", ")),
        })
    };
    plan.paths.iter().zip(&arm.values).filter_map(about).collect()
}

/// Weights, what the optimizer remembers, feedback, gradients of the probe, and activities of the widest evaluation.
fn bytes_of_a_run(arm: &Arm, parameters: usize, columns: usize, precision: Precision) -> u64 {
    let number = match precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    };
    let seats = 1 + arm.shadows.len() + arm.settings.measure.against.len();
    let memory = arm.settings.optimizer.arrays().max(1);
    let units: usize = arm.settings.network.hidden.iter().sum();
    (number * (parameters * (1 + memory + 3 * seats) + units * columns * (2 + 2 * seats))) as u64
}
