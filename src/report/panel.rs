//! Draw one plot: two axes, curves with bands and marks, and lines of reference.

use super::axis::{Axis, Outside};
use super::canvas::{Anchor, Canvas};
use super::curve::{self, Curve, Point};
use super::cut::{self, Position};
use super::ruler::{Frame, level_axis, upright_axis};
use super::spread;
use super::style::{AXIS, CURVE, GREY, INK, MARK, REFERENCE, RUN, SOLID, Style, TEXT, band};
use crate::stats::Interval;

/// About as many marks stand on a curve.
const MARKS: usize = 6;

/// Most points of a curve.
pub const FINEST: usize = 500;

/// Most points of a run behind a mean.
const FINEST_RUN: usize = 100;

/// A plot without its place on the sheet.
#[derive(Clone)]
pub struct Panel {
    /// Stands above the plot; may be empty.
    pub title: String,
    /// Epochs.
    pub x: Axis,
    /// The quantity.
    pub y: Axis,
    /// Other axes that its values can stand on, which a reader may choose where paper has `y`.
    pub others: Vec<Axis>,
    /// A value of `y` to mark by a line across.
    pub mark_at: Option<f64>,
    /// By arm.
    pub curves: Vec<Curve>,
}

/// Which texts a plot has of its own; neighbours may share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Numbers and title of the upright axis.
    pub upright: bool,
    /// Title of the level axis.
    pub level: bool,
}

/// The first, the last and evenly many points between: more of them than [`FINEST`] would lie on one another.
fn thinned(points: &[Point]) -> impl Iterator<Item = &Point> {
    spread::evenly(points.len(), FINEST).map(|place| &points[place])
}

impl Panel {
    /// What stands above it, or else beside it.
    pub fn name(&self) -> &str {
        match self.title.is_empty() {
            true => &self.y.title,
            false => &self.title,
        }
    }

    /// Whether an interval reaches beyond the axis.
    pub fn cuts_intervals(&self) -> bool {
        let mut bands = curve::points(&self.curves).filter_map(|point| point.band);
        bands.any(|band| self.y.cuts(band.low) || self.y.cuts(band.high))
    }

    /// Draws the plot into a frame.
    pub fn draw(&self, canvas: &mut Canvas<'_>, frame: Frame, texts: Texts) -> Result<(), Outside> {
        canvas.group("plot", None, |canvas| {
            if !self.title.is_empty() {
                let middle = frame.left + frame.width / 2.0;
                canvas.text(&self.title, (middle, frame.top - 4.0), Anchor::Center, TEXT, INK);
            }
            for curve in &self.curves {
                canvas.group("interval", Some(curve.arm), |canvas| self.band(canvas, frame, curve))?;
            }
            if let Some(value) = self.mark_at {
                let y = self.y.position(value)?;
                let ends = [(0.0, y), (1.0, y)].map(|end| frame.place(end));
                canvas.path(ends, GREY, AXIS, REFERENCE);
            }
            for curve in self.curves.iter().filter(|curve| !curve.runs.is_empty()) {
                canvas.group("runs", Some(curve.arm), |canvas| self.runs(canvas, frame, curve))?;
            }
            level_axis(canvas, frame, &self.x, texts.level)?;
            upright_axis(canvas, frame, &self.y, texts.upright)?;
            for curve in &self.curves {
                canvas.group("line", Some(curve.arm), |canvas| self.line(canvas, frame, curve))?;
            }
            for (order, curve) in self.curves.iter().enumerate() {
                canvas.group("mean", Some(curve.arm), |canvas| {
                    self.marks(canvas, frame, curve, order)
                })?;
            }
            Ok(())
        })
    }

    fn position(&self, point: &Point) -> Result<Position, Outside> {
        Ok((self.x.position(point.epoch)?, self.y.position(point.mean)?))
    }

    fn line(&self, canvas: &mut Canvas<'_>, frame: Frame, curve: &Curve) -> Result<(), Outside> {
        let Style { colour, dash, .. } = Style::of(curve.arm);
        let positions = thinned(&curve.points).map(|point| self.position(point));
        let positions: Vec<Position> = positions.collect::<Result<_, _>>()?;
        for piece in cut::line(&positions) {
            canvas.path(
                piece.into_iter().map(|position| frame.place(position)),
                colour,
                CURVE,
                dash,
            );
        }
        Ok(())
    }

    fn runs(&self, canvas: &mut Canvas<'_>, frame: Frame, curve: &Curve) -> Result<(), Outside> {
        let colour = Style::of(curve.arm).colour;
        for run in &curve.runs {
            let points = spread::evenly(run.points.len(), FINEST_RUN).map(|place| run.points[place]);
            let positions = points.map(|(epoch, value)| Ok((self.x.position(epoch)?, self.y.position(value)?)));
            let positions: Vec<Position> = positions.collect::<Result<_, Outside>>()?;
            for piece in cut::line(&positions) {
                let places = piece.into_iter().map(|position| frame.place(position));
                canvas.path(places, colour, RUN, SOLID);
            }
        }
        Ok(())
    }

    /// Stretches of points that have an interval are shaded; where one is missing the band has a gap. A single point gets a bar.
    fn band(&self, canvas: &mut Canvas<'_>, frame: Frame, curve: &Curve) -> Result<(), Outside> {
        let colour = Style::of(curve.arm).colour;
        for stretch in curve.points.chunk_by(|a, b| a.band.is_some() && b.band.is_some()) {
            let edge = |of: fn(&Interval) -> f64| -> Result<Vec<Position>, Outside> {
                let with_band = thinned(stretch).filter_map(|point| Some((point.epoch, point.band?)));
                with_band
                    .map(|(epoch, band)| Ok((self.x.position(epoch)?, self.y.end(of(&band)))))
                    .collect()
            };
            let (low, high) = (edge(|band| band.low)?, edge(|band| band.high)?);
            let corners: Vec<Position> = high.into_iter().chain(low.into_iter().rev()).collect();
            if stretch.len() > 1 {
                let inside = cut::area(&corners);
                if !inside.is_empty() {
                    let places = inside.into_iter().map(|position| frame.place(position));
                    canvas.area(places, colour, band(self.curves.len()));
                }
            } else if curve.points.len() == 1 {
                // a lone point has no area to shade, but a bar
                for piece in cut::line(&corners) {
                    let places = piece.into_iter().map(|position| frame.place(position));
                    canvas.path(places, colour, CURVE, SOLID);
                }
            }
        }
        Ok(())
    }

    /// Marks stand at some of the points, at others for each curve, so that equal curves can be told apart.
    fn marks(&self, canvas: &mut Canvas<'_>, frame: Frame, curve: &Curve, order: usize) -> Result<(), Outside> {
        let Style { colour, marker, .. } = Style::of(curve.arm);
        let positions = curve.points.iter().map(|point| self.position(point));
        let mut inside: Vec<Position> = positions.collect::<Result<_, _>>()?;
        inside.retain(|position| cut::is_inside(*position));
        let every = inside.len().div_ceil(MARKS).max(1);
        let first = order * every / self.curves.len() % every;
        for position in inside.into_iter().skip(first).step_by(every) {
            canvas.mark(frame.place(position), marker, MARK, colour);
        }
        Ok(())
    }
}
