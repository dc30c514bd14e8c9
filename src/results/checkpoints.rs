//! Keep what runs under way have come to: two generations of each, sealed, and placed whole or not at all.

use super::{EntryKind, Folder, ResultsError, names};
use crate::arrays::MOST_BYTES;
use crate::digest::{Digesting, sha256};
use crate::linalg::NUMERICS_VERSION;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};

/// Raised whenever what stands in a checkpoint, or how, changes.
const FORMAT: u32 = 1;

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// Far above any first line.
const LONGEST_HEADER: u64 = 4096;

/// The first line of a file.
#[derive(Serialize, Deserialize)]
struct CheckpointHeader {
    creditlab_checkpoint: u32,
    numerics_version: u32,
    /// Of the run.
    key: String,
    generation: u64,
    seconds: f64,
    /// Length of the body.
    bytes: usize,
}

/// What a run had come to at some moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// How many there had been before it.
    pub generation: u64,
    /// How long the run had taken.
    pub seconds: f64,
    /// All that decides how the run goes on.
    pub body: Vec<u8>,
}

impl Checkpoint {
    /// Writes a file: a line that says what it is, the body, and the SHA-256 of all that stands before it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, key: &str, out: impl Write) -> io::Result<()> {
        let header = CheckpointHeader {
            creditlab_checkpoint: FORMAT,
            numerics_version: NUMERICS_VERSION,
            key: key.to_owned(),
            generation: self.generation,
            seconds: self.seconds,
            bytes: self.body.len(),
        };
        let mut sealed = Digesting::new(out);
        serde_json::to_writer(&mut sealed, &header)?;
        sealed.write_all(b"\n")?;
        sealed.write_all(&self.body)?;
        let (mut out, seal) = sealed.finish();
        out.write_all(seal.as_bytes())
    }

    /// Reads the bytes of a file, which must be a checkpoint of the run with this key.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence that begins with the file.
    pub fn decode(mut bytes: Vec<u8>, key: &str) -> Result<Self, &'static str> {
        const DAMAGED: &str = "is damaged";
        let sealed = bytes.len().checked_sub(DIGITS).ok_or(DAMAGED)?;
        if sha256(&bytes[..sealed]).as_bytes() != &bytes[sealed..] {
            return Err(DAMAGED);
        }
        bytes.truncate(sealed);
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(DAMAGED)?;
        let header: CheckpointHeader =
            serde_json::from_slice(&bytes[..end]).map_err(|_| "is of another version of the program")?;
        // of large arrays there is one copy
        bytes.drain(..=end);
        let ours = (header.creditlab_checkpoint, header.numerics_version) == (FORMAT, NUMERICS_VERSION);
        match ours {
            false => Err("is of another version of the program"),
            true if header.key != key => Err("is of another run"),
            true if header.bytes != bytes.len() => Err(DAMAGED),
            true => Ok(Self {
                generation: header.generation,
                seconds: header.seconds,
                body: bytes,
            }),
        }
    }
}

/// The keys of runs that have a checkpoint, damaged or not.
///
/// # Errors
/// The file system refuses.
pub fn keys(folder: &Folder) -> Result<BTreeSet<String>, ResultsError> {
    let files = folder.entries(names::CHECKPOINTS)?.into_iter();
    let files = files.filter(|(_, kind)| *kind == EntryKind::File);
    Ok(files
        .filter_map(|(file, _)| names::key_of_checkpoint(&file).map(str::to_owned))
        .collect())
}

/// Places a checkpoint of a run; that before it stays, and the one before that goes.
///
/// # Errors
/// As [`Folder::place`]; what was there stays.
pub fn place(folder: &Folder, key: &str, checkpoint: &Checkpoint) -> Result<(), ResultsError> {
    let name = names::checkpoint(key, checkpoint.generation);
    folder.place_by(&name, |out| checkpoint.write(key, out))
}

