//! Put files into a result whole or not at all, whatever happens in between.

use super::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// How the names of unfinished files begin. One is left behind only by a process that was killed.
pub const UNFINISHED: &str = ".unfinished-";

/// Writes a file under its final name only when all its bytes are on the disk; makes missing folders.
///
/// # Errors
/// [`Error::Io`]; the file is then as it was before.
pub fn place(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    place_by(path, |file| file.write_all(bytes))
}

/// As [`place`], of bytes that `write` writes one after the other; they are not held in memory.
///
/// # Errors
/// [`Error::Io`], of the file or of `write`; the file is then as it was before.
pub fn place_by(path: &Path, write: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)
        .map_err(Error::io("make a file in", folder))?;
    // through the file itself, whose errors do not name the unfinished file
    write(file.as_file_mut())
        .and_then(|()| readable_by_all(file.as_file()))
        .and_then(|()| file.as_file().sync_all())
        .map_err(Error::io("write", path))?;
    file.persist(path)
        .map_err(|e| e.error)
        .map_err(Error::io("write", path))?;
    sync_folder(folder).map_err(Error::io("sync", folder))
}

/// Removes a file, if it is there.
///
/// # Errors
/// [`Error::Io`].
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes what a process that was killed may have left unfinished in `folder` and the folders in it.
///
/// # Errors
/// [`Error::Io`].
pub fn clear_unfinished(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io("read the folder", folder))? {
        let entry = entry.map_err(Error::io("read the folder", folder))?;
        let path = entry.path();
        // what a link leads to is not ours
        let kind = entry.file_type().map_err(Error::io("read", &path))?;
        let unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if kind.is_dir() {
            clear_unfinished(&path)?;
        } else if unfinished {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Temporary files start as their owner's secret; results are not.
#[cfg(unix)]
fn readable_by_all(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// The new name itself has to reach the disk. Elsewhere a folder cannot be opened as a file.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
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

    #[cfg(unix)]
    #[test]
    fn others_may_read_a_result() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arms.csv");
        place(&path, b"arm\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
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
