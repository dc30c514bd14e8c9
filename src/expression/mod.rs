//! Take derivatives of an expression over the graph of its operations, as in C. Olah, "Calculus on Computational Graphs" (2015).

mod derivatives;
mod graph;
mod operation;
mod page;
mod parse;

pub use derivatives::Path;
pub use graph::{Graph, GraphEdge, GraphNode, NodeKind};
pub use operation::{NodeOperand, Operation};
pub use page::{number, page};
