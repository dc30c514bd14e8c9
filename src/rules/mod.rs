//! Define what a learning rule is, and every rule we ship: one file per rule, and one line in the list below.

mod learned;
mod learner;
mod learning_rule;
mod plausibility;
mod registry;
pub mod shared;
mod stored;

pub use crate::refusal::Refusal;
pub use learned::{Learned, Shape, visit_layer, visit_matrix, visit_stepper};
pub use learner::{AnyRule, Learner, Precision, Rule};
pub use learning_rule::{After, FeedbackPath, LearningRule, Setting, Step};
pub use plausibility::{Broadcast, Needs};
pub use registry::{Entry, Registry};
pub use stored::{axes, fill, prefix};

/// Hands every rule, `file::Rule`, to a macro: the one list of them, for whatever is made of each.
#[doc(hidden)]
#[macro_export]
macro_rules! for_every_rule {
    ($make:ident) => {
        $make! {
            backprop::Backprop,
            feedback_alignment::FeedbackAlignment,
            direct_feedback_alignment::DirectFeedbackAlignment,
            kolen_pollack::KolenPollack,
            output_only::OutputOnly,
            node_perturbation::NodePerturbation,
            predictive_coding::PredictiveCoding,
            difference_target_propagation::DifferenceTargetPropagation,
            suns_and_planets::SunsAndPlanets,
            sign_symmetry::SignSymmetry,
            random_direction::RandomDirection,
            last_layers::LastLayers,
            majority_class::MajorityClass,
            random_target_projection::RandomTargetProjection,
            weight_mirror::WeightMirror,
            direct_kolen_pollack::DirectKolenPollack,
            product_feedback::ProductFeedback,
            phaseless_alignment::PhaselessAlignment,
            forward_forward::ForwardForward,
            weight_perturbation::WeightPerturbation,
            forward_gradient::ForwardGradient,
            forward_mode::ForwardMode,
            finite_difference::FiniteDifference,
            pepita::Pepita,
            three_factor::ThreeFactor,
            local_loss::LocalLoss,
            hebbian::Hebbian,
            gauss_newton::GaussNewton,
            pseudo_inverse::PseudoInverse,
        }
    };
}

/// Declares the modules of the rules and the registry of all of them.
macro_rules! declare {
    ($($file:ident::$rule:ident),* $(,)?) => {
        $(
            pub mod $file;
            pub use $file::$rule;
        )*

        /// The rules that every experiment file can name.
        pub fn builtin() -> Registry {
            Registry::default()$(.with::<$rule>())*
        }
    };
}

for_every_rule!(declare);
