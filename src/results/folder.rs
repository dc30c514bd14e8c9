//! Reach the files of one results folder without following links, whatever becomes of its name meanwhile.

use super::abilities::{absent, cannot_lock, holder, sync};
use super::{ResultsError, names};
use cap_fs_ext::{DirExt, FollowSymlinks, MetadataExt, OpenOptionsFollowExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use std::fs::TryLockError;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

/// An open results folder. Names are relative to it, with `/` between folders; a link in any place of a name is refused.
pub struct Folder {
    path: PathBuf,
    dir: Dir,
    /// Unfinished files so far.
    pub(super) unfinished: AtomicU64,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe, a device.
    Other,
}

/// The lock of a results folder, held while it lives; the system frees it if the process dies.
pub struct Lock {
    _file: std::fs::File,
    /// Whether the file system can lock files at all.
    pub is_held: bool,
}

impl Folder {
    /// Opens a folder that is there. The path itself may lead through links.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn open(path: &Path) -> Result<Self, ResultsError> {
        let dir =
            Dir::open_ambient_dir(path, ambient_authority()).map_err(ResultsError::io("open the folder", path))?;
        Ok(Self {
            path: path.to_owned(),
            dir,
            unfinished: AtomicU64::new(0),
        })
    }

    /// Its path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The way from here to another folder, which holds from wherever one looks, and when both are moved together; the other's whole
    /// path where there is none.
    pub fn way_to(&self, other: &Path) -> PathBuf {
        let whole = |path: &Path| {
            let path = path.join(".");
            path.canonicalize().or_else(|_| std::path::absolute(&path))
        };
        match (whole(other), whole(&self.path)) {
            (Ok(other), Ok(own)) => pathdiff::diff_paths(&other, own).unwrap_or(other),
            _ => other.to_owned(),
        }
    }

    /// Whether its path still leads to it.
    pub fn is_in_place(&self) -> bool {
        let identity = |dir: &Dir| dir.dir_metadata().map(|data| (data.dev(), data.ino())).ok();
        let there = Dir::open_ambient_dir(&self.path, ambient_authority());
        there.is_ok_and(|there| identity(&there) == identity(&self.dir))
    }

    /// Opens a plain file; nothing if there is none.
    ///
    /// # Errors
    /// The file system refuses, or it is a link or anything but a plain file.
    pub fn file(&self, name: &str) -> Result<Option<std::fs::File>, ResultsError> {
        let (folder, file) = split(name);
        let Some(dir) = self.find(folder)? else {
            return Ok(None);
        };
        match absent(dir.symlink_metadata(file)) {
            Ok(None) => return Ok(None),
            Ok(Some(data)) if data.is_file() => {}
            Ok(Some(data)) => return Err(self.not_plain(name, data.is_symlink())),
            Err(error) => return Err(self.failed("read", name, error)),
        }
        let opened = absent(dir.open_with(file, OpenOptions::new().read(true).follow(FollowSymlinks::No)));
        let opened = opened.map_err(|error| self.failed("read", name, error))?;
        Ok(opened.map(File::into_std))
    }

    /// Opens a plain file to be written on at its end; makes it, and missing folders, where there is none.
    ///
    /// # Errors
    /// As [`Folder::file`], or the folder was replaced.
    pub fn open_end(&self, name: &str) -> Result<std::fs::File, ResultsError> {
        let (folder, file) = split(name);
        let dir = self.make(folder)?;
        self.refuse_link(&dir, name)?;
        self.in_place()?;
        let mut options = OpenOptions::new();
        options.append(true).create(true).follow(FollowSymlinks::No);
        let opened = dir.open_with(file, &options);
        let opened = opened.map_err(|error| self.failed("open", name, error))?;
        self.sync(&dir, folder)?;
        Ok(opened.into_std())
    }

    /// The bytes of a plain file of at most `most` bytes; nothing if there is none.
    ///
    /// # Errors
    /// As [`Folder::file`], or the file is larger.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, ResultsError> {
        let Some(file) = self.file(name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let read = file.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.failed("read", name, error))?;
        if bytes.len() as u64 > most {
            let error = io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {most} bytes"));
            return Err(self.failed("read", name, error));
        }
        Ok(Some(bytes))
    }

    /// The names in a folder, `""` being the results folder itself, in alphabetical order; none if there is no such folder.
    ///
    /// # Errors
    /// The file system refuses, or a link is in the way.
    pub fn entries(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, ResultsError> {
        let Some(dir) = self.find(folder)? else {
            return Ok(Vec::new());
        };
        let list = || -> io::Result<Vec<(String, EntryKind)>> {
            let mut entries = Vec::new();
            for entry in dir.entries()? {
                let entry = entry?;
                let kind = match entry.file_type()? {
                    kind if kind.is_dir() => EntryKind::Folder,
                    kind if kind.is_file() => EntryKind::File,
                    _ => EntryKind::Other,
                };
                entries.push((entry.file_name().to_string_lossy().into_owned(), kind));
            }
            entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            Ok(entries)
        };
        list().map_err(|error| self.failed("read the folder", folder, error))
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// The file system refuses, or a link is in the way.
    pub fn remove(&self, name: &str) -> Result<(), ResultsError> {
        let (folder, file) = split(name);
        let Some(dir) = self.find(folder)? else {
            return Ok(());
        };
        self.refuse_link(&dir, name)?;
        let removed = absent(dir.remove_file(file));
        removed.map(drop).map_err(|error| self.failed("remove", name, error))
    }

    /// Removes a folder if nothing is in it.
    ///
    /// # Errors
    /// The file system refuses, or a link is in the way.
    pub fn remove_if_empty(&self, name: &str) -> Result<(), ResultsError> {
        let (folder, last) = split(name);
        let Some(dir) = self.find(folder)? else {
            return Ok(());
        };
        match absent(dir.remove_dir(last)) {
            Err(error) if error.kind() != ErrorKind::DirectoryNotEmpty => Err(self.failed("remove", name, error)),
            _ => Ok(()),
        }
    }

    /// Gives a folder another name, under which nothing may be; makes missing folders above it.
    ///
    /// # Errors
    /// The file system refuses, or a link is in the way.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), ResultsError> {
        let ((from_folder, from_last), (to_folder, to_last)) = (split(from), split(to));
        let (here, there) = (self.make(from_folder)?, self.make(to_folder)?);
        self.refuse_link(&here, from)?;
        self.in_place()?;
        let renamed = here.rename(from_last, &there, to_last);
        renamed.map_err(|error| self.failed("move", from, error))?;
        self.sync(&there, to_folder).map(drop)
    }

    /// Takes the lock, without changing a byte of its file.
    ///
    /// # Errors
    /// [`ResultsError::Busy`] if another process holds it; the file system refuses, or the lock is a link or anything but a plain
    /// file.
    pub fn lock(&self) -> Result<Lock, ResultsError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).follow(FollowSymlinks::No);
        let name = names::LOCK;
        self.refuse_link(&self.dir, name)?;
        let file = self.dir.open_with(name, &options);
        let file = file.map_err(|error| self.failed("open", name, error))?.into_std();
        let data = file.metadata().map_err(|error| self.failed("open", name, error))?;
        if !data.is_file() {
            return Err(self.not_plain(name, false));
        }
        let is_held = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => return Err(ResultsError::Busy(self.path.clone(), holder(&data))),
            Err(TryLockError::Error(error)) if cannot_lock(&error) => false,
            Err(TryLockError::Error(error)) => return Err(self.failed("lock", name, error)),
        };
        Ok(Lock { _file: file, is_held })
    }

    /// As [`Folder::lock`], for somebody who only reads: where nothing can be written, nobody can be at work.
    ///
    /// # Errors
    /// As [`Folder::lock`].
    pub fn lock_to_read(&self) -> Result<Option<Lock>, ResultsError> {
        match self.lock() {
            Err(ResultsError::Io { source, .. }) if source.kind() == ErrorKind::ReadOnlyFilesystem => Ok(None),
            locked => locked.map(Some),
        }
    }

    /// Whether the file system can be told to bring a folder to the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub fn syncs(&self) -> Result<bool, ResultsError> {
        self.sync(&self.dir, "")
    }

    pub(super) fn sync(&self, dir: &Dir, name: &str) -> Result<bool, ResultsError> {
        sync(dir).map_err(|error| self.failed("sync", name, error))
    }

    /// Opens a folder; nothing if it is not there.
    fn find(&self, folder: &str) -> Result<Option<Dir>, ResultsError> {
        self.walk(folder, |_, _| Ok(()))
    }

    /// Opens a folder, made if it is not there.
    pub(super) fn make(&self, folder: &str) -> Result<Dir, ResultsError> {
        let made = self.walk(folder, |dir, name| match dir.create_dir(name) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        })?;
        // somebody has removed at once what was made
        made.ok_or_else(|| self.failed("make the folder", folder, ErrorKind::NotFound.into()))
    }

    /// Opens a folder step by step, after `prepare` where a step leads to nothing.
    fn walk(&self, folder: &str, prepare: impl Fn(&Dir, &str) -> io::Result<()>) -> Result<Option<Dir>, ResultsError> {
        let error = |error| self.failed("open the folder", folder, error);
        let mut dir = self.dir.try_clone().map_err(error)?;
        let mut so_far = String::new();
        for step in folder.split('/').filter(|step| !step.is_empty()) {
            so_far = join(&so_far, step);
            self.refuse_link(&dir, &so_far)?;
            let open = || {
                let opened = absent(dir.open_dir_nofollow(step));
                opened.map_err(|error| self.failed("open the folder", &so_far, error))
            };
            let mut next = open()?;
            if next.is_none() {
                prepare(&dir, step).map_err(|error| self.failed("make the folder", &so_far, error))?;
                next = open()?;
            }
            let Some(next) = next else { return Ok(None) };
            dir = next;
        }
        Ok(Some(dir))
    }

    /// Refuses a link under the last part of a name in its folder `dir`. It gives the sentence; that links are not followed is
    /// the work of the calls themselves.
    pub(super) fn refuse_link(&self, dir: &Dir, name: &str) -> Result<(), ResultsError> {
        match absent(dir.symlink_metadata(split(name).1)) {
            Ok(Some(data)) if data.is_symlink() => Err(self.not_plain(name, true)),
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed("read", name, error)),
        }
    }

    fn not_plain(&self, name: &str, link: bool) -> ResultsError {
        let kind = if link { "a symbolic link" } else { "no plain file" };
        ResultsError::NotPlain(self.path.join(name), kind)
    }

    pub(super) fn in_place(&self) -> Result<(), ResultsError> {
        match self.is_in_place() {
            true => Ok(()),
            false => Err(ResultsError::Replaced(self.path.clone())),
        }
    }

    /// The file system refused; where the folder is no longer in its place, that is why.
    pub(super) fn failed(&self, action: &'static str, name: &str, error: io::Error) -> ResultsError {
        let path = if name.is_empty() {
            self.path.clone()
        } else {
            self.path.join(name)
        };
        self.in_place()
            .err()
            .unwrap_or_else(|| ResultsError::io(action, &path)(error))
    }
}

