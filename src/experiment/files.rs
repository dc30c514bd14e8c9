//! Put the content of files that an arm starts from into what determines its runs.

use super::check::Draft;
use crate::arrays;
use crate::digest::sha256;
use crate::files::read;
use crate::network::Init;
use crate::notation::Mistake;

/// Adds a checksum of every file to the arm's fingerprint: the network's, then those of its rules. Nothing is added where there
/// are none.
///
/// # Errors
/// A file of a rule cannot be read.
pub(super) fn digest(draft: &mut Draft<'_>) -> Result<(), Mistake> {
    let Draft { arm, place, .. } = draft;
    for init in arm.settings.network.init.values() {
        if let Init::File(file) = init {
            arm.fingerprint += &format!("\nsha256 {}", file.sha256().unwrap_or_default());
        }
    }
    let rules = [&arm.rule]
        .into_iter()
        .chain(&arm.shadows)
        .chain(&arm.settings.measure.against);
    for path in rules.flat_map(|rule| rule.rule.files()) {
        let bytes = read(&arm.folder.join(&path), arrays::MOST_BYTES).map_err(|error| {
            let mistake = Mistake::new(format!("`{}` cannot be read: {error}", path.display())).at(place.clone());
            mistake.help("paths are relative to the folder of the experiment file")
        })?;
        arm.fingerprint += &format!("\nsha256 {}", sha256(&bytes));
    }
    Ok(())
}
