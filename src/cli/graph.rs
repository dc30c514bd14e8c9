//! `creditlab graph`: the derivatives of an expression over the graph of its operations.

use super::Failure;
use super::output::{self, print};
use crate::expression::{Graph, number, page};
use crate::results::files;
use clap::Args;
use std::path::PathBuf;

/// More paths than are worth reading.
const MOST_PATHS: usize = 20;

#[derive(Args)]
pub struct Arguments {
    /// Such as 'e = (a + b) * (b + 1)'; also / ^ exp ln tanh logistic, and several with `;` between them
    #[arg(value_name = "EXPRESSION")]
    expression: String,
    /// The value of each input: a=2 b=1
    #[arg(value_name = "NAME=VALUE", value_parser = value)]
    values: Vec<(String, f64)>,
    /// The input that forward mode begins at [default: the last one]
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// Write a page with the graph as a figure
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Reads `a=2`.
fn value(text: &str) -> Result<(String, f64), &'static str> {
    const EXPECTED: &str = "write a name, `=` and a finite number, such as a=2";
    let (name, value) = text.split_once('=').ok_or(EXPECTED)?;
    let value: f64 = value.trim().parse().map_err(|_| EXPECTED)?;
    match value.is_finite() {
        true => Ok((name.trim().to_owned(), value)),
        false => Err(EXPECTED),
    }
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let graph = Graph::new(&arguments.expression, &arguments.values);
    let graph = graph.map_err(|fault| Failure::Input(fault.to_string()))?;
    let from = input(arguments, &graph)?;
    let mut lines = table(&graph, from);
    if let Some(file) = &arguments.html {
        let page = page(&graph, &arguments.expression, from);
        files::place(file, page.as_bytes()).map_err(Failure::execution)?;
        lines.push(file.display().to_string());
    }
    print(&lines)
}

/// The place of the input that forward mode begins at.
fn input(arguments: &Arguments, graph: &Graph) -> Result<usize, Failure> {
    let last = graph.inputs().last().expect("an expression depends on something");
    let Some(name) = &arguments.from else { return Ok(last) };
    let found = graph.inputs().find(|place| graph.nodes[*place].name == *name);
    found.ok_or_else(|| Failure::Input(format!("--from: `{name}` is no input of the expression")))
}

fn table(graph: &Graph, from: usize) -> Vec<String> {
    let name = |place: usize| &*graph.nodes[place].name;
    let (forward, reverse) = (graph.forward(from), graph.reverse());
    let output = graph.output();
    let head = [
        "node".to_owned(),
        "is".into(),
        "value".into(),
        format!("d/d{}", name(from)),
        format!("d{}/d", name(output)),
    ];
    let row = |place: usize| {
        let numbers = [graph.nodes[place].value, forward[place], reverse[place]].map(number);
        let [value, forward, reverse] = numbers;
        [name(place).to_owned(), graph.is(place), value, forward, reverse]
    };
    let rows: Vec<[String; 5]> = std::iter::once(head).chain((0..graph.nodes.len()).map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4].map(width);
    let line = |[node, is, value, forward, reverse]: &[String; 5]| {
        let [a, b, c, d, e] = widths;
        format!("{node:a$}  {is:b$}  {value:>c$}  {forward:>d$}  {reverse:>e$}")
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.push(String::new());
    lines.push("edges, each with the derivative of what it leads to by where it begins".into());
    let edges = graph.edges.iter();
    lines.extend(edges.map(|edge| format!("  {} -> {}  {}", name(edge.from), name(edge.to), number(edge.slope))));
    lines.push(String::new());
    lines.extend(paths(graph, from));
    lines
}

/// The paths from an input to the output, whose products add up to the derivative, and what either mode saves.
fn paths(graph: &Graph, from: usize) -> Vec<String> {
    let name = |place: &usize| &*graph.nodes[*place].name;
    let output = graph.output();
    let count = graph.path_counts()[from];
    let mut lines = vec![format!(
        "{} from {} to {}",
        if count == 1.0 {
            "1 path".to_owned()
        } else {
            format!("{count} paths")
        },
        name(&from),
        name(&output)
    )];
    for path in graph.paths(from, MOST_PATHS) {
        let nodes: Vec<_> = path.nodes.iter().map(name).collect();
        let slopes: Vec<_> = path.slopes.iter().map(|slope| number(*slope)).collect();
        let product = if slopes.is_empty() {
            "1".into()
        } else {
            slopes.join(" * ")
        };
        lines.push(format!(
            "  {}  {product} = {}",
            nodes.join(" -> "),
            number(path.product())
        ));
    }
    if count > MOST_PATHS as f64 {
        lines.push(format!("  and {} more", count - MOST_PATHS as f64));
    }
    let derivative = number(graph.reverse()[from]);
    lines.push(format!(
        "  their sum is d{}/d{} = {derivative}",
        name(&output),
        name(&from)
    ));
    lines.push(String::new());
    let (edges, inputs) = (graph.edges.len(), graph.inputs().count());
    lines.push(format!(
        "Each pass visits each of {} once. Forward mode takes {} for the derivatives by {}, reverse mode one.",
        output::count(edges as u64, "edge"),
        if inputs == 1 {
            "1 pass".to_owned()
        } else {
            format!("{inputs} passes")
        },
        output::count(inputs as u64, "input")
    ));
    lines
}
