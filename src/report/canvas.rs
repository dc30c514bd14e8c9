//! Draw in points on paper: a thin layer over plotters' SVG backend, which knows only whole pixels and solid lines.

use super::style::{AXIS, Dash, INK, MM, Marker, MarkerShape, PAPER, Paper, SOLID};
use plotters::backend::DrawingBackend;
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle};
use std::fmt::Write;
use std::sync::Once;

/// Pixels of the backend in a point: so fine that rounding to whole ones does not show.
const FINE: f64 = 25.0;
/// The backend writes sizes divided by this.
const BACKEND_TEXT: f64 = 1.24;
/// The backend puts the baseline this many ems below the top of a text.
const BASELINE: f64 = 0.76;

/// Where a text stands relative to its place.
pub use plotters::style::text_anchor::HPos as Anchor;

/// A place on paper: points from the left and from the top.
pub type PaperPlace = (f64, f64);

/// A sheet that is being drawn.
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
    fonts: &'static str,
    /// The dash of each path drawn so far.
    dashes: Vec<Dash>,
    /// How many elements are drawn.
    elements: usize,
    /// Beginnings and ends of groups, each with the number of elements before it.
    groups: Vec<(usize, String)>,
}

/// Draws a sheet of a width and height in points of the drawing; the result is an SVG file whose size on paper is stated in millimetres.
///
/// # Errors
/// What `draw` fails with.
pub fn sheet<E>(
    paper: &Paper,
    (width, height): (f64, f64),
    title: &str,
    draw: impl FnOnce(&mut Canvas<'_>) -> Result<(), E>,
) -> Result<String, E> {
    let mut svg = String::new();
    let size = (fine(width) as u32, fine(height) as u32);
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut svg, size),
        fonts: paper.fonts,
        dashes: Vec::new(),
        elements: 0,
        groups: Vec::new(),
    };
    draw(&mut canvas)?;
    canvas.backend.present().expect("memory takes every drawing");
    let dashes = std::mem::take(&mut canvas.dashes);
    let groups = std::mem::take(&mut canvas.groups);
    drop(canvas);
    Ok(finish(&svg, (paper.scale, width, height), title, &dashes, &groups))
}

/// Adds what the backend cannot say: the size on paper, round joins, dashes, and groups. Every element has a line of its own.
fn finish(
    svg: &str,
    (scale, width, height): (f64, f64, f64),
    title: &str,
    dashes: &[Dash],
    groups: &[(usize, String)],
) -> String {
    let millimetres = |points: f64| (scale * points / MM * 1000.0).round() / 1000.0;
    let mut out = String::with_capacity(svg.len() + 4096);
    let mut dashes = dashes.iter();
    let mut groups = groups.iter().peekable();
    let mut elements = 0;
    let mut in_text = false;
    for line in svg.lines() {
        let begins = line.starts_with('<') && !line.starts_with("</text") && !line.starts_with("<svg");
        if begins {
            while let Some((_, tag)) = groups.next_if(|(before, _)| *before == elements) {
                let _ = writeln!(out, "{tag}");
            }
            elements += 1;
        }
        if line.starts_with("<svg") {
            let (w, h) = (millimetres(width), millimetres(height));
            let (width, height) = (fine(width), fine(height));
            let _ = write!(
                out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}mm\" height=\"{h}mm\" viewBox=\"0 0 {width} {height}\" \
                 stroke-linejoin=\"round\" role=\"img\">\n<title>{title}</title>"
            );
        } else if let Some(path) = line.strip_prefix("<polyline ") {
            out.push_str("<polyline ");
            if let Some(dash) = dashes.next().filter(|dash| !dash.is_empty()) {
                let lengths: Vec<String> = dash.iter().map(|points| fine(*points).to_string()).collect();
                let _ = write!(out, "stroke-dasharray=\"{}\" ", lengths.join(","));
            }
            out.push_str(path);
        } else {
            out.push_str(line);
        }
        // A text stays on one line: blanks around it could move it.
        in_text = line.starts_with("<text") || (in_text && !line.starts_with("</text"));
        if !in_text {
            out.push('\n');
        }
    }
    out
}

/// Points in the units of the file, the backend's whole pixels.
pub fn fine(points: f64) -> i32 {
    (points * FINE).round() as i32
}

fn fine_place((x, y): PaperPlace) -> (i32, i32) {
    (fine(x), fine(y))
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(fine(width) as u32)
}

