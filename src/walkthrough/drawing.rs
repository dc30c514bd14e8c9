//! Draw a network with every quantity of a pass at its units; the script chooses which of them is seen.

use super::formula::{self, number};
use super::{ExplainedArm, words};
use crate::html::escape;
use crate::network::Map;
use crate::runner::{Explanation, LayerExplanation};
use std::fmt::Write;

/// Units of a row that are drawn; of larger rows those with the largest errors, of the input those with the largest values.
const MOST: usize = 16;
const RADIUS: usize = 19;
const ACROSS: usize = 150;
const DOWN: usize = 46;
const TOP: usize = 34;
const LEFT: usize = 30;
/// Width and height of an input that is an image.
const IMAGE: usize = 112;

/// A row of units, drawn as a column from top to bottom.
struct UnitRow {
    /// Which units are drawn.
    units: Vec<usize>,
    /// Of how many.
    all: usize,
    x: usize,
}

impl UnitRow {
    /// The `most` units with the largest values, in their order.
    fn new(values: &[f64], x: usize) -> Self {
        let mut units: Vec<usize> = (0..values.len()).collect();
        units.sort_by(|i, j| values[*j].abs().total_cmp(&values[*i].abs()));
        units.truncate(MOST);
        units.sort_unstable();
        Self {
            units,
            all: values.len(),
            x,
        }
    }

    fn y(&self, place: usize, height: usize) -> usize {
        let free = height - TOP - DOWN * self.units.len();
        TOP + free / 2 + DOWN * place + DOWN / 2
    }
}

/// The drawing of an arm's network.
pub fn network(arm: &ExplainedArm, image: Option<Map>, classes: &[String]) -> String {
    let explained = &arm.explanation;
    let image = image.filter(|map| map.units() == explained.input.len() && explained.input.len() > MOST);
    let mut rows = vec![UnitRow::new(&explained.input, LEFT + RADIUS)];
    if image.is_some() {
        rows[0].units.clear();
    }
    let before = image.map_or(0, |_| IMAGE - 2 * RADIUS);
    for (l, layer) in explained.layers.iter().enumerate() {
        let largest = if layer.delta.len() == layer.z.len() {
            &layer.delta
        } else {
            &layer.z
        };
        rows.push(UnitRow::new(largest, LEFT + RADIUS + before + (l + 1) * ACROSS));
    }
    let tallest = rows.iter().map(|row| row.units.len() * DOWN).max().unwrap_or(0);
    let height = TOP + tallest.max(if image.is_some() { IMAGE } else { 0 }) + 10;
    let width = rows.last().map_or(0, |row| row.x) + RADIUS + 130;
    let mut svg = format!(
        "<svg class=\"network\" data-edges=\"weight\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"group\" \
         aria-label=\"the network of {}; the tables below have the same numbers\">\n",
        escape(&arm.label)
    );
    for kind in ["weight", "gradient", "own"] {
        svg += &edges(explained, &rows, height, kind);
    }
    svg += &input(explained, &rows[0], height, image);
    for (l, layer) in explained.layers.iter().enumerate() {
        svg += &row(explained, l, layer, &rows[l + 1], height);
    }
    svg += &answers(explained, &rows[rows.len() - 1], height, classes);
    svg + "</svg>\n"
}

/// What is written above a row.
fn head(name: &str, row: &UnitRow) -> String {
    let drawn = match row.units.len() {
        drawn if drawn == row.all || drawn == 0 => String::new(),
        drawn => format!(", {drawn} of {}", row.all),
    };
    format!("<text class=\"head\" x=\"{}\" y=\"16\">{name}{drawn}</text>\n", row.x)
}

