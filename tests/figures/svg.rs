//! Read a figure back: the ticks of its axes, and where its marks stand.

use resvg::usvg::roxmltree::{Document, Node};

/// Half a pixel of a picture with 300 dots per inch, in the drawing's units of 1/25 point.
pub const HALF_A_PIXEL: f64 = 0.5 * 72.0 / 300.0 * 25.0;
/// The longest distance of the end of an axis from the edge of its plot: half the width of its line, 0.6 points.
const HALF_A_LINE: f64 = 0.3 * 25.0;

/// A place on the sheet, from the left and from the top.
pub type Place = (f64, f64);

/// One plot.
#[derive(Default)]
pub struct Plot {
    /// What stands above it, where the plot has a title of its own.
    pub title: String,
    pub level: Option<Ruler>,
    pub upright: Option<Ruler>,
    /// By arm: pieces of the line through its means.
    pub lines: Vec<(usize, Vec<Vec<Place>>)>,
    /// By arm: middles of the marks of its means.
    pub means: Vec<(usize, Vec<Place>)>,
    /// By arm: middles of the points of its seeds.
    pub seeds: Vec<(usize, Vec<Place>)>,
    /// By arm: corners of bands, or the ends of a bar.
    pub intervals: Vec<(usize, Vec<Vec<Place>>)>,
}

/// What values are spaced by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spacing {
    Linear,
    Log,
    Error,
}

/// An axis, known from nothing but what is written at its ticks.
#[derive(Clone, Debug)]
pub struct Ruler {
    pub title: String,
    pub spacing: Spacing,
    /// Values with their places, without the one that stands apart.
    ticks: Vec<(f64, f64)>,
    apart: Option<(f64, f64)>,
    /// From the end with small values to the other.
    pub ends: (f64, f64),
}

impl Ruler {
    /// Where a value must stand; `None` if it cannot.
    pub fn place(&self, value: f64) -> Option<f64> {
        if let Some((_, place)) = self.apart.filter(|(apart, _)| *apart == value) {
            return Some(place);
        }
        let of = |value: f64| match self.spacing {
            Spacing::Linear => value,
            Spacing::Log => value.log10(),
            Spacing::Error => -(100.0 - value).log10(),
        };
        let ((low, from), (high, to)) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        let place = from + (of(value) - of(low)) / (of(high) - of(low)) * (to - from);
        place.is_finite().then_some(place)
    }

    /// Whether a place lies between the ends.
    pub fn holds(&self, place: f64) -> bool {
        let (low, high) = (self.ends.0.min(self.ends.1), self.ends.0.max(self.ends.1));
        (low - HALF_A_PIXEL..=high + HALF_A_PIXEL).contains(&place)
    }

    /// Whether a place is one of the ends.
    pub fn is_end(&self, place: f64) -> bool {
        let near = |end: f64| (place - end).abs() <= HALF_A_LINE + HALF_A_PIXEL;
        near(self.ends.0) || near(self.ends.1)
    }

    /// Whether a value has a place of its own at the end.
    pub fn has_apart(&self) -> bool {
        self.apart.is_some()
    }

    /// Labels must differ, be at least two, and fit the spacing.
    fn check(&self) {
        let title = &self.title;
        assert!(self.ticks.len() >= 2, "`{title}`: {self:?}");
        for pair in self.ticks.windows(2) {
            assert!(pair[0].0 < pair[1].0, "`{title}`: {self:?}");
        }
        for (value, place) in &self.ticks {
            let expected = self.place(*value).unwrap();
            assert!(
                (expected - place).abs() <= HALF_A_PIXEL && self.holds(*place),
                "`{title}`: {value} stands at {place}, not at {expected}: {self:?}"
            );
        }
    }
}

/// The plots of a figure, in order.
pub fn plots(svg: &str) -> Vec<Plot> {
    let document = Document::parse(svg).unwrap();
    let groups = document.descendants().filter(|node| class(*node) == "plot");
    let mut plots: Vec<Plot> = Vec::new();
    for group in groups {
        let mut plot = plot(group);
        // neighbours may share an axis that is labelled once
        if let Some(shared) = plots.last().filter(|_| plot.upright.is_none()) {
            plot.upright = shared.upright.clone();
        }
        plots.push(plot);
    }
    plots
}

pub fn class<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("class").unwrap_or_default()
}

