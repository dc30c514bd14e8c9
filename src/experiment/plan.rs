//! Hold an experiment that has been read, checked and expanded to arms and seeds.

use super::parse::task_mistake;
use super::tuning::Tuning;
use super::{Arm, Compare, Replication, write};
use crate::memory;
use crate::notation::{Document, Fault};
use crate::refusal::Refusal;
use crate::tasks::{
    Augment, DataFolders, DataSet, Facts, LabelNoise, Parts, Places, Scale, Sizes, Split, Summary, Task, TaskError,
};
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
    /// How many labels of the training part are wrong.
    pub label_noise: LabelNoise,
    /// How images of training batches are changed.
    pub augment: Augment,
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
    /// Published values that the runs are held to, if any.
    pub replication: Option<Replication>,
    /// The experiment file with overrides applied and defaults written out: `experiment.ron`.
    pub text: String,
    /// The file as the user has it, which messages show.
    pub(super) document: Document,
}

impl Plan {
    /// The task's samples, with the folds that a file names: the last of what can be wrong before anything runs. Where each run has
    /// samples of its own, those of the run with seed 0.
    ///
    /// # Errors
    /// If there is too little memory, a file is missing, damaged, or another one than when the plan was made, or a target is none
    /// for an arm's loss; at the place in the experiment file that it is about.
    pub fn load(&self, folders: &DataFolders) -> Result<DataSet, Fault> {
        self.load_task(&self.task, folders).map_err(|error| self.fault(error))
    }

    /// What is wrong with the task or its data, at the place in the experiment file that it is about.
    pub fn fault(&self, error: TaskError) -> Fault {
        let root = self.document.root();
        let mistake = match root.options() {
            Ok(options) => task_mistake(error, &options, &self.folder),
            Err(mistake) => mistake,
        };
        self.document.fault(mistake)
    }

    /// The parts of a run with this seed, and the samples as it sees them, of the `data` that [`Plan::load`] gave: its own where the task
    /// says `seed: PerRun`, scaled, with noisy labels in the training part, and with changed images in its batches.
    ///
    /// # Errors
    /// As [`Split::parts`], and as [`Plan::load`] for samples of the run's own.
    pub fn of_run(&self, data: &DataSet, seed: u64) -> Result<(Parts, DataSet), TaskError> {
        let own = self.task.for_run(seed);
        let own = own
            .map(|task| self.load_task(&task, &DataFolders::none()))
            .transpose()?;
        let data = own.as_ref().unwrap_or(data);
        let parts = self.split.parts(data, seed)?;
        let data = data.for_run(seed, &self.scale, &parts);
        let data = data
            .with_label_noise(self.label_noise, seed, &parts)
            .with_augmentation(self.augment, seed);
        Ok((parts, data))
    }

    fn load_task(&self, task: &Task, folders: &DataFolders) -> Result<DataSet, TaskError> {
        if let Some(reason) = memory::lacking(self.facts.bytes) {
            let reason = format!("its samples do not fit: {reason}");
            return Err(Refusal::new("task", reason, "use fewer samples, or a machine with more memory").into());
        }
        let folder = &self.folder;
        let data = task.load(Places { folder, data: folders })?;
        let found = (data.inputs(), data.image(), data.kind(), data.samples());
        let Facts {
            inputs,
            image,
            kind,
            samples,
            ..
        } = self.facts;
        if found != (inputs, image, kind, samples) {
            let reason = "its files have changed since the experiment was checked";
            return Err(Refusal::new("task", reason, "start again").into());
        }
        let check = |arm: &Arm| self.scale.check_values(&data, &self.facts, arm.settings.loss);
        self.arms.iter().try_for_each(check)?;
        self.split.prepare(data, folder)
    }

    /// What the data hold, part by part, with what a user should know of them before running.
    ///
    /// # Errors
    /// If they cannot be split.
    pub fn summary(&self, data: &DataSet) -> Result<Summary, TaskError> {
        Summary::new(data, &self.split, &self.seeds, &self.scale)
    }

    /// The task as RON, its options written out.
    pub fn task_text(&self) -> String {
        write::value(&self.task)
    }
}
