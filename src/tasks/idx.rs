//! Read IDX files, plain or compressed by gzip, trusting nothing that they say of themselves.
//!
//! An IDX file is `0 0 type rank`, `rank` sizes of four bytes, most significant first, then the values in row-major order
//! (LeCun, Cortes, Burges 1998). What a header claims is believed once a first pass has counted that many bytes and the end
//! behind them; only then is memory taken, exactly once. A second decompression is cheap beside what a lie could cost.

use super::TaskError;
use super::encoding::{self, Encoding, NumberKind};
use crate::files;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// What helps where a file is not the one that was published.
pub(super) const PUBLISHED: &str = "replace the file by the published one";
/// What helps where a file of the user's own is no such file.
pub(super) const OWN: &str = "convert it again: two zero bytes, the type, the number of sizes, the sizes, all values; or save it by `numpy.save` for `Npy`";
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How the numbers of the type that a header names are written.
fn encoding(code: u8) -> Option<Encoding> {
    let (kind, width) = match code {
        0x08 => (NumberKind::Unsigned, 1),
        0x09 => (NumberKind::Signed, 1),
        0x0b => (NumberKind::Signed, 2),
        0x0c => (NumberKind::Signed, 4),
        0x0d => (NumberKind::Float, 4),
        0x0e => (NumberKind::Float, 8),
        _ => return None,
    };
    Some(Encoding {
        kind,
        width,
        big_endian: true,
    })
}

/// A file that has been found to hold what its header claims; its values are not read yet.
pub(super) struct IdxFile {
    path: PathBuf,
    /// What helps where it is wrong.
    remedy: &'static str,
    encoding: Encoding,
    /// The sizes, slowest first: images, rows, columns.
    pub dims: Vec<u32>,
    /// Their product.
    pub count: usize,
}

impl IdxFile {
    /// Reads the header and counts the values behind it. `remedy` helps where the file is wrong.
    pub fn open(path: &Path, remedy: &'static str) -> Result<Self, TaskError> {
        let damaged = |reason: String| TaskError::file(path, reason, remedy);
        let failed = |error: io::Error| failed(path, &error, remedy);
        let mut reader = reader(path, remedy)?;
        let mut magic = [0; 4];
        reader.read_exact(&mut magic).map_err(failed)?;
        let [0, 0, code, rank] = magic else {
            return Err(damaged("is no IDX file: it does not start with two zero bytes".into()));
        };
        let encoding = encoding(code).ok_or_else(|| {
            let known =
                "bytes (0x08, 0x09), whole numbers (0x0b, 0x0c) and floating-point numbers (0x0d, 0x0e) are read";
            damaged(format!("holds values of type {code:#04x}; {known}"))
        })?;
        let mut dims = Vec::new();
        for _ in 0..rank {
            let mut size = [0; 4];
            reader.read_exact(&mut size).map_err(failed)?;
            dims.push(u32::from_be_bytes(size));
        }
        let count = encoding::count(&dims).map_err(damaged)?;
        let width = encoding.width as u64;
        let bytes = count as u64 * width;
        let found = io::copy(&mut reader.take(bytes + 1), &mut io::sink()).map_err(failed)?;
        if found != bytes {
            let end = if found < bytes {
                format!("ends after {} of them", found / width)
            } else {
                "goes on behind them".into()
            };
            return Err(damaged(format!("claims {dims:?} = {count} values and {end}")));
        }
        Ok(Self {
            path: path.to_path_buf(),
            remedy,
            encoding,
            dims,
            count,
        })
    }

    /// Values a sample: the product of all sizes but the first.
    pub fn features(&self) -> usize {
        self.count / self.dims[0] as usize
    }

    /// Whether the values are unsigned bytes.
    pub fn is_bytes(&self) -> bool {
        self.encoding.is_bytes()
    }

    /// Appends the values, which are unsigned bytes.
    pub fn append_to(&self, values: &mut Vec<u8>) -> Result<(), TaskError> {
        debug_assert!(self.is_bytes(), "other values are read one by one");
        let before = values.len();
        values.reserve_exact(self.count);
        self.values()?
            .take(self.count as u64)
            .read_to_end(values)
            .map_err(|error| failed(&self.path, &error, self.remedy))?;
        if values.len() - before != self.count {
            return Err(self.error("has changed while it was read"));
        }
        Ok(())
    }

