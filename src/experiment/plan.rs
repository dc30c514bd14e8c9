//! Hold an experiment that has been read, checked and expanded to arms and seeds.

use super::tuning::Tuning;
use super::{Arm, Compare, write};
use crate::tasks::{DataFolders, DataSet, Facts, Places, Scale, Sizes, Split, Task, TaskError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The number type of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Double precision.
    F64,
}

/// An experiment ready to run.
#[derive(Clone)]
pub struct Plan {
    /// The results folder's name.
    pub name: String,
    /// The folder that paths in the file are relative to.
    pub folder: PathBuf,
    /// What is learned.
    pub task: Task,
    /// What is known of it.
    pub facts: Facts,
    /// How its samples are split.
    pub split: Split,
    /// How many samples each part has.
    pub sizes: Sizes,
    /// How its numbers are scaled.
    pub scale: Scale,
    /// In the order of the file.
    pub arms: Vec<Arm>,
    /// The paths in which arms differ, such as `optimizer.learning_rate`.
    pub paths: Vec<String>,
    /// In the order given.
    pub seeds: Vec<u64>,
    /// Of all runs.
    pub precision: Precision,
    /// How trials are judged, where something is tuned.
    pub tuning: Option<Tuning>,
    /// Which arms are compared, if any.
    pub compare: Option<Compare>,
    /// The experiment file with overrides applied and defaults written out: `experiment.ron`.
    pub text: String,
}

impl Plan {
    /// What a user should know before running: `label: warning` for each arm whose rule has one, and whether the seeds are too
    /// few to compare anything.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let of_arms = self.arms.iter().filter_map(|arm| {
            let warning = arm.rule.rule.warning(&arm.settings.optimizer)?;
            Some(format!("{}: {warning}", arm.label))
        });
        of_arms.chain(self.too_few_seeds())
    }

    /// The warning about the number of seeds, if they are too few for the comparison asked for.
    pub fn too_few_seeds(&self) -> Option<String> {
        self.compare.as_ref()?.warning(self.arms.len(), self.seeds.len())
    }

    /// The task's samples, with the folds that a file names.
    ///
    /// # Errors
    /// If a file is missing, damaged, or another one than when the plan was made, or a target is none for an arm's loss.
    pub fn load(&self, folders: &DataFolders) -> Result<DataSet, TaskError> {
        let folder = &self.folder;
        let data = self.task.load(Places { folder, data: folders })?;
        if (data.inputs(), data.kind(), data.samples()) != (self.facts.inputs, self.facts.kind, self.facts.samples) {
            return Err(TaskError {
                place: crate::tasks::Place::Field("task"),
                reason: "its files have changed since the experiment was checked".into(),
                remedy: "start again".into(),
            });
        }
        let check = |arm: &Arm| self.scale.check_values(&data, &self.facts, arm.settings.loss);
        self.arms.iter().try_for_each(check)?;
        self.split.prepare(data, folder)
    }

    /// The task as RON, its options written out.
    pub fn task_text(&self) -> String {
        write::value(&self.task)
    }
}
