//! Draw the figures of a result, from nothing but its CSV files.
//!
//! Sizes, text, colours and marks are made for print (see `style`); each figure comes as SVG whose text stays text, as a PNG
//! at 300 dots per inch from the same drawing, and with a caption file that says what is drawn.

mod angles;
mod axis;
mod canvas;
mod caption;
mod convergence;
mod curves;
mod cut;
mod data;
mod families;
mod finals;
mod legend;
mod panel;
mod quantities;
mod raster;
mod rows;
mod ruler;
mod similarity;
mod style;
mod ticks;
mod work;

use crate::results::names::FIGURES_FOLDER;
use crate::results::{self, Folder};
use axis::Outside;
use curves::Figure;
use data::{Curve, Data};
use raster::Raster;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why figures could not be drawn.
#[derive(Debug)]
pub enum Error {
    /// A file could not be read or written.
    Results(results::Error),
    /// The drawing itself failed.
    Drawing(String),
    /// A value has no place on its axis.
    Outside {
        /// The figure.
        figure: String,
        /// The title of the axis.
        axis: String,
        /// The value.
        value: f64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Results(error) => error.fmt(f),
            Error::Drawing(problem) => write!(f, "cannot draw a figure: {problem}"),
            Error::Outside { figure, axis, value } => write!(
                f,
                "cannot draw the figure `{figure}`: {value} lies outside its axis `{axis}`\n\
                 help: look for it in the tables of the result; if it is right, this is a mistake of the figure"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Results(error) => error.source(),
            Error::Drawing(_) | Error::Outside { .. } => None,
        }
    }
}

impl From<results::Error> for Error {
    fn from(error: results::Error) -> Self {
        Error::Results(error)
    }
}

/// A finished figure.
struct Drawing {
    svg: String,
    caption: String,
}

impl Drawing {
    /// A figure of curves; `text` says what they are, and what holds for all figures is added.
    fn of(figure: &Figure, data: &Data, mut text: Vec<String>) -> Result<Self, Outside> {
        let curves: Vec<&Curve> = figure.panels.iter().flat_map(|panel| &panel.curves).collect();
        text.extend(caption::cut_intervals(
            figure.panels.iter().any(panel::Panel::cuts_intervals),
        ));
        text.push(caption::runs(data, &curves));
        text.extend(caption::about_arms(data, &figure.arms()));
        Ok(Self {
            svg: figure.draw(|arm| &data.arms[arm].row.label)?,
            caption: text.join("\n") + "\n",
        })
    }
}

/// Makes a figure if there are values for it.
type Draw = fn(&Data) -> Result<Option<Drawing>, Outside>;

/// The figures there can be.
const FIGURES: [(&str, Draw); 7] = [
    ("convergence", convergence::draw),
    ("alignment", angles::alignment),
    ("feedback", angles::feedback),
    ("final", finals::draw),
    ("work", work::draw),
    ("similarity", similarity::draw),
    ("families", families::draw),
];

/// Draws `figures/*.svg`, `*.png` and `*.txt` of the result in a folder from its `arms.csv`, `runs.csv`, `metrics.csv`,
/// `summary.csv` and, if there is one, `tuning.csv`; returns the files written.
///
/// Equal CSV files make equal figures, byte for byte. A figure without values is not made, and an old one is removed.
///
/// # Errors
/// A CSV file that is missing or damaged is named, with line and column.
pub fn draw(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    draw_in(&Folder::open(folder)?)
}

/// [`draw`] in a folder that is open.
///
/// # Errors
/// As [`draw`].
pub fn draw_in(folder: &Folder) -> Result<Vec<PathBuf>, Error> {
    let data = Data::read(folder.path())?;
    let raster = Raster::new();
    let mut written = Vec::new();
    for (name, draw) in FIGURES {
        let file = |ending: &str| format!("{FIGURES_FOLDER}/{name}.{ending}");
        let drawing = draw(&data).map_err(|Outside { axis, value }| Error::Outside {
            figure: name.to_owned(),
            axis,
            value,
        })?;
        let Some(drawing) = drawing else {
            for ending in ["svg", "png", "txt"] {
                folder.remove(&file(ending))?;
            }
            continue;
        };
        let png = raster.png(&drawing.svg)?;
        for (ending, bytes) in [
            ("svg", drawing.svg.as_bytes()),
            ("png", &png),
            ("txt", drawing.caption.as_bytes()),
        ] {
            folder.place(&file(ending), bytes)?;
            written.push(folder.path().join(file(ending)));
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    /// A figure of another name would not be removed when its tables are.
    #[test]
    fn every_figure_is_known_as_one_that_the_program_writes() {
        assert_eq!(super::FIGURES.map(|(name, _)| name), crate::results::names::FIGURES);
    }
}