    /// Hands every value of any type to `take`, with its place in row-major order.
    pub fn read(&self, mut take: impl FnMut(usize, f64) -> Result<(), TaskError>) -> Result<(), TaskError> {
        let failed = |error: io::Error| failed(&self.path, &error, self.remedy);
        let sample = self.features();
        self.encoding.read(self.values()?, self.count, failed, |at, value| {
            if !value.is_finite() {
                let (place, of) = (at % sample, at / sample);
                let reason = format!("value {place} of sample {of}, counted from 0, is {value}");
                return Err(self.fault(reason, "put a number in its place, or leave the sample out"));
            }
            take(at, value)
        })
    }

    /// The file behind its header.
    fn values(&self) -> Result<impl Read, TaskError> {
        let header = 4 + 4 * self.dims.len() as u64;
        let mut reader = reader(&self.path, self.remedy)?;
        io::copy(&mut reader.by_ref().take(header), &mut io::sink())
            .map_err(|error| failed(&self.path, &error, self.remedy))?;
        Ok(reader)
    }

    /// An error about the file as a whole.
    pub fn error(&self, reason: impl Into<String>) -> TaskError {
        self.fault(reason, self.remedy)
    }

    /// An error about the file, and what helps.
    pub fn fault(&self, reason: impl Into<String>, remedy: impl Into<String>) -> TaskError {
        TaskError::file(&self.path, reason, remedy)
    }
}

/// The bytes of a file, decompressed if they start as gzip does.
pub(super) fn reader(path: &Path, remedy: &'static str) -> Result<Box<dyn Read>, TaskError> {
    let open = || -> io::Result<Box<dyn Read>> {
        let mut file = BufReader::with_capacity(1 << 16, files::open(path)?);
        let compressed = file.fill_buf()?.starts_with(&GZIP);
        Ok(if compressed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        })
    };
    open().map_err(|error| failed(path, &error, remedy))
}