impl Canvas<'_> {
    /// Draws something that stands for values or for an arm: the group in the file says of what (`class`) and, by its place in
    /// `arms.csv`, of which arm. So a reader can compare each mark with the tables, and a page can light up an arm.
    pub fn group<R>(&mut self, class: &str, arm: Option<usize>, draw: impl FnOnce(&mut Self) -> R) -> R {
        let arm = arm.map_or_else(String::new, |arm| format!(" data-arm=\"{arm}\""));
        self.groups.push((self.elements, format!("<g class=\"{class}\"{arm}>")));
        let drawn = draw(self);
        self.groups.push((self.elements, "</g>".to_owned()));
        drawn
    }

    /// A line through places.
    pub fn path(&mut self, places: impl IntoIterator<Item = PaperPlace>, colour: RGBColor, width: f64, dash: Dash) {
        let places: Vec<_> = places.into_iter().map(fine_place).collect();
        self.backend
            .draw_path(places, &stroke(colour, width))
            .expect("memory takes every path");
        self.dashes.push(dash);
        self.elements += 1;
    }

    /// A straight solid line in ink, as thin as an axis.
    pub fn rule(&mut self, from: PaperPlace, to: PaperPlace) {
        self.path([from, to], INK, AXIS, SOLID);
    }

    /// A filled area; opacity from 0 to 1.
    pub fn area(&mut self, places: impl IntoIterator<Item = PaperPlace>, colour: RGBColor, opacity: f64) {
        let places: Vec<_> = places.into_iter().map(fine_place).collect();
        self.backend
            .fill_polygon(places, &colour.mix(opacity))
            .expect("memory takes every area");
        self.elements += 1;
    }

    /// A filled rectangle between two corners, the upper left and the lower right one.
    pub fn rectangle(&mut self, upper_left: PaperPlace, lower_right: PaperPlace, colour: RGBColor, opacity: f64) {
        self.area(corners(upper_left, lower_right), colour, opacity);
    }

    /// The outline of such a rectangle, as thin as an axis.
    pub fn outline(&mut self, upper_left: PaperPlace, lower_right: PaperPlace) {
        let corners = corners(upper_left, lower_right);
        self.path(closed(&corners), INK, AXIS, SOLID);
    }

    /// A disc; opacity from 0 to 1.
    pub fn disc(&mut self, centre: PaperPlace, radius: f64, colour: RGBColor, opacity: f64) {
        let style = colour.mix(opacity).filled();
        self.backend
            .draw_circle(fine_place(centre), fine(radius) as u32, &style, true)
            .expect("memory takes every disc");
        self.elements += 1;
    }

    /// A marker of half width `size`; the middle of its corners is its place.
    pub fn mark(&mut self, (x, y): PaperPlace, marker: Marker, size: f64, colour: RGBColor) {
        let outline = size * 0.45;
        let corners: &[PaperPlace] = match marker.shape {
            MarkerShape::Circle => {
                let inside = if marker.filled { colour } else { PAPER };
                self.disc((x, y), size, inside, 1.0);
                let ring = stroke(colour, outline);
                let radius = fine(size) as u32;
                self.backend
                    .draw_circle(fine_place((x, y)), radius, &ring, false)
                    .expect("memory takes every ring");
                self.elements += 1;
                return;
            }
            MarkerShape::Plus | MarkerShape::Cross => {
                let (a, b) = if marker.shape == MarkerShape::Plus {
                    (1.25, 0.0)
                } else {
                    (0.95, 0.95)
                };
                let (a, b) = (a * size, b * size);
                self.path([(x - a, y - b), (x + a, y + b)], colour, 1.4 * outline, SOLID);
                self.path([(x - b, y + a), (x + b, y - a)], colour, 1.4 * outline, SOLID);
                return;
            }
            MarkerShape::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            MarkerShape::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
            MarkerShape::TriangleUp => &[(0.0, -1.3), (1.1, 0.65), (-1.1, 0.65)],
            MarkerShape::TriangleDown => &[(0.0, 1.3), (1.1, -0.65), (-1.1, -0.65)],
        };
        let corners: Vec<PaperPlace> = corners.iter().map(|(dx, dy)| (x + dx * size, y + dy * size)).collect();
        self.area(corners.iter().copied(), if marker.filled { colour } else { PAPER }, 1.0);
        self.path(closed(&corners), colour, outline, SOLID);
    }

    /// A text of one line; `place` is on its baseline.
    pub fn text(&mut self, text: &str, (x, y): PaperPlace, anchor: Anchor, size: f64, colour: RGBColor) {
        self.write(
            text,
            (x, y - BASELINE * size),
            anchor,
            size,
            colour,
            FontTransform::None,
        );
    }

    /// A text read from below, centred at `place`, which is on its baseline.
    pub fn upward_text(&mut self, text: &str, (x, y): PaperPlace, size: f64, colour: RGBColor) {
        self.write(
            text,
            (x - BASELINE * size, y),
            HPos::Center,
            size,
            colour,
            FontTransform::Rotate270,
        );
    }

    fn write(&mut self, text: &str, at: PaperPlace, anchor: Anchor, size: f64, colour: RGBColor, turn: FontTransform) {
        let font = FontDesc::new(
            FontFamily::Name(self.fonts),
            size * FINE * BACKEND_TEXT,
            FontStyle::Normal,
        );
        let style = TextStyle::from(font.transform(turn))
            .color(&colour)
            .pos(Pos::new(anchor, VPos::Top));
        self.backend
            .draw_text(&printable(text), &style, fine_place(at))
            .expect("memory takes every text");
        self.elements += 1;
    }
}

