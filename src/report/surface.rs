//! Draw the cost on a plane through weights as shades, with the ways of runs on it, its plateaus and its troughs.

use super::ReportError;
use super::axis::{Axis, Drawn, Layout, Outside, Ticks, extent};
use super::canvas::{Anchor, Canvas, sheet, text_width};
use super::drawing::Drawing;
use super::legend::Legend;
use super::raster::Raster;
use super::ruler::{Frame, ROOM_BELOW, level_axis, room_left, upright_axis};
use super::style::{CURVE, GREY, INK, MARK, Paper, SMALL, SOLID, Style, TEXT};
use super::{outside_of, place};
use crate::results::Folder;
use crate::runner::{Ground, Surface};
use plotters::style::RGBColor;
use std::path::PathBuf;

/// What the figure is called.
pub const SURFACE: &str = "surface";
/// Width of the sheet, in points.
const COLUMN: f64 = Paper::JOURNAL.column;
/// White at the edges of the sheet, in points.
const EDGE: f64 = 3.0;
/// Steps of the shades, whose edges are lines of equal cost.
const SHADES: usize = 14;
/// The darkest shade.
const DARKEST: f64 = 105.0;
/// Width of the bar that explains shades, and the gap before it, in points.
const BAR: (f64, f64) = (7.0, 9.0);
/// Between the plot and the legend, in points.
const ABOVE_LEGEND: f64 = 5.0;
/// Half the size of the marks of the ground, in points.
const SPECK: f64 = 0.7;
/// Every so manieth point of a plateau or trough has a mark.
const SPARSE: usize = 2;

/// The ways on a surface, by the labels of their arms, and what holds of all.
pub struct SurfaceFigure<'a> {
    /// What is drawn.
    pub surface: &'a Surface,
    /// The label of the arm of each way, and its place in `arms.csv`.
    pub arms: Vec<(usize, &'a str)>,
    /// The seed of the runs.
    pub seed: u64,
    /// So many samples of the training part.
    pub samples: usize,
}

/// Shades of the cost by its logarithm, or evenly where it is 0 somewhere.
struct Shades {
    low: f64,
    high: f64,
    is_log: bool,
}

impl Shades {
    fn new(costs: &[f64]) -> Self {
        let finite = costs.iter().copied().filter(|cost| cost.is_finite());
        let (low, high) = extent(finite).unwrap_or((0.0, 1.0));
        Self {
            low,
            high,
            is_log: low > 0.0,
        }
    }

    fn share(&self, cost: f64) -> f64 {
        match self.is_log {
            true => (cost / self.low).ln() / (self.high / self.low).ln(),
            false => (cost - self.low) / (self.high - self.low),
        }
    }

    /// The cost at a share of the bar.
    fn cost(&self, share: f64) -> f64 {
        match self.is_log {
            true => self.low * (self.high / self.low).powf(share),
            false => self.low + share * (self.high - self.low),
        }
    }

    /// Which shade; none is beyond the last, where the cost is no number, either.
    fn step(&self, cost: f64) -> usize {
        let share = self.share(cost);
        let step = if share.is_finite() {
            share * SHADES as f64
        } else {
            SHADES as f64
        };
        (step as usize).min(SHADES - 1)
    }

    fn colour(step: usize) -> RGBColor {
        let grey = 255.0 - (255.0 - DARKEST) * step as f64 / (SHADES - 1) as f64;
        RGBColor(grey as u8, grey as u8, grey as u8)
    }
}

/// Draws `figures/surface.svg`, `.png` and `.txt`; returns the files written.
///
/// # Errors
/// The files cannot be written.
pub fn draw_surface(folder: &Folder, figure: &SurfaceFigure<'_>) -> Result<Vec<PathBuf>, ReportError> {
    let drawing = figure.draw().map_err(|outside| outside_of(SURFACE, outside))?;
    place(folder, &Raster::new(), SURFACE, Some(&drawing))
}

