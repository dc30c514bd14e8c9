//! Hold a figure before it is laid out, so that paper and page are drawn by the same code.

use super::axis::{Axis, Outside};
use super::canvas::fine;
use super::curve;
use super::curves::Figure;
use super::data::Data;
use super::drawing::Drawing;
use super::numbers::FigureNumbers;
use super::panel::Panel;
use super::rows::{self, ScoreRow};
use std::collections::BTreeMap;

/// A figure with all that is said of it.
pub enum Sketch {
    /// Plots with one legend, and what they are.
    Plots(Figure, Vec<String>),
    /// Plots with one legend, and all that stands below them.
    Captioned(Figure, String),
    /// A row an arm over one axis.
    Rows(RowSketch),
    /// A sheet whose axes have no other form, with its numbers.
    Sheet(Drawing, FigureNumbers),
}

/// A row an arm over one axis.
pub struct RowSketch {
    /// In the order of the arms.
    pub rows: Vec<ScoreRow>,
    /// The axis of paper.
    pub axis: Axis,
    /// Others that the values can stand on.
    pub others: Vec<Axis>,
    /// Stands above the numbers.
    pub heading: &'static str,
    /// What is drawn.
    pub text: Vec<String>,
    /// Runs behind each arm.
    pub runs: BTreeMap<usize, u64>,
    /// Whether the axis of paper cuts an interval.
    pub cuts: bool,
    /// What is drawn, as numbers.
    pub numbers: FigureNumbers,
}

/// One plot of a figure on one axis, with its legend.
pub struct View {
    /// Which plot of the figure.
    pub plot: String,
    /// How the axis spaces values.
    pub axis: &'static str,
    /// The drawing.
    pub svg: String,
    /// Where values can be read along it.
    pub cursor: Option<CursorPlaces>,
}

/// Where a cursor stands in a plot, in the units of its drawing.
pub struct CursorPlaces {
    /// From the top, and below that.
    pub upright: (i32, i32),
    /// Each moment, and how far from the left it stands.
    pub moments: Vec<(f64, i32)>,
}

impl Sketch {
    /// As it is printed.
    pub fn drawing(self, data: &Data) -> Result<Drawing, Outside> {
        match self {
            Self::Plots(figure, text) => Drawing::of(&figure, data, text),
            Self::Captioned(figure, caption) => Ok(Drawing {
                svg: figure.draw(&data.paper, |arm| &data.arms[arm].row.label)?,
                caption,
            }),
            Self::Rows(RowSketch {
                rows,
                axis,
                heading,
                text,
                runs,
                cuts,
                ..
            }) => {
                let svg = rows::figure(&data.paper, &rows, &axis, heading)?;
                Ok(Drawing::of_rows(svg, data, text, &runs, cuts))
            }
            Self::Sheet(drawing, _) => Ok(drawing),
        }
    }

    /// What it shows, as numbers.
    pub fn numbers(&self, data: &Data) -> String {
        match self {
            Self::Plots(figure, _) | Self::Captioned(figure, _) => {
                FigureNumbers::of_panels(&figure.panels, |arm| &data.arms[arm].row.arm).csv()
            }
            Self::Rows(RowSketch { numbers, .. }) | Self::Sheet(_, numbers) => numbers.csv(),
        }
    }

    /// Every plot alone, on each axis that its values can stand on; the one of paper comes first.
    pub fn views(&self, data: &Data) -> Result<Vec<View>, Outside> {
        match self {
            Self::Plots(figure, _) | Self::Captioned(figure, _) => {
                let views = figure.panels.iter().flat_map(|panel| {
                    let axes = std::iter::once(&panel.y).chain(&panel.others);
                    axes.map(move |axis| of_panel(figure.title, panel, axis, data))
                });
                views.collect()
            }
            Self::Rows(sketch) => {
                let axes = std::iter::once(&sketch.axis).chain(&sketch.others);
                let view = |axis: &Axis| {
                    Ok(View {
                        plot: sketch.axis.title.clone(),
                        axis: axis.spacing().name(),
                        svg: rows::figure(&data.paper, &sketch.rows, axis, sketch.heading)?,
                        cursor: None,
                    })
                };
                axes.map(view).collect()
            }
            Self::Sheet(drawing, _) => Ok(vec![View {
                plot: String::new(),
                axis: "",
                svg: drawing.svg.clone(),
                cursor: None,
            }]),
        }
    }
}

/// One plot, with its values on this axis.
fn of_panel(title: &'static str, panel: &Panel, axis: &Axis, data: &Data) -> Result<View, Outside> {
    let alone = Figure {
        title,
        panels: vec![Panel {
            y: axis.clone(),
            ..panel.clone()
        }],
        shared: false,
    };
    let label = |arm: usize| &*data.arms[arm].row.label;
    let frame = alone.layout(&data.paper, label).frames[0];
    let mut epochs: Vec<f64> = curve::epochs(&panel.curves).collect();
    epochs.sort_by(f64::total_cmp);
    epochs.dedup();
    let place = |epoch: f64| Ok((epoch, fine(frame.place((panel.x.position(epoch)?, 0.0)).0)));
    Ok(View {
        plot: panel.name().to_owned(),
        axis: axis.spacing().name(),
        svg: alone.draw(&data.paper, label)?,
        cursor: Some(CursorPlaces {
            upright: (fine(frame.top), fine(frame.top + frame.height)),
            moments: epochs.into_iter().map(place).collect::<Result<_, _>>()?,
        }),
    })
}
