//! Read values back from colours, by nothing but the bar beside them.

use super::svg::{class, points, text, value};
use resvg::usvg::roxmltree::Node;

/// Red, green and blue.
pub type Colour = [f64; 3];

/// The colour of a polygon.
pub fn colour(polygon: Node) -> Colour {
    let fill = polygon.attribute("fill").unwrap();
    [1, 3, 5].map(|at| f64::from(u8::from_str_radix(&fill[at..at + 2], 16).unwrap()))
}

/// How far two colours are from each other.
pub fn distance(a: Colour, b: Colour) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// A bar of colours, read by the numbers beside it.
pub struct Bar {
    /// Where each step begins, from the top, and its colour.
    steps: Vec<(f64, Colour)>,
    /// The largest and the least number, each with its place.
    ends: [(f64, f64); 2],
}

impl Bar {
    /// The one bar within a node.
    pub fn read(node: Node) -> Self {
        let of_class = |name: &'static str| node.descendants().filter(move |node| class(*node) == name);
        let step = |polygon: Node| (points(polygon)[0].1, colour(polygon));
        let tick = |tick: Node| {
            let line = tick.children().find(|child| child.has_tag_name("polyline")).unwrap();
            let number = tick.children().find(|child| child.has_tag_name("text")).unwrap();
            (value(&text(number)), points(line)[0].1)
        };
        let mut ticks: Vec<(f64, f64)> = of_class("tick").map(tick).collect();
        ticks.sort_by(|a, b| b.0.total_cmp(&a.0));
        assert!(
            ticks.len() == 3 && ticks[1].0 == 0.0 && ticks[0].0 == -ticks[2].0,
            "{ticks:?}"
        );
        Self {
            steps: of_class("bar")
                .flat_map(|bar| bar.children())
                .filter(Node::is_element)
                .map(step)
                .collect(),
            ends: [ticks[0], ticks[2]],
        }
    }

    /// The largest value.
    pub fn end(&self) -> f64 {
        self.ends[0].0
    }

    /// From one step to the next.
    pub fn step(&self) -> f64 {
        2.0 * self.end() / self.steps.len() as f64
    }

    /// The colour of a value.
    pub fn of(&self, value: f64) -> Colour {
        let [(most, top), (_, bottom)] = self.ends;
        let place = top + (most - value) / (2.0 * most) * (bottom - top);
        let step = self.steps.iter().rfind(|(begin, _)| *begin <= place + 1.0).unwrap();
        step.1
    }

    /// The value in the middle of the step whose colour is nearest; nothing for a colour that the bar does not have.
    pub fn value(&self, colour: Colour) -> Option<f64> {
        let distances = self.steps.iter().map(|step| distance(step.1, colour));
        let (place, least) = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let steps = self.steps.len() as f64;
        // from one step to the next a colour changes by 255 in 40
        (least <= 255.0 / steps + 1.0).then(|| self.end() * (1.0 - 2.0 * (place as f64 + 0.5) / steps))
    }
}
