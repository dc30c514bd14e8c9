//! Write a file of a results folder piece by piece; it gets its name when all its bytes are on the disk, or never was there.

use super::abilities::if_supported;
use super::folder::split;
use super::{Folder, ResultsError, names};
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that is being written; removed if it is dropped before it has its name.
pub struct NewFile<'a> {
    folder: &'a Folder,
    /// In which it is.
    dir: Dir,
    /// What it will be called, from the results folder on.
    name: String,
    /// What it is called in `dir` meanwhile.
    unfinished: Option<String>,
    out: BufWriter<File>,
}

impl Folder {
    /// Writes a file under its final name only when all its bytes are on the disk; makes missing folders.
    ///
    /// # Errors
    /// The file system refuses, a link is in the way, or the folder was replaced; the file is then as it was before.
    pub fn place(&self, name: &str, bytes: &[u8]) -> Result<(), ResultsError> {
        self.place_by(name, |out| out.write_all(bytes))
    }

    /// As [`Folder::place`], of bytes that `write` writes one after the other; they are not held in memory.
    ///
    /// # Errors
    /// As [`Folder::place`], or those of `write`.
    pub fn place_by(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), ResultsError> {
        let mut file = self.begin(name)?;
        write(&mut file).map_err(|error| self.failed("write", name, error))?;
        file.place()
    }

    /// Begins a file that gets this name when it is whole; makes missing folders.
    ///
    /// # Errors
    /// As [`Folder::place`].
    pub fn begin(&self, name: &str) -> Result<NewFile<'_>, ResultsError> {
        let (folder, _) = split(name);
        let dir = self.make(folder)?;
        self.refuse_link(&dir, name)?;
        let begun = NewFile::begin(self, dir, name, &self.unfinished);
        begun.map_err(|error| self.failed("make a file in", folder, error))
    }
}

impl<'a> NewFile<'a> {
    /// In `dir`, the folder of `name`; `count` numbers the unfinished files of this process.
    fn begin(folder: &'a Folder, dir: Dir, name: &str, count: &AtomicU64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).follow(FollowSymlinks::No);
        loop {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let unfinished = format!("{}{}-{number}", names::UNFINISHED, std::process::id());
            match dir.open_with(&unfinished, &options) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                opened => {
                    return Ok(Self {
                        out: BufWriter::new(opened?),
                        folder,
                        dir,
                        name: name.to_owned(),
                        unfinished: Some(unfinished),
                    });
                }
            }
        }
    }

    /// What it will be called, from the results folder on.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Brings it to the disk and gives it its name.
    ///
    /// # Errors
    /// The file system refuses, or the folder was replaced; what had the name before is then as it was.
    pub fn place(mut self) -> Result<(), ResultsError> {
        let (folder, name) = (self.folder, self.name.clone());
        let failed = |error| folder.failed("write", &name, error);
        let (parent, last) = split(&name);
        self.out.flush().map_err(failed)?;
        if_supported(self.out.get_ref().sync_all()).map_err(failed)?;
        folder.in_place()?;
        if let Some(unfinished) = &self.unfinished {
            self.dir.rename(unfinished, &self.dir, last).map_err(failed)?;
        }
        self.unfinished = None;
        folder.sync(&self.dir, parent).map(drop)
    }
}

impl Write for NewFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.unfinished {
            // what failed before is what counts
            let _ = self.dir.remove_file(unfinished);
        }
    }
}
