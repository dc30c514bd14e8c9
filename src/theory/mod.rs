//! Say in closed form what a simulation must show: one file for each theory, with the letters of its paper.

pub mod chain;
pub mod deep_linear;
pub mod forward_gradient;
pub mod kolen_pollack;
pub mod order_parameters;
pub mod relaxed_energy;

pub use order_parameters::OrderParameters;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known in closed form of an experiment, to be laid over what it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Theory {
    /// The strengths of the modes of a linear network of two layers along training (Saxe, McClelland, Ganguli 2013). Needs `Backprop`,
    /// whitened inputs, an aligned start, and weights that are saved.
    DeepLinear,
    /// The generalisation error of a student by the equations of motion of its order parameters (Saad, Solla 1995; Refinetti, d'Ascoli, Ohana,
    /// Goldt 2021). Needs `DirectFeedbackAlignment`, a `NonlinearTeacher` with `Erf`, and weights that are saved.
    OrderParameters,
    /// The variance of the forward gradient (Baydin et al. 2022). Needs `ForwardGradient` with `Backprop` as a shadow, and `draws`.
    ForwardGradient,
    /// The energy of predictive coding at rest, which its weights descend (Innocenti et al. 2024). Needs `PredictiveCoding` on a linear network,
    /// full batches, and weights that are saved.
    RelaxedEnergy,
    /// Where a chain of two weights ends, by what `Backprop` and `FeedbackAlignment` conserve. Needs the linear network 1-1-1 without biases, full
    /// batches, and weights that are saved.
    Chain,
    /// The distance of learned feedback from the weights that it stands for (Akrout et al. 2019). Needs `KolenPollack`, `Sgd` with `decay` and a
    /// single learning rate, and weights that are saved.
    KolenPollack,
}
