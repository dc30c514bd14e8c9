//! Keep finished runs as sealed records, one after the other in few files, and bring many of them to the disk at once.

use super::abilities::if_supported;
use super::{Folder, ResultsError, names};
use crate::digest::sha256;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

/// A record may be so long on its way to the disk.
pub const WINDOW: Duration = Duration::from_millis(200);

/// What every record begins with: behind a damaged one the next is found by it.
const MARK: &[u8] = b"\nrecord:";
/// Hexadecimal digits of a key, and of the seal, which is the SHA-256 of length, key and body.
const DIGITS: usize = 64;
/// Mark, length of the body, key and seal.
const AROUND: usize = MARK.len() + 4 + 2 * DIGITS;
/// No record is added to a file that is longer.
const FULL: u64 = 1 << 24;
/// Far above any file.
const LARGEST: u64 = 1 << 31;

/// Where a record is.
#[derive(Clone, Copy)]
struct RecordPlace {
    segment: u64,
    offset: u64,
    length: usize,
}

/// The file that is written on.
struct OpenSegment {
    segment: u64,
    file: File,
    length: u64,
    synced: Instant,
    /// Whether the disk may lack something.
    is_ahead: bool,
}

/// The records of a results folder.
#[derive(Default)]
pub struct Segments {
    places: BTreeMap<String, RecordPlace>,
    /// Number and length of the last file, without what was torn off at its end.
    last: Option<(u64, u64)>,
    open: Option<OpenSegment>,
}

impl Segments {
    /// All whole records of a folder; of several with one key the last counts.
    ///
    /// # Errors
    /// The file system refuses, or what has the name of a file is none.
    pub fn find(folder: &Folder) -> Result<Self, ResultsError> {
        let mut found = Self::default();
        let files = folder.entries(names::RUNS)?.into_iter();
        let mut numbers: Vec<u64> = files.filter_map(|(name, _)| names::number_of_segment(&name)).collect();
        numbers.sort_unstable();
        for segment in numbers {
            let Some(bytes) = folder.read(&names::segment(segment), LARGEST)? else {
                continue;
            };
            let mut end = 0;
            for (offset, record) in records(&bytes) {
                let (key, length) = (record.key.to_owned(), AROUND + record.body.len());
                end = offset + length;
                let offset = offset as u64;
                found.places.insert(
                    key,
                    RecordPlace {
                        segment,
                        offset,
                        length,
                    },
                );
            }
            found.last = Some((segment, end as u64));
        }
        Ok(found)
    }

