//! Unpack the files of a data set from the archive that they are published in.

use super::DownloadError;
use crate::digest::sha256_of;
use crate::files;
use flate2::bufread::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind};
use std::path::Path;
use tar::Archive;

/// Unpacks `names`, which lie in the folder `within` of a tar archive compressed by gzip, into `folder`; each has its name once it is
/// whole, and what else the archive holds is left there. A file that is there already must be the same. The archive's checksum tells
/// that it is the published one; nothing here does.
///
/// # Errors
/// If the archive is none, or lacks a file; a file of this name is there and is another one; or the file system refuses.
pub fn unpack(archive: &Path, within: &str, names: &[&str], folder: &Path) -> Result<(), DownloadError> {
    let unreadable = |error| DownloadError::Unpacked(archive.to_path_buf(), error);
    let file = files::open(archive).map_err(unreadable)?;
    let mut archive = Archive::new(MultiGzDecoder::new(BufReader::new(file)));
    let mut missing = names.to_vec();
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path().map_err(unreadable)?.into_owned();
        let wanted = |name: &&str| entry.header().entry_type().is_file() && path == Path::new(within).join(name);
        let Some(found) = missing.iter().position(wanted) else {
            continue;
        };
        let name = missing.swap_remove(found);
        place(&mut entry, &folder.join(name)).map_err(|error| match error.kind() {
            // the reader's, not the file system's
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => unreadable(error),
            ErrorKind::AlreadyExists => DownloadError::Foreign(folder.join(name)),
            _ => DownloadError::Io(folder.join(name), error),
        })?;
    }
    match missing.first() {
        None => Ok(()),
        Some(name) => Err(unreadable(io::Error::other(format!("it lacks `{within}/{name}`")))),
    }
}

/// Makes the file `path` of what `from` gives; an error of the kind `AlreadyExists` if another one is there.
fn place(from: &mut impl io::Read, path: &Path) -> io::Result<()> {
    if path.exists() {
        let same = files::open(path).and_then(sha256_of).ok() == Some(sha256_of(from)?);
        return if same {
            Ok(())
        } else {
            Err(ErrorKind::AlreadyExists.into())
        };
    }
    let part = path.with_added_extension("part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut to = File::create_new(&part)?;
    io::copy(from, &mut to)?;
    to.sync_all()?;
    fs::rename(&part, path)
}
