//! Lay out figures made of plots over training, with one legend for all.

use super::axis::Outside;
use super::canvas::{sheet, text_width};
use super::legend::Legend;
use super::panel::{Panel, Texts};
use super::ruler::{Frame, ROOM_BELOW, room_left};
use super::style::{COLUMN, HIGHEST, MM, PAGE, SMALL, TEXT};
use std::collections::BTreeSet;

/// White at the edges of the sheet, in points.
const EDGE: f64 = 2.0;
/// Between a plot and the numbers or plot right of it, in points.
const BESIDE: f64 = 9.0;
/// Between the plots and the legend, in points.
const ABOVE_LEGEND: f64 = 5.0;
/// Most plots side by side.
const MOST_BESIDE: usize = 4;
/// A plot is at most this high, in points.
const TALLEST: f64 = 52.0 * MM;
/// Below this height, in points, a plot cannot be read.
const SHORTEST: f64 = 16.0 * MM;

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

    /// How many plots fit on one page.
    pub const MOST: usize = 24;

    /// Draws the figure as SVG; `label` gives an arm's label.
    pub fn draw<'a>(&self, label: impl Fn(usize) -> &'a str) -> Result<String, Outside> {
        let arms = self.arms();
        let legend = |width: f64| Legend::new(arms.iter().map(|&arm| (arm, label(arm))), width - 2.0 * EDGE);
        // a column under a legend that is higher than the plot would be mostly legend
        let width = if self.panels.len() == 1 && legend(COLUMN).height() <= TALLEST {
            COLUMN
        } else {
            PAGE
        };
        let legend = legend(width);
        let columns = columns(self.panels.len());
        let rows = self.panels.len().div_ceil(columns);
        let titled = self.panels.iter().any(|panel| !panel.title.is_empty());
        let room_above = if titled { TEXT + 6.0 } else { 0.5 * SMALL };
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
        let around = 2.0 * EDGE + ABOVE_LEGEND + legend.height();
        let row_around = room_above + ROOM_BELOW;
        let tallest = ((HIGHEST - around) / rows as f64 - row_around).max(SHORTEST);
        let plot_height = (0.78 * plot).min(TALLEST).min(tallest);
        let row = row_around + plot_height;
        let height = around + row * rows as f64;
        sheet((width, height), self.title, |canvas| {
            for (place, panel) in self.panels.iter().enumerate() {
                let column = place % columns;
                let left = EDGE + rooms[..=column].iter().sum::<f64>() + column as f64 * (plot + BESIDE);
                let top = EDGE + room_above + (place / columns) as f64 * row;
                let texts = Texts {
                    upright: column == 0 || !self.shared,
                    level: place + columns >= self.panels.len(),
                };
                panel.draw(
                    canvas,
                    Frame {
                        left,
                        top,
                        width: plot,
                        height: plot_height,
                    },
                    texts,
                )?;
            }
            legend.draw(canvas, width, EDGE + row * rows as f64 + ABOVE_LEGEND);
            Ok(())
        })
    }
}

/// How many plots stand side by side: rows as equal as can be.
fn columns(panels: usize) -> usize {
    let most = if panels > 12 { 6 } else { MOST_BESIDE };
    panels.div_ceil(panels.div_ceil(most))
}
