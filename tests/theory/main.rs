//! Hold rules, optimizers and measures to theory: limits, orders, identities, and published results.

#[path = "../common/mod.rs"]
mod common;
mod compartments;
mod controls {
    mod baselines;
}
mod cost;
#[path = "../data_support/mod.rs"]
mod data_support;
mod divergence;
mod dropout;
#[path = "../estimates/mod.rs"]
mod estimates;
mod exact {
    mod gradients;
    mod one_by_one;
    mod references;
}
mod example_rule;
mod feedback {
    mod alignment;
    mod ingredients;
    mod learned_feedback;
    mod sign_of_errors;
    mod sign_symmetry;
    mod target_projection;
}
mod local {
    mod comparing;
    mod forward_forward;
    mod hebbian;
    mod local_loss;
    mod pepita;
}
mod maps;
mod optimizers;
mod perturbation {
    mod estimators;
    mod forward_gradient;
    mod node_perturbation;
    mod three_factor;
    mod weight_perturbation;
}
mod reference_steps;
mod relaxation {
    mod contrastive_hebbian;
    mod equilibrium_propagation;
    mod predictive_coding;
}
mod replications;
mod reward {
    mod attention_gated;
}
mod sources;
mod start_of_weights;
#[path = "../support/mod.rs"]
mod support;
mod targets {
    mod difference_target_propagation;
    mod direct_difference_target_propagation;
    mod gait_propagation;
    mod local_difference_reconstruction;
    pub mod nets;
    mod target_propagation;
}
