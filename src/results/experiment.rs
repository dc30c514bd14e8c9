//! Read the experiment that a result was made from.

use super::names::EXPERIMENT;
use super::{Folder, ResultsError};
use crate::notation::Document;

/// Far above any `experiment.ron`: that of 10,000 arms has some megabytes.
const LARGEST: u64 = 1 << 26;

/// `experiment.ron`, with every default written out; nothing if there is none.
///
/// # Errors
/// The file system refuses, or [`ResultsError::Experiment`] if it is damaged.
pub fn experiment(folder: &Folder) -> Result<Option<Document>, ResultsError> {
    experiment_in(folder, EXPERIMENT)
}

/// An experiment that the program wrote into a file of this name; nothing if there is none.
///
/// # Errors
/// As [`experiment`].
pub fn experiment_in(folder: &Folder, name: &str) -> Result<Option<Document>, ResultsError> {
    let Some(bytes) = folder.read(name, LARGEST)? else {
        return Ok(None);
    };
    let path = folder.path().join(name).display().to_string();
    let document = Document::parse_of_any_size(&path, bytes).map_err(ResultsError::Experiment)?;
    Ok(Some(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that people write may have 256 KiB; 2,500 arms make one of 400.
    #[test]
    fn what_the_program_wrote_of_many_arms_is_read() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        assert!(experiment(&folder).unwrap().is_none());
        let arms = "(label: \"Backprop optimizer.learning_rate=0.0001\", rule: Backprop, shadows: []), ".repeat(4000);
        let text = format!("(task: Iris, arms: [{arms}])");
        assert!(text.len() > 1 << 18 && Document::parse(EXPERIMENT, text.as_str()).is_err());
        folder.place(EXPERIMENT, text.as_bytes()).unwrap();
        let document = experiment(&folder).unwrap().unwrap();
        let items = document.root().locate("arms").and_then(|arms| arms.items());
        assert_eq!(items.map(|items| items.len()), Some(4000));
        folder.place(EXPERIMENT, b"(task: ").unwrap();
        assert!(matches!(experiment(&folder), Err(ResultsError::Experiment(_))));
    }
}
