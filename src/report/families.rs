//! Put accuracy, alignment and work of all rules side by side: three plots that share their rows, one row an arm, the best first.

use super::axis::{Axis, Outside};
use super::columns::TextColumn;
use super::data::{Data, MeanAndInterval};
use super::drawing::Drawing;
use super::finals::{self, FinalScore};
use super::numbers::{FigureNumbers, cells, exact};
use super::row_plots::{RowPlot, RowPlots};
use super::rows::{self, ScoreRow};
use super::sketch::Sketch;
use super::{caption, layers, quantities, work};
use crate::metrics::{Better, MetricUnit};
use crate::results::IntervalMethod;

/// With fewer arms the other figures say it all.
const LEAST_ARMS: usize = 8;
/// So many arms must have an angle, and so many counted work.
const LEAST_VALUES: usize = 2;
/// Ticks of the axis of scores.
const SCORE_TICKS: usize = 5;
/// Widths of the plots, as shares of the room for them.
const SHARES: [f64; 3] = [0.4, 0.32, 0.28];

/// What is shown of an arm.
struct FamilyRow {
    /// Label, mean and interval of the score.
    score: ScoreRow,
    /// Mean angle to the reference at the end, with its interval.
    angle: Option<MeanAndInterval>,
    /// Mean multiply-adds of training.
    work: Option<f64>,
}

/// One plot: an axis, lines of reference, and a value an arm.
struct Plot {
    heading: &'static str,
    axis: Axis,
    lines: Vec<f64>,
    values: Vec<Option<MeanAndInterval>>,
}

/// All that is drawn.
struct Families {
    score: FinalScore,
    reference: String,
    layers: &'static str,
    rows: Vec<FamilyRow>,
    plots: [Plot; 3],
    /// How intervals were made, where there are any.
    method: Option<IntervalMethod>,
}

/// The figure, if there are many arms, and angles and work to compare.
pub fn sketch(data: &Data) -> Result<Option<Sketch>, Outside> {
    let Some(families) = Families::of(data) else {
        return Ok(None);
    };
    let scored = families
        .rows
        .iter()
        .map(|row| &row.score)
        .filter(|row| row.value.is_some());
    let runs = scored.map(|row| (row.arm, row.seeds.len() as u64)).collect();
    let cut = |plot: &Plot| rows::cuts(&plot.axis, plot.values.iter().flatten());
    let cuts = families.plots.iter().any(cut);
    let drawing = Drawing::of_rows(families.figure(data)?, data, families.text(), &runs, cuts);
    Ok(Some(Sketch::Sheet(drawing, families.numbers(data))))
}

impl Families {
    fn of(data: &Data) -> Option<Self> {
        let score = FinalScore::shown(data)?;
        let reference = layers::reference(data)?;
        let hidden = data.final_angles("hidden", &reference);
        let (layers, angles) = match hidden.is_empty() {
            false => ("hidden", hidden),
            true => ("all", data.final_angles("all", &reference)),
        };
        let row = |arm| FamilyRow {
            score: finals::row(data, arm, &score),
            angle: angles.get(&arm).copied(),
            work: work::of_training(data, arm),
        };
        let mut rows: Vec<FamilyRow> = data.drawable().map(row).collect();
        let with = |has: fn(&FamilyRow) -> bool| rows.iter().filter(|row| has(row)).count();
        let is_drawn = with(|row| row.score.value.is_some()) >= LEAST_ARMS
            && with(|row| row.angle.is_some()) >= LEAST_VALUES
            && with(|row| row.work.is_some()) >= LEAST_VALUES;
        if !is_drawn {
            return None;
        }
        let sign = match score.metric.better {
            Better::Larger => -1.0,
            _ => 1.0,
        };
        // the best first, those without a score last; a stable order keeps equal ones as the file has them
        let rank = |row: &FamilyRow| row.score.value.map_or(f64::INFINITY, |(mean, _)| sign * mean);
        rows.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
        Some(Self {
            plots: plots(data, &score, &reference, layers, &rows)?,
            method: score.interval_method(data),
            score,
            reference,
            layers,
            rows,
        })
    }
}

