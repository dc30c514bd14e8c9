//! Tell whether a folder is one of results, what its file system cannot promise, and empty it.

use super::store::Store;
use crate::results::manifest::Manifest;
use crate::results::{EntryKind, Folder, Lock, ResultsError, files, names};

/// Whether there is a manifest that this program has written.
pub fn has_manifest(folder: &Folder) -> Result<bool, ResultsError> {
    match Manifest::read(folder) {
        Ok(manifest) => Ok(manifest.is_some_and(|manifest| manifest.is_ours())),
        // there is something else of that name
        Err(ResultsError::Unfit { .. } | ResultsError::NotPlain(..)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a folder holds results, by its manifest or by a kept run, or nothing but what a starting process has just put there.
pub fn is_ours(folder: &Folder, store: &Store<'_>) -> Result<bool, ResultsError> {
    if has_manifest(folder)? || store.has_any()? {
        return Ok(true);
    }
    let lock_is_empty = || folder.read(names::LOCK, 0).is_ok();
    for (name, kind) in folder.entries("")? {
        let is_new = kind == EntryKind::File && names::is_unfinished(&name) || name == names::LOCK && lock_is_empty();
        if !is_new {
            // another process may have begun since
            return has_manifest(folder);
        }
    }
    Ok(true)
}

/// What cannot be promised on this file system, a sentence each.
pub fn not_promised(folder: &Folder, lock: &Lock) -> Result<Vec<String>, ResultsError> {
    let path = folder.path().display();
    let mut sentences = Vec::new();
    if !lock.is_held {
        sentences.push(format!(
            "warning: the file system of {path} has no locks, so nothing keeps two processes out of one results folder; start one \
             at a time"
        ));
    }
    if !folder.syncs()? {
        sentences.push(format!(
            "warning: the file system of {path} cannot bring folders to the disk on demand; after a loss of power the last \
             finished runs may be missing, and are then carried out again"
        ));
    }
    Ok(sentences)
}

/// Removes all that the program writes but lock and manifest; says what was removed and what stays.
pub fn empty(folder: &Folder) -> Result<Option<String>, ResultsError> {
    let own = [names::LOCK, names::MANIFEST];
    let removed = files::clear(folder, |name| !own.contains(&name))?;
    if removed.is_empty() {
        return Ok(None);
    }
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for name in &removed {
        let group = name.split('/').next().unwrap_or_default();
        match groups.iter_mut().find(|(first, _)| *first == group) {
            Some((_, count)) => *count += 1,
            None => groups.push((group, 1)),
        }
    }
    let said = groups.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} ({count} files)"),
    });
    let mut text = format!(
        "--fresh: removed from {}: {}",
        folder.path().display(),
        said.collect::<Vec<_>>().join(", ")
    );
    let stay = files::others(folder)?;
    if !stay.is_empty() {
        text += &format!("; not of this program, and kept: {}", stay.join(", "));
    }
    Ok(Some(text))
}