impl SurfaceFigure<'_> {
    fn draw(&self) -> Result<Drawing, Outside> {
        let [x, y] = [("First", 0), ("Second", 1)].map(|(which, side)| {
            let drawn = Drawn::of_marks(self.surface.sides[side].iter().copied());
            let layout = Layout {
                bounds: (f64::NEG_INFINITY, f64::INFINITY),
                shortest: 0.0,
                ticks: Ticks::About(5),
                whole_steps: false,
            };
            let axis = Axis::linear(format!("{which} direction (distance of weights)"), &drawn, layout);
            axis.expect("a surface has sides")
        });
        let shades = Shades::new(&self.surface.costs);
        let legend = Legend::new(self.arms.iter().copied(), COLUMN - 2.0 * EDGE);
        let numbers = [0.0, 0.5, 1.0].map(|share| short(shades.cost(share)));
        let widest = numbers
            .iter()
            .map(|number| text_width(number, SMALL))
            .fold(0.0, f64::max);
        let bar_room = BAR.1 + BAR.0 + 4.0 + widest.max(text_width("Cost", TEXT) - BAR.0);
        let side = COLUMN - 2.0 * EDGE - room_left(&y) - bar_room;
        let top = EDGE + TEXT + 4.0;
        let frame = Frame {
            left: EDGE + room_left(&y),
            top,
            width: side,
            height: side,
        };
        let height = top + side + ROOM_BELOW + ABOVE_LEGEND + legend.height() + EDGE;
        let svg = sheet(&Paper::JOURNAL, (COLUMN, height), "Slice through the cost", |canvas| {
            canvas.group("surface", None, |canvas| self.shade(canvas, frame, (&x, &y), &shades))?;
            canvas.group("ground", None, |canvas| self.ground(canvas, frame, (&x, &y)))?;
            level_axis(canvas, frame, &x, true)?;
            upright_axis(canvas, frame, &y, true)?;
            for (way, (arm, _)) in self.surface.ways.iter().zip(&self.arms) {
                let points = way.iter().map(|point| {
                    let [along, up] = point.place;
                    Ok(frame.place((x.position(along)?, y.position(up)?)))
                });
                let points: Vec<_> = points.collect::<Result<_, Outside>>()?;
                canvas.group("way", Some(*arm), |canvas| {
                    let Style { colour, dash, marker } = Style::of(*arm);
                    canvas.path(points.iter().copied(), colour, CURVE, dash);
                    for point in [points.first(), points.last()].into_iter().flatten() {
                        canvas.mark(*point, marker, 1.2 * MARK, colour);
                    }
                    Ok(())
                })?;
            }
            bar(canvas, (frame.left + side + BAR.1, top), side, &numbers);
            legend.draw(canvas, COLUMN, height - EDGE - legend.height());
            Ok(())
        })?;
        let caption = self.caption();
        Ok(Drawing { svg, caption })
    }

    /// Runs of equal shade in a row, a rectangle each, which reaches below the next ones, so that no seam shows between two.
    fn shade(
        &self,
        canvas: &mut Canvas<'_>,
        frame: Frame,
        (x, y): (&Axis, &Axis),
        shades: &Shades,
    ) -> Result<(), Outside> {
        let [across, up] = &self.surface.sides;
        let half = [across, up].map(|side| (side[1] - side[0]) / 2.0);
        // the outermost cells end where the axes do
        let within = |value: f64, side: &[f64]| value.clamp(side[0], side[side.len() - 1]);
        for (row, costs) in self.surface.costs.chunks(across.len()).enumerate() {
            let steps: Vec<usize> = costs.iter().map(|cost| shades.step(*cost)).collect();
            let mut begin = 0;
            for run in steps.chunk_by(|a, b| a == b) {
                let end = begin + run.len() - 1;
                let corner = |column: usize, right: f64, down: f64| -> Result<_, Outside> {
                    let along = within(across[column] + right * half[0], across);
                    let high = within(up[row] + down * half[1], up);
                    Ok(frame.place((x.position(along)?, y.position(high)?)))
                };
                let (from, to) = (corner(begin, -1.0, 3.0)?, corner(end, 3.0, -1.0)?);
                canvas.rectangle(from, to, Shades::colour(run[0]), 1.0);
                begin += run.len();
            }
        }
        Ok(())
    }

    /// Dots on plateaus, strokes in troughs.
    fn ground(&self, canvas: &mut Canvas<'_>, frame: Frame, (x, y): (&Axis, &Axis)) -> Result<(), Outside> {
        let [across, up] = &self.surface.sides;
        for (i, ground) in self.surface.ground.iter().enumerate() {
            let (row, column) = (i / across.len(), i % across.len());
            if (row + column) % SPARSE != 0 || *ground == Ground::Slope {
                continue;
            }
            let (left, top) = frame.place((x.position(across[column])?, y.position(up[row])?));
            match ground {
                Ground::Plateau => canvas.disc((left, top), SPECK, INK, 0.7),
                _ => canvas.path([(left - 1.4 * SPECK, top), (left + 1.4 * SPECK, top)], INK, 0.5, SOLID),
            }
        }
        Ok(())
    }

    fn caption(&self) -> String {
        let ground = &self.surface.ground;
        let share = |kind: Ground| {
            let count = ground.iter().filter(|ground| **ground == kind).count();
            100.0 * count as f64 / ground.len() as f64
        };
        format!(
            "The cost on a plane through the first weights that the first arm saved: the mean over the first {} samples of the training part, seed {}; \
             shades by its logarithm where it is nowhere 0, each a step of equal size.\nThe plane is spanned by the two directions in \
             which the ways of training extend most (principal components of all saved weights less the first); {:.1} % of their \
             squared distances from the start lie in it. A way is drawn as its shadow on the plane, with marks at its ends.\nDots: \
             plateaus, where the slope is less than a hundredth of the steepest and the cost is not low, {:.1} % of the plane. Strokes: \
             floors of troughs, curved upwards at least ten times as much across as along, {:.1} %.\n",
            self.samples,
            self.seed,
            100.0 * self.surface.share,
            share(Ground::Plateau),
            share(Ground::Trough)
        )
    }
}

/// Three digits.
fn short(value: f64) -> String {
    match value != 0.0 && !(1e-2..1e3).contains(&value.abs()) {
        true => format!("{value:.1e}"),
        false => format!("{value:.2}"),
    }
}

/// The bar that says which shade is which cost.
fn bar(canvas: &mut Canvas<'_>, (left, top): (f64, f64), height: f64, numbers: &[String; 3]) {
    canvas.text("Cost", (left, top - 4.0), Anchor::Left, TEXT, INK);
    let step = height / SHADES as f64;
    for i in 0..SHADES {
        // each reaches up to the end, so that no seam shows between two
        let low = top + height - i as f64 * step;
        canvas.rectangle((left, top), (left + BAR.0, low), Shades::colour(i), 1.0);
    }
    canvas.outline((left, top), (left + BAR.0, top + height));
    for (share, number) in [0.0, 0.5, 1.0].into_iter().zip(numbers) {
        let y = top + (1.0 - share) * height;
        canvas.path([(left + BAR.0, y), (left + BAR.0 + 2.0, y)], GREY, 0.6, SOLID);
        canvas.text(number, (left + BAR.0 + 4.0, y + 0.36 * SMALL), Anchor::Left, SMALL, INK);
    }
}