fn plots(data: &Data, score: &FinalScore, reference: &str, layers: &str, rows: &[FamilyRow]) -> Option<[Plot; 3]> {
    let mean_of = |rule: &str, value: fn(&FamilyRow) -> Option<f64>| -> Option<f64> {
        let of_rule = |row: &&FamilyRow| data.arms[row.score.arm].row.rule == rule;
        rows.iter().filter(of_rule).find_map(value)
    };
    let scores: Vec<Option<MeanAndInterval>> = rows.iter().map(|row| row.score.value).collect();
    let angles: Vec<Option<MeanAndInterval>> = rows.iter().map(|row| row.angle).collect();
    let works: Vec<Option<MeanAndInterval>> = rows.iter().map(|row| Some((row.work?, None))).collect();
    let bounds = ["Backprop", "OutputOnly"].map(|rule| mean_of(rule, |row| row.score.value.map(|(mean, _)| mean)));
    let drawn = rows::drawn(scores.iter().flatten());
    let (heading, axis) = match score.metric.unit {
        // arms that err little stand as far apart as those that err much
        MetricUnit::Share => (
            "Accuracy",
            quantities::accuracy_by_error(score.title(), &drawn, SCORE_TICKS)?,
        ),
        _ => ("Loss", quantities::loss(score.title(), &drawn)?),
    };
    Some([
        Plot {
            heading,
            axis,
            lines: bounds.into_iter().flatten().collect(),
            values: scores,
        },
        Plot {
            heading: if layers == "hidden" {
                "Alignment, hidden layers"
            } else {
                "Alignment, all layers"
            },
            axis: quantities::angle(&layers::title(reference), rows::drawn(angles.iter().flatten()))?,
            lines: vec![90.0],
            values: angles,
        },
        Plot {
            heading: "Work",
            axis: quantities::work(rows.iter().filter_map(|row| row.work))?,
            lines: mean_of("Backprop", |row| row.work).into_iter().collect(),
            values: works,
        },
    ])
}

impl Families {
    fn figure(&self, data: &Data) -> Result<String, Outside> {
        let mut numbers = Some(TextColumn {
            heading: if self.method.is_some() { "mean ± 95 %" } else { "mean" },
            cells: self.rows.iter().map(|row| &*row.score.numbers).collect(),
        });
        let plot = |(plot, share)| {
            let Plot {
                heading,
                axis,
                lines,
                values,
            }: &Plot = plot;
            // beside the first
            let numbers = numbers.take();
            RowPlot {
                heading,
                axis,
                lines,
                values,
                share,
                numbers,
            }
        };
        let plots = RowPlots {
            title: "Families of rules",
            arms: self.rows.iter().map(|row| (row.score.arm, &*row.score.label)).collect(),
            plots: self.plots.iter().zip(SHARES).map(plot).collect(),
        };
        plots.draw(&data.paper)
    }

    /// What stands in each row.
    fn numbers(&self, data: &Data) -> FigureNumbers {
        let [mean, low, high] = ["mean", "ci_low", "ci_high"];
        let mut table = FigureNumbers::new(&[
            "arm",
            mean,
            low,
            high,
            "angle",
            "angle_ci_low",
            "angle_ci_high",
            "multiply_adds",
        ]);
        for FamilyRow { score, angle, work } in &self.rows {
            let mut row = vec![data.arms[score.arm].row.arm.clone()];
            row.extend(cells(score.value));
            row.extend(cells(*angle));
            row.extend(work.map(exact));
            table.add(row);
        }
        table
    }

    fn text(&self) -> Vec<String> {
        let layers = if self.layers == "hidden" {
            "all hidden layers together; no mark where a rule trains none of them"
        } else {
            "all layers together"
        };
        vec![
            format!(
                "Rules side by side, in the order of their final {}, at the last measured step of each run.",
                self.score.named()
            ),
            format!(
                "Left: mean {}. Dashed lines: Backprop and OutputOnly, where there are such arms; of several, the best.",
                quantities::say_score(&self.score.metric, &self.plots[0].axis)
            ),
            format!(
                "Middle: angle in degrees between the update that each arm's rule proposes and the one of {}, on the same weights \
                 and the same probe batch; {layers}. Dashed line: 90 degrees.",
                self.reference
            ),
            "Right: multiply-adds of all matrix products of training, mean over seeds, on a logarithmic axis. Dashed line: \
             Backprop, where there is such an arm."
                .to_owned(),
            caption::bars(self.method),
        ]
    }
}
