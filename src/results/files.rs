//! Put files whole or not at all where no results folder is at work, and clear results folders of what is no longer of them.

use super::folder::join;
use super::{EntryKind, Folder, ResultsError, names};
use std::fs;
use std::path::Path;

/// Writes a file under its final name only when all its bytes are on the disk; makes missing folders.
///
/// # Errors
/// As [`Folder::place`]; the file is then as it was before.
pub fn place(path: &Path, bytes: &[u8]) -> Result<(), ResultsError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(ResultsError::io("make the folder", folder))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Folder::open(folder)?.place(&name, bytes)
}

/// Removes from a results folder the files that the program writes there and that `which` names, then the folders that this
/// leaves empty. Everything else stays. Returns the names of the files removed.
///
/// # Errors
/// The file system refuses, or a link is in the place of a folder.
pub fn clear(folder: &Folder, which: impl Fn(&str) -> bool) -> Result<Vec<String>, ResultsError> {
    let mut removed = Vec::new();
    clear_in(folder, "", &which, &mut removed)?;
    Ok(removed)
}

fn clear_in(
    folder: &Folder,
    at: &str,
    which: &impl Fn(&str) -> bool,
    removed: &mut Vec<String>,
) -> Result<(), ResultsError> {
    for (name, kind) in folder.entries(at)? {
        let name = join(at, &name);
        if kind != EntryKind::File && names::is_made(&name) {
            let before = removed.len();
            clear_in(folder, &name, which, removed)?;
            if removed.len() > before {
                folder.remove_if_empty(&name)?;
            }
        } else if kind == EntryKind::File && names::is_written(&name) && which(&name) {
            folder.remove(&name)?;
            removed.push(name);
        }
    }
    Ok(())
}

/// What is in a results folder and was not written by the program, in alphabetical order; of a folder of its own only the name.
///
/// # Errors
/// The file system refuses, or a link is in the place of a folder.
pub fn others(folder: &Folder) -> Result<Vec<String>, ResultsError> {
    let mut others = Vec::new();
    others_in(folder, "", &mut others)?;
    Ok(others)
}

fn others_in(folder: &Folder, at: &str, others: &mut Vec<String>) -> Result<(), ResultsError> {
    for (name, kind) in folder.entries(at)? {
        let name = join(at, &name);
        if kind == EntryKind::Folder && names::is_made(&name) {
            others_in(folder, &name, others)?;
        } else if kind != EntryKind::File || !names::is_written(&name) {
            others.push(name);
        }
    }
    Ok(())
}

/// Refuses links, pipes and devices under the names that the program writes, before anything is written.
///
/// # Errors
/// [`ResultsError::NotPlain`] names the first one; or the file system refuses.
pub fn refuse_links(folder: &Folder) -> Result<(), ResultsError> {
    refuse_links_in(folder, "")
}

fn refuse_links_in(folder: &Folder, at: &str) -> Result<(), ResultsError> {
    for (name, kind) in folder.entries(at)? {
        let name = join(at, &name);
        if kind != EntryKind::File && names::is_made(&name) {
            refuse_links_in(folder, &name)?;
        } else if kind == EntryKind::Other && names::is_written(&name) {
            // says what it is
            folder.file(&name)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_placed_whole_in_new_folders_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights/backprop/0/step-0.safetensors");
        place(&path, b"long before").unwrap();
        place(&path, b"after").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "nothing unfinished stays"
        );
    }

    /// No temporary file's secrecy is left on a result: it is as any file that a program makes.
    #[cfg(unix)]
    #[test]
    fn others_may_read_a_result_as_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let data = fs::metadata(folder.path().join(name)).unwrap();
            data.permissions().mode() & 0o777
        };
        place(&folder.path().join("arms.csv"), b"arm\n").unwrap();
        fs::write(folder.path().join("any"), "").unwrap();
        assert_eq!(mode("arms.csv"), mode("any"));
        assert_eq!(mode("any") & 0o600, 0o600);
    }

    #[test]
    fn what_cannot_be_replaced_stays_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figures");
        fs::create_dir_all(path.join("inside")).unwrap();
        let error = place(&path, b"x").unwrap_err().to_string();
        assert!(error.contains("figures"), "{error}");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing unfinished stays"
        );
    }
}
