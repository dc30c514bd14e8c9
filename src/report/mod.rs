//! Draw the figures of a result, from nothing but its CSV files and the weights it left, and put them on a page.
//!
//! Sizes, text, colours and marks are made for print (see `style`); each figure comes as SVG whose text stays text, as a PNG
//! at 300 dots per inch from the same drawing, and with a caption file that says what is drawn. The page draws the same sketches,
//! plot by plot, with single runs behind their means and with other axes to choose.

mod axis;
mod canvas;
mod caption;
mod choice;
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
mod latex;
mod layers;
mod legend;
mod numbers;
mod overlay;
mod page;
mod panel;
mod print;
mod quantities;
mod raster;
mod row_plots;
mod rows;
mod ruler;
mod side_by_side;
mod similarity;
mod sketch;
mod spread;
mod style;
mod surface;
mod theory;
mod ticks;
mod tiles;
mod titled;
mod venue;
mod weights;
mod work;

use crate::metrics::Metric;
use crate::results::Folder;
use crate::results::names::{FIGURES_FOLDER, REPORT};
use crate::rules::Registry;
use axis::Outside;
pub use choice::PrintChoice;
use data::{CURVES, Data};
use drawing::Drawing;
pub use error::ReportError;
pub use overlay::{Overlay, OverlayAxis, OverlaySeries, overlay};
use page::Exhibit;
pub use print::{PrintOrder, Printed, print_for};
use raster::Raster;
pub use side_by_side::SideBySide;
use sketch::Sketch;
pub use spread::evenly;
use std::path::{Path, PathBuf};
pub use surface::{SurfaceFigure, draw_surface};
pub use venue::{FigureColumns, Venue};

/// Sketches a figure if there are values for it.
type SketchFigure = fn(&Data) -> Result<Option<Sketch>, Outside>;

/// The figures there can be.
const FIGURES: [(&str, SketchFigure); 8] = [
    ("convergence", convergence::sketch),
    ("alignment", layers::alignment),
    ("feedback", layers::feedback),
    ("final", finals::sketch),
    ("work", work::sketch),
    ("similarity", similarity::sketch),
    ("families", families::sketch),
    ("weights", weights::sketch),
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
    Ok(figures(folder, &Data::read(folder, &CURVES)?, is_interrupted)?.written)
}

/// [`draw_in`], and then puts the result on a page, `report.html`, with what is known of its rules; returns the files written.
///
/// Equal files make equal pages, byte for byte: of `manifest.json` the page tells only what is the same on every machine.
///
/// # Errors
/// As [`draw_in`]; any other file of the result that is damaged is named too.
pub fn write_in(
    folder: &Folder,
    registry: &Registry,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<Vec<PathBuf>, ReportError> {
    let mut data = Data::read(folder, &CURVES)?;
    let Figures { mut written, captions } = figures(folder, &data, is_interrupted)?;
    data.runs_behind = page::RUNS_BEHIND;
    let mut exhibits = Vec::new();
    for (name, sketch) in FIGURES {
        if is_interrupted() {
            return Err(ReportError::Interrupted);
        }
        let drawn = captions.iter().find(|(figure, _)| *figure == name);
        let Some((_, caption)) = drawn else { continue };
        let exhibit = sketch(&data).and_then(|sketch| Exhibit::of(name, caption, sketch, &data));
        exhibits.extend(exhibit.map_err(|outside| outside_of(name, outside))?);
    }
    folder.place(REPORT, page::text(folder, registry, &data, &exhibits)?.as_bytes())?;
    written.push(folder.path().join(REPORT));
    Ok(written)
}

/// Figures that have been drawn.
struct Figures {
    /// All files.
    written: Vec<PathBuf>,
    /// What stands below each figure, by name.
    captions: Vec<(&'static str, String)>,
}

fn figures(folder: &Folder, data: &Data, is_interrupted: &dyn Fn() -> bool) -> Result<Figures, ReportError> {
    let raster = Raster::new();
    let (mut written, mut captions) = (Vec::new(), Vec::new());
    for (name, sketch) in FIGURES {
        if is_interrupted() {
            return Err(ReportError::Interrupted);
        }
        let sketch = sketch(data).and_then(|sketch| sketch.map(|sketch| sketch.drawing(data)).transpose());
        let drawing = sketch.map_err(|outside| outside_of(name, outside))?;
        written.extend(place(folder, &raster, name, drawing.as_ref())?);
        captions.extend(drawing.map(|drawing| (name, drawing.caption)));
    }
    Ok(Figures { written, captions })
}

fn outside_of(figure: &'static str, Outside { axis, value }: Outside) -> ReportError {
    ReportError::Outside { figure, axis, value }
}

/// Draws `figures/theory.svg`, `.png` and `.txt`: what was measured in a result beside its theory; returns the files written.
///
/// # Errors
/// The files cannot be written.
pub fn draw_theory(folder: &Folder, overlay: &Overlay) -> Result<Vec<PathBuf>, ReportError> {
    let drawing = theory::draw(overlay).map_err(|outside| outside_of(THEORY, outside))?;
    place(folder, &Raster::new(), THEORY, drawing.as_ref())
}

/// Draws `figures/<metric>.svg`, `.png` and `.txt`: a metric over training, layer by layer; returns the files written, none where it
/// was not measured.
///
/// # Errors
/// As [`draw`].
pub fn draw_metric(folder: &Folder, metric: &'static Metric) -> Result<Vec<PathBuf>, ReportError> {
    let data = Data::read(folder, std::slice::from_ref(metric))?;
    let drawing = sketch_of(&data, metric).and_then(|sketch| sketch.map(|sketch| sketch.drawing(&data)).transpose());
    let drawing = drawing.map_err(|outside| outside_of(metric.name, outside))?;
    place(folder, &Raster::new(), metric.name, drawing.as_ref())
}

/// A metric over training, layer by layer where it has layers.
fn sketch_of(data: &Data, metric: &Metric) -> Result<Option<Sketch>, Outside> {
    match metric.is_score() {
        true => convergence::score(data, metric),
        false => layers::measured(data, metric),
    }
}

/// Writes a figure in its three forms; where there is none, an old one is removed.
fn place(
    folder: &Folder,
    raster: &Raster,
    figure: &'static str,
    drawing: Option<&Drawing>,
) -> Result<Vec<PathBuf>, ReportError> {
    let file = |ending: &str| format!("{FIGURES_FOLDER}/{figure}.{ending}");
    let Some(drawing) = drawing else {
        for ending in ["svg", "png", "txt"] {
            folder.remove(&file(ending))?;
        }
        return Ok(Vec::new());
    };
    let png = raster::png(&raster.parse(&drawing.svg)?)?;
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
        let others = [super::THEORY, super::surface::SURFACE];
        assert_eq!([&names[..], &others].concat(), crate::results::names::FIGURES);
        assert_eq!(super::Venue::ALL.map(super::Venue::name), crate::results::names::VENUES);
    }
}
