//! Lay out figures made of plots over training, with one legend for all.

use super::axis::Outside;
use super::canvas::{sheet, text_width};
use super::legend::Legend;
use super::panel::{Panel, Texts};
use super::ruler::{Frame, ROOM_BELOW, room_left};
use super::style::{MM, Paper, SMALL, TEXT};
use std::collections::BTreeSet;

/// White at the edges of the sheet, in points.
const EDGE: f64 = 2.0;
/// Between a plot and the numbers or plot right of it, in points.
const BESIDE: f64 = 9.0;
/// Between the plots and the legend, in points.
const ABOVE_LEGEND: f64 = 5.0;
/// So many plots stand side by side, or, where the page would be too short, so many.
const SIDE_BY_SIDE: (usize, usize) = (4, 6);
/// Most rows of plots.
const MOST_ROWS: usize = 4;
/// A plot is at most this high, in points.
const TALLEST: f64 = 52.0 * MM;
/// Below this height, in points, a plot cannot be read.
const SHORTEST: f64 = 16.0 * MM;

/// Below this width, in points, a plot and its numbers cannot be read.
const NARROWEST: f64 = 30.0 * MM;

/// Room above a plot for its title, in points.
const TITLE: f64 = TEXT + 6.0;

/// Plots of one figure.
pub struct Figure {
    /// For readers who cannot see it.
    pub title: &'static str,
    /// In reading order.
    pub panels: Vec<Panel>,
    /// Whether all plots have the same upright axis, which then is labelled once a row.
    pub shared: bool,
}

impl Figure {
    /// The places in `arms.csv` of the arms that have a curve.
    pub fn arms(&self) -> BTreeSet<usize> {
        self.panels
            .iter()
            .flat_map(|panel| &panel.curves)
            .map(|curve| curve.arm)
            .collect()
    }

    /// How many plots fit on one page, above a legend of the arms with these places and labels.
    pub fn most<'a>(paper: &Paper, arms: impl IntoIterator<Item = (usize, &'a str)>) -> usize {
        let rows = most_rows(paper, &Legend::new(arms, paper.page - 2.0 * EDGE));
        rows * SIDE_BY_SIDE.1.min(fitting(paper.page))
    }

    /// Draws the figure as SVG; `label` gives an arm's label.
    pub fn draw<'a>(&self, paper: &Paper, label: impl Fn(usize) -> &'a str) -> Result<String, Outside> {
        let FigureLayout {
            size: (width, height),
            columns,
            frames,
            legend,
        } = self.layout(paper, label);
        sheet(paper, (width, height), self.title, |canvas| {
            for (place, (panel, frame)) in self.panels.iter().zip(frames).enumerate() {
                let texts = Texts {
                    upright: place % columns == 0 || !self.shared,
                    level: place + columns >= self.panels.len(),
                };
                panel.draw(canvas, frame, texts)?;
            }
            legend.draw(canvas, width, height - EDGE - legend.height());
            Ok(())
        })
    }

    /// Where the plots stand, the legend below them.
    pub fn layout<'a>(&self, paper: &Paper, label: impl Fn(usize) -> &'a str) -> FigureLayout {
        let arms = self.arms();
        let legend = |width: f64| Legend::new(arms.iter().map(|&arm| (arm, label(arm))), width - 2.0 * EDGE);
        // a column under a legend that is higher than the plot would be mostly legend
        let width = if self.panels.len() == 1 && legend(paper.column).height() <= TALLEST {
            paper.column
        } else {
            paper.page
        };
        let legend = legend(width);
        let columns = columns(self.panels.len(), most_rows(paper, &legend)).min(fitting(width));
        let rows = self.panels.len().div_ceil(columns);
        let titled = self.panels.iter().any(|panel| !panel.title.is_empty());
        let room_above = if titled { TITLE } else { 0.5 * SMALL };
        let rooms: Vec<f64> = (0..columns)
            .map(|column| match column {
                0 => room_left(&self.panels[0].y),
                _ if self.shared => 0.0,
                _ => room_left(&self.panels[column].y),
            })
            .collect();
        // The last number below a plot may reach beyond it.
        let last_label = self.panels[0]
            .x
            .major
            .last()
            .map_or(0.0, |tick| text_width(&tick.label, SMALL) / 2.0);
        let between = BESIDE * (columns - 1) as f64;
        let plot = (width - 2.0 * EDGE - rooms.iter().sum::<f64>() - between - last_label) / columns as f64;
        let around = around(&legend);
        let row_around = room_above + ROOM_BELOW;
        let tallest = ((paper.highest - around) / rows as f64 - row_around).max(SHORTEST);
        let plot_height = (0.78 * plot).min(TALLEST).min(tallest);
        let row = row_around + plot_height;
        let frame = |place: usize| {
            let column = place % columns;
            Frame {
                left: EDGE + rooms[..=column].iter().sum::<f64>() + column as f64 * (plot + BESIDE),
                top: EDGE + room_above + (place / columns) as f64 * row,
                width: plot,
                height: plot_height,
            }
        };
        FigureLayout {
            size: (width, around + row * rows as f64),
            columns,
            frames: (0..self.panels.len()).map(frame).collect(),
            legend,
        }
    }
}

/// Where the parts of a figure stand.
pub struct FigureLayout {
    /// Width and height of the sheet, in points.
    size: (f64, f64),
    /// So many plots stand side by side.
    columns: usize,
    /// Of the plots, in their order.
    pub frames: Vec<Frame>,
    legend: Legend,
}

/// Height of all but the plots, in points.
fn around(legend: &Legend) -> f64 {
    2.0 * EDGE + ABOVE_LEGEND + legend.height()
}

/// How many rows of plots that can be read fit above a legend.
fn most_rows(paper: &Paper, legend: &Legend) -> usize {
    let row = TITLE + SHORTEST + ROOM_BELOW;
    (((paper.highest - around(legend)) / row) as usize).clamp(1, MOST_ROWS)
}

/// How many plots that can be read fit side by side into a width.
fn fitting(width: f64) -> usize {
    ((width / NARROWEST) as usize).max(1)
}

/// How many plots stand side by side: rows as equal as can be.
fn columns(panels: usize, rows: usize) -> usize {
    let (few, many) = SIDE_BY_SIDE;
    let most = if panels > few * rows { many } else { few };
    panels.div_ceil(panels.div_ceil(most))
}
