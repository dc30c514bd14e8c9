//! `creditlab report`: draw figures, compare arms and write the page again from the files of results.

use super::output::print;
use super::{Failure, folders};
use crate::metrics::Metric;
use crate::notation::{list, suggestion};
use crate::rules::Registry;
use crate::{report, results};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Results folders, such as results/quickstart
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Draw this metric over training, layer by layer, and nothing else: update_norm, residual, any that `metrics.csv` has
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let metric = arguments.metric.as_deref().map(metric).transpose()?;
    for folder in &arguments.folders {
        let folder = folders::open(folder)?;
        let _lock = folder.lock().map_err(Failure::execution)?;
        if let Some(metric) = metric {
            let drawn = report::draw_metric(&folder, metric).map_err(Failure::execution)?;
            if drawn.is_empty() {
                let text = format!("{}: {} was not measured", folder.path().display(), metric.name);
                return Err(Failure::Input(text));
            }
            print(&paths(&drawn))?;
            continue;
        }
        let compared = results::rewrite_comparisons(&folder).map_err(Failure::execution)?;
        let mut drawn = report::write_in(&folder, registry, &|| false).map_err(Failure::execution)?;
        drawn.extend(compared);
        print(&paths(&drawn))?;
    }
    Ok(())
}

fn paths(drawn: &[PathBuf]) -> Vec<String> {
    drawn.iter().map(|path| path.display().to_string()).collect()
}

/// The metric of this name.
fn metric(name: &str) -> Result<&'static Metric, Failure> {
    let names = || Metric::all().map(|metric| metric.name);
    Metric::all().find(|metric| metric.name == name).ok_or_else(|| {
        let near = suggestion(name, names()).unwrap_or_else(|| format!("there are {}", list(names())));
        Failure::Input(format!("--metric: no metric is called `{name}`; {near}"))
    })
}
