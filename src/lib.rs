//! A laboratory for the credit-assignment problem.

pub mod conformance;
pub mod linalg;
pub mod loss;
pub mod network;
pub mod random;
pub mod rules;
pub mod runner;
pub mod update;
