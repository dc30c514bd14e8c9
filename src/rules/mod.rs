//! Define what a learning rule is, and every rule we ship: one file per rule, in the folder of its family, and one line in the
//! list below.

mod guest;
mod learned;
mod learner;
mod learning_rule;
mod plausibility;
mod registry;
pub mod shared;
mod stored;

pub use crate::refusal::Refusal;
pub use guest::{Guest, GuestOption, GuestOrigin, GuestValue};
pub use learned::{Learned, Shape, visit_layer, visit_matrix, visit_weights};
pub use learner::{AnyRule, Bind, Learner, Rule};
pub use learning_rule::{After, FeedbackPath, LearningRule, Setting, Step};
pub use plausibility::{Broadcast, Needs};
pub use registry::{Entry, Registry};
pub use stored::{fill, prefix};

/// Hands every rule, `family { file::Rule, .. }`, to a macro: the one list of them, for whatever is made of each.
#[doc(hidden)]
#[macro_export]
macro_rules! for_every_rule {
    ($make:ident) => {
        $make! {
            /// The exact gradient, and references that go by more than the gradient.
            exact {
                backprop::Backprop,
                suns_and_planets::SunsAndPlanets,
                forward_mode::ForwardMode,
                finite_difference::FiniteDifference,
                gauss_newton::GaussNewton,
                pseudo_inverse::PseudoInverse,
            }
            /// Errors that come down through weights of their own.
            feedback {
                feedback_alignment::FeedbackAlignment,
                direct_feedback_alignment::DirectFeedbackAlignment,
                sign_symmetry::SignSymmetry,
                random_target_projection::RandomTargetProjection,
                kolen_pollack::KolenPollack,
                direct_kolen_pollack::DirectKolenPollack,
                product_feedback::ProductFeedback,
                weight_mirror::WeightMirror,
                phaseless_alignment::PhaselessAlignment,
            }
            /// Random changes, credited with what came of them.
            perturbation {
                node_perturbation::NodePerturbation,
                weight_perturbation::WeightPerturbation,
                forward_gradient::ForwardGradient,
                three_factor::ThreeFactor,
            }
            /// Targets for activities in place of errors.
            targets {
                target_propagation::TargetPropagation,
                difference_target_propagation::DifferenceTargetPropagation,
                gait_propagation::GaitPropagation,
                local_difference_reconstruction::LocalDifferenceReconstruction,
                direct_difference_target_propagation::DirectDifferenceTargetPropagation,
            }
            /// Activities that settle before weights learn.
            relaxation {
                predictive_coding::PredictiveCoding,
                equilibrium_propagation::EquilibriumPropagation,
                contrastive_hebbian::ContrastiveHebbian,
            }
            /// Compartments that hold what comes from above beside what comes from below.
            compartments {
                deep_feedback_control::DeepFeedbackControl,
                dendritic_microcircuit::DendriticMicrocircuit,
                burstprop::Burstprop,
                dual_propagation::DualPropagation,
            }
            /// Layers that learn by themselves, without a pass back.
            local {
                forward_forward::ForwardForward,
                pepita::Pepita,
                local_loss::LocalLoss,
                hebbian::Hebbian,
                signal_propagation::SignalPropagation,
                counter_current::CounterCurrent,
            }
            /// Rewards for what was chosen.
            reward {
                attention_gated::AttentionGated,
            }
            /// What is to be had without the credit assignment in question.
            controls {
                output_only::OutputOnly,
                last_layers::LastLayers,
                random_direction::RandomDirection,
                majority_class::MajorityClass,
            }
        }
    };
}

/// What the members of a family share, in files beside theirs.
macro_rules! shared_by {
    (exact) => {
        mod one_by_one;
        pub use one_by_one::{MOST_PARAMETERS, check_size, parameter};
    };
    (feedback) => {
        mod delay;
        mod feedback_rule;
        mod feedback_weights;
        mod following;
        mod ingredients;
        mod landing;
        mod noise_answers;
        mod options;
        pub use crate::network::Distribution;
        pub use delay::Delayed;
        pub use feedback_rule::FeedbackRule;
        pub use feedback_weights::{Carried, FeedbackWeights, weights_above};
        pub use following::{check_mirror, constant_gap, pair_mean, refuse_l2};
        pub use ingredients::Sign;
        pub use landing::{ErrorSignal, Landing};
        pub use noise_answers::{NoiseAnswers, check_teaching, follow};
        pub use options::Feedback;
    };
    (perturbation) => {
        mod noise;
        pub use noise::{
            NoiseComparison, begin_arrays, begin_columns, credit, credit_parameters, draw_noise, draw_parameter_noise,
            noisy_forward,
        };
    };
    (targets) => {
        mod inverse;
        mod target;
        pub use inverse::{InverseUnits, Inverses, Reconstruction};
        pub use target::{LayerTargets, Start, TargetPass, check_numbers, difference_target, targets};
    };
    (relaxation) => {
        mod moved_weights;
        mod residual;
        mod states;
        mod value_nodes;
        pub use moved_weights::MovedWeights;
        pub use residual::{largest, residual};
        pub use states::{Around, States, TrainedFor, contrast};
        pub use value_nodes::ValueNodes;
    };
    (compartments) => {
        mod controller;
        mod top_down;
        pub use controller::Controller;
        pub use top_down::{TopDown, TopDownWeights};
    };
    (reward) => {};
    (local) => {
        mod auxiliary;
        mod deviations;
        mod similarity;
        pub use auxiliary::Auxiliary;
        pub use deviations::Deviations;
        pub use similarity::Similarity;
    };
    (controls) => {};
}

/// Declares the families with their members, and the registry of all rules.
macro_rules! declare {
    ($($(#[$about:meta])* $family:ident { $($file:ident::$rule:ident),* $(,)? })*) => {
        $(
            $(#[$about])*
            pub mod $family {
                shared_by!($family);
                $(
                    pub mod $file;
                    pub use $file::$rule;
                )*
            }
            pub use $family::{$($rule),*};
        )*

        /// The rules that every experiment file can name.
        pub fn builtin() -> Registry {
            Registry::default()$($(.with::<$rule>())*)*
        }
    };
}

for_every_rule!(declare);