    /// The keys of all records.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.places.keys()
    }

    /// The body of a record; nothing if there is none that is whole.
    pub fn read(&self, folder: &Folder, key: &str) -> Option<Vec<u8>> {
        let RecordPlace {
            segment,
            offset,
            length,
        } = *self.places.get(key)?;
        let mut file = folder.file(&names::segment(segment)).ok()??;
        let mut bytes = vec![0; length];
        file.seek(SeekFrom::Start(offset)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let (_, record) = records(&bytes).next().filter(|(_, record)| record.key == key)?;
        Some(record.body.to_vec())
    }

    /// Adds a record, which is on the disk after [`WINDOW`] if [`Segments::flush`] is called as often.
    ///
    /// # Errors
    /// The file system refuses, or the folder was replaced.
    pub fn add(&mut self, folder: &Folder, key: &str, body: &[u8]) -> Result<(), ResultsError> {
        folder.in_place()?;
        let bytes = encode(key, body);
        let open = self.opened(folder)?;
        let (segment, offset, length) = (open.segment, open.length, bytes.len());
        if let Err(error) = open.file.write_all(&bytes) {
            // what follows must not stand behind half a record
            let _ = open.file.set_len(offset);
            return Err(failed(folder, segment)(error));
        }
        open.length += length as u64;
        open.is_ahead = true;
        let is_due = open.synced.elapsed() >= WINDOW;
        self.places.insert(
            key.to_owned(),
            RecordPlace {
                segment,
                offset,
                length,
            },
        );
        match is_due {
            true => self.flush(folder),
            false => Ok(()),
        }
    }

    /// Brings all records to the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub fn flush(&mut self, folder: &Folder) -> Result<(), ResultsError> {
        if let Some(open) = self.open.as_mut().filter(|open| open.is_ahead) {
            if let Err(error) = if_supported(open.file.sync_data()) {
                return Err(failed(folder, open.segment)(error));
            }
            (open.is_ahead, open.synced) = (false, Instant::now());
        }
        Ok(())
    }

    /// The file to add a record to.
    fn opened(&mut self, folder: &Folder) -> Result<&mut OpenSegment, ResultsError> {
        if self.open.as_ref().is_some_and(|open| open.length >= FULL) {
            self.flush(folder)?;
            self.open = None;
        }
        if self.open.is_none() {
            let (segment, length) = match self.last {
                Some((number, length)) if length < FULL => (number, length),
                Some((number, _)) => (number + 1, 0),
                None => (1, 0),
            };
            let file = folder.open_end(&names::segment(segment))?;
            // what was torn off at the end goes
            file.set_len(length).map_err(failed(folder, segment))?;
            self.last = Some((segment, FULL));
            self.open = Some(OpenSegment {
                segment,
                file,
                length,
                synced: Instant::now(),
                is_ahead: false,
            });
        }
        Ok(self.open.as_mut().expect("it has just been opened"))
    }
}

/// How far each file of records has been read by somebody who only looks on.
#[derive(Default)]
pub struct SegmentReader(BTreeMap<u64, u64>);

impl SegmentReader {
    /// Shows the bodies of all whole records that were added since the last call. One that is being written is shown in a later call.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn read_on(&mut self, folder: &Folder, mut each: impl FnMut(&str, &[u8])) -> Result<(), ResultsError> {
        for (name, _) in folder.entries(names::RUNS)? {
            let Some(segment) = names::number_of_segment(&name) else {
                continue;
            };
            let path = names::segment(segment);
            let failed = |error| ResultsError::io("read", &folder.path().join(&path))(error);
            let Some(mut file) = folder.file(&path)? else { continue };
            let read = self.0.entry(segment).or_default();
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(*read)).map_err(failed)?;
            file.take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
            let mut end = 0;
            for (offset, record) in records(&bytes) {
                end = offset + AROUND + record.body.len();
                each(record.key, record.body);
            }
            *read += end as u64;
        }
        Ok(())
    }
}

/// A whole record.
#[derive(Debug, PartialEq)]
struct SealedRecord<'a> {
    key: &'a str,
    body: &'a [u8],
}

fn encode(key: &str, body: &[u8]) -> Vec<u8> {
    debug_assert_eq!(key.len(), DIGITS);
    let length = u32::try_from(body.len()).expect("a record is far smaller");
    let mut bytes = [MARK, &length.to_le_bytes(), key.as_bytes(), body].concat();
    let seal = sha256(&bytes[MARK.len()..]);
    bytes.extend_from_slice(seal.as_bytes());
    bytes
}

/// The record that some bytes begin with.
fn decode(bytes: &[u8]) -> Option<SealedRecord<'_>> {
    let rest = bytes.strip_prefix(MARK)?;
    let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    let (sealed, rest) = rest.split_at_checked(4 + DIGITS + length)?;
    if sha256(sealed).as_bytes() != rest.get(..DIGITS)? {
        return None;
    }
    let (key, body) = sealed[4..].split_at(DIGITS);
    let key = std::str::from_utf8(key).ok()?;
    Some(SealedRecord { key, body })
}

/// The whole records among some bytes, with where each begins. What is damaged is passed over, up to the next mark.
fn records(bytes: &[u8]) -> impl Iterator<Item = (usize, SealedRecord<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..)?;
            at += rest.windows(MARK.len()).position(|window| window == MARK)?;
            let offset = at;
            match decode(&bytes[offset..]) {
                Some(record) => {
                    at += AROUND + record.body.len();
                    return Some((offset, record));
                }
                None => at += 1,
            }
        }
    })
}

