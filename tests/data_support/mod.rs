//! Make experiments with files of their own, and carry out their runs.
#![allow(dead_code)] // each test binary uses its own part

use creditlab::experiment::{Plan, Precision};
use creditlab::linalg::{Matrix, empty};
use creditlab::rules;
use creditlab::runner::{Outcome, Run};
use creditlab::tasks::{DataFolders, DataSet, Parts};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for an experiment file and the files that it names.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Places a file.
    pub fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.path().join(name), bytes).unwrap();
        self
    }

    /// The plan of an experiment with these fields.
    pub fn plan(&self, fields: &str) -> Result<Plan, String> {
        let path = self.path().join("spec.ron");
        let text = if fields.contains("arms:") {
            format!("({fields})")
        } else {
            format!("({fields}, arms: [Backprop])")
        };
        fs::write(&path, text).unwrap();
        Plan::read(&path, &rules::builtin()).map_err(|fault| fault.to_string())
    }

    /// The plan and its data.
    #[track_caller]
    pub fn open(&self, fields: &str) -> (Plan, DataSet) {
        let plan = self.plan(fields).unwrap_or_else(|message| panic!("{message}"));
        let data = plan
            .load(&DataFolders::none())
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            (data.inputs(), data.image(), data.kind(), data.samples()),
            (plan.facts.inputs, plan.facts.image, plan.facts.kind, plan.facts.samples),
            "facts agree with the data"
        );
        (plan, data)
    }

    /// The message that refuses a task.
    #[track_caller]
    pub fn refusal(&self, task: &str) -> String {
        let plan = self.plan(&format!("task: {task}"));
        plan.map(|plan| plan.text).expect_err("this experiment is wrong")
    }
}

/// All inputs and targets, as the first run's first epoch has them.
pub fn all(data: &DataSet) -> (Matrix<f64>, Matrix<f64>) {
    let (mut x, mut y) = (empty(), empty());
    data.gather(&(0..data.samples().total()).collect::<Vec<_>>(), &mut x, &mut y);
    (x, y)
}

/// The parts and the data of a run.
pub fn of_run(plan: &Plan, data: &DataSet, seed: u64) -> (Parts, DataSet) {
    plan.of_run(data, seed).unwrap_or_else(|error| panic!("{error}"))
}

/// Carries out one run of arm `arm`.
pub fn carry_out(plan: &Plan, data: &DataSet, arm: usize, seed: u64) -> Outcome {
    let (parts, data) = of_run(plan, data, seed);
    let arm = &plan.arms[arm];
    let outcome = match plan.precision {
        Precision::F32 => Run::<f32>::new(arm, seed, &data, &parts).map(|run| run.finish(&())),
        Precision::F64 => Run::<f64>::new(arm, seed, &data, &parts).map(|run| run.finish(&())),
    };
    outcome.expect("the plan has been checked").expect("nobody interrupts")
}

/// The folder of published data sets, if it is on this machine.
pub fn published(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let named = std::env::var_os("CREDITLAB_DATA").map(PathBuf::from);
    let folders = named.into_iter().chain([beside]).map(|folder| folder.join(name));
    let folder = folders.into_iter().find(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: {name} is not on this machine");
    }
    folder
}

/// An NPY file of version 1.
pub fn npy(descr: &str, fortran: bool, shape: &str, values: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

/// An IDX file of unsigned bytes.
pub fn idx(dims: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    dims.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(values);
    bytes
}
