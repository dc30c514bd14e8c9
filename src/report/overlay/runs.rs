//! Find the runs that a theory speaks of, with the weights they left and the samples they learned from.

use crate::arrays::{self, Array, ArraysError};
use crate::experiment::{Arm, Plan};
use crate::linalg::{Matrix, empty};
use crate::network::{Activation, weight_name};
use crate::report::ReportError;
use crate::results::names::{weights_file, weights_folder};
use crate::results::{Folder, ResultsError, saved_steps};
use crate::tasks::DataFolders;
use crate::update::{Optimizer, Recipe};

/// That an experiment is none that a theory speaks of.
pub fn unfit(reason: impl Into<String>) -> ReportError {
    ReportError::NoTheory(reason.into())
}

/// A run that left weights.
pub struct SavedRun<'a> {
    pub arm: &'a Arm,
    pub seed: u64,
    /// When it left them; from the start, in order.
    pub steps: Vec<u64>,
    folder: &'a Folder,
}

/// The runs, by arm and seed, of the arms that one of these rules trains; each has left its weights at the start and later.
pub fn saved_runs<'a>(plan: &'a Plan, folder: &'a Folder, rules: &[&str]) -> Result<Vec<SavedRun<'a>>, ReportError> {
    let mut runs = Vec::new();
    let trained = |arm: &&Arm| rules.contains(&arm.rule.rule.name());
    for arm in plan.arms.iter().filter(trained) {
        for seed in plan.seeds.iter().copied() {
            let steps = saved_steps(folder, &arm.slug, seed)?;
            if steps.first() != Some(&0) || steps.len() < 2 {
                let (label, folder) = (&arm.label, folder.path().display());
                return Err(unfit(format!(
                    "{folder} holds no weights of `{label}`, seed {seed}, at the start and later: use `save: (weights: [Steps(0), .., End])`"
                )));
            }
            runs.push(SavedRun {
                arm,
                seed,
                steps,
                folder,
            });
        }
    }
    match runs.is_empty() {
        true => Err(unfit(format!("no arm is trained by `{}`", rules.join("` or `")))),
        false => Ok(runs),
    }
}

impl SavedRun<'_> {
    /// All arrays that the run left at a step.
    pub fn arrays(&self, step: u64) -> Result<Arrays, ReportError> {
        let name = format!("{}/{}", weights_folder(&self.arm.slug, self.seed), weights_file(step));
        let path = self.folder.path().join(name);
        let error = |error| match error {
            ArraysError::Io(source) => ResultsError::Io {
                path: path.clone(),
                action: "read",
                source,
            },
            ArraysError::Damaged(problem) => ResultsError::Arrays {
                path: path.clone(),
                problem,
            },
        };
        Ok(Arrays(arrays::load(&path).map_err(error)?))
    }

    /// The weights `W_1 .. W_L` at a step.
    pub fn weights(&self, step: u64) -> Result<Vec<Matrix<f64>>, ReportError> {
        let arrays = self.arrays(step)?;
        let layers = 0..=self.arm.settings.network.hidden_layers();
        layers.map(|l| arrays.matrix(&weight_name(l))).collect()
    }

    /// The rate of plain gradient descent.
    pub fn rate(&self) -> Result<f64, ReportError> {
        plain_rate(&self.arm.settings.optimizer).ok_or_else(|| {
            unfit(format!(
                "`{}` has another optimizer than `Sgd(learning_rate: ..)`",
                self.arm.label
            ))
        })
    }

    /// Refuses networks that are not linear, or have biases.
    pub fn is_linear(&self) -> Result<(), ReportError> {
        let network = &self.arm.settings.network;
        let linear = (0..=network.hidden_layers()).all(|l| network.activation_of(l) == Activation::Identity);
        let biases = self.arrays(0)?.0.iter().any(|array| array.name.ends_with(".bias"));
        match linear && !biases {
            true => Ok(()),
            false => Err(unfit(format!(
                "the network of `{}` is not linear without biases",
                self.arm.label
            ))),
        }
    }

    /// What a legend calls the run, beside all others of the plan.
    pub fn name(&self, plan: &Plan) -> String {
        match (plan.arms.len(), plan.seeds.len()) {
            (_, 1) => self.arm.label.clone(),
            (1, _) => format!("seed {}", self.seed),
            _ => format!("{}, seed {}", self.arm.label, self.seed),
        }
    }
}

fn plain_rate(recipe: &Recipe) -> Option<f64> {
    let rate = recipe.optimizer.learning_rate();
    (*recipe == Recipe::from(Optimizer::sgd(rate))).then_some(rate)
}

/// Arrays of a file.
pub struct Arrays(Vec<Array>);

impl Arrays {
    /// One of them, a vector as a column.
    pub fn matrix(&self, name: &str) -> Result<Matrix<f64>, ReportError> {
        let array = self.0.iter().find(|array| array.name == name);
        let array = array.ok_or_else(|| unfit(format!("the saved weights have no array `{name}`")))?;
        match array.shape[..] {
            [rows] => Ok(Matrix::from_vec(rows, 1, array.values())),
            [rows, columns] => Ok(Matrix::from_vec(rows, columns, array.values())),
            _ => Err(unfit(format!("the array `{name}` is no matrix"))),
        }
    }
}

/// The samples of the training part, in columns, of the run with a seed, and their targets.
pub fn training_part(plan: &Plan, seed: u64) -> Result<(Matrix<f64>, Matrix<f64>), ReportError> {
    let data = plan.load(&DataFolders::none())?;
    let (parts, data) = plan.of_run(&data, seed).map_err(|error| plan.fault(error))?;
    let (mut x, mut y) = (empty(), empty());
    data.gather(&parts.train, &mut x, &mut y);
    Ok((x, y))
}

/// So many numbers from the first to the last, evenly spaced.
pub fn evenly(first: f64, last: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| first + (last - first) * i as f64 / (count - 1) as f64)
}
