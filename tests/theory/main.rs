//! Hold rules, optimizers and measures to theory: limits, orders, identities, and published results.

#[path = "../common/mod.rs"]
mod common;
mod controls;
mod cost;
mod differences;
mod divergence;
mod dropout;
#[path = "../estimates/mod.rs"]
mod estimates;
mod estimators;
mod exact;
mod example_rule;
mod feedback;
mod forward_forward;
mod forward_gradient;
mod hebbian;
mod ingredients;
mod learned_feedback;
mod local_loss;
mod optimizers;
mod pepita;
mod perturbation;
mod predictive_coding;
mod reference_steps;
mod references;
mod replications;
mod sign_of_errors;
mod sign_symmetry;
mod start_of_weights;
#[path = "../support/mod.rs"]
mod support;
mod target_projection;
mod targets;
mod three_factor;
mod weight_perturbation;
