//! Draw one plot: two axes, curves with bands and marks, and lines of reference.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Place, text_width};
use super::data::{Curve, Point};
use super::style::{AXIS, BAND, CURVE, GREY, INK, MARK, REFERENCE, SMALL, SOLID, Style, TEXT};
use crate::stats::Interval;

/// Length of a long tick, in points.
pub const TICK: f64 = 2.5;
/// From a tick to its label, in points.
const GAP: f64 = 1.5;
/// From the numbers of the upright axis to its title, in points.
const TITLE_GAP: f64 = 3.5;
/// Least room between two numbers side by side, in points.
const APART: f64 = 2.5;
/// About as many marks stand on a curve.
const MARKS: usize = 6;

/// Most points of a curve.
pub const FINEST: usize = 500;

/// A rectangle on paper, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// From the left edge of the sheet.
    pub left: f64,
    /// From the top of the sheet.
    pub top: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// A plot without its place on the sheet.
pub struct Panel {
    /// Stands above the plot; may be empty.
    pub title: String,
    /// Epochs.
    pub x: Axis,
    /// The quantity.
    pub y: Axis,
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

/// Room for the numbers and title of the upright axis, left of a plot.
pub fn room_left(y: &Axis) -> f64 {
    TITLE_GAP + TEXT + widest_label(y) + GAP + TICK
}

/// Room for the numbers and title of the level axis, below a plot.
pub const ROOM_BELOW: f64 = TICK + GAP + SMALL + 2.5 + TEXT + 2.0;

fn widest_label(axis: &Axis) -> f64 {
    axis.major
        .iter()
        .map(|(_, label)| text_width(label, SMALL))
        .fold(0.0, f64::max)
}

impl Frame {
    /// Where a point of the plot stands; both positions run from 0 to 1, left to right and bottom to top.
    pub fn place(&self, x: f64, y: f64) -> Place {
        (self.left + x * self.width, self.top + (1.0 - y) * self.height)
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// Draws the level axis below a frame: line, ticks, numbers and title.
pub fn level_axis(canvas: &mut Canvas<'_>, frame: Frame, axis: &Axis, titled: bool) {
    let bottom = frame.bottom();
    canvas.rule((frame.left - AXIS / 2.0, bottom), (frame.left + frame.width, bottom));
    let mut free = f64::NEG_INFINITY;
    for (value, label) in &axis.major {
        let (x, _) = frame.place(axis.position(*value), 0.0);
        canvas.rule((x, bottom), (x, bottom + TICK));
        let half_width = text_width(label, SMALL) / 2.0;
        if x - half_width >= free {
            canvas.text(
                label,
                (x, bottom + TICK + GAP + 0.76 * SMALL),
                Anchor::Center,
                SMALL,
                INK,
            );
            free = x + half_width + APART;
        }
    }
    for value in &axis.minor {
        let (x, _) = frame.place(axis.position(*value), 0.0);
        canvas.rule((x, bottom), (x, bottom + 0.6 * TICK));
    }
    if titled {
        let baseline = bottom + ROOM_BELOW - 3.0;
        canvas.text(
            &axis.title,
            (frame.left + frame.width / 2.0, baseline),
            Anchor::Center,
            TEXT,
            INK,
        );
    }
}

fn upright_axis(canvas: &mut Canvas<'_>, frame: Frame, axis: &Axis, labelled: bool) {
    canvas.rule((frame.left, frame.top), (frame.left, frame.bottom()));
    for (value, label) in &axis.major {
        let (x, y) = frame.place(0.0, axis.position(*value));
        canvas.rule((x - TICK, y), (x, y));
        if labelled {
            canvas.text(label, (x - TICK - GAP, y + 0.36 * SMALL), Anchor::Right, SMALL, INK);
        }
    }
    for value in &axis.minor {
        let (x, y) = frame.place(0.0, axis.position(*value));
        canvas.rule((x - 0.6 * TICK, y), (x, y));
    }
    if labelled {
        let baseline = frame.left - TICK - GAP - widest_label(axis) - TITLE_GAP;
        canvas.upward_text(&axis.title, (baseline, frame.top + frame.height / 2.0), TEXT, INK);
    }
}

/// The first, the last and evenly many points between: more of them than [`FINEST`] would lie on one another.
fn thinned(points: &[Point]) -> impl Iterator<Item = &Point> {
    let drawn = points.len().min(FINEST);
    (0..drawn).map(move |place| &points[place * (points.len() - 1) / (drawn - 1).max(1)])
}

impl Panel {
    /// Draws the plot into a frame.
    pub fn draw(&self, canvas: &mut Canvas<'_>, frame: Frame, texts: Texts) {
        if !self.title.is_empty() {
            let middle = frame.left + frame.width / 2.0;
            canvas.text(&self.title, (middle, frame.top - 4.0), Anchor::Center, TEXT, INK);
        }
        for curve in &self.curves {
            self.band(canvas, frame, curve);
        }
        if let Some(value) = self.mark_at {
            let y = self.y.position(value);
            canvas.path([frame.place(0.0, y), frame.place(1.0, y)], GREY, AXIS, REFERENCE);
        }
        level_axis(canvas, frame, &self.x, texts.level);
        upright_axis(canvas, frame, &self.y, texts.upright);
        for curve in &self.curves {
            let Style { colour, dash, .. } = Style::of(curve.arm);
            let places = thinned(&curve.points).map(|point| self.place(frame, point.epoch, point.mean));
            canvas.path(places, colour, CURVE, dash);
        }
        for (order, curve) in self.curves.iter().enumerate() {
            self.marks(canvas, frame, curve, order);
        }
    }

    fn place(&self, frame: Frame, epoch: f64, value: f64) -> Place {
        frame.place(self.x.position(epoch), self.y.position(value))
    }

    /// Runs of points that have an interval are shaded; where one is missing the band has a gap. A single point gets a bar.
    fn band(&self, canvas: &mut Canvas<'_>, frame: Frame, curve: &Curve) {
        let colour = Style::of(curve.arm).colour;
        for stretch in curve.points.chunk_by(|a, b| a.band.is_some() && b.band.is_some()) {
            let edge = |of: fn(&Interval) -> f64| {
                let value = move |point: &Point| Some((point.epoch, of(point.band.as_ref()?)));
                thinned(stretch)
                    .filter_map(value)
                    .map(|(epoch, value)| self.place(frame, epoch, value))
            };
            if stretch.len() > 1 {
                let lower: Vec<Place> = edge(|band| band.low).collect();
                canvas.area(edge(|band| band.high).chain(lower.into_iter().rev()), colour, BAND);
            } else if let [Point { band: Some(_), .. }] = &curve.points[..] {
                // a lone point has no area to shade, but a bar
                let ends = edge(|band| band.low).chain(edge(|band| band.high));
                canvas.path(ends, colour, CURVE, SOLID);
            }
        }
    }

    /// Marks stand at some of the points, at others for each curve, so that equal curves can be told apart.
    fn marks(&self, canvas: &mut Canvas<'_>, frame: Frame, curve: &Curve, order: usize) {
        let Style { colour, marker, .. } = Style::of(curve.arm);
        let every = curve.points.len().div_ceil(MARKS);
        let first = order * every / self.curves.len() % every;
        let marked = curve.points.iter().skip(first).step_by(every);
        for point in marked.filter(|point| point.measured) {
            canvas.mark(self.place(frame, point.epoch, point.mean), marker, MARK, colour);
        }
    }
}
