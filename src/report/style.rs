//! Fix what figures look like: sizes for print, and one colour, dash and marker for an arm in every figure.

use plotters::style::RGBColor;

/// Points (1/72 inch) in a millimetre.
pub const MM: f64 = 72.0 / 25.4;

/// What figures are drawn for. Drawings are laid out in points of their own, in which text has its usual size, and printed larger or
/// smaller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    /// Width of one column, in points of the drawing.
    pub column: f64,
    /// Width of the page, in points of the drawing.
    pub page: f64,
    /// Greatest height of a figure, in points of the drawing.
    pub highest: f64,
    /// How many times as large it is printed.
    pub scale: f64,
    /// Families of fonts, the first choice first.
    pub fonts: &'static str,
}

impl Paper {
    /// A journal with two columns.
    pub const JOURNAL: Self = Self {
        column: 89.0 * MM,
        page: 183.0 * MM,
        highest: 170.0 * MM,
        scale: 1.0,
        fonts: "DejaVu Sans, Arial, Helvetica, sans-serif",
    };

    /// Width of a sheet with so many plots side by side, in points of the drawing.
    pub fn width(&self, plots: usize) -> f64 {
        if plots == 1 { self.column } else { self.page }
    }
}

/// Size of titles and labels, in points.
pub const TEXT: f64 = 7.0;
/// Size of the numbers at ticks and of remarks, in points.
pub const SMALL: f64 = 6.0;
/// Width of curves, in points.
pub const CURVE: f64 = 1.0;
/// Width of the lines of a theory, in points.
pub const THIN: f64 = 0.7;
/// Width of the lines of single runs, in points.
pub const RUN: f64 = 0.35;
/// Width of axes and ticks, in points.
pub const AXIS: f64 = 0.6;
/// Half the width of a marker, in points.
pub const MARK: f64 = 1.7;
/// Opacity of the ground of every other row.
pub const STRIPE: f64 = 0.04;

/// Text, axes and ticks.
pub const INK: RGBColor = RGBColor(0, 0, 0);
/// Reference lines and remarks.
pub const GREY: RGBColor = RGBColor(110, 110, 110);
/// The inside of open markers.
pub const PAPER: RGBColor = RGBColor(255, 255, 255);
/// Where there is no value among colours that stand for values.
pub const NOTHING: RGBColor = RGBColor(190, 190, 190);

/// Opacity of the band around each of so many means: many bands that lie on one another still let the means be seen.
pub fn band(means: usize) -> f64 {
    (1.8 / means as f64).min(0.15)
}

/// Okabe and Ito's colours, which colour-blind readers can tell apart, without their yellow, too faint for lines on paper.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(204, 121, 167),
];

/// Lengths of strokes and gaps in points, alternately; none for a solid line.
pub type Dash = &'static [f64];

/// A line without gaps.
pub const SOLID: Dash = &[];
/// For reference lines.
pub const REFERENCE: Dash = &[2.0, 2.0];

const DASHES: [Dash; 5] = [SOLID, &[4.0, 1.5], &[1.0, 1.2], &[5.0, 1.3, 1.0, 1.3], &[7.5, 1.8]];

/// The outline of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerShape {
    /// A disc.
    Circle,
    /// A square on its side.
    Square,
    /// A triangle on its base.
    TriangleUp,
    /// A square on its corner.
    Diamond,
    /// A triangle on its tip.
    TriangleDown,
    /// An upright cross.
    Plus,
    /// A diagonal cross.
    Cross,
}

/// A marker: its outline, filled with colour or with paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The outline.
    pub shape: MarkerShape,
    /// Whether the inside has the colour of the outline.
    pub filled: bool,
}

const MARKERS: [Marker; 12] = {
    use MarkerShape::*;
    const fn filled(shape: MarkerShape) -> Marker {
        Marker { shape, filled: true }
    }
    const fn open(shape: MarkerShape) -> Marker {
        Marker { shape, filled: false }
    }
    [
        filled(Circle),
        filled(Square),
        filled(TriangleUp),
        filled(Diamond),
        open(Circle),
        open(Square),
        filled(TriangleDown),
        open(TriangleUp),
        filled(Plus),
        open(Diamond),
        filled(Cross),
        open(TriangleDown),
    ]
};

/// How an arm is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Of lines, bands and marks.
    pub colour: RGBColor,
    /// Of lines.
    pub dash: Dash,
    /// Of marks.
    pub marker: Marker,
}

impl Style {
    /// The style of the arm at this place in `arms.csv`. The first 420 arms (7 colours, 5 dashes, 12 markers) all differ.
    pub fn of(arm: usize) -> Self {
        Self {
            colour: COLOURS[arm % COLOURS.len()],
            dash: DASHES[arm % DASHES.len()],
            marker: MARKERS[arm % MARKERS.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_differ_in_more_than_colour() {
        let styles: Vec<Style> = (0..35).map(Style::of).collect();
        for (i, a) in styles.iter().enumerate() {
            for b in &styles[..i] {
                assert!(
                    a.colour != b.colour || (a.dash != b.dash && a.marker != b.marker),
                    "{a:?} {b:?}"
                );
            }
        }
    }
}
