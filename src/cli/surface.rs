//! `creditlab surface`: draw the ways of training on a slice through the cost.

use super::inputs::MachineArguments;
use super::output::print;
use super::{Failure, arms, folders};
use crate::experiment::{Arm, Plan};
use crate::network::Network;
use crate::report::{self, SurfaceFigure};
use crate::results::manifest::Manifest;
use crate::results::names::{weights_file, weights_folder};
use crate::results::{Folder, Saved, saved_steps};
use crate::rules::Registry;
use crate::runner::{Batch, Surface};
use clap::Args;
use std::path::PathBuf;

/// Points of a way that are read; of longer ones evenly many.
const MOST_POINTS: usize = 100;
/// Samples that the cost is a mean over.
const MOST_SAMPLES: usize = 1000;

#[derive(Args)]
pub struct Arguments {
    /// A results folder whose experiment says `save: (weights: [Every(..)])`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// An arm, by its label or its name in tables; several have their ways on one plane [default: all with the network of the first]
    #[arg(long = "arm", value_name = "NAME")]
    arms: Vec<String>,
    /// The seed of the runs [default: the first]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    machine: MachineArguments,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let stored = folders::open(&arguments.folder)?;
    let _lock = stored.lock().map_err(Failure::execution)?;
    let manifest = Manifest::read(&stored).map_err(Failure::execution)?;
    let plan = folders::plan(&stored, manifest.as_ref(), registry)?;
    let seed = arguments.seed.unwrap_or(plan.seeds[0]);
    if !plan.seeds.contains(&seed) {
        return Err(Failure::Input(format!("--seed: there is no run with the seed {seed}")));
    }
    let named = arms::named(&plan, &arguments.arms)?;
    let first = named.first().map_or(&plan.arms[0], |place| &plan.arms[*place]);
    let alike = |arm: &Arm| arm.settings.network == first.settings.network && arm.settings.loss == first.settings.loss;
    let chosen: Vec<usize> = match named.is_empty() {
        true => (0..plan.arms.len()).filter(|place| alike(&plan.arms[*place])).collect(),
        false => named,
    };
    if let Some(other) = chosen.iter().map(|place| &plan.arms[*place]).find(|arm| !alike(arm)) {
        let text = format!(
            "{} has another network or loss than {}: their weights lie on no common plane",
            other.label, first.label
        );
        return Err(Failure::Input(text));
    }
    let ways = chosen.iter().map(|place| way(&stored, &plan.arms[*place], seed));
    let ways = ways.collect::<Result<Vec<_>, Failure>>()?;
    let batch = samples(&plan, arguments, seed)?;
    let surface = Surface::new(&ways, first.settings.loss, &batch);
    let surface = surface.ok_or_else(|| {
        Failure::Input("the weights that were saved lie on a line: save them more often, or draw several arms".into())
    })?;
    let figure = SurfaceFigure {
        surface: &surface,
        arms: chosen.iter().map(|place| (*place, &*plan.arms[*place].label)).collect(),
        seed,
        samples: batch.samples.len(),
    };
    let drawn = report::draw_surface(&stored, &figure).map_err(Failure::execution)?;
    let lines: Vec<_> = drawn.iter().map(|path| path.display().to_string()).collect();
    print(&lines)
}

/// The networks that a run left, in the order of training.
fn way(stored: &Folder, arm: &Arm, seed: u64) -> Result<Vec<Network<f64>>, Failure> {
    let folder = weights_folder(&arm.slug, seed);
    let steps = saved_steps(stored, &arm.slug, seed).map_err(Failure::execution)?;
    if steps.len() < 2 {
        return Err(Failure::Input(format!(
            "{}: the run left weights of {} steps, and a way needs two; write `save: (weights: [Every(Epochs(1))])` and run it again",
            stored.path().join(&folder).display(),
            steps.len()
        )));
    }
    let kept = report::evenly(steps.len(), MOST_POINTS).map(|place| steps[place]);
    let read = |step| {
        let path = stored.path().join(&folder).join(weights_file(step));
        let saved = Saved::load(&path).map_err(Failure::execution)?;
        let network = saved.network::<f64>();
        network.map_err(|problem| Failure::Input(format!("{}: {problem}", path.display())))
    };
    kept.map(read).collect()
}

/// The first samples of the training part of the runs with this seed.
fn samples(plan: &Plan, arguments: &Arguments, seed: u64) -> Result<Batch<f64>, Failure> {
    let data = arguments.machine.load(plan)?;
    let of_run = plan.of_run(&data, seed);
    let (parts, data) = of_run.map_err(|error| Failure::Input(plan.fault(error).to_string()))?;
    let samples: Vec<u32> = parts.train.iter().copied().take(MOST_SAMPLES).collect();
    let mut batch = Batch::default();
    data.gather(&samples, &mut batch.input, &mut batch.targets);
    batch.samples = samples;
    Ok(batch)
}
