//! Draw several results side by side: a plot for each, with one legend for the arms of all.

use super::axis::{Axis, Outside};
use super::caption::{self, capital};
use super::columns::TextColumn;
use super::convergence::ScorePanel;
use super::curve::{self, Curve};
use super::curves::Figure;
use super::data::{CURVES, Data, MeanAndInterval};
use super::drawing::Drawing;
use super::finals::{self, FinalScore};
use super::numbers::{FigureNumbers, cells};
use super::panel::Panel;
use super::print::{Press, PrintOrder, Printed};
use super::row_plots::{RowPlot, RowPlots};
use super::rows::{self, ScoreRow};
use super::sketch::Sketch;
use super::style::Paper;
use super::titled::Titled;
use super::venue::Venue;
use super::{ReportError, latex, layers, outside_of, quantities};
use crate::metrics::{ACCURACY, FEEDBACK_ANGLE, GRADIENT_ANGLE, LOSS, Metric, MetricUnit};
use crate::results::names::SUMMARY_IN_LATEX;
use crate::results::{ArmRow, Folder};
use std::collections::BTreeSet;

/// Figures of several results side by side, each result under a title: scores and angles over training, and the final scores.
pub struct SideBySide {
    results: Vec<Titled>,
    paper: Paper,
    is_for_venue: bool,
    figures: Vec<(&'static str, Option<Sketch>)>,
    /// The table of final scores in LaTeX, where no single metric is drawn.
    table: Option<String>,
}

impl SideBySide {
    /// Reads results, each with its title, and takes of them what is to be drawn; writes nothing.
    ///
    /// Arms that have one name are one arm. Where `venue` is left out, figures are as wide as those of a result alone.
    ///
    /// # Errors
    /// As [`super::print_for`]; and [`ReportError::Choice`] where a page has no room for so many plots, or there is no result.
    pub fn read(results: &[(String, Folder)], venue: Option<Venue>, order: &PrintOrder) -> Result<Self, ReportError> {
        if results.is_empty() {
            return Err(ReportError::Choice("there is no result to draw".to_owned()));
        }
        let curves = order.metric.map_or(&CURVES[..], std::slice::from_ref);
        let paper = venue.map_or(Paper::JOURNAL, |venue| venue.paper(order.columns));
        let mut titled = Vec::new();
        for (title, folder) in results {
            let data = Data::read(folder, curves)?;
            let title = title.clone();
            titled.push(Titled { title, data });
        }
        let arms = all_arms(&titled);
        for Titled { data, .. } in &mut titled {
            data.spread_over(&arms);
            data.paper = paper;
        }
        let layers = titled.iter().flat_map(|result| result.data.layers()).collect();
        for Titled { data, .. } in &mut titled {
            data.choose(&order.choice, &layers).map_err(ReportError::Choice)?;
        }
        Ok(Self {
            figures: figures(&titled, order)?,
            table: order.metric.is_none().then(|| latex::side_by_side(&titled)),
            results: titled,
            paper,
            is_for_venue: venue.is_some(),
        })
    }

