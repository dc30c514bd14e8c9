//! `creditlab report`: draw figures, compare arms and write the page again from the files of results, or draw them for a paper.

use super::output::{print, say};
use super::{Failure, folders};
use crate::experiment::check_label;
use crate::metrics::Metric;
use crate::notation::{list, remedy};
use crate::report::{FigureColumns, PrintChoice, PrintOrder, Printed, ReportError, SideBySide, Venue};
use crate::results::Folder;
use crate::rules::Registry;
use crate::{report, results};
use clap::{ArgGroup, Args};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(group = ArgGroup::new("print").args(["venue", "out"]).multiple(true))]
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
    /// Draw the results side by side, a plot for each, into this folder; arms of one name are one arm
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With --out: what stands above the plot of a result, 'folder=title' with the name of its folder; may be repeated
    #[arg(long, value_name = "FOLDER=TITLE", requires = "out", value_parser = label)]
    titles: Vec<(String, String)>,
    /// With --for: how many of the venue's columns every figure is wide
    #[arg(long, value_name = "1|2", requires = "venue", value_parser = columns)]
    columns: Option<FigureColumns>,
    /// With --for or --out: these arms alone, by label or name in arms.csv, divided by commas
    #[arg(long, value_name = "ARMS", requires = "print", value_delimiter = ',')]
    arms: Vec<String>,
    /// With --for or --out: these arms first, in this order
    #[arg(long, value_name = "ARMS", requires = "print", value_delimiter = ',')]
    order: Vec<String>,
    /// With --for or --out: another label for an arm, 'arm=label'; may be repeated
    #[arg(long, value_name = "ARM=LABEL", requires = "print", value_parser = label)]
    labels: Vec<(String, String)>,
    /// With --for or --out: these layers alone, such as hidden,layer1
    #[arg(long, value_name = "LAYERS", requires = "print", value_delimiter = ',')]
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
        .ok_or("write a name, `=` and what is to stand in its place, such as 'backprop=BP'")?;
    let label = label.trim();
    check_label(label).map_err(|mistake| format!("{}; {}", mistake.title, mistake.help.unwrap_or_default()))?;
    Ok((arm.trim().to_owned(), label.to_owned()))
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let metric = arguments.metric.as_deref().map(metric).transpose()?;
    if let Some(out) = &arguments.out {
        return side_by_side(arguments, out, metric);
    }
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

/// Draws results side by side, each under the name of its folder or the title given for it.
fn side_by_side(arguments: &Arguments, out: &Path, metric: Option<&'static Metric>) -> Result<(), Failure> {
    let names = names(&arguments.folders)?;
    for (name, _) in &arguments.titles {
        if !names.contains(name) {
            let help = remedy(name, names.iter().map(|name| &**name));
            let text = format!("--titles: no result is called `{name}`; {help}");
            return Err(Failure::Input(text));
        }
    }
    let (mut results, mut locks) = (Vec::new(), Vec::new());
    for (path, name) in arguments.folders.iter().zip(&names) {
        let folder = folders::open(path)?;
        locks.push(folder.lock().map_err(Failure::execution)?);
        let title = arguments.titles.iter().find(|(of, _)| of == name);
        results.push((title.map_or(name, |(_, title)| title).clone(), folder));
    }
    // before the folder is made: a choice that is refused leaves nothing behind
    let figures = SideBySide::read(&results, arguments.venue, &order(arguments, metric));
    let figures = figures.map_err(|error| chosen(error, "--out"))?;
    say_printed(&figures.print(&folders::for_output(out)?)?)
}

/// What results are called: the names of their folders, or their whole paths where names are not enough.
fn names(folders: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let last = |path: &PathBuf| {
        // `.` has a name too
        let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
        whole.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let lasts: Vec<String> = folders.iter().map(last).collect();
    let are_enough = lasts.iter().collect::<BTreeSet<_>>().len() == lasts.len();
    let names = match are_enough {
        true => lasts,
        false => folders.iter().map(|path| path.display().to_string()).collect(),
    };
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(Failure::Input(format!("{twice} is given twice; name each result once"))),
        None => Ok(names),
    }
}

/// What is to be drawn, and how wide.
fn order(arguments: &Arguments, metric: Option<&'static Metric>) -> PrintOrder {
    PrintOrder {
        columns: arguments.columns.unwrap_or(FigureColumns::Needed),
        choice: PrintChoice {
            arms: arguments.arms.clone(),
            first: arguments.order.clone(),
            labels: arguments.labels.clone(),
            layers: arguments.layers.clone(),
        },
        metric,
    }
}

/// Something that is not there was chosen, of what is named.
fn chosen(error: ReportError, of: impl Display) -> Failure {
    match error {
        ReportError::Choice(problem) => Failure::Input(format!("{of}: {problem}")),
        error => error.into(),
    }
}

/// Draws for a venue, and says in which font.
fn print_for(
    folder: &Folder,
    arguments: &Arguments,
    venue: Venue,
    metric: Option<&'static Metric>,
) -> Result<(), Failure> {
    let printed = report::print_for(folder, venue, &order(arguments, metric));
    say_printed(&printed.map_err(|error| chosen(error, folder.path().display()))?)
}

fn say_printed(printed: &Printed) -> Result<(), Failure> {
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
    Metric::all().find(|metric| metric.name == name).ok_or_else(|| {
        let help = remedy(name, Metric::all().map(|metric| metric.name));
        Failure::Input(format!("--metric: no metric is called `{name}`; {help}"))
    })
}
