//! Draw a graph with its derivatives as one page that needs nothing else.

use super::Graph;
use crate::html::{Page, escape};
use std::fmt::Write;

const WIDTH: usize = 190;
const HEIGHT: usize = 74;
const ACROSS: usize = 110;
const BETWEEN: usize = 34;
const MARGIN: usize = 20;

const STYLE: &str = "\
rect { fill: none; stroke: currentColor; stroke-width: 1.5; }
rect.output { stroke-width: 3; }
line { stroke: currentColor; stroke-width: 1.2; }
marker path { fill: currentColor; }
text { fill: currentColor; font: 14px system-ui, sans-serif; }
text.name { font-weight: 600; }
text.forward { fill: #0072b2; }
text.reverse { fill: #d55e00; }
text.slope { paint-order: stroke; stroke: Canvas; stroke-width: 5px; }
@media (prefers-color-scheme: dark) { text.forward { fill: #56b4e9; } text.reverse { fill: #e69f00; } }
";

/// The page: the graph with its values, the derivatives of every node by the input at `from`, those of the output by every node, and
/// on each edge the derivative of its upper end by its lower one. `text` is the expression as it was written.
pub fn page(graph: &Graph, text: &str, from: usize) -> String {
    let (forward, reverse) = (graph.forward(from), graph.reverse());
    let (input, output) = (&graph.nodes[from].name, &graph.nodes[graph.output()].name);
    let mut body = format!(
        "<h1><code>{0}</code></h1>\n<p>In each box: a node with its value; \
         forward from {1}, d/d{1}: its derivative by {1}; in reverse from {2}, d{2}/d: the derivative of {2} by it. On each edge: \
         the derivative of what it leads to by where it begins.</p>\n",
        escape(text),
        escape(input),
        escape(output)
    );
    body += &drawing(graph, &forward, &reverse, input, output);
    let _ = writeln!(
        body,
        "<table><thead><tr><th>node</th><th class=\"text\">is</th><th>value</th><th>d/d{}</th><th>d{}/d</th></tr></thead><tbody>",
        escape(input),
        escape(output)
    );
    for (place, node) in graph.nodes.iter().enumerate() {
        let cells = [node.value, forward[place], reverse[place]].map(|value| format!("<td>{}</td>", number(value)));
        let (name, is) = (escape(&node.name), escape(&graph.is(place)));
        let _ = writeln!(
            body,
            "<tr><td>{name}</td><td class=\"text\">{is}</td>{}</tr>",
            cells.concat()
        );
    }
    let edges = graph.edges.len();
    let paths: f64 = graph.path_counts()[from];
    let _ = writeln!(
        body,
        "</tbody></table>\n<p>Each mode visits each of the {edges} edges once. From {} to {} lead {paths} paths, and a sum over paths \
         would visit them all.</p>\n",
        escape(input),
        escape(output)
    );
    Page {
        title: text,
        style: STYLE,
        body: &body,
        ..Page::default()
    }
    .text()
}

/// Where each node stands: its column, as many edges away from the inputs as it can be, and its place in that column.
fn places(graph: &Graph) -> Vec<(usize, usize)> {
    let mut column = vec![0; graph.nodes.len()];
    for edge in &graph.edges {
        column[edge.to] = column[edge.to].max(column[edge.from] + 1);
    }
    let mut filled = vec![0; graph.nodes.len() + 1];
    let place = |column: usize| {
        filled[column] += 1;
        (column, filled[column] - 1)
    };
    column.into_iter().map(place).collect()
}

/// The upper left corner of the box of a node.
fn corner((column, row): (usize, usize)) -> (usize, usize) {
    (MARGIN + column * (WIDTH + ACROSS), MARGIN + row * (HEIGHT + BETWEEN))
}

fn drawing(graph: &Graph, forward: &[f64], reverse: &[f64], input: &str, output: &str) -> String {
    let places = places(graph);
    let (columns, rows) = places
        .iter()
        .fold((0, 0), |(c, r), (column, row)| (c.max(*column), r.max(*row)));
    let (last_x, last_y) = corner((columns, rows));
    let (width, height) = (last_x + WIDTH + MARGIN, last_y + HEIGHT + MARGIN);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"graph of the \
         expression; the table below has the same numbers\"><defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" \
         markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n"
    );
    let labels = edges(graph, &places, &mut svg);
    for (place, node) in graph.nodes.iter().enumerate() {
        let (x, y) = corner(places[place]);
        let class = if place == graph.output() { "output" } else { "inner" };
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>"
        );
        let is = match graph.is(place) {
            is if is == "input" => String::new(),
            is => format!(" = {is}"),
        };
        let lines = [
            ("name", format!("{}{is} = {}", node.name, number(node.value))),
            (
                "forward",
                format!("d{}/d{input} = {}", node.name, number(forward[place])),
            ),
            (
                "reverse",
                format!("d{output}/d{} = {}", node.name, number(reverse[place])),
            ),
        ];
        for (line, (class, text)) in lines.iter().enumerate() {
            let (x, y) = (x + 10, y + 20 + 22 * line);
            let _ = writeln!(
                svg,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>",
                escape(text)
            );
        }
    }
    svg + &labels + "</svg>\n"
}

/// Draws the edges; returns their labels, which stand above all else.
fn edges(graph: &Graph, places: &[(usize, usize)], svg: &mut String) -> String {
    let mut labels = String::new();
    for edge in &graph.edges {
        let ((x, y), (to_x, to_y)) = (corner(places[edge.from]), corner(places[edge.to]));
        let (x, y, to_y) = (x + WIDTH, y + HEIGHT / 2, to_y + HEIGHT / 2);
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{to_x}\" y2=\"{to_y}\" marker-end=\"url(#tip)\"/>"
        );
        // nearer to the beginning, where edges to one node lie apart
        let (label_x, label_y) = (x + (to_x - x) * 2 / 5, (3 * y + 2 * to_y) / 5);
        let _ = writeln!(
            labels,
            "<text class=\"slope\" x=\"{label_x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            label_y + 5,
            number(edge.slope)
        );
    }
    labels
}

/// Six significant digits, without an exponent where that is readable.
pub fn number(value: f64) -> String {
    let size = value.abs();
    let text = if size != 0.0 && !(1e-4..1e6).contains(&size) {
        return format!("{value:.5e}");
    } else {
        let whole = if size < 1.0 { 0 } else { size.log10().floor() as usize };
        format!("{value:.*}", 5 - whole.min(5))
    };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let texts = [2.0, -0.5, 1.0 / 3.0, 123_456.7, 1e-9, 0.0, 1e20].map(number);
        assert_eq!(
            texts,
            ["2", "-0.5", "0.33333", "123457", "1.00000e-9", "0", "1.00000e20"]
        );
    }
}
