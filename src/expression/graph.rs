//! Hold the graph of an expression: a node for each input and each operation, an edge from each operand to its operation.

use super::{NodeOperand, Operation, parse};
use crate::notation::Fault;
use std::fmt::Write;

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A name whose value is given.
    Input,
    /// An operation on one operand or two.
    Operation(Operation, Vec<NodeOperand>),
}

/// A node with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    /// Its name; where the expression gives none, the next letter that is free.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its value.
    pub value: f64,
}

/// An edge between two nodes, with the derivative of the upper by the lower one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GraphEdge {
    /// Place of the operand.
    pub from: usize,
    /// Place of the operation.
    pub to: usize,
    /// Partial derivative of `to` by this operand.
    pub slope: f64,
}

/// An expression: every node stands after its operands, and the last one is the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Inputs in the order in which the expression names them, operations where they are computed.
    pub nodes: Vec<GraphNode>,
    /// In the order of the nodes that they lead to.
    pub edges: Vec<GraphEdge>,
}

impl Graph {
    /// Reads an expression such as `e = (a + b) * (b + 1)`, or several with `;` between them whose names the later ones use, and gives
    /// its inputs their values.
    ///
    /// # Errors
    /// What is wrong, at its column: a character, a missing operand, a name without a value, a value without a name.
    pub fn new(text: &str, values: &[(String, f64)]) -> Result<Self, Fault> {
        let nodes = parse::nodes(text, values).map_err(|mistake| Fault {
            file: "expression".into(),
            text: text.into(),
            mistake: Box::new(mistake),
        })?;
        let mut graph = Self {
            nodes,
            edges: Vec::new(),
        };
        for to in 0..graph.nodes.len() {
            let NodeKind::Operation(operation, operands) = graph.nodes[to].kind.clone() else {
                continue;
            };
            let at = graph.values_of(&operands);
            graph.nodes[to].value = operation.value(at);
            for (operand, slope) in operands.into_iter().zip(operation.slopes(at)) {
                if let NodeOperand::Node(from) = operand {
                    graph.edges.push(GraphEdge { from, to, slope });
                }
            }
        }
        Ok(graph)
    }

    fn values_of(&self, operands: &[NodeOperand]) -> [f64; 2] {
        let value = |operand: Option<&NodeOperand>| match operand {
            Some(NodeOperand::Node(place)) => self.nodes[*place].value,
            Some(NodeOperand::Number(number)) => *number,
            None => 0.0,
        };
        [value(operands.first()), value(operands.get(1))]
    }

    /// The place of the output.
    pub fn output(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The places of the inputs.
    pub fn inputs(&self) -> impl Iterator<Item = usize> {
        let places = self.nodes.iter().enumerate();
        places
            .filter(|(_, node)| node.kind == NodeKind::Input)
            .map(|(place, _)| place)
    }

    /// What a node is, in words: `input`, `a + b`, `tanh(c)`.
    pub fn is(&self, place: usize) -> String {
        let NodeKind::Operation(operation, operands) = &self.nodes[place].kind else {
            return "input".into();
        };
        let name = |operand: &NodeOperand| match operand {
            NodeOperand::Node(place) => self.nodes[*place].name.clone(),
            NodeOperand::Number(number) => number.to_string(),
        };
        let mut text = String::new();
        match (operation.sign(), &operands[..]) {
            (Some((sign, _)), [x, y]) => _ = write!(text, "{} {sign} {}", name(x), name(y)),
            (_, [x, ..]) => {
                let function = Operation::FUNCTIONS.iter().find(|(_, known)| known == operation);
                let function = function.map_or("-", |(function, _)| function);
                _ = write!(text, "{function}({})", name(x));
            }
            (_, []) => {}
        }
        text
    }
}
