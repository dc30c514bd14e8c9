//! List the laws; each is a function of its own.

mod conduct;
mod proposals;
mod statement;

pub use conduct::works;

use super::case::{Case, Verdict};
use crate::rules::Bind;

/// A law in one precision.
pub type Law = fn(&Case<'_>) -> Verdict;

/// Every law with its name.
pub fn all<T: Bind>() -> [(&'static str, Law); 21] {
    [
        ("same seed, same bytes", conduct::same_seed::<T>),
        ("threads change nothing", conduct::threads::<T>),
        ("save, restore, go on", conduct::save_and_restore::<T>),
        ("measuring changes nothing", conduct::measuring::<T>),
        ("shadows change nothing", conduct::shadows::<T>),
        ("scratch carries no meaning", conduct::scratch::<T>),
        ("any batch size", conduct::batch_sizes::<T>),
        ("non-finite numbers are seen", conduct::non_finite::<T>),
        ("accepts or refuses", conduct::settings::<T>),
        ("a batch is the mean of its samples", proposals::mean_of_samples::<T>),
        ("the order of samples does not matter", proposals::order_of_samples::<T>),
        ("zero error, zero update", proposals::zero_error::<T>),
        ("draws are declared", proposals::draws::<T>),
        ("predictions are declared and separate", proposals::predictions::<T>),
        ("feedback has its declared shape", proposals::feedback::<T>),
        ("trained layers get updates", proposals::trained_layers::<T>),
        ("needs are what they are declared to be", proposals::needs),
        ("unknown options are refused", statement::unknown_options),
        ("refusals name the option", statement::refusals::<T>),
        ("options survive a round trip", statement::round_trip::<T>),
        ("every option matters", statement::options_matter::<T>),
    ]
}
