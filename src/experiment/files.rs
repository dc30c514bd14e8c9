//! Put the content of files that an arm starts from into what determines its runs, and refuse arrays that nothing starts from.

use super::check::Draft;
use crate::arrays;
use crate::digest::sha256;
use crate::files::read;
use crate::network::{Init, WeightFile};
use crate::notation::{Mistake, Result};
use crate::rules::GuestOrigin;
use std::collections::BTreeSet;
use std::path::Path;

/// Adds a checksum of every file to the arm's fingerprint: the network's, then those of its rules; then the names of the arrays that
/// its rules take from the network's file; and what guests are made of. Nothing is added where there are none.
///
/// # Errors
/// A file of a rule cannot be read.
pub(super) fn digest(draft: &mut Draft<'_>) -> Result<()> {
    let Draft { arm, place, own, .. } = draft;
    let mut lines = Vec::new();
    for init in arm.settings.network.init.values() {
        if let Init::File(file) = init {
            lines.push(format!("sha256 {}", file.sha256().unwrap_or_default()));
        }
    }
    for path in arm.rules().flat_map(|rule| rule.rule.files()) {
        let bytes = read(&arm.folder.join(&path), arrays::MOST_BYTES).map_err(|error| {
            let mistake = Mistake::new(format!("`{}` cannot be read: {error}", path.display())).at(place.clone());
            mistake.help("paths are relative to the folder of the experiment file")
        })?;
        lines.push(format!("sha256 {}", sha256(&bytes)));
    }
    for GuestOrigin { code, depends_on } in arm.rules().filter_map(|rule| rule.rule.origin()) {
        lines.push(format!("code {code} with {depends_on}"));
    }
    if !own.is_empty() {
        lines.push(format!("from the network's file: {}", own.join(", ")));
    }
    arm.fingerprint.files = lines;
    Ok(())
}

/// What the names of arrays begin with that runs save.
const SAVED: [&str; 5] = ["layer", "shadow.", "input.", "loss.", "counts."];

/// Refuses arrays in the file of a whole network that have names as runs give them, but that neither the network nor any rule of the
/// experiment starts from. A file that a rule reads for itself may hold what it likes.
///
/// # Errors
/// There is one.
pub(super) fn refuse_unused(drafts: &[Draft<'_>]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for draft in drafts {
        let shape = &draft.arm.settings.network;
        let Some(file) = shape.file() else { continue };
        // arms of an `Each` share file and depth, and thousands of them one answer
        if !seen.insert((file.path(), shape.hidden_layers())) {
            continue;
        }
        if drafts.iter().any(|other| reads(other, Path::new(file.path()))) {
            continue;
        }
        let depth = shape.hidden_layers() + 1;
        let refused = |reason: String| {
            let mistake = Mistake::new(format!("`{}` {reason}", file.path())).at(draft.init.clone());
            mistake.help(format!(
                "name the file for each layer, `init: [File({0:?}), ..]`, to take weights and biases alone, or leave the array out of it",
                file.path()
            ))
        };
        let saved = |name: &&str| SAVED.iter().any(|prefix| name.starts_with(prefix));
        for name in file.names().filter(saved) {
            match layer_of(name) {
                Some(l) if l <= depth => {}
                Some(_) => return Err(refused(format!("holds `{name}`, and the network has {depth} layers"))),
                None if taken(drafts, file, name) => {}
                None => {
                    let reason = "which neither the network nor a rule of this experiment has";
                    return Err(refused(format!("holds `{name}`, {reason}")));
                }
            }
        }
    }
    Ok(())
}

/// Whether a rule of the arm reads this file for itself.
fn reads(draft: &Draft<'_>, path: &Path) -> bool {
    let mut files = draft.arm.rules().flat_map(|rule| rule.rule.files());
    files.any(|file| file == path)
}

/// Whether some rule starts from an array of the file.
fn taken(drafts: &[Draft<'_>], file: &WeightFile, name: &str) -> bool {
    let same = |draft: &&Draft<'_>| draft.arm.settings.network.file() == Some(file);
    let mut own = drafts.iter().filter(same).flat_map(|draft| &draft.own);
    own.any(|taken| taken == name)
}

/// The number, from 1, of the layer whose weights or biases have this name.
fn layer_of(name: &str) -> Option<usize> {
    let (layer, what) = name.split_once('.')?;
    let number = layer.strip_prefix("layer")?.parse().ok()?;
    ["weight", "bias"].contains(&what).then_some(number)
}
