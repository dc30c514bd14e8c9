//! Start what a rule has learned from the arrays of a file.

use super::Learner;
use crate::linalg::Scalar;
use crate::network::WeightFile;

/// What files put before the names of the arrays of the rule at a seat: nothing for the trainer at seat 0.
pub fn prefix(seat: usize, label: &str) -> String {
    match seat {
        0 => String::new(),
        _ => format!("shadow.{label}."),
    }
}

/// Gives the rule's arrays the numbers that a file has of them under `prefix` and their names; those that it lacks stay as they are.
/// Returns the names of those it has, as in the file.
///
/// # Errors
/// An array has another shape, or numbers that are not finite; as the end of a sentence that begins with the file.
pub fn fill<T: Scalar>(learner: &mut dyn Learner<T>, file: &WeightFile, prefix: &str) -> Result<Vec<String>, String> {
    let mut found = Ok(Vec::new());
    learner.visit(&mut |name, shape, values: &mut [T]| {
        let Ok(names) = &mut found else { return };
        let full = format!("{prefix}{name}");
        match file.array::<T>(&full, shape) {
            None => {}
            Some(Ok(numbers)) => {
                values.copy_from_slice(&numbers);
                names.push(full);
            }
            Some(Err(problem)) => found = Err(problem),
        }
    });
    found
}