/// The lines between drawn units of dense layers, for the weights, or for what stands for them.
fn edges(explained: &Explanation, rows: &[UnitRow], height: usize, kind: &str) -> String {
    let mut svg = format!("<g class=\"edges {kind}\">\n");
    for (l, layer) in explained.layers.iter().enumerate().filter(|(_, layer)| layer.is_dense) {
        let values = match kind {
            "weight" => Some(&layer.parameters.weight),
            "gradient" => layer.gradient.as_ref(),
            _ => layer.own.as_ref(),
        };
        let Some(values) = values else { continue };
        let (from, to) = (&rows[l], &rows[l + 1]);
        if values.ncols() != from.all {
            continue;
        }
        let largest = values.amax();
        for (j, unit) in to.units.iter().enumerate() {
            for (k, below) in from.units.iter().enumerate() {
                let value = values[(*unit, *below)];
                let wide = 4.0 * value.abs() / largest;
                if wide < 0.05 || !wide.is_finite() {
                    continue;
                }
                let _ = writeln!(
                    svg,
                    "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke-width=\"{wide:.1}\"><title>{}: {}</title></line>",
                    sign(value),
                    from.x + RADIUS,
                    from.y(k, height),
                    to.x - RADIUS,
                    to.y(j, height),
                    words::weight(l, (*unit, *below)),
                    number(value)
                );
            }
        }
    }
    svg + "</g>\n"
}

fn sign(value: f64) -> &'static str {
    if value < 0.0 { "minus" } else { "plus" }
}

/// The first row: an image where it is one, else units.
fn input(explained: &Explanation, row: &UnitRow, height: usize, image: Option<Map>) -> String {
    let mut svg = format!("<g class=\"units\" data-shown=\"a\">{}", head("input", row));
    if let Some(map) = image {
        svg += &pixels(&explained.input, map, row.x - RADIUS, TOP + (height - TOP - IMAGE) / 2);
        return svg + "</g>\n";
    }
    let range = range(&explained.input);
    for (place, unit) in row.units.iter().enumerate() {
        let value = explained.input[*unit];
        let formula = format!("input {unit}: x = {}", number(value));
        let bright = bright(value, range, row.x, row.y(place, height));
        svg += &wrapped(&formula, &format!("<g class=\"q a\">{bright}</g>"));
    }
    svg + "</g>\n"
}

/// The channels of an image beside each other, each value a square that is bright where it is large.
fn pixels(values: &[f64], map: Map, x: usize, y: usize) -> String {
    let (low, high) = range(values);
    let side = IMAGE as f64 / (map.rows.max(map.columns * map.channels)) as f64;
    let mut svg = format!("<rect class=\"image\" x=\"{x}\" y=\"{y}\" width=\"{IMAGE}\" height=\"{IMAGE}\"/>");
    for (i, value) in values.iter().enumerate() {
        let grey = grey(*value, (low, high));
        if grey == 0 {
            continue;
        }
        let (channel, place) = (i / map.positions(), i % map.positions());
        let (down, right) = (place / map.columns, channel * map.columns + place % map.columns);
        let _ = write!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{side:.1}\" height=\"{side:.1}\" fill=\"rgb({grey},{grey},{grey})\"/>",
            x as f64 + side * right as f64,
            y as f64 + side * down as f64,
        );
    }
    svg
}

/// A row of the network with all that is known of its units.
fn row(explained: &Explanation, l: usize, layer: &LayerExplanation, row: &UnitRow, height: usize) -> String {
    let mut svg = format!(
        "<g class=\"units\" data-shown=\"a\">{}",
        head(&crate::network::layer_name(l), row)
    );
    let activity = range(&layer.a);
    let largest = |values: &[f64]| values.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (place, unit) in row.units.iter().enumerate() {
        let (x, y) = (row.x, row.y(place, height));
        let mut quantities = format!(
            "<g class=\"q none\">{}</g><g class=\"q a\">{}</g>",
            empty(x, y, "?"),
            bright(layer.a[*unit], activity, x, y)
        );
        let signed = [
            ("z", Some(&layer.z)),
            ("delta", Some(&layer.delta)),
            ("own", layer.own_delta.as_ref()),
        ];
        for (name, values) in signed {
            let drawn = match values.and_then(|values| Some((values.get(*unit)?, largest(values)))) {
                Some((value, largest)) => toned(*value, largest, x, y),
                None => empty(x, y, "–"),
            };
            let _ = write!(quantities, "<g class=\"q {name}\">{drawn}</g>");
        }
        let wish = layer.wishes.get(*unit).filter(|_| layer.wishes.len() == layer.z.len());
        let drawn = match wish {
            Some(wish) => empty(x, y, &number(*wish)) + &arrow(*wish, largest(&layer.wishes), x, y),
            None => empty(x, y, "–"),
        };
        let _ = write!(quantities, "<g class=\"q wish\">{drawn}</g>");
        let formula = formula::unit(explained, l, *unit).join("\n");
        svg += &wrapped(&formula, &quantities);
    }
    svg + "</g>\n"
}

