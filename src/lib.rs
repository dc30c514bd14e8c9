//! A laboratory for the credit-assignment problem.

pub mod linalg;
pub mod random;
pub mod tasks;
