//! A laboratory for the credit-assignment problem.

pub mod linalg;
pub mod random;
pub mod report;
pub mod results;
pub mod stats;