/// A unit that can be pointed at and gone to.
fn wrapped(formula: &str, inside: &str) -> String {
    let formula = escape(formula);
    format!("<g class=\"unit\" tabindex=\"0\" role=\"img\" aria-label=\"{formula}\">{inside}</g>\n")
}

/// A unit with a text in it; `look` are attributes of the circle, `ink` those of the text.
fn circle(x: usize, y: usize, look: &str, ink: &str, text: &str) -> String {
    format!(
        "<circle {look} cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\"/><text{ink} x=\"{x}\" y=\"{}\">{text}</text>",
        y + 4
    )
}

/// A unit without a value to show by its colour.
fn empty(x: usize, y: usize, text: &str) -> String {
    circle(x, y, "class=\"empty\"", "", text)
}

/// Smallest and largest value.
fn range(values: &[f64]) -> (f64, f64) {
    let begin = (0.0, f64::MIN_POSITIVE);
    values
        .iter()
        .fold(begin, |(low, high), x| (f64::min(low, *x), f64::max(high, *x)))
}

/// From black to white.
fn grey(value: f64, (low, high): (f64, f64)) -> u8 {
    (255.0 * (value - low) / (high - low)).round() as u8
}

/// Activity as brightness.
fn bright(value: f64, range: (f64, f64), x: usize, y: usize) -> String {
    let grey = grey(value, range);
    let look = format!("fill=\"rgb({grey},{grey},{grey})\"");
    let ink = match grey > 127 {
        true => " class=\"on-bright\"",
        false => " class=\"on-dark\"",
    };
    circle(x, y, &look, ink, &number(value))
}

/// A signed quantity as the strength of its colour.
fn toned(value: f64, largest: f64, x: usize, y: usize) -> String {
    let share = match largest > 0.0 {
        true => 0.6 * value.abs() / largest,
        false => 0.0,
    };
    let look = format!("class=\"tone {}\" fill-opacity=\"{share:.2}\"", sign(value));
    circle(x, y, &look, "", &number(value))
}

/// An arrow beside a unit, up for more and down for less, as long as the wish is large.
fn arrow(wish: f64, largest: f64, x: usize, y: usize) -> String {
    let long = if largest > 0.0 {
        18.0 * wish.abs() / largest
    } else {
        0.0
    };
    if long < 1.0 {
        return String::new();
    }
    let up = if wish > 0.0 { -1.0 } else { 1.0 };
    let (x, y) = ((x + RADIUS + 7) as f64, y as f64);
    let (from, to) = (y - up * long, y + up * long);
    format!(
        "<path class=\"arrow {}\" d=\"M{x} {from:.1}V{to:.1}m-4 {:.1}l4 {:.1}l4 {:.1}\"/>",
        sign(wish),
        -up * 4.0,
        up * 4.0,
        -up * 4.0
    )
}

/// What each output stands for, and what is wanted of it.
fn answers(explained: &Explanation, row: &UnitRow, height: usize, classes: &[String]) -> String {
    let mut svg = String::new();
    for (place, unit) in row.units.iter().enumerate() {
        let Some(wanted) = explained.target.get(*unit) else {
            continue;
        };
        let named = classes.get(*unit).filter(|_| classes.len() == explained.target.len());
        let name = named.map(|name| format!("{name}: ")).unwrap_or_default();
        let _ = writeln!(
            svg,
            "<text class=\"answer\" x=\"{}\" y=\"{}\">{}y = {}</text>",
            row.x + RADIUS + 18,
            row.y(place, height) + 4,
            escape(&name),
            number(*wanted)
        );
    }
    svg
}