/// `a/b` from `a` and `b`, and `b` from nothing and `b`.
pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}

/// The folder of a name, `""` if it has none, and its last part.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_folder_begins_here_whether_it_is_there_or_not() {
        let place = tempfile::tempdir().unwrap();
        let results = place.path().join("results/a");
        std::fs::create_dir_all(&results).unwrap();
        let folder = Folder::open(&results).unwrap();
        let base = place.path().canonicalize().unwrap();
        assert_eq!(folder.way_to(&base), Path::new("../.."));
        assert_eq!(folder.way_to(&base.join("files")), Path::new("../../files"));
    }

    #[test]
    fn names_are_reached_step_by_step_and_a_folder_in_the_way_is_named() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        folder.place("a/b/c", b"123").unwrap();
        assert_eq!(folder.read("a/b/c", 3).unwrap().unwrap(), b"123");
        assert!(
            folder
                .read("a/b/c", 2)
                .unwrap_err()
                .to_string()
                .contains("more than 2 bytes")
        );
        assert!(folder.read("a/x/c", 3).unwrap().is_none() && folder.entries("a/x").unwrap().is_empty());
        folder.rename("a/b/c", "d/c").unwrap();
        folder.remove_if_empty("a").unwrap();
        folder.remove_if_empty("a/b").unwrap();
        assert_eq!(folder.entries("a").unwrap(), []);
        folder.remove("d/c").unwrap();
        folder.remove("d/c").unwrap();
        assert_eq!(
            folder.entries("").unwrap(),
            [("a".into(), EntryKind::Folder), ("d".into(), EntryKind::Folder)]
        );
        assert!(folder.syncs().unwrap());
        // a lock is held once, and its file is as it was
        std::fs::write(place.path().join(names::LOCK), "words").unwrap();
        let lock = folder.lock().unwrap();
        let busy = folder.lock().err().unwrap();
        assert!(lock.is_held && matches!(busy, ResultsError::Busy(..)));
        #[cfg(target_os = "linux")]
        assert!(
            busy.to_string()
                .contains(&format!("another process ({})", std::process::id()))
        );
        drop(lock);
        assert!(folder.lock().is_ok());
        assert_eq!(std::fs::read(place.path().join(names::LOCK)).unwrap(), b"words");
    }
}
