//! Hold the BibTeX entries of the papers behind rules and data, and of the program itself.
//!
//! A paper is one constant, named after its first author and its year. A rule names its own beside its source
//! ([`LearningRule::CITATIONS`](crate::rules::LearningRule::CITATIONS)), a task in [`Task::citations`](crate::tasks::Task::citations).

mod compartments;
mod data;
mod exact;
mod feedback;
mod local;
mod perturbation;
mod targets;

pub use compartments::*;
pub use data::*;
pub use exact::*;
pub use feedback::*;
pub use local::*;
pub use perturbation::*;
pub use targets::*;

/// The program, of the version that runs.
pub fn program() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "@software{{creditlab,\n  author  = {{{{creditlab developers}}}},\n  title   = {{creditlab: a laboratory for the \
         credit-assignment problem}},\n  version = {{{version}}},\n  year    = {{2026}}\n}}"
    )
}
