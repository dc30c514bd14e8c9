//! Read NPY files, trusting nothing that they say of themselves.
//!
//! An NPY file is `\x93NUMPY`, a version of two bytes, the length of the header in two or (from version 2) four bytes, least
//! significant first, the header, a Python dictionary such as `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }`, then
//! the values. What the header claims must be exactly as long as the file before memory is taken.

use super::TaskError;
use super::encoding::{self, Encoding, NumberKind};
use crate::files;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A longer header is refused.
const LONGEST_HEADER: usize = 1 << 16;
/// More dimensions than NumPy has.
const MOST_DIMENSIONS: usize = 64;

/// A file whose header has been found to agree with its length; its values are not read yet.
pub(super) struct NpyFile {
    path: PathBuf,
    encoding: Encoding,
    /// Whether the first dimension is the fastest, in place of the last.
    fortran: bool,
    /// The sizes.
    pub dims: Vec<u64>,
    /// Their product.
    pub count: usize,
    start: u64,
}

impl NpyFile {
    /// Reads the header and compares it with the length of the file.
    pub fn open(path: &Path) -> Result<Self, TaskError> {
        let file = files::open(path).map_err(|error| failed(path, &error))?;
        let length = file.metadata().map_err(|error| failed(path, &error))?.len();
        let mut reader = BufReader::new(file);
        let mut read = |bytes: &mut [u8]| reader.read_exact(bytes).map_err(|error| failed(path, &error));
        let mut magic = [0; 8];
        read(&mut magic)?;
        if magic.starts_with(b"PK\x03\x04") {
            let remedy = "save each of its arrays by itself: `numpy.save(\"x.npy\", numpy.load(\"all.npz\")[\"x\"])`";
            return Err(TaskError::file(path, "is an NPZ archive of several arrays", remedy));
        }
        if magic.starts_with(&[0x1f, 0x8b]) {
            let remedy = "decompress it first: `gunzip` leaves a plain file";
            return Err(TaskError::file(path, "is compressed", remedy));
        }
        if magic[..6] != *b"\x93NUMPY" {
            return Err(damaged(path, "is no NPY file: it does not start as one"));
        }
        let mut size = [0; 4];
        let wide = match magic[6] {
            1 => 2,
            2 | 3 => 4,
            version => return Err(damaged(path, format!("has version {version}; 1 to 3 are read"))),
        };
        read(&mut size[..wide])?;
        let size = u32::from_le_bytes(size) as usize;
        if size > LONGEST_HEADER {
            return Err(damaged(path, format!("claims a header of {size} bytes")));
        }
        let mut header = vec![0; size];
        read(&mut header)?;
        let header = String::from_utf8(header).map_err(|_| damaged(path, "has a header that is no text"))?;
        let start = (8 + wide + size) as u64;
        Self::described(path, &header, start, length)
    }

    fn described(path: &Path, header: &str, start: u64, length: u64) -> Result<Self, TaskError> {
        let Some(NpyHeader { descr, fortran, dims }) = NpyHeader::read(header) else {
            return Err(damaged(
                path,
                format!("has a header that cannot be read: {}", shown(header)),
            ));
        };
        let unknown = || {
            let reason = format!("holds values of type `{}`", shown(&descr));
            TaskError::file(path, reason, remedy_for(&descr))
        };
        let (order, code) = descr.split_at_checked(1).ok_or_else(unknown)?;
        let (kind, width) = code.split_at_checked(1).ok_or_else(unknown)?;
        let (kind, width) = match (kind, width) {
            ("f", "4") => (NumberKind::Float, 4),
            ("f", "8") => (NumberKind::Float, 8),
            ("i", "1" | "2" | "4" | "8") => (NumberKind::Signed, width.parse().map_err(|_| unknown())?),
            ("u", "1" | "2" | "4" | "8") => (NumberKind::Unsigned, width.parse().map_err(|_| unknown())?),
            _ => return Err(unknown()),
        };
        let big_endian = match (order, width) {
            (">", _) => true,
            ("<", _) | ("|", 1) => false,
            _ => return Err(unknown()),
        };
        let count = encoding::count(&dims).map_err(|reason| damaged(path, reason))?;
        let needed = start + count as u64 * width as u64;
        if needed != length {
            let reason =
                format!("claims {dims:?} = {count} values of {width} bytes, {needed} bytes in all, and has {length}");
            return Err(damaged(path, reason));
        }
        Ok(Self {
            path: path.to_path_buf(),
            encoding: Encoding {
                kind,
                width,
                big_endian,
            },
            fortran,
            dims,
            count,
            start,
        })
    }

    /// The first dimension.
    pub fn samples(&self) -> u64 {
        self.dims[0]
    }

    /// Values a sample: the product of all other dimensions.
    pub fn features(&self) -> usize {
        self.count / self.dims[0] as usize
    }

    /// Whether the values are unsigned bytes.
    pub fn is_bytes(&self) -> bool {
        self.encoding.is_bytes()
    }

    /// Whether the values are floating-point numbers.
    pub fn is_float(&self) -> bool {
        self.encoding.kind == NumberKind::Float
    }