fn plot(group: Node) -> Plot {
    let mut plot = Plot::default();
    for child in elements(group) {
        let arm = || child.attribute("data-arm").unwrap().parse().unwrap();
        match class(child) {
            "line" | "theory" => plot.lines.push((arm(), paths(child))),
            "mean" | "measured" => plot.means.push((arm(), markers(child))),
            "seeds" => plot.seeds.push((arm(), elements(child).map(centre).collect())),
            "interval" => plot.intervals.push((arm(), paths(child))),
            name if name.starts_with("level axis") => plot.level = ruler(child, true),
            name if name.starts_with("upright axis") => plot.upright = ruler(child, false),
            _ if child.has_tag_name("text") => plot.title = text(child),
            _ => {}
        }
    }
    plot
}

fn elements<'a, 'b>(node: Node<'a, 'b>) -> impl Iterator<Item = Node<'a, 'b>> {
    node.children().filter(Node::is_element)
}

pub fn text(node: Node) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

pub fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn centre(circle: Node) -> Place {
    (number(circle, "cx"), number(circle, "cy"))
}

pub fn points(node: Node) -> Vec<Place> {
    let pairs = node.attribute("points").unwrap().split_whitespace();
    pairs
        .map(|pair| {
            let (x, y) = pair.split_once(',').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect()
}

fn paths(group: Node) -> Vec<Vec<Place>> {
    elements(group).map(points).collect()
}

fn middle(corners: &[Place]) -> Place {
    let sum = corners
        .iter()
        .fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
    (sum.0 / corners.len() as f64, sum.1 / corners.len() as f64)
}

/// The middles of discs, polygons, and crosses, which are two strokes.
fn markers(group: Node) -> Vec<Place> {
    let mut found = Vec::new();
    let mut strokes = 0;
    for child in elements(group) {
        match child.tag_name().name() {
            "circle" if child.attribute("fill") == Some("none") => found.push(centre(child)),
            "polygon" => found.push(middle(&points(child))),
            "polyline" if points(child).len() == 2 => {
                strokes += 1;
                if strokes % 2 == 0 {
                    found.push(middle(&points(child)));
                }
            }
            _ => {}
        }
    }
    found
}

/// The axis of a group; `None` where it has no labels.
fn ruler(group: Node, level: bool) -> Option<Ruler> {
    let along = |place: Place| if level { place.0 } else { place.1 };
    let across = |place: Place| if level { place.1 } else { place.0 };
    let spacing = match class(group).rsplit(' ').next() {
        Some("linear") => Spacing::Linear,
        Some("log") => Spacing::Log,
        _ => Spacing::Error,
    };
    let lines = elements(group)
        .filter(|child| child.has_tag_name("polyline"))
        .map(points);
    let axis: Vec<f64> = lines
        .filter(|line| across(line[0]) == across(line[1]))
        .flat_map(|line| [along(line[0]), along(line[1])])
        .collect();
    let (least, most) = axis
        .iter()
        .fold((f64::MAX, f64::MIN), |ends, x| (ends.0.min(*x), ends.1.max(*x)));
    let mut ticks: Vec<(f64, f64)> = elements(group)
        .filter(|child| class(*child) == "tick")
        .map(|tick| {
            let mut parts = elements(tick);
            let line = points(parts.next().unwrap());
            (value(&text(parts.next().unwrap())), along(line[0]))
        })
        .collect();
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    if ticks.is_empty() {
        return None;
    }
    let lonely = match spacing {
        Spacing::Linear => f64::NAN,
        Spacing::Log => 0.0,
        Spacing::Error => 100.0,
    };
    let (apart, ticks) = ticks.into_iter().partition::<Vec<_>, _>(|(value, _)| *value == lonely);
    let title = elements(group)
        .filter(|child| child.has_tag_name("text"))
        .last()
        .map_or_else(String::new, text);
    let ruler = Ruler {
        title,
        spacing,
        ticks,
        apart: apart.first().copied(),
        ends: if level { (least, most) } else { (most, least) },
    };
    ruler.check();
    Some(ruler)
}

/// The number that is written as `−0.5`, `10⁻²` or `3.4×10³⁰⁰`.
pub fn value(label: &str) -> f64 {
    let plain: String = label
        .chars()
        .map(|c| match c {
            '−' | '⁻' => '-',
            '¹' => '1',
            '²' => '2',
            '³' => '3',
            '⁰'..='⁹' => char::from(b'0' + (c as u32 - '⁰' as u32) as u8),
            c => c,
        })
        .collect();
    let is_raised = label.chars().any(|c| "⁻¹²³⁰⁴⁵⁶⁷⁸⁹".contains(c));
    let text = match plain.split_once('×') {
        Some((mantissa, power)) => format!("{mantissa}e{}", power.strip_prefix("10").unwrap()),
        None if is_raised => format!("1e{}", plain.strip_prefix("10").unwrap()),
        None => plain,
    };
    text.parse().unwrap_or_else(|_| panic!("`{label}` is no number"))
}
