//! Hold a result with what it is called beside others.

use super::data::Data;

/// A result among several.
pub struct Titled {
    /// Stands above its plots.
    pub title: String,
    /// Its arms have the places that they have in every other result; those that it lacks have no runs.
    pub data: Data,
}
