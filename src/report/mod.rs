//! Draw the figures of a result, from nothing but its CSV files and the weights it left.
//!
//! Sizes, text, colours and marks are made for print (see `style`); each figure comes as SVG whose text stays text, as a PNG
//! at 300 dots per inch from the same drawing, and with a caption file that says what is drawn.

mod angles;
mod axis;
mod canvas;
mod caption;
mod colours;
mod columns;
mod convergence;
mod curve;
mod curves;
mod cut;
mod data;
mod drawing;
mod error;
mod families;
mod finals;
mod first_layer;
mod legend;
mod overlay;
mod panel;
mod quantities;
mod raster;
mod rows;
mod ruler;
mod similarity;
mod spread;
mod style;
mod surface;
mod theory;
mod ticks;
mod tiles;
mod weights;
mod work;

use crate::results::Folder;
use crate::results::names::FIGURES_FOLDER;
use axis::Outside;
use data::Data;
use drawing::Drawing;
pub use error::ReportError;
pub use overlay::{Overlay, OverlayAxis, OverlaySeries, overlay};
use raster::Raster;
pub use spread::evenly;
use std::path::{Path, PathBuf};
pub use surface::{SurfaceFigure, draw_surface};

/// Makes a figure if there are values for it.
type DrawFigure = fn(&Data) -> Result<Option<Drawing>, Outside>;

/// The figures there can be.
const FIGURES: [(&str, DrawFigure); 8] = [
    ("convergence", convergence::draw),
    ("alignment", angles::alignment),
    ("feedback", angles::feedback),
    ("final", finals::draw),
    ("work", work::draw),
    ("similarity", similarity::draw),
    ("families", families::draw),
    ("weights", weights::draw),
];

/// The figure of a result beside its theory.
const THEORY: &str = "theory";

/// Draws `figures/*.svg`, `*.png` and `*.txt` of the result in a folder from its `arms.csv`, `runs.csv`, `metrics.csv`,
/// `summary.csv` and, where they are, `tuning.csv` and files of weights; returns the files written.
///
/// Equal files make equal figures, byte for byte. A figure without values is not made, and an old one is removed.
///
/// # Errors
/// A CSV file that is missing or damaged is named, with line and column, and so is a damaged file of weights.
pub fn draw(folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    draw_in(&Folder::open(folder)?, &|| false)
}

/// [`draw`] in a folder that is open, unless it is interrupted before it has drawn them all.
///
/// # Errors
/// As [`draw`], and [`ReportError::Interrupted`].
pub fn draw_in(folder: &Folder, is_interrupted: &dyn Fn() -> bool) -> Result<Vec<PathBuf>, ReportError> {
    let data = Data::read(folder)?;
    let raster = Raster::new();
    let mut written = Vec::new();
    for (name, draw) in FIGURES {
        if is_interrupted() {
            return Err(ReportError::Interrupted);
        }
        written.extend(place(folder, &raster, name, draw(&data))?);
    }
    Ok(written)
}

/// Draws `figures/theory.svg`, `.png` and `.txt`: what was measured in a result beside its theory; returns the files written.
///
/// # Errors
/// The files cannot be written.
pub fn draw_theory(folder: &Folder, overlay: &Overlay) -> Result<Vec<PathBuf>, ReportError> {
    place(folder, &Raster::new(), THEORY, theory::draw(overlay))
}

/// Writes a figure in its three forms; where there is none, an old one is removed.
fn place(
    folder: &Folder,
    raster: &Raster,
    figure: &'static str,
    drawing: Result<Option<Drawing>, Outside>,
) -> Result<Vec<PathBuf>, ReportError> {
    let file = |ending: &str| format!("{FIGURES_FOLDER}/{figure}.{ending}");
    let drawing = drawing.map_err(|Outside { axis, value }| ReportError::Outside { figure, axis, value })?;
    let Some(drawing) = drawing else {
        for ending in ["svg", "png", "txt"] {
            folder.remove(&file(ending))?;
        }
        return Ok(Vec::new());
    };
    let png = raster.png(&drawing.svg)?;
    let forms = [
        ("svg", drawing.svg.as_bytes()),
        ("png", &png),
        ("txt", drawing.caption.as_bytes()),
    ];
    let mut written = Vec::new();
    for (ending, bytes) in forms {
        folder.place(&file(ending), bytes)?;
        written.push(folder.path().join(file(ending)));
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    /// A figure of another name would not be removed when its tables are.
    #[test]
    fn every_figure_is_known_as_one_that_the_program_writes() {
        let names = super::FIGURES.map(|(name, _)| name);
        assert_eq!([&names[..], &[super::THEORY]].concat(), crate::results::names::FIGURES);
    }
}
