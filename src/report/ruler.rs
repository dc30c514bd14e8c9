//! Draw an axis beside a plot: its line, ticks, numbers and title.

use super::axis::{Axis, Outside};
use super::canvas::{Anchor, Canvas, PaperPlace, text_width};
use super::cut::Position;
use super::style::{AXIS, INK, SMALL, TEXT};
use super::ticks::Tick;

/// Length of a long tick, in points.
const TICK: f64 = 2.5;
/// Length of a short tick, as a share of that.
const SHORT: f64 = 0.6;
/// From a tick to its label, in points.
const GAP: f64 = 1.5;
/// From the numbers of the upright axis to its title, in points.
const TITLE_GAP: f64 = 3.5;
/// Least room between two numbers side by side, in points.
const APART: f64 = 2.5;
/// Half the height of a number and of the room between two, one above the other, in points.
const HALF_LINE: f64 = 0.5 * SMALL;
/// Half the gap where an axis is broken, and half the length of the strokes at both sides of it, in points.
const BREAK: (f64, f64) = (1.1, 2.0);

/// Room for the numbers and title of the level axis, below a plot.
pub const ROOM_BELOW: f64 = TICK + GAP + SMALL + 2.5 + TEXT + 2.0;

/// Room for the numbers and title of the upright axis, left of a plot.
pub fn room_left(y: &Axis) -> f64 {
    TITLE_GAP + TEXT + widest_label(y) + GAP + TICK
}

fn widest_label(axis: &Axis) -> f64 {
    let widths = axis.major.iter().map(|tick| text_width(&tick.label, SMALL));
    widths.fold(0.0, f64::max)
}

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

/// The sides of a frame that an axis can stand at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Left,
}

impl Frame {
    /// Where a position of the plot is on paper.
    pub fn place(&self, (x, y): Position) -> PaperPlace {
        (self.left + x * self.width, self.top + (1.0 - y) * self.height)
    }

    /// A place at a side: along it from 0 to 1, and so many points outside.
    fn beside(&self, side: Side, along: f64, out: f64) -> PaperPlace {
        let bottom = self.top + self.height;
        match side {
            Side::Below => (self.left + along * self.width, bottom + out),
            Side::Left => (self.left - out, bottom - along * self.height),
        }
    }

    fn length(&self, side: Side) -> f64 {
        match side {
            Side::Below => self.width,
            Side::Left => self.height,
        }
    }
}

/// Draws the level axis below a frame.
pub fn level_axis(canvas: &mut Canvas<'_>, frame: Frame, axis: &Axis, titled: bool) -> Result<(), Outside> {
    canvas.group(&format!("level axis {}", axis.spacing().name()), None, |canvas| {
        line_and_ticks(canvas, frame, axis, Side::Below, true)?;
        if titled {
            let (middle, baseline) = frame.beside(Side::Below, 0.5, ROOM_BELOW - 3.0);
            canvas.text(&axis.title, (middle, baseline), Anchor::Center, TEXT, INK);
        }
        Ok(())
    })
}

/// Draws the upright axis left of a frame; the numbers and the title are written where it is labelled.
pub fn upright_axis(canvas: &mut Canvas<'_>, frame: Frame, axis: &Axis, labelled: bool) -> Result<(), Outside> {
    canvas.group(&format!("upright axis {}", axis.spacing().name()), None, |canvas| {
        line_and_ticks(canvas, frame, axis, Side::Left, labelled)?;
        if labelled {
            let out = TICK + GAP + widest_label(axis) + TITLE_GAP;
            canvas.upward_text(&axis.title, frame.beside(Side::Left, 0.5, out), TEXT, INK);
        }
        Ok(())
    })
}

fn line_and_ticks(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    axis: &Axis,
    side: Side,
    labelled: bool,
) -> Result<(), Outside> {
    let at = |along, out| frame.beside(side, along, out);
    let length = frame.length(side);
    // the corner of two axes is whole
    let start = -AXIS / 2.0 / length;
    match axis.apart() {
        None => canvas.rule(at(start, 0.0), at(1.0, 0.0)),
        Some((_, middle)) => {
            let (gap, stroke) = (BREAK.0 / length, BREAK.1);
            canvas.rule(at(start, 0.0), at(middle - gap, 0.0));
            canvas.rule(at(middle + gap, 0.0), at(1.0, 0.0));
            for end in [middle - gap, middle + gap] {
                canvas.rule(at(end - gap / 2.0, stroke), at(end + gap / 2.0, -stroke));
            }
        }
    }
    for value in &axis.minor {
        let along = axis.position(*value)?;
        canvas.rule(at(along, 0.0), at(along, SHORT * TICK));
    }
    let mut taken: Vec<f64> = Vec::new();
    for tick in &axis.major {
        let along = axis.position(tick.value)?;
        let half = half_room(tick, side);
        let middle = along * length;
        let is_free = taken
            .chunks(2)
            .all(|span| middle + half <= span[0] || middle - half >= span[1]);
        if !labelled || !is_free {
            canvas.rule(at(along, 0.0), at(along, TICK));
            continue;
        }
        taken.extend([middle - half, middle + half]);
        canvas.group("tick", None, |canvas| {
            canvas.rule(at(along, 0.0), at(along, TICK));
            let (x, y) = at(along, TICK + GAP);
            match side {
                Side::Below => canvas.text(&tick.label, (x, y + 0.76 * SMALL), Anchor::Center, SMALL, INK),
                Side::Left => canvas.text(&tick.label, (x, y + 0.36 * SMALL), Anchor::Right, SMALL, INK),
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Half the room along the axis that a number takes, in points.
fn half_room(tick: &Tick, side: Side) -> f64 {
    match side {
        Side::Below => (text_width(&tick.label, SMALL) + APART) / 2.0,
        Side::Left => HALF_LINE,
    }
}