    /// Hands every value to `take`, in the order of the file, with its place in row-major order. Whole numbers beyond `2^53`
    /// are rounded.
    pub fn read(&self, mut take: impl FnMut(usize, f64) -> Result<(), TaskError>) -> Result<(), TaskError> {
        let failed = |error: io::Error| failed(&self.path, &error);
        let mut file = files::open(&self.path).map_err(failed)?;
        file.seek(SeekFrom::Start(self.start)).map_err(failed)?;
        let mut places = RowMajorPlaces::new(&self.dims, self.fortran);
        self.encoding.read(file, self.count, failed, |_, value| {
            let at = places.next();
            if !value.is_finite() {
                let reason = format!("value {} is {value}", self.place(at));
                return Err(self.fault(reason, "put a number in its place, or leave the sample out"));
            }
            take(at, value)
        })
    }

    /// The place of a value, for messages.
    pub fn place(&self, at: usize) -> String {
        let index = self.index(at);
        let axes = match index.len() {
            1 => "row",
            2 => "row, column",
            _ => "sample first",
        };
        format!("{index:?} ({axes}, from 0)")
    }

    /// The place of a value, as NumPy indexes it.
    fn index(&self, mut at: usize) -> Vec<usize> {
        let mut index: Vec<usize> = Vec::new();
        for &size in self.dims.iter().rev() {
            index.push(at % size as usize);
            at /= size as usize;
        }
        index.reverse();
        index
    }

    /// An error about the file, which another array helps.
    pub fn error(&self, reason: impl Into<String>) -> TaskError {
        self.fault(
            reason,
            "save an array of finite numbers with `numpy.save`, samples first",
        )
    }

    /// An error about the file, and what helps.
    pub fn fault(&self, reason: impl Into<String>, remedy: impl Into<String>) -> TaskError {
        TaskError::file(&self.path, reason, remedy)
    }
}

/// What helps where values are of a type that is not read.
fn remedy_for(descr: &str) -> &'static str {
    match descr.trim_start_matches(['<', '>', '|', '=']).chars().next() {
        Some('f') if descr.ends_with('2') => "save it in single precision: `x.astype('f4')`",
        Some('f') => "save it in double precision: `x.astype('f8')`",
        Some('b' | '?') => "save it as bytes: `x.astype('u1')`",
        Some('c') => "save real and imaginary parts as columns: `numpy.hstack([x.real, x.imag])`",
        Some('U' | 'S' | 'a') => "save classes as numbers: `numpy.unique(y, return_inverse=True)[1]`",
        _ => "save it as f4, f8, i1 to i8 or u1 to u8, such as `x.astype('f8')`",
    }
}

/// Places in row-major order, for values in the order of a file.
struct RowMajorPlaces {
    /// Sizes and row-major strides of the dimensions, fastest in the file first.
    dims: Vec<(usize, usize)>,
    index: Vec<usize>,
    place: usize,
    row_major: bool,
}

impl RowMajorPlaces {
    fn new(dims: &[u64], fortran: bool) -> Self {
        let mut strides = vec![1; dims.len()];
        for i in (1..dims.len()).rev() {
            strides[i - 1] = strides[i] * dims[i] as usize;
        }
        Self {
            dims: dims.iter().map(|&size| size as usize).zip(strides).collect(),
            index: vec![0; dims.len()],
            place: 0,
            row_major: !fortran,
        }
    }

    fn next(&mut self) -> usize {
        let place = self.place;
        if self.row_major {
            self.place += 1;
            return place;
        }
        for ((size, stride), index) in self.dims.iter().zip(&mut self.index) {
            *index += 1;
            self.place += stride;
            if *index < *size {
                break;
            }
            *index = 0;
            self.place -= stride * size;
        }
        place
    }
}

/// The three entries of a header.
struct NpyHeader {
    descr: String,
    fortran: bool,
    dims: Vec<u64>,
}

impl NpyHeader {
    /// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }`, entries in any order.
    fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descr, mut fortran, mut dims) = (None, None, None);
        while !rest.is_empty() {
            let (key, after) = quoted(rest)?;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            rest = match key {
                "descr" => {
                    let (text, after) = quoted(value)?;
                    descr.replace(text.to_string()).is_none().then_some(after)?
                }
                "fortran_order" => {
                    let (yes, after) = match value.strip_prefix("True") {
                        Some(after) => (true, after),
                        None => (false, value.strip_prefix("False")?),
                    };
                    fortran.replace(yes).is_none().then_some(after)?
                }
                "shape" => {
                    let (shape, after) = value.strip_prefix('(')?.split_once(')')?;
                    dims.replace(sizes(shape)?).is_none().then_some(after)?
                }
                _ => return None,
            };
            rest = rest.trim_start();
            rest = rest
                .strip_prefix(',')
                .or_else(|| rest.is_empty().then_some(rest))?
                .trim_start();
        }
        Some(Self {
            descr: descr?,
            fortran: fortran?,
            dims: dims?,
        })
    }
}

/// `3, 2` or `3,`.
fn sizes(text: &str) -> Option<Vec<u64>> {
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() {
        return Some(Vec::new());
    }
    let sizes: Vec<u64> = text
        .split(',')
        .map(|size| size.trim().parse().ok())
        .collect::<Option<_>>()?;
    (sizes.len() <= MOST_DIMENSIONS).then_some(sizes)
}

/// The text in quotes at the beginning, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// A text from a file as a message shows it.
fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

fn failed(path: &Path, error: &io::Error) -> TaskError {
    match error.kind() {
        ErrorKind::UnexpectedEof => damaged(path, "ends too early"),
        _ => TaskError::file(
            path,
            format!("cannot be read: {error}"),
            "name a readable file; paths are relative to the experiment file",
        ),
    }
}

fn damaged(path: &Path, reason: impl Into<String>) -> TaskError {
    TaskError::file(path, reason, "save the array again with `numpy.save`, samples first")
}