fn failed(folder: &Folder, segment: u64) -> impl FnOnce(std::io::Error) -> ResultsError {
    let path = folder.path().join(names::segment(segment));
    move |error| ResultsError::io("write", &path)(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(i: usize) -> String {
        format!("{i:064x}")
    }

    /// Of any bytes, marks and line ends among them.
    fn body(i: usize) -> Vec<u8> {
        let mut body: Vec<u8> = (0..20 * i + 3).map(|j| (i * 37 + j * j) as u8).collect();
        if i.is_multiple_of(3) {
            body.extend_from_slice(MARK);
        }
        body
    }

    #[test]
    fn records_come_back_by_their_keys_and_the_last_of_a_key_counts() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let mut segments = Segments::find(&folder).unwrap();
        assert_eq!(segments.keys().count(), 0);
        for i in 0..7 {
            segments.add(&folder, &key(i), b"of before").unwrap();
        }
        for i in 0..6 {
            segments.add(&folder, &key(i), &body(i)).unwrap();
        }
        segments.flush(&folder).unwrap();
        for segments in [segments, Segments::find(&folder).unwrap()] {
            assert_eq!(segments.keys().count(), 7);
            (0..6).for_each(|i| assert_eq!(segments.read(&folder, &key(i)).unwrap(), body(i)));
            assert_eq!(segments.read(&folder, &key(6)).unwrap(), b"of before");
            assert_eq!(segments.read(&folder, &key(9)), None);
        }
        assert_eq!(folder.entries(names::RUNS).unwrap().len(), 1);
    }

    #[test]
    fn a_torn_end_goes_and_a_long_file_is_followed_by_another() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let bytes = [encode(&key(1), &body(1)), encode(&key(2), &body(2))].concat();
        for length in encode(&key(1), &body(1)).len()..bytes.len() {
            folder.place(&names::segment(1), &bytes[..length]).unwrap();
            let mut segments = Segments::find(&folder).unwrap();
            assert_eq!(segments.keys().collect::<Vec<_>>(), [&key(1)]);
            segments.add(&folder, &key(3), &body(3)).unwrap();
            let expected = [encode(&key(1), &body(1)), encode(&key(3), &body(3))].concat();
            assert_eq!(folder.read(&names::segment(1), LARGEST).unwrap().unwrap(), expected);
        }
        let mut segments = Segments::find(&folder).unwrap();
        let long = vec![7; FULL as usize / 2];
        (4..8).for_each(|i| segments.add(&folder, &key(i), &long).unwrap());
        let found = Segments::find(&folder).unwrap();
        assert_eq!(found.keys().count(), 6);
        assert_eq!(found.read(&folder, &key(7)).unwrap(), long);
        assert_eq!(folder.entries(names::RUNS).unwrap().len(), 2);
    }

    /// Every byte of three records changed in turn, or taken out: the record that it is in is lost, and no other.
    #[test]
    fn damage_costs_the_record_that_it_is_in() {
        let all = [1, 2, 3].map(|i| encode(&key(i), &body(i)));
        let bytes = all.concat();
        let ends = [all[0].len(), all[0].len() + all[1].len(), bytes.len()];
        let found = |bytes: &[u8]| {
            records(bytes)
                .map(|(_, record)| record.key.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&bytes).len(), 3);
        for place in 0..bytes.len() {
            let hit = ends.iter().position(|end| place < *end).unwrap();
            let others: Vec<_> = (0..3).filter(|i| *i != hit).map(|i| key(i + 1)).collect();
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1 << bit;
                assert_eq!(found(&damaged), others, "bit {bit} of byte {place}");
            }
            let mut damaged = bytes.clone();
            damaged.remove(place);
            assert_eq!(found(&damaged), others, "without byte {place}");
        }
    }
}
