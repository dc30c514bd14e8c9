//! Say in JSON what experiments would do.

use super::files::{FileSizes, sizes};
use super::{Demand, demand, parameters, trial_runs, tuned};
use crate::experiment::{Arm, Plan};
use crate::network::Map;
use crate::tasks::{ClassCount, DataSet, Spread, Summary};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What `creditlab check --json` prints.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CheckDocument {
    /// The experiments, as they were named.
    pub experiments: Vec<PlanDescription>,
}

/// What an experiment would do.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PlanDescription {
    /// Its name, and that of its results folder.
    name: String,
    /// The task in words.
    task: String,
    /// Numbers that go into the network.
    inputs: u64,
    /// Numbers that come out of it.
    outputs: u64,
    /// Samples of each part.
    samples: PartSizes,
    /// What each arm runs with.
    seeds: Vec<u64>,
    /// The precision of all numbers: `F32` or `F64`.
    precision: String,
    /// Runs of all arms and seeds.
    runs: u64,
    /// Runs by which settings are chosen, before these.
    tuning_runs: u64,
    /// What is compared.
    arms: Vec<ArmDescription>,
    /// What was read of the data.
    data: DataDescription,
    /// Multiply-adds of all runs, if every rule cost what `Backprop` costs.
    multiply_adds: f64,
    /// Threads that take runs, or help inside them.
    threads: u64,
    /// Bytes of memory about taken on these threads, besides the program.
    memory_bytes: u64,
    /// Measured values, where every run takes all its steps and every metric has a value.
    measured_values: u64,
    /// Bytes of all tables, at most about.
    tables_bytes: u64,
    /// Bytes of kept runs, at most about.
    kept_runs_bytes: u64,
    /// What should be known before running.
    warnings: Vec<String>,
}

/// Samples of the parts of the data.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PartSizes {
    /// Trained on.
    train: u64,
    /// Chosen by.
    validation: u64,
    /// Tested on.
    test: u64,
}

/// An arm of an experiment.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ArmDescription {
    /// What tables call it.
    arm: String,
    /// What figures call it.
    label: String,
    /// The name of its rule.
    rule: String,
    /// Weights and biases of its network.
    parameters: u64,
    /// Changes of a run, or how many there are at most where it can end early.
    steps: u64,
    /// Samples of a batch.
    batch: u64,
    /// Its values of the settings in which arms differ, by path, as files write them.
    settings: BTreeMap<String, String>,
    /// The values that are tried for a setting, by path.
    tuned: BTreeMap<String, Vec<String>>,
}

/// What was read of the data.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DataDescription {
    /// Names of the input columns; empty where they have none.
    inputs: Vec<String>,
    /// Names of the target columns; empty where they have none.
    targets: Vec<String>,
    /// Names of the columns that are left out.
    ignored: Vec<String>,
    /// The shape of images; absent where inputs are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ImageDescription")]
    image: Option<ImageDescription>,
    /// All inputs, before they are scaled; absent where nothing is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RangeDescription")]
    range: Option<RangeDescription>,
    /// Targets that are values, before they are scaled; absent for classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RangeDescription")]
    values: Option<RangeDescription>,
    /// Each class; empty where targets are values or samples are drawn.
    classes: Vec<ClassDescription>,
}

/// The shape of images.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ImageDescription {
    /// Colours, or other values of a place.
    channels: u64,
    /// From top to bottom.
    rows: u64,
    /// From left to right.
    columns: u64,
}

/// How numbers are spread.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct RangeDescription {
    /// The smallest.
    low: f64,
    /// The largest.
    high: f64,
    /// Their mean.
    mean: f64,
    /// Their standard deviation.
    sd: f64,
}

/// A class and its samples in the parts of the first seed.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ClassDescription {
    /// What it is called.
    name: String,
    /// Its samples in each part.
    samples: PartSizes,
}

impl PlanDescription {
    /// Of an experiment and its data.
    pub fn of(plan: &Plan, data: &DataSet, summary: &Summary, threads: usize) -> Self {
        let Demand { work, bytes } = demand(plan, threads);
        let FileSizes { rows, tables, kept } = sizes(plan);
        let trials: usize = plan.arms.iter().map(|arm| trial_runs(plan, arm)).sum();
        Self {
            name: plan.name.clone(),
            task: plan.task.about(),
            inputs: plan.facts.inputs as u64,
            outputs: plan.facts.kind.outputs() as u64,
            samples: PartSizes {
                train: plan.sizes.train.into(),
                validation: plan.sizes.validation.into(),
                test: plan.sizes.test.into(),
            },
            seeds: plan.seeds.clone(),
            precision: format!("{:?}", plan.precision),
            runs: (plan.arms.len() * plan.seeds.len()) as u64,
            tuning_runs: trials as u64,
            arms: plan.arms.iter().map(|arm| ArmDescription::of(plan, arm)).collect(),
            data: DataDescription::of(data, summary),
            multiply_adds: work,
            threads: threads as u64,
            memory_bytes: bytes,
            measured_values: rows,
            tables_bytes: tables,
            kept_runs_bytes: kept,
            warnings: plan.warnings().chain(summary.warnings.iter().cloned()).collect(),
        }
    }
}

impl ArmDescription {
    fn of(plan: &Plan, arm: &Arm) -> Self {
        let batch = arm.settings.batch;
        let train = plan.sizes.train as usize;
        let values = plan.paths.iter().zip(&arm.values);
        let values = values.filter_map(|(path, value)| Some((path.clone(), value.clone()?)));
        let tried = |path: &String| -> Vec<String> { tuned(arm, path).into_iter().map(str::to_owned).collect() };
        let tried = plan.paths.iter().map(|path| (path.clone(), tried(path)));
        let tried: BTreeMap<_, _> = tried.filter(|(_, values)| !values.is_empty()).collect();
        Self {
            arm: arm.slug.clone(),
            label: arm.label.clone(),
            rule: arm.rule.rule.name().to_owned(),
            parameters: parameters(plan, arm) as u64,
            steps: arm.settings.stop.at_most().steps(batch.steps_per_epoch(train)),
            batch: batch.samples(train) as u64,
            settings: values.filter(|(path, _)| !tried.contains_key(path)).collect(),
            tuned: tried,
        }
    }
}

impl DataDescription {
    fn of(data: &DataSet, summary: &Summary) -> Self {
        let reading = data.reading();
        let image = |Map {
                         channels,
                         rows,
                         columns,
                     }| ImageDescription {
            channels: channels as u64,
            rows: rows as u64,
            columns: columns as u64,
        };
        let range = |spread: Spread| RangeDescription {
            low: spread.low,
            high: spread.high,
            mean: spread.mean,
            sd: spread.sd,
        };
        let class = |class: &ClassCount| ClassDescription {
            name: class.name.clone(),
            samples: PartSizes {
                train: class.train as u64,
                validation: class.validation as u64,
                test: class.test as u64,
            },
        };
        Self {
            inputs: reading.inputs.clone(),
            targets: reading.targets.clone(),
            ignored: reading.ignored.clone(),
            image: data.image().map(image),
            range: summary.inputs.map(range),
            values: summary.values.map(range),
            classes: summary.classes.iter().map(class).collect(),
        }
    }
}