/// Of a rectangle, around from the upper left one.
fn corners((left, top): PaperPlace, (right, bottom): PaperPlace) -> [PaperPlace; 4] {
    [(left, top), (right, top), (right, bottom), (left, bottom)]
}

/// Around all corners and one more than needed: the last join is round, too.
fn closed(corners: &[PaperPlace]) -> impl Iterator<Item = PaperPlace> {
    corners.iter().chain(&corners[..2]).copied()
}

/// What XML can hold, on one line.
fn printable(text: &str) -> String {
    let held = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let line: String = text.chars().map(|c| if held(c) { c } else { ' ' }).collect();
    line.trim().to_owned()
}

/// The width of a text in points.
pub fn text_width(text: &str, size: f64) -> f64 {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        // A font that cannot be read would leave every width 0; the tests measure one.
        let _ = plotters::style::register_font(Paper::JOURNAL.fonts, FontStyle::Normal, dejavu::sans::regular());
    });
    /// Plotters scales this font by its line height (ascent 1901 and descent 483 of 2048), not by its em.
    const LINE_PER_EM: f64 = (1901.0 + 483.0) / 2048.0;
    const PRECISE: f64 = 1000.0;
    let font = FontDesc::new(
        FontFamily::Name(Paper::JOURNAL.fonts),
        PRECISE * LINE_PER_EM,
        FontStyle::Normal,
    );
    let (width, _) = font.box_size(&printable(text)).unwrap_or_default();
    f64::from(width) / PRECISE * size
}

/// The text, or as much of its beginning as fits, with an ellipsis.
pub fn fitted(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    loop {
        let shorter = kept.iter().collect::<String>() + "…";
        if kept.pop().is_none() || text_width(&shorter, size) <= width {
            return shorter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Advance widths in the font's own table: `0` has 1303 of 2048 units.
    #[test]
    fn widths_are_those_of_the_font() {
        let ten_zeros = text_width("0000000000", 7.0);
        assert!((ten_zeros - 10.0 * 1303.0 / 2048.0 * 7.0).abs() < 0.02, "{ten_zeros}");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(fitted("Backprop", 7.0, 100.0), "Backprop");
        let cut = fitted(&"Backprop ".repeat(9), 7.0, 100.0);
        assert!(
            cut.ends_with('…') && text_width(&cut, 7.0) <= 100.0 && text_width(&cut, 7.0) > 90.0,
            "{cut}"
        );
    }

    #[test]
    fn paths_have_their_dashes_and_the_sheet_its_size() {
        let svg = sheet(&Paper::JOURNAL, (89.0 * MM, 10.0 * MM), "t", |canvas| {
            canvas.rule((0.0, 0.0), (1.0, 1.0));
            canvas.group("line", Some(3), |canvas| {
                canvas.path([(0.0, 0.0), (9.0, 9.0)], INK, 1.0, &[2.0, 1.0]);
                Ok::<_, Infallible>(())
            })?;
            canvas.text("a < b\u{1}\n", (3.0, 9.0), HPos::Left, 7.0, INK);
            Ok::<_, Infallible>(())
        });
        let Ok(svg) = svg;
        assert!(svg.contains("width=\"89mm\" height=\"10mm\""), "{svg}");
        let paths: Vec<&str> = svg.lines().filter(|line| line.starts_with("<polyline")).collect();
        assert!(
            !paths[0].contains("dash") && paths[1].contains("stroke-dasharray=\"50,25\""),
            "{svg}"
        );
        assert!(
            paths[1].contains("stroke-width=\"25\"") && svg.contains("font-size=\"175\""),
            "{svg}"
        );
        assert!(svg.contains(">a &lt; b</text>\n"), "{svg}");
        let grouped = svg.split_once("<g class=\"line\" data-arm=\"3\">\n").unwrap().1;
        let grouped = grouped.split_once("</g>\n").unwrap().0;
        assert_eq!(grouped.lines().collect::<Vec<_>>(), [paths[1]], "{svg}");
    }
}
