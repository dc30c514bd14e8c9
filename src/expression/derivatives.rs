//! Differentiate a graph: forward from an input, in reverse from the output, and path by path.

use super::Graph;

/// A way from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Places of its nodes, from the first to the last.
    pub nodes: Vec<usize>,
    /// The derivatives on its edges.
    pub slopes: Vec<f64>,
}

impl Path {
    /// What it adds to the derivative: the product of its edges.
    pub fn product(&self) -> f64 {
        self.slopes.iter().product()
    }
}

impl Graph {
    /// Forward mode: the derivative of every node by the node at `from`. Visits each edge once.
    pub fn forward(&self, from: usize) -> Vec<f64> {
        let mut derivative = vec![0.0; self.nodes.len()];
        derivative[from] = 1.0;
        // edges stand in the order of the nodes that they lead to
        for edge in &self.edges {
            if edge.to != from {
                derivative[edge.to] += edge.slope * derivative[edge.from];
            }
        }
        derivative
    }

    /// Reverse mode: the derivative of the output by every node. Visits each edge once.
    pub fn reverse(&self) -> Vec<f64> {
        let mut derivative = vec![0.0; self.nodes.len()];
        derivative[self.output()] = 1.0;
        for edge in self.edges.iter().rev() {
            derivative[edge.from] += edge.slope * derivative[edge.to];
        }
        derivative
    }

    /// How many paths lead from each node to the output: what a sum over paths would have to visit. It grows exponentially with depth,
    /// so that it is a rounded number where it is large.
    pub fn path_counts(&self) -> Vec<f64> {
        let mut count = vec![0.0; self.nodes.len()];
        count[self.output()] = 1.0;
        for edge in self.edges.iter().rev() {
            count[edge.from] += count[edge.to];
        }
        count
    }

    /// The first `most` paths from a node to the output.
    pub fn paths(&self, from: usize, most: usize) -> Vec<Path> {
        let mut paths = Vec::new();
        let start = Path {
            nodes: vec![from],
            slopes: Vec::new(),
        };
        let mut open = vec![start];
        while let Some(path) = open.pop() {
            if paths.len() == most {
                break;
            }
            let last = path.nodes[path.nodes.len() - 1];
            if last == self.output() {
                paths.push(path);
                continue;
            }
            // the first edge is taken first
            for edge in self.edges.iter().rev().filter(|edge| edge.from == last) {
                let mut longer = path.clone();
                longer.nodes.push(edge.to);
                longer.slopes.push(edge.slope);
                open.push(longer);
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(text: &str, values: &[(&str, f64)]) -> Graph {
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect();
        Graph::new(text, &values).unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn by_name(graph: &Graph, of: &[f64]) -> Vec<(String, f64)> {
        graph
            .nodes
            .iter()
            .map(|node| node.name.clone())
            .zip(of.iter().copied())
            .collect()
    }

    fn pairs(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    /// Olah's example, with his numbers.
    #[test]
    fn the_example_of_the_source() {
        let graph = graph("e = (a + b) * (b + 1)", &[("a", 2.0), ("b", 1.0)]);
        let values: Vec<f64> = graph.nodes.iter().map(|node| node.value).collect();
        let names = [("a", 2.0), ("b", 1.0), ("c", 3.0), ("d", 2.0), ("e", 6.0)];
        assert_eq!(by_name(&graph, &values), pairs(&names));
        let from_b = [("a", 0.0), ("b", 1.0), ("c", 1.0), ("d", 1.0), ("e", 5.0)];
        assert_eq!(by_name(&graph, &graph.forward(1)), pairs(&from_b));
        let from_e = [("a", 2.0), ("b", 5.0), ("c", 2.0), ("d", 3.0), ("e", 1.0)];
        assert_eq!(by_name(&graph, &graph.reverse()), pairs(&from_e));
        let slopes: Vec<f64> = graph.edges.iter().map(|edge| edge.slope).collect();
        assert_eq!(slopes, [1.0, 1.0, 1.0, 2.0, 3.0], "dc/da, dc/db, dd/db, de/dc, de/dd");
        let products: Vec<f64> = graph.paths(1, 9).iter().map(Path::product).collect();
        assert_eq!(products, [2.0, 3.0], "their sum is de/db");
    }

    /// Three edges and three edges more: nine paths, whose sum factors.
    #[test]
    fn a_sum_over_paths_factors() {
        let graph = graph("y = x * 2 + x * 3 + x * 5; z = y * 7 + y * 11 + y * 13", &[("x", 1.0)]);
        assert_eq!(graph.path_counts()[0], 9.0);
        let paths = graph.paths(0, 100);
        assert_eq!(paths.iter().map(Path::product).sum::<f64>(), 10.0 * 31.0);
        assert_eq!(graph.reverse()[0], 310.0);
        assert_eq!(graph.forward(0)[graph.output()], 310.0);
    }

    /// Both modes equal central differences on an expression with every operation.
    #[test]
    fn both_modes_are_central_differences() {
        let text = "s = tanh(a * b) - logistic(a / b); s ^ 2 + exp(-a) * ln(b) + a ^ b";
        let at = |a: f64, b: f64| graph(text, &[("a", a), ("b", b)]);
        let value = |a, b| at(a, b).nodes.last().unwrap().value;
        let (graph, h) = (at(0.7, 1.9), 1e-5);
        let differences = [
            (value(0.7 + h, 1.9) - value(0.7 - h, 1.9)) / (2.0 * h),
            (value(0.7, 1.9 + h) - value(0.7, 1.9 - h)) / (2.0 * h),
        ];
        let reverse = graph.reverse();
        for (input, difference) in graph.inputs().zip(differences) {
            assert!(
                (reverse[input] - difference).abs() < 1e-8,
                "{} {difference}",
                reverse[input]
            );
            let forward = graph.forward(input)[graph.output()];
            assert!((forward - reverse[input]).abs() < 1e-14);
        }
    }

    #[test]
    fn paths_double_where_edges_only_add() {
        let mut text = String::from("y0 = x + x");
        for i in 1..60 {
            text += &format!("; y{i} = y{0} + y{0}", i - 1);
        }
        let graph = graph(&text, &[("x", 1.0)]);
        assert_eq!(graph.edges.len(), 120);
        assert_eq!(graph.path_counts()[0], 2f64.powi(60));
        assert_eq!(graph.reverse()[0], 2f64.powi(60));
        assert_eq!(graph.paths(0, 3).len(), 3);
    }
}
