//! `creditlab predict`: apply a saved network to new rows of data.

use super::Failure;
use super::output::{print_file, say};
use crate::results::{ResultsError, Saved};
use crate::{runner, tasks};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// A file of weights that `save` left, such as results/first/weights/backprop/0/step-400.safetensors
    #[arg(value_name = "WEIGHTS")]
    weights: PathBuf,
    /// A table with the columns that the network has learned from; targets may be missing
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let saved = Saved::load(&arguments.weights).map_err(|error| match error {
        ResultsError::Io { .. } => Failure::Input(format!(
            "{}: {}\nhelp: name a file of weights, such as results/first/weights/backprop/0/step-400.safetensors; `save: (weights: [End])` leaves one",
            arguments.weights.display(),
            std::error::Error::source(&error).map_or_else(String::new, ToString::to_string)
        )),
        other => Failure::Input(other.to_string()),
    })?;
    let wrong = |reason: String| Failure::Input(format!("{}: {reason}", arguments.weights.display()));
    let description = &saved.description;
    let inputs = saved.network::<f64>().map_err(wrong)?.inputs();
    let columns = description.inputs.as_deref();
    let rows = tasks::new_rows(&arguments.data, description.table().as_ref(), columns, inputs)
        .map_err(|error| Failure::Input(error.to_string()))?;
    if description.own_prediction {
        say(format!(
            "warning: {} predicts in a way of its own, which a file of weights does not hold; these are predictions of the network's forward pass",
            description.rule
        ));
    }
    print_file(&runner::predict(&saved, &rows).map_err(wrong)?)
}
