//! Read files that others wrote: plain ones alone, and no more bytes of them than there is room for.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// A record of a table longer than this is none.
const LONGEST_RECORD: u64 = 1 << 24;

/// Opens a plain file. Whatever else has a name (a folder, a pipe, a socket, a device such as `/dev/zero`) is refused without
/// waiting for anybody at its other end.
///
/// # Errors
/// The file system refuses, or the file is not plain.
pub fn open(path: &Path) -> io::Result<File> {
    // opening a device may already do something
    plain(&std::fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // what takes the file's place meanwhile cannot make this wait
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    }
    let file = options.open(path)?;
    plain(&file.metadata()?)?;
    Ok(file)
}

/// All bytes of a plain file of at most `most` bytes.
///
/// # Errors
/// As [`open`], or the file is larger; its size and the limit are said.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    if size <= most {
        // asked for first: too little memory is an error, and no end of the program
        let room = bytes.try_reserve_exact(size as usize);
        room.map_err(|_| {
            io::Error::new(
                ErrorKind::OutOfMemory,
                format!("it has {size} bytes, more than the memory"),
            )
        })?;
        // it may grow while it is read
        file.take(most + 1).read_to_end(&mut bytes)?;
    }
    match size.max(bytes.len() as u64) {
        size if size > most => Err(too_large(format!("it has {size} bytes; at most {most} are read"))),
        _ => Ok(bytes),
    }
}

/// A table of records that end with their line, for a reader that keeps a whole record: one of more than 16 MiB is an error.
pub struct Records<R> {
    from: R,
    /// Bytes of the record so far.
    length: u64,
    /// Whether a quote is open, within which a line may end.
    quoted: bool,
}

/// Opens a table; it must be a plain file.
///
/// # Errors
/// As [`open`].
pub fn records(path: &Path) -> io::Result<Records<File>> {
    Ok(Records::of(open(path)?))
}

impl<R> Records<R> {
    fn of(from: R) -> Self {
        Self {
            from,
            length: 0,
            quoted: false,
        }
    }
}

impl<R: Read> Read for Records<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        for byte in &into[..read] {
            self.quoted ^= *byte == b'"';
            self.length = match byte {
                b'\n' if !self.quoted => 0,
                _ => self.length + 1,
            };
            if self.length > LONGEST_RECORD {
                return Err(too_large(format!("a record has more than {LONGEST_RECORD} bytes")));
            }
        }
        Ok(read)
    }
}

fn too_large(reason: String) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, reason)
}

/// Refuses all but plain files.
fn plain(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let kind = match kind(metadata) {
        _ if metadata.is_dir() => return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder, no file")),
        Some(kind) => kind,
        None => "something else",
    };
    Err(io::Error::other(format!("it is {kind}, no plain file")))
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    let kinds = [
        (kind.is_fifo(), "a pipe"),
        (kind.is_socket(), "a socket"),
        (kind.is_char_device() || kind.is_block_device(), "a device"),
    ];
    kinds.into_iter().find(|(is, _)| *is).map(|(_, name)| name)
}

#[cfg(not(unix))]
fn kind(_: &Metadata) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err().to_string();
        assert_eq!(error, "it has 5 bytes; at most 4 are read");
        // a terabyte of nothing, which takes no room on the disk
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read(&path, 1 << 20).unwrap_err().to_string();
        assert_eq!(error, "it has 1099511627776 bytes; at most 1048576 are read");
        assert_eq!(
            read(&folder.path().join("none"), 1).unwrap_err().kind(),
            ErrorKind::NotFound
        );
        assert_eq!(
            read(folder.path(), 1).unwrap_err().to_string(),
            "it is a folder, no file"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket, link) = ["pipe", "socket", "link"].map(|name| folder.path().join(name)).into();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let _bound = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for (path, kind) in [(&pipe, "a pipe"), (&socket, "a socket"), (&link, "a device")] {
            let expected = format!("it is {kind}, no plain file");
            assert_eq!(open(path).unwrap_err().to_string(), expected);
            assert_eq!(read(path, 10).unwrap_err().to_string(), expected);
            assert_eq!(records(path).err().unwrap().to_string(), expected);
        }
        // a link to a plain file is as good as the file
        fs::write(folder.path().join("file"), "x").unwrap();
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        assert_eq!(read(&link, 10).unwrap(), b"x");
    }

    #[test]
    fn a_record_without_end_is_an_error_and_a_long_table_is_none() {
        let all = |text: &str| io::copy(&mut Records::of(text.repeat(1 << 21).as_bytes()), &mut io::sink());
        assert_eq!(
            all("0123456,\"89\n\"bc\n").unwrap(),
            32 << 20,
            "32 MiB in short records"
        );
        let error = all("0123456789abcdef").unwrap_err();
        assert_eq!(error.to_string(), "a record has more than 16777216 bytes");
        // lines within a quote that nobody closes are one record
        let unclosed = "\"".to_owned() + &"0123456789abcde\n".repeat(1 << 21);
        assert!(io::copy(&mut Records::of(unclosed.as_bytes()), &mut io::sink()).is_err());
    }
}