    /// Draws the figures into a folder.
    ///
    /// # Errors
    /// As [`super::print_for`], but for what was chosen.
    pub fn print(self, out: &Folder) -> Result<Printed, ReportError> {
        let mut press = Press::new(out, String::new(), self.is_for_venue);
        for (name, sketch) in self.figures {
            press.print(name, sketch, &self.results[0].data)?;
        }
        if let Some(table) = self.table {
            press.place(SUMMARY_IN_LATEX, table.as_bytes())?;
        }
        Ok(press.printed(&self.paper))
    }
}

/// The figures that were chosen, by name; one that no result has anything for is `None`.
fn figures(results: &[Titled], order: &PrintOrder) -> Result<Vec<(&'static str, Option<Sketch>)>, ReportError> {
    let chosen = &order.choice.layers;
    let sketches = match order.metric {
        Some(metric) => {
            let sketch = match metric.is_score() {
                true => scores(results, std::slice::from_ref(metric)),
                false => of_layers(results, metric, chosen),
            };
            vec![(metric.name, sketch)]
        }
        None => vec![
            ("convergence", scores(results, &[ACCURACY, LOSS])),
            ("alignment", of_layers(results, &GRADIENT_ANGLE, chosen)),
            ("feedback", of_layers(results, &FEEDBACK_ANGLE, chosen)),
            ("final", finals(results)),
        ],
    };
    let fitting = |(name, sketch)| Ok((name, fitting(name, sketch, &results[0].data)?));
    sketches.into_iter().map(fitting).collect()
}

/// The arms of all results, each once, in the order in which they come.
fn all_arms(results: &[Titled]) -> Vec<ArmRow> {
    let mut arms: Vec<ArmRow> = Vec::new();
    for arm in results.iter().flat_map(|result| &result.data.arms) {
        if !arms.iter().any(|other| other.arm == arm.row.arm) {
            arms.push(arm.row.clone());
        }
    }
    arms
}

/// A sketch whose plots have room on a page.
fn fitting(
    figure: &'static str,
    sketch: Result<Option<Sketch>, Outside>,
    data: &Data,
) -> Result<Option<Sketch>, ReportError> {
    let sketch = sketch.map_err(|outside| outside_of(figure, outside))?;
    if let Some(Sketch::Captioned(plots, _)) = &sketch {
        let arms = plots.arms().into_iter();
        let most = Figure::most(&data.paper, arms.map(|arm| (arm, &*data.arms[arm].row.label)));
        let count = plots.panels.len();
        if count > most {
            let text = format!("`{figure}` has {count} plots, and a page has room for {most}; give fewer results");
            return Err(ReportError::Choice(text));
        }
    }
    Ok(sketch)
}

/// What a caption says of one result, of which these arms are drawn.
fn about(result: &Titled, mut sentences: Vec<String>, arms: &BTreeSet<usize>) -> String {
    sentences.extend(caption::about_arms(&result.data, arms));
    format!("{}: {}", result.title, sentences.join(" "))
}

/// The same where they are drawn as curves.
fn about_curves(result: &Titled, what: String, curves: &[&Curve]) -> String {
    let arms = curves.iter().map(|curve| curve.arm).collect();
    about(result, vec![what, caption::runs(&result.data, curves)], &arms)
}

fn captioned(title: &'static str, panels: Vec<Panel>, shared: bool, mut text: Vec<String>, of: Vec<String>) -> Sketch {
    text.push(caption::bands());
    text.extend(caption::cut_intervals(panels.iter().any(Panel::cuts_intervals)));
    text.extend(of);
    let figure = Figure { title, panels, shared };
    Sketch::Captioned(figure, text.join("\n") + "\n")
}

/// The first of these scores that each result has, along training.
fn scores(results: &[Titled], scores: &[Metric]) -> Result<Option<Sketch>, Outside> {
    let (mut panels, mut of) = (Vec::new(), Vec::new());
    for result in results {
        let Some(found) = scores.iter().find_map(|score| ScorePanel::of(score, &result.data)) else {
            continue;
        };
        let what = [Some(capital(&found.shown) + "."), found.remark].into_iter().flatten();
        let what = what.collect::<Vec<_>>().join(" ");
        of.push(about_curves(
            result,
            what,
            &found.panel.curves.iter().collect::<Vec<_>>(),
        ));
        panels.push(Panel {
            title: result.title.clone(),
            ..found.panel
        });
    }
    let text = vec!["Convergence over training, a plot for each result.".to_owned()];
    Ok((!panels.is_empty()).then(|| captioned("Convergence", panels, false, text, of)))
}

/// What is drawn of the layers of one result.
struct LayerPlots<'a> {
    result: &'a Titled,
    /// Which layers they are.
    what: String,
    /// Titles and curves.
    plots: Vec<(String, Vec<Curve>)>,
}

impl<'a> LayerPlots<'a> {
    /// Of the layers that were chosen, or of all hidden layers together, where a metric has values for them.
    fn of(result: &'a Titled, metric: &Metric, reference: &str, chosen: &[String]) -> Self {
        let of = |layer: &str| {
            let curves = result.data.curves(metric, metric.split(), layer, reference);
            (!curves.is_empty()).then_some(curves)
        };
        let title = &result.title;
        if !chosen.is_empty() {
            let plot = |layer: &String| Some((format!("{title}, {layer}"), of(layer)?));
            return Self {
                result,
                what: "The layers that were chosen.".to_owned(),
                plots: chosen.iter().filter_map(plot).collect(),
            };
        }
        let groups = [
            ("hidden", "All hidden layers together."),
            ("all", "All layers together that have such values."),
            ("none", "The whole network."),
        ];
        let found = groups.into_iter().find_map(|(layer, what)| Some((of(layer)?, what)));
        let (plots, what) = found.map_or_else(Default::default, |(curves, what)| (vec![(title.clone(), curves)], what));
        Self {
            result,
            what: what.to_owned(),
            plots,
        }
    }

    fn curves(&self) -> impl Iterator<Item = &Curve> {
        self.plots.iter().flat_map(|(_, curves)| curves)
    }
}

