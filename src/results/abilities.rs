//! Tell what is not there, and what a file system cannot do, from what fails.

use cap_std::fs::Dir;
#[cfg(unix)]
use cap_std::fs::OpenOptions;
use std::io::{self, ErrorKind};

/// Nothing for what is not there. Any other error says nothing about what is there.
pub fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether something was done that some file systems cannot do. A failure of the disk is an error.
pub fn if_supported(done: io::Result<()>) -> io::Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied => Ok(false),
            _ => Err(error),
        },
    }
}

/// The new name itself has to reach the disk. Elsewhere a folder cannot be opened as a file.
#[cfg(unix)]
pub fn sync(dir: &Dir) -> io::Result<bool> {
    let options = OpenOptions::new().read(true).clone();
    if_supported(dir.open_with(".", &options)?.sync_all())
}

#[cfg(not(unix))]
pub fn sync(_: &Dir) -> io::Result<bool> {
    Ok(true)
}

/// Whether it is the file system that has no locks.
pub fn cannot_lock(error: &io::Error) -> bool {
    #[cfg(unix)]
    if rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::NOLCK) {
        return true;
    }
    error.kind() == ErrorKind::Unsupported
}

/// Which process of this machine holds the lock of a file, where the system tells.
#[cfg(target_os = "linux")]
pub fn holder(file: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let (device, inode) = (file.dev(), file.ino());
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let place = format!("{major:02x}:{minor:02x}:{inode}");
    holder_in(&std::fs::read_to_string("/proc/locks").ok()?, &place)
}

#[cfg(not(target_os = "linux"))]
pub fn holder(_: &std::fs::Metadata) -> Option<u32> {
    None
}

/// Finds it in a list of locks: number, kind, mode, access, process, place of the file.
#[cfg(any(target_os = "linux", test))]
fn holder_in(locks: &str, place: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [_, "FLOCK", _, _, process, at, ..] if at == place => process.parse().ok(),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ErrorKind` has no name for a failing disk: it must not pass for a missing file.
    #[test]
    fn only_what_is_not_there_is_absent() {
        assert_eq!(absent(Ok(1)).unwrap(), Some(1));
        assert_eq!(absent::<()>(Err(ErrorKind::NotFound.into())).unwrap(), None);
        #[cfg(unix)]
        for errno in [
            rustix::io::Errno::IO,
            rustix::io::Errno::ACCESS,
            rustix::io::Errno::NOTDIR,
        ] {
            assert!(absent::<()>(Err(errno.into())).is_err(), "{errno}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_ability_is_none_of_the_disks_failures() {
        use rustix::io::Errno;
        for errno in [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::PERM] {
            assert!(!if_supported(Err(errno.into())).unwrap(), "{errno}");
        }
        for errno in [Errno::IO, Errno::NOSPC, Errno::DQUOT, Errno::FBIG, Errno::ROFS] {
            assert!(if_supported(Err(errno.into())).is_err(), "{errno}");
        }
        assert!(
            cannot_lock(&Errno::NOLCK.into()) && cannot_lock(&Errno::NOSYS.into()) && !cannot_lock(&Errno::IO.into())
        );
    }

    #[test]
    fn who_holds_a_lock_is_read_from_the_list_of_locks() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fe:00:42 0 EOF\n2: FLOCK  ADVISORY  WRITE 1234 fe:00:42 0 EOF\n\
            2: -> FLOCK  ADVISORY  WRITE 77 fe:00:42 0 EOF\n";
        assert_eq!(holder_in(locks, "fe:00:42"), Some(1234));
        assert_eq!(holder_in(locks, "fe:00:43"), None);
    }
}
