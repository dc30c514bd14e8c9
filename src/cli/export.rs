//! `creditlab export`: write a result in the formats of other programs.

use super::Failure;
use super::folders;
use super::output::{count, print};
use crate::export::{tensorboard, wide_csv};
use crate::results::Folder;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Arguments {
    /// A results folder, such as results/quickstart
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What to write
    #[arg(long, value_name = "FORMAT")]
    to: ExportFormat,
    /// Where a folder with the result's name is made
    #[arg(long, value_name = "DIR", default_value = "exports")]
    out: PathBuf,
}

/// What other programs read.
#[derive(Clone, Copy, ValueEnum)]
enum ExportFormat {
    /// A folder for each run, with all its values as scalars, in single precision
    #[value(name = "tensorboard")]
    TensorBoard,
    /// A row for each moment of a run, a column for each series
    WideCsv,
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let result = folders::open(&arguments.folder)?;
    let out = target(&arguments.folder, &arguments.out)?;
    let line = match arguments.to {
        ExportFormat::TensorBoard => {
            let runs = tensorboard::write(&result, &out).map_err(Failure::execution)?;
            let folder = out.path().display();
            format!(
                "{} in {folder}; to look at them: tensorboard --logdir {folder}",
                count(runs, "run")
            )
        }
        ExportFormat::WideCsv => {
            let rows = wide_csv::write(&result, &out).map_err(Failure::execution)?;
            format!(
                "{} in {}",
                count(rows, "row"),
                out.path().join(wide_csv::FILE).display()
            )
        }
    };
    print(&[line])
}

/// The folder for what is written of a result, made if it is not there.
fn target(result: &Path, out: &Path) -> Result<Folder, Failure> {
    // `.` has a name too
    let whole = result.canonicalize().map_err(Failure::execution)?;
    let path = out.join(whole.file_name().unwrap_or_default());
    folders::for_output(&path)
}
