//! Keep what runs under way have come to: two generations of each, sealed, and placed whole or not at all.

use super::{EntryKind, Folder, ResultsError, names};
use crate::arrays::MOST_BYTES;
use crate::digest::{Digesting, sha256};
use crate::linalg::NUMERICS_VERSION;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Raised whenever what stands in a checkpoint, or how, changes.
const FORMAT: u32 = 1;

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

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

/// What is there of a run's checkpoints.
#[derive(Debug, Default)]
pub struct Generations {
    /// Those that can be read, the latest first.
    pub whole: Vec<Checkpoint>,
    /// Of the others, what is wrong with each: the end of a sentence, which begins with its name.
    pub damaged: Vec<String>,
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
    pub fn decode(bytes: &[u8], key: &str) -> Result<Self, &'static str> {
        const DAMAGED: &str = "is damaged";
        let (sealed, seal) = bytes
            .len()
            .checked_sub(DIGITS)
            .map(|end| bytes.split_at(end))
            .ok_or(DAMAGED)?;
        if sha256(sealed).as_bytes() != seal {
            return Err(DAMAGED);
        }
        let end = sealed.iter().position(|byte| *byte == b'\n').ok_or(DAMAGED)?;
        let (header, body) = (&sealed[..end], &sealed[end + 1..]);
        let header: CheckpointHeader =
            serde_json::from_slice(header).map_err(|_| "is of another version of the program")?;
        let ours = (header.creditlab_checkpoint, header.numerics_version) == (FORMAT, NUMERICS_VERSION);
        match ours {
            false => Err("is of another version of the program"),
            true if header.key != key => Err("is of another run"),
            true if header.bytes != body.len() => Err(DAMAGED),
            true => Ok(Self {
                generation: header.generation,
                seconds: header.seconds,
                body: body.to_vec(),
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

/// Reads the checkpoints of a run.
///
/// # Errors
/// The file system refuses, or a link is in the way.
pub fn read(folder: &Folder, key: &str) -> Result<Generations, ResultsError> {
    let mut found = Generations::default();
    for file in [0, 1].map(|generation| names::checkpoint(key, generation)) {
        let Some(bytes) = folder.read(&file, MOST_BYTES)? else {
            continue;
        };
        match Checkpoint::decode(&bytes, key) {
            Ok(checkpoint) => found.whole.push(checkpoint),
            Err(problem) => found.damaged.push(format!("{file} {problem}")),
        }
    }
    found
        .whole
        .sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.generation));
    Ok(found)
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
        assert!(read(&folder, KEY).unwrap().whole.is_empty() && keys(&folder).unwrap().is_empty());
        for generation in 5..10 {
            place(&folder, KEY, &checkpoint(generation)).unwrap();
        }
        let found = read(&folder, KEY).unwrap();
        assert_eq!(found.whole, [checkpoint(9), checkpoint(8)]);
        assert_eq!(keys(&folder).unwrap().into_iter().collect::<Vec<_>>(), [KEY]);
        // the other one is there when one is damaged
        folder.place(&names::checkpoint(KEY, 9), b"").unwrap();
        let found = read(&folder, KEY).unwrap();
        assert_eq!(found.whole, [checkpoint(8)]);
        assert_eq!(found.damaged, [format!(".runs/.checkpoints/{KEY}-1 is damaged")]);
        remove(&folder, KEY).unwrap();
        assert_eq!(folder.entries(names::CHECKPOINTS).unwrap(), []);
        remove(&folder, KEY).unwrap();
    }

    #[test]
    fn another_run_and_another_version_are_told_from_damage() {
        let mut bytes = Vec::new();
        checkpoint(1).write(KEY, &mut bytes).unwrap();
        assert_eq!(Checkpoint::decode(&bytes, KEY), Ok(checkpoint(1)));
        assert_eq!(
            Checkpoint::decode(&bytes, &KEY.replace('0', "1")),
            Err("is of another run")
        );
        let sealed_anew = |from: &str, to: &str| {
            let text = String::from_utf8(bytes[..bytes.len() - DIGITS].to_vec()).unwrap();
            let text = text.replacen(from, to, 1);
            let seal = sha256(text.as_bytes());
            Checkpoint::decode((text + &seal).as_bytes(), KEY)
        };
        let other = Err("is of another version of the program");
        assert_eq!(sealed_anew("checkpoint\":1", "checkpoint\":2"), other);
        assert_eq!(sealed_anew("numerics_version\":", "numerics_version\":9"), other);
        assert_eq!(sealed_anew("\"key\"", "\"name\""), other);
        assert_eq!(sealed_anew("state 1", "state 11"), Err("is damaged"));
    }
}
