//! Lay out plots that stand side by side and share their rows, one row an arm.

use super::axis::{Axis, Outside};
use super::canvas::{Anchor, Canvas, sheet, text_width};
use super::columns::{Labels, RowPlaces, TextColumn};
use super::data::MeanAndInterval;
use super::rows;
use super::ruler::{Frame, ROOM_BELOW, level_axis};
use super::style::{AXIS, GREY, INK, MM, Paper, REFERENCE, STRIPE, TEXT};

/// White at the edges of the sheet, in points.
const EDGE: f64 = 4.0;
/// Between labels, plots and numbers, in points.
const BESIDE: f64 = 6.0;
/// Between two plots, in points: numbers below one may reach beyond it.
const BETWEEN: f64 = 15.0;
/// Height of a row where there is room, in points. At the most arms there can be it is 10.
const ROW: f64 = 12.0;
/// A label is cut beyond this width, in points.
const WIDEST_LABEL: f64 = 52.0 * MM;
/// A plot is on average at least so wide, in points, on a page that is too narrow for it.
const NARROWEST: f64 = 20.0 * MM;

/// One plot: an axis, lines of reference, and a value an arm.
pub struct RowPlot<'a> {
    /// Stands above it.
    pub heading: &'a str,
    /// Along which the values stand.
    pub axis: &'a Axis,
    /// Values to mark by a line through all rows.
    pub lines: &'a [f64],
    /// In the order of the rows.
    pub values: &'a [Option<MeanAndInterval>],
    /// Its width, as a share of the room for all plots.
    pub share: f64,
    /// Stand right of it.
    pub numbers: Option<TextColumn<'a>>,
}

/// Plots that share their rows.
pub struct RowPlots<'a> {
    /// For readers who cannot see it.
    pub title: &'a str,
    /// Place and label of each arm, a row each, the first on top.
    pub arms: Vec<(usize, &'a str)>,
    /// From left to right.
    pub plots: Vec<RowPlot<'a>>,
}

impl RowPlots<'_> {
    /// Whether each plot has room enough on a page, if it were shared out equally.
    pub fn fits(&self, paper: &Paper) -> bool {
        self.room(paper, &self.labels()) >= self.least_room()
    }

    /// Draws them as SVG.
    pub fn draw(&self, paper: &Paper) -> Result<String, Outside> {
        let labels = self.labels();
        let first = first(&labels);
        let on_page = self.room(paper, &labels);
        let room = on_page.max(self.least_room());
        let page = paper.page - on_page + room;
        let room_above = TEXT + 6.0;
        let height_around = 2.0 * EDGE + room_above + ROOM_BELOW;
        let places = RowPlaces {
            top: EDGE + room_above,
            height: ((paper.highest - height_around) / self.arms.len() as f64).min(ROW),
        };
        let height = places.height * self.arms.len() as f64;
        sheet(paper, (page, height + height_around), self.title, |canvas| {
            stripes(canvas, page, places, self.arms.len());
            labels.draw(canvas, first - BESIDE, places);
            let mut left = first;
            for plot in &self.plots {
                let frame = Frame {
                    left,
                    top: places.top,
                    width: plot.share * room,
                    height,
                };
                let mut right = left + frame.width;
                if let Some(numbers) = &plot.numbers {
                    right += BESIDE + numbers.width();
                    numbers.draw(canvas, right, places);
                }
                let centre = frame.left + frame.width / 2.0;
                canvas.text(plot.heading, (centre, frame.top - 4.0), Anchor::Center, TEXT, INK);
                canvas.group("plot", None, |canvas| self.plot(canvas, frame, plot, places))?;
                left = right + BETWEEN;
            }
            Ok(())
        })
    }

    fn labels(&self) -> Labels {
        Labels::new(self.arms.iter().copied(), WIDEST_LABEL)
    }

    /// The width that plots need, so that the titles of neighbouring axes do not meet.
    fn least_room(&self) -> f64 {
        let titles = self
            .plots
            .iter()
            .map(|plot| text_width(&plot.axis.title, TEXT) - BESIDE);
        titles.fold(NARROWEST, f64::max) * self.plots.len() as f64
    }

    /// The width that is left for plots on a page.
    fn room(&self, paper: &Paper, labels: &Labels) -> f64 {
        let numbers = self.plots.iter().filter_map(|plot| plot.numbers.as_ref());
        let numbers: f64 = numbers.map(|numbers| BESIDE + numbers.width()).sum();
        let between = BETWEEN * (self.plots.len() - 1) as f64;
        paper.page - first(labels) - numbers - between - EDGE - BESIDE
    }

    fn plot(
        &self,
        canvas: &mut Canvas<'_>,
        frame: Frame,
        plot: &RowPlot<'_>,
        places: RowPlaces,
    ) -> Result<(), Outside> {
        let (top, bottom) = (frame.top, frame.top + frame.height);
        for line in plot.lines {
            let x = frame.place((plot.axis.position(*line)?, 0.0)).0;
            canvas.path([(x, top), (x, bottom)], GREY, AXIS, REFERENCE);
        }
        level_axis(canvas, frame, plot.axis, true)?;
        canvas.rule((frame.left, top), (frame.left, bottom));
        for (place, ((arm, _), value)) in self.arms.iter().zip(plot.values).enumerate() {
            if let Some(value) = value {
                rows::mark(canvas, frame, plot.axis, *arm, *value, places.middle(place))?;
            }
        }
        Ok(())
    }
}

/// Where the first plot begins, beside the labels.
fn first(labels: &Labels) -> f64 {
    EDGE + labels.width() + BESIDE
}

/// Every other row has a faint ground, so that the eye finds it again in the next plot.
fn stripes(canvas: &mut Canvas<'_>, page: f64, RowPlaces { top, height }: RowPlaces, rows: usize) {
    for place in (0..rows).step_by(2) {
        let (above, below) = (top + place as f64 * height, top + (place + 1) as f64 * height);
        canvas.rectangle((EDGE, above), (page - EDGE, below), INK, STRIPE);
    }
}