/// A metric of layers along training.
fn of_layers(results: &[Titled], metric: &Metric, chosen: &[String]) -> Result<Option<Sketch>, Outside> {
    let mut references = results.iter().filter_map(|result| layers::shown(&result.data, metric));
    let Some(reference) = references.next() else {
        return Ok(None);
    };
    let mut of_results: Vec<LayerPlots<'_>> = results
        .iter()
        .map(|result| LayerPlots::of(result, metric, &reference, chosen))
        .collect();
    of_results.retain(|of| !of.plots.is_empty());
    let drawn = curve::drawn(of_results.iter().flat_map(LayerPlots::curves));
    let Some(y) = layers::axis(metric, &reference, drawn) else {
        return Ok(None);
    };
    let told = of_results
        .iter()
        .map(|of| about_curves(of.result, of.what.clone(), &of.curves().collect::<Vec<_>>()))
        .collect();
    let is_angle = metric.unit == MetricUnit::Degrees;
    let panel = |(title, curves): (String, Vec<Curve>)| {
        Some(Panel {
            title,
            x: quantities::epochs(curve::epochs(&curves))?,
            y: y.clone(),
            others: Vec::new(),
            mark_at: is_angle.then_some(layers::RIGHT),
            curves,
        })
    };
    let plots = of_results.into_iter().flat_map(|of| of.plots);
    let panels: Vec<Panel> = plots.filter_map(panel).collect();
    let text = vec![layers::sentence(metric, &reference)];
    let title = "A quantity of layers over training";
    Ok((!panels.is_empty()).then(|| captioned(title, panels, true, text, told)))
}

/// Final scores of one result.
struct FinalPlot<'a> {
    result: &'a Titled,
    score: FinalScore,
    rows: Vec<ScoreRow>,
    axis: Axis,
    values: Vec<Option<MeanAndInterval>>,
}

impl<'a> FinalPlot<'a> {
    fn of(result: &'a Titled) -> Option<Self> {
        let data = &result.data;
        let score = FinalScore::shown(data)?;
        let rows: Vec<ScoreRow> = data.drawable().map(|arm| finals::row(data, arm, &score)).collect();
        let values: Vec<Option<MeanAndInterval>> = rows.iter().map(|row| row.value).collect();
        let title = quantities::title(capital(&score.named()), &score.metric);
        let drawn = rows::drawn(values.iter().flatten());
        let axis = quantities::score(&score.metric, title, &drawn, TICKS)?;
        Some(Self {
            result,
            score,
            rows,
            axis,
            values,
        })
    }

    fn caption(&self) -> String {
        let data = &self.result.data;
        let scored = self.rows.iter().filter(|row| row.value.is_some());
        let runs = scored.map(|row| (row.arm, row.seeds.len() as u64)).collect();
        let sentences = vec![
            format!(
                "{} {}.",
                capital(&self.score.named()),
                quantities::say_score(&self.score.metric, &self.axis)
            ),
            caption::bars(self.score.interval_method(data)),
            caption::sample_sizes(data, &runs),
        ];
        about(self.result, sentences, &runs.keys().copied().collect())
    }
}

/// Ticks of an axis of final scores.
const TICKS: usize = 4;

/// Final scores: a row an arm, a plot for each result.
fn finals(results: &[Titled]) -> Result<Option<Sketch>, Outside> {
    let plots: Vec<FinalPlot<'_>> = results.iter().filter_map(FinalPlot::of).collect();
    let Some(first) = plots.first() else {
        return Ok(None);
    };
    let paper = &first.result.data.paper;
    let of = |with_numbers: bool| RowPlots {
        title: "Final scores",
        arms: first.rows.iter().map(|row| (row.arm, &*row.label)).collect(),
        plots: plots
            .iter()
            .map(|plot| RowPlot {
                heading: &plot.result.title,
                axis: &plot.axis,
                lines: &[],
                values: &plot.values,
                share: 1.0 / plots.len() as f64,
                numbers: with_numbers.then(|| TextColumn {
                    heading: "mean ± 95 %",
                    cells: plot.rows.iter().map(|row| &*row.numbers).collect(),
                }),
            })
            .collect(),
    };
    let drawn = of(of(true).fits(paper));
    let mut text = vec![
        "Final scores, at the last measured step of each run: means over seeds, a row for each arm, a plot for each result.".to_owned(),
    ];
    let cut = |plot: &FinalPlot<'_>| rows::cuts(&plot.axis, plot.values.iter().flatten());
    text.extend(caption::cut_intervals(plots.iter().any(cut)));
    text.extend(plots.iter().map(FinalPlot::caption));
    let drawing = Drawing {
        svg: drawn.draw(paper)?,
        caption: text.join("\n") + "\n",
    };
    let mut numbers = FigureNumbers::new(&["result", "quantity", "arm", "n", "mean", "ci_low", "ci_high"]);
    for plot in &plots {
        for row in &plot.rows {
            let slug = &plot.result.data.arms[row.arm].row.arm;
            let named = [&plot.result.title, &plot.score.title(), slug].map(String::clone);
            let mut cells_of: Vec<String> = named.into_iter().chain([row.seeds.len().to_string()]).collect();
            cells_of.extend(cells(row.value));
            numbers.add(cells_of);
        }
    }
    Ok(Some(Sketch::Sheet(drawing, numbers)))
}
