//! Write figures and scores as LaTeX: plots for `pgfplots`, tables for `booktabs`.

mod plots;
mod scores;
mod text;

pub use plots::plots;
pub use scores::{scores, side_by_side};
