//! A laboratory for the credit-assignment problem.

pub mod cli;
pub mod conformance;
pub mod experiment;
pub mod linalg;
pub mod loss;
pub mod metrics;
pub mod network;
pub mod notation;
pub mod random;
pub mod report;
pub mod results;
pub mod rules;
pub mod runner;
pub mod stats;
pub mod tasks;
pub mod update;