/// What is wrong where a file cannot be read.
pub(super) fn failed(path: &Path, error: &io::Error, remedy: &'static str) -> TaskError {
    match error.kind() {
        ErrorKind::UnexpectedEof => TaskError::file(path, "ends too early", remedy),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            TaskError::file(path, format!("cannot be decompressed: {error}"), remedy)
        }
        _ => TaskError::file(path, format!("cannot be read: {error}"), "make the file readable"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    pub fn encode(dims: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, dims.len() as u8];
        dims.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    pub fn compress(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<(Vec<u32>, Vec<u8>), TaskError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let idx = IdxFile::open(file.path(), PUBLISHED)?;
        let mut values = Vec::new();
        let result = if idx.is_bytes() {
            idx.append_to(&mut values)
        } else {
            // of other types it is the number of values that is compared
            idx.read(|_, _| {
                values.push(0);
                Ok(())
            })
        };
        assert!(
            values.capacity() <= bytes.len() * 1100,
            "no more memory than deflate can fill"
        );
        result.map(|()| (idx.dims, values))
    }

    #[track_caller]
    fn refused(bytes: &[u8], reason: &str) {
        let error = read(bytes).unwrap_err();
        let TaskError::Data {
            place,
            reason: given,
            remedy,
        } = &error
        else {
            panic!("{error}")
        };
        assert!(given.contains(reason), "{error}");
        assert!(matches!(place, crate::tasks::DataPlace::File(_)) && !remedy.is_empty());
    }

    const VALUES: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 254, 255];

    #[test]
    fn plain_and_compressed_files_hold_the_same() {
        let bytes = encode(&[3, 2, 2], &VALUES);
        let expected = (vec![3, 2, 2], VALUES.to_vec());
        assert_eq!(read(&bytes).unwrap(), expected);
        assert_eq!(read(&compress(&bytes)).unwrap(), expected);
        let members = [compress(&bytes[..7]), compress(&bytes[7..])].concat();
        assert_eq!(read(&members).unwrap(), expected);
    }

    /// `[-2, 1, 100]` as each type that the format has, most significant byte first.
    #[test]
    fn every_type_of_number_is_read() {
        let values = [-2.0f64, 1.0, 100.0];
        let bytes = |write: fn(f64) -> Vec<u8>| values.into_iter().flat_map(write).collect::<Vec<u8>>();
        for (code, bytes, expected) in [
            (0x08, vec![254, 1, 100], [254.0, 1.0, 100.0]),
            (0x09, bytes(|x| (x as i8).to_be_bytes().into()), values),
            (0x0b, bytes(|x| (x as i16).to_be_bytes().into()), values),
            (0x0c, bytes(|x| (x as i32).to_be_bytes().into()), values),
            (0x0d, bytes(|x| (x as f32).to_be_bytes().into()), values),
            (0x0e, bytes(|x| x.to_be_bytes().into()), values),
        ] {
            let mut file = encode(&[3], &bytes);
            file[2] = code;
            for file in [compress(&file), file] {
                let at = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(at.path(), &file).unwrap();
                let mut found = Vec::new();
                let idx = IdxFile::open(at.path(), OWN).unwrap();
                let put = |place, value| {
                    assert_eq!(place, found.len());
                    found.push(value);
                    Ok(())
                };
                idx.read(put).unwrap();
                assert_eq!(found, expected, "{code:#04x}");
            }
        }
    }

    #[test]
    fn truncation_at_every_byte_is_refused() {
        let bytes = encode(&[3, 2, 2], &VALUES);
        for whole in [compress(&bytes), bytes] {
            assert!(read(&whole).is_ok());
            (0..whole.len()).for_each(|length| assert!(read(&whole[..length]).is_err(), "{length} of {}", whole.len()));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = encode(&[3, 2, 2], &VALUES);
        refused(&[], "ends too early");
        refused(&[&[1][..], &good[1..]].concat(), "no IDX file");
        refused(&[&[0, 0, 0x0a][..], &good[3..]].concat(), "type 0x0a");
        refused(&encode(&[], &VALUES), "no dimensions");
        refused(&encode(&[3, 0, 2], &[]), "size of 0");
        refused(&encode(&[4, 2, 2], &VALUES), "ends after 12 of them");
        refused(&encode(&[2, 2, 2], &VALUES), "goes on behind them");
        refused(
            &[compress(&good), b"something else".to_vec()].concat(),
            "cannot be decompressed",
        );
        let mut wrong_sum = compress(&good);
        let at = wrong_sum.len() - 8;
        wrong_sum[at] ^= 1;
        refused(&wrong_sum, "cannot be decompressed");
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        // 4,112 bytes that claim 3 TB, and products beyond 64 bits.
        let body = vec![0; 4096];
        refused(&encode(&[4_294_967_295, 28, 28], &body), "more than");
        refused(&encode(&[u32::MAX; 3], &body), "more than");
        refused(&encode(&[u32::MAX; 255], &body), "more than");
        refused(&encode(&[u32::MAX], &body), "ends after 4096 of them");
        refused(
            &compress(&encode(&[1 << 16, (1 << 16) - 1], &body)),
            "ends after 4096 of them",
        );
        // A bomb: a thousand times more than it looks, of which the header speaks only in part.
        refused(&compress(&encode(&[1], &vec![0; 20 << 20])), "goes on behind them");
    }

    #[test]
    fn a_file_that_shrinks_after_it_was_counted_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), encode(&[3, 2, 2], &VALUES)).unwrap();
        let idx = IdxFile::open(file.path(), PUBLISHED).unwrap();
        std::fs::write(file.path(), encode(&[3, 2, 2], &VALUES[1..])).unwrap();
        assert!(
            idx.append_to(&mut Vec::new())
                .unwrap_err()
                .to_string()
                .contains("has changed")
        );
    }

    #[test]
    fn a_folder_or_nothing_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_path_buf(), folder.path().join("missing")] {
            let error = IdxFile::open(&path, PUBLISHED).err().unwrap();
            assert!(error.to_string().contains("cannot be read"), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), compressed: bool) {
            let bytes = if compressed { compress(&bytes) } else { bytes };
            let _ = read(&bytes);
        }

        #[test]
        fn a_mutated_file_is_refused_or_as_long_as_it_says(
            mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in any::<prop::sample::Index>(), extra in prop::collection::vec(any::<u8>(), 0..3), compressed: bool,
        ) {
            let mut bytes = encode(&[3, 2, 2], &VALUES);
            if compressed {
                bytes = compress(&bytes);
            }
            for (at, byte) in mutations {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            // Half of the cases keep their length.
            let cut = cut.index(2 * bytes.len());
            bytes.truncate(cut.max(1));
            bytes.extend(extra);
            if let Ok((dims, values)) = read(&bytes) {
                prop_assert_eq!(dims.iter().map(|&size| size as usize).product::<usize>(), values.len());
            }
        }
    }
}