/// The files of a run's checkpoints, the latest first; one that does not tell its generation may be the latest.
///
/// # Errors
/// The file system refuses, or a link is in the way.
pub fn files(folder: &Folder, key: &str) -> Result<Vec<String>, ResultsError> {
    let mut found = Vec::new();
    for name in [0, 1].map(|generation| names::checkpoint(key, generation)) {
        if let Some(file) = folder.file(&name)? {
            let generation = header(&mut BufReader::new(file)).map(|header| header.generation);
            found.push((Reverse(generation.unwrap_or(u64::MAX)), name));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// Reads one of the files of a run's checkpoints.
///
/// # Errors
/// The file system refuses, or a link is in the way; within, as [`Checkpoint::decode`].
pub fn read(folder: &Folder, file: &str, key: &str) -> Result<Result<Checkpoint, &'static str>, ResultsError> {
    let bytes = folder.read(file, MOST_BYTES)?;
    Ok(bytes.map_or(Err("is gone"), |bytes| Checkpoint::decode(bytes, key)))
}

/// The body of the latest checkpoint of a run, from its start on and not looked at; nothing if there is none.
///
/// # Errors
/// As [`files`].
pub fn latest_body(folder: &Folder, key: &str) -> Result<Option<impl Read + use<>>, ResultsError> {
    let Some(name) = files(folder, key)?.into_iter().next() else {
        return Ok(None);
    };
    let mut file = folder.file(&name)?.map(BufReader::new);
    let tells_what_it_is = file.as_mut().and_then(header).is_some();
    Ok(file.filter(|_| tells_what_it_is))
}

/// The first line.
fn header(file: &mut impl BufRead) -> Option<CheckpointHeader> {
    let mut line = Vec::new();
    file.take(LONGEST_HEADER).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// Removes the checkpoints of a run.
///
/// # Errors
/// The file system refuses, or a link is in the way.
pub fn remove(folder: &Folder, key: &str) -> Result<(), ResultsError> {
    for generation in [0, 1] {
        folder.remove(&names::checkpoint(key, generation))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn checkpoint(generation: u64) -> Checkpoint {
        Checkpoint {
            generation,
            seconds: 0.25,
            body: format!("state {generation}\n\0").into_bytes(),
        }
    }

    #[test]
    fn two_generations_stay_the_latest_first() {
        let place_of = tempfile::tempdir().unwrap();
        let folder = Folder::open(place_of.path()).unwrap();
        let whole = || {
            let names = files(&folder, KEY).unwrap().into_iter();
            names.map(|name| read(&folder, &name, KEY).unwrap()).collect::<Vec<_>>()
        };
        let latest = || {
            let mut text = String::new();
            latest_body(&folder, KEY)
                .unwrap()?
                .take(7)
                .read_to_string(&mut text)
                .unwrap();
            Some(text)
        };
        assert!(whole().is_empty() && latest().is_none() && keys(&folder).unwrap().is_empty());
        for generation in 5..10 {
            place(&folder, KEY, &checkpoint(generation)).unwrap();
        }
        assert_eq!(whole(), [Ok(checkpoint(9)), Ok(checkpoint(8))]);
        assert_eq!(latest().as_deref(), Some("state 9"));
        assert_eq!(keys(&folder).unwrap().into_iter().collect::<Vec<_>>(), [KEY]);
        // the other one is there when one is damaged, which may have been the latest
        for generation in [9, 8] {
            let left = checkpoint(17 - generation);
            folder.place(&names::checkpoint(KEY, generation), b"").unwrap();
            assert_eq!(whole(), [Err("is damaged"), Ok(left.clone())]);
            assert!(latest().is_none());
            place(&folder, KEY, &checkpoint(generation)).unwrap();
        }
        remove(&folder, KEY).unwrap();
        assert_eq!(folder.entries(names::CHECKPOINTS).unwrap(), []);
        remove(&folder, KEY).unwrap();
    }

    #[test]
    fn another_run_and_another_version_are_told_from_damage() {
        let mut bytes = Vec::new();
        checkpoint(1).write(KEY, &mut bytes).unwrap();
        assert_eq!(Checkpoint::decode(bytes.clone(), KEY), Ok(checkpoint(1)));
        let other = Checkpoint::decode(bytes.clone(), &KEY.replace('0', "1"));
        assert_eq!(other, Err("is of another run"));
        let sealed_anew = |from: &str, to: &str| {
            let text = String::from_utf8(bytes[..bytes.len() - DIGITS].to_vec()).unwrap();
            let text = text.replacen(from, to, 1);
            let seal = sha256(text.as_bytes());
            Checkpoint::decode((text + &seal).into_bytes(), KEY)
        };
        let other = Err("is of another version of the program");
        assert_eq!(sealed_anew("checkpoint\":1", "checkpoint\":2"), other);
        assert_eq!(sealed_anew("numerics_version\":", "numerics_version\":9"), other);
        assert_eq!(sealed_anew("\"key\"", "\"name\""), other);
        assert_eq!(sealed_anew("state 1", "state 11"), Err("is damaged"));
    }
}
