//! Draw a result for a venue: figures of its width, with its text, as PDF, SVG, PNG and LaTeX, and its final scores as a table.

use super::choice::PrintChoice;
use super::data::{CURVES, Data};
use super::drawing::Drawing;
use super::raster::{self, Raster};
use super::sketch::Sketch;
use super::style::{MM, Paper};
use super::venue::{FigureColumns, Venue};
use super::{FIGURES, ReportError, latex, outside_of, sketch_of};
use crate::metrics::Metric;
use crate::results::Folder;
use crate::results::names::{FIGURES_FOLDER, PRINTED, SUMMARY_IN_LATEX};
use std::path::PathBuf;

/// Of rounding to whole thousandths of a millimetre, in points.
const SLACK: f64 = 0.1;

/// What is drawn, and how wide.
#[derive(Clone, Debug)]
pub struct PrintOrder {
    /// How wide.
    pub columns: FigureColumns,
    /// What of the result.
    pub choice: PrintChoice,
    /// A metric, in place of all figures.
    pub metric: Option<&'static Metric>,
}

/// What was made.
pub struct Printed {
    /// All files.
    pub files: Vec<PathBuf>,
    /// The font of the text, and the one that the venue would rather have where that is not here.
    pub font: String,
    /// See `font`.
    pub preferred: Option<String>,
    /// Figures that are wider than they were to be, in millimetres.
    pub too_wide: Vec<(&'static str, f64)>,
}

/// Draws `figures/<venue>/` of a result.
///
/// # Errors
/// As [`super::draw_in`]; and [`ReportError::Choice`] where something is chosen that there is not.
pub fn print_for(folder: &Folder, venue: Venue, order: &PrintOrder) -> Result<Printed, ReportError> {
    let curves = order.metric.map_or(&CURVES[..], std::slice::from_ref);
    let mut data = Data::read(folder, curves)?;
    let layers = data.layers();
    data.choose(&order.choice, &layers).map_err(ReportError::Choice)?;
    data.paper = venue.paper(order.columns);
    let mut press = Press::new(folder, format!("{FIGURES_FOLDER}/{}/", venue.name()), true);
    match order.metric {
        Some(metric) => {
            let sketch = sketch_of(&data, metric).map_err(|outside| outside_of(metric.name, outside))?;
            press.print(metric.name, sketch, &data)?;
        }
        None => {
            for (name, sketch) in FIGURES {
                let sketch = sketch(&data).map_err(|outside| outside_of(name, outside))?;
                press.print(name, sketch, &data)?;
            }
            press.place(SUMMARY_IN_LATEX, latex::scores(&data).as_bytes())?;
        }
    }
    Ok(press.printed(&data.paper))
}

/// Where printed figures are made.
pub struct Press<'a> {
    folder: &'a Folder,
    /// What the name of every file begins with.
    within: String,
    raster: Raster,
    /// See [`Printed::files`].
    files: Vec<PathBuf>,
    /// See [`Printed::too_wide`].
    too_wide: Vec<(&'static str, f64)>,
}

impl<'a> Press<'a> {
    /// Makes files in a folder, whose names begin so; with the fonts of this machine, or with none but those of the program.
    pub fn new(folder: &'a Folder, within: String, with_system_fonts: bool) -> Self {
        let raster = match with_system_fonts {
            true => Raster::with_system_fonts(),
            false => Raster::new(),
        };
        let (files, too_wide) = (Vec::new(), Vec::new());
        Self {
            folder,
            within,
            raster,
            files,
            too_wide,
        }
    }

    /// A figure in all its forms, if there is one; an old one is removed.
    pub fn print(&mut self, name: &'static str, sketch: Option<Sketch>, data: &Data) -> Result<(), ReportError> {
        let Some(sketch) = sketch else {
            for ending in PRINTED {
                self.folder.remove(&self.path(&format!("{name}.{ending}")))?;
            }
            return Ok(());
        };
        let outside = |outside| outside_of(name, outside);
        let (numbers, plots) = (sketch.numbers(data), latex::plots(&sketch, data).map_err(outside)?);
        let Drawing { svg, caption } = sketch.drawing(data).map_err(outside)?;
        let sheet = self.raster.parse(&svg)?;
        let (pdf, png) = (raster::pdf(&sheet)?, raster::png(&sheet)?);
        let (width, page) = (raster::size(&sheet).0, data.paper.scale * data.paper.page);
        if width > page + SLACK {
            self.too_wide.push((name, width / MM));
        }
        // in the order of their endings
        let forms = [
            Some(&pdf[..]),
            Some(svg.as_bytes()),
            Some(&png),
            Some(numbers.as_bytes()),
            plots.as_deref().map(str::as_bytes),
            Some(caption.as_bytes()),
        ];
        for (ending, bytes) in PRINTED.into_iter().zip(forms) {
            let file = format!("{name}.{ending}");
            match bytes {
                Some(bytes) => self.place(&file, bytes)?,
                None => self.folder.remove(&self.path(&file))?,
            }
        }
        Ok(())
    }

    /// Writes a file.
    pub fn place(&mut self, file: &str, bytes: &[u8]) -> Result<(), ReportError> {
        let path = self.path(file);
        self.folder.place(&path, bytes)?;
        self.files.push(self.folder.path().join(path));
        Ok(())
    }

    /// What was made for a paper.
    pub fn printed(self, paper: &Paper) -> Printed {
        let families = paper.fonts;
        let first = families.split(',').next().unwrap_or_default();
        let font = self.raster.font(families).unwrap_or(first);
        Printed {
            font: font.to_owned(),
            preferred: (font != first).then(|| first.to_owned()),
            files: self.files,
            too_wide: self.too_wide,
        }
    }

    fn path(&self, file: &str) -> String {
        format!("{}{file}", self.within)
    }
}
