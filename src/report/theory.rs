//! Draw what was measured as marks beside the lines of a theory.

use super::axis::{Axis, Drawn, Layout, Outside, Ticks};
use super::canvas::{Canvas, sheet, text_width};
use super::drawing::Drawing;
use super::legend::{Legend, Sample};
use super::overlay::{Overlay, OverlayAxis, OverlaySeries};
use super::ruler::{Frame, ROOM_BELOW, level_axis, room_left, upright_axis};
use super::style::{INK, MARK, Paper, SMALL, SOLID, Style, THIN};

/// White at the edges of the sheet, in points.
const EDGE: f64 = 2.0;
/// Between the plot and the legend, in points.
const ABOVE_LEGEND: f64 = 5.0;
/// Height of the plot, as a share of its width.
const HIGH: f64 = 0.78;
/// An even axis that begins below this share of its end begins at 0.
const NEARLY_NOTHING: f64 = 0.1;
/// A plot is at least this high, in points.
const SHORTEST: f64 = 60.0;

/// The figure, if there is a point to draw.
pub fn draw(overlay: &Overlay) -> Result<Option<Drawing>, Outside> {
    let points = || {
        overlay
            .series
            .iter()
            .flat_map(|series| series.measured.iter().chain(&series.theory))
    };
    let (Some(x), Some(y)) = (
        axis(overlay.x, points().map(|point| point.0)),
        axis(overlay.y, points().map(|point| point.1)),
    ) else {
        return Ok(None);
    };
    let names: Vec<&str> = overlay.gaps().into_iter().map(|(name, _)| name).collect();
    let marks = names
        .iter()
        .enumerate()
        .map(|(place, name)| (Sample::Mark(place + 1), *name));
    let legend = Legend::of(
        [(Sample::Line, "theory")].into_iter().chain(marks),
        Paper::JOURNAL.column - 2.0 * EDGE,
    );
    let last_label = x.major.last().map_or(0.0, |tick| text_width(&tick.label, SMALL) / 2.0);
    let width = Paper::JOURNAL.column - 2.0 * EDGE - room_left(&y) - last_label;
    let around = 2.0 * EDGE + 0.5 * SMALL + ROOM_BELOW + ABOVE_LEGEND + legend.height();
    let height = (HIGH * width).min(Paper::JOURNAL.highest - around).max(SHORTEST);
    let frame = Frame {
        left: EDGE + room_left(&y),
        top: EDGE + 0.5 * SMALL,
        width,
        height,
    };
    let svg = sheet(
        &Paper::JOURNAL,
        (Paper::JOURNAL.column, around + height),
        "Simulation beside theory",
        |canvas| {
            canvas.group("plot", None, |canvas| {
                level_axis(canvas, frame, &x, true)?;
                upright_axis(canvas, frame, &y, true)?;
                let place = |series: &OverlaySeries| names.iter().position(|name| *name == series.name).unwrap_or(0);
                for series in &overlay.series {
                    line(canvas, frame, (&x, &y), series, place(series))?;
                }
                for series in &overlay.series {
                    let place = place(series);
                    let turns = if shares_lines(overlay) { names.len() } else { 1 };
                    self::marks(canvas, frame, (&x, &y), series, (place, turns))?;
                }
                Ok(())
            })?;
            legend.draw(canvas, Paper::JOURNAL.column, around + height - EDGE - legend.height());
            Ok(())
        },
    )?;
    Ok(Some(Drawing {
        svg,
        caption: caption(overlay, names.len()),
    }))
}

fn axis(of: OverlayAxis, values: impl Iterator<Item = f64>) -> Option<Axis> {
    let mut drawn = Drawn::of_marks(values);
    let (low, high) = drawn.marked()?;
    if !of.logarithmic && 0.0 < low && low < NEARLY_NOTHING * high {
        drawn.marks.push(0.0);
    }
    let layout = Layout {
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        shortest: if low < high { 0.0 } else { 1.0 },
        ticks: Ticks::About(5),
        whole_steps: false,
    };
    let logarithmic = of.logarithmic.then(|| Axis::log(of.title, &drawn)).flatten();
    logarithmic.or_else(|| Axis::linear(of.title, &drawn, layout))
}

fn line(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    (x, y): (&Axis, &Axis),
    series: &OverlaySeries,
    name: usize,
) -> Result<(), Outside> {
    let place = |(at, value): &(f64, f64)| Ok(frame.place((x.position(*at)?, y.position(*value)?)));
    let places: Vec<_> = series.theory.iter().map(place).collect::<Result<_, Outside>>()?;
    canvas.group("theory", Some(name), |canvas| {
        canvas.path(places, INK, THIN, SOLID);
        Ok(())
    })
}

/// Whether the marks of several names lie on one line: those drawn last would hide the others.
fn shares_lines(overlay: &Overlay) -> bool {
    let near = |(a, b): (f64, f64)| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
    let ends = |series: &OverlaySeries| Some([*series.theory.first()?, *series.theory.last()?]);
    let same = |a: &OverlaySeries, b: &OverlaySeries| {
        let both = ends(a).zip(ends(b));
        a.name != b.name
            && both.is_some_and(|(a, b)| a.iter().zip(b).all(|(a, b)| near((a.0, b.0)) && near((a.1, b.1))))
    };
    let mut pairs = overlay
        .series
        .iter()
        .flat_map(|a| overlay.series.iter().map(move |b| (a, b)));
    pairs.any(|(a, b)| same(a, b))
}

/// The marks of a series whose name is the one at this place, with those of other names in so many turns.
fn marks(
    canvas: &mut Canvas<'_>,
    frame: Frame,
    (x, y): (&Axis, &Axis),
    series: &OverlaySeries,
    (place, turns): (usize, usize),
) -> Result<(), Outside> {
    // the first colour is that of the lines
    let Style { colour, marker, .. } = Style::of(place + 1);
    canvas.group("measured", Some(place), |canvas| {
        for (at, value) in series.measured.iter().skip(place % turns).step_by(turns) {
            canvas.mark(
                frame.place((x.position(*at)?, y.position(*value)?)),
                marker,
                MARK,
                colour,
            );
        }
        Ok(())
    })
}

fn caption(overlay: &Overlay, names: usize) -> String {
    let marks = match shares_lines(overlay) {
        true => format!(
            "marks are the simulation: of names that share a line each in turn, every one at one point in {names}"
        ),
        false => "marks are the simulation".to_owned(),
    };
    let mut text = format!(
        "{}.\nLines are the theory, {marks}.\nLargest gap: {:.1e}, {}.",
        overlay.title,
        overlay.gap(),
        overlay.gap_means
    );
    if names > 1 {
        let gaps = overlay
            .gaps()
            .into_iter()
            .map(|(name, gap)| format!("{name}: {gap:.1e}"));
        text += &format!(" By name: {}.", gaps.collect::<Vec<_>>().join("; "));
    }
    text + "\n"
}
