//! A laboratory for the credit-assignment problem.

pub mod experiment;
pub mod linalg;
pub mod random;
