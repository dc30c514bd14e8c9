//! `creditlab report`: draw figures, compare arms and write the page again from the files of results.

use super::output::{print, say};
use super::{Failure, folders};
use crate::metrics::Metric;
use crate::notation::{list, suggestion};
use crate::report::{FigureColumns, PrintChoice, PrintOrder, ReportError, Venue};
use crate::results::Folder;
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
    /// Draw for a venue, into figures/VENUE: its widths and size of text, as PDF, SVG, PNG and LaTeX, with a table of scores
    #[arg(long = "for", value_name = "VENUE", value_parser = venue)]
    venue: Option<Venue>,
    /// With --for: how many of the venue's columns every figure is wide
    #[arg(long, value_name = "1|2", requires = "venue", value_parser = columns)]
    columns: Option<FigureColumns>,
    /// With --for: these arms alone, by label or name in arms.csv, divided by commas
    #[arg(long, value_name = "ARMS", requires = "venue", value_delimiter = ',')]
    arms: Vec<String>,
    /// With --for: these arms first, in this order
    #[arg(long, value_name = "ARMS", requires = "venue", value_delimiter = ',')]
    order: Vec<String>,
    /// With --for: another label for an arm, 'arm=label'; may be repeated
    #[arg(long, value_name = "ARM=LABEL", requires = "venue", value_parser = label)]
    labels: Vec<(String, String)>,
    /// With --for: these layers alone, such as hidden,layer1
    #[arg(long, value_name = "LAYERS", requires = "venue", value_delimiter = ',')]
    layers: Vec<String>,
}

fn venue(text: &str) -> Result<Venue, String> {
    let found = Venue::ALL.into_iter().find(|venue| venue.name() == text);
    found.ok_or_else(|| format!("there are {}", list(Venue::ALL.map(Venue::name))))
}

fn columns(text: &str) -> Result<FigureColumns, String> {
    match text {
        "1" => Ok(FigureColumns::One),
        "2" => Ok(FigureColumns::Two),
        _ => Err("there are 1 and 2".into()),
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    let (arm, label) = text
        .split_once('=')
        .ok_or("write an arm, `=` and its label, such as 'backprop=BP'")?;
    Ok((arm.trim().to_owned(), label.trim().to_owned()))
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let metric = arguments.metric.as_deref().map(metric).transpose()?;
    for folder in &arguments.folders {
        let folder = folders::open(folder)?;
        let _lock = folder.lock().map_err(Failure::execution)?;
        if let Some(venue) = arguments.venue {
            print_for(&folder, arguments, venue, metric)?;
            continue;
        }
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

/// Draws for a venue, and says in which font.
fn print_for(
    folder: &Folder,
    arguments: &Arguments,
    venue: Venue,
    metric: Option<&'static Metric>,
) -> Result<(), Failure> {
    let order = PrintOrder {
        venue,
        columns: arguments.columns.unwrap_or(FigureColumns::Needed),
        choice: PrintChoice {
            arms: arguments.arms.clone(),
            first: arguments.order.clone(),
            labels: arguments.labels.clone(),
            layers: arguments.layers.clone(),
        },
        metric,
    };
    let printed = report::print_for(folder, &order).map_err(|error| match error {
        ReportError::Choice(problem) => Failure::Input(format!("{}: {problem}", folder.path().display())),
        error => error.into(),
    })?;
    if let Some(preferred) = &printed.preferred {
        say(format!(
            "note: {preferred} is not among the fonts of this machine, so text is set in {}; the LaTeX files take the paper's font",
            printed.font
        ));
    }
    for (figure, width) in &printed.too_wide {
        say(format!(
            "note: `{figure}` is {width:.0} mm wide, more than was asked for: its labels leave no room; shorten them with --labels"
        ));
    }
    print(&paths(&printed.files))
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
