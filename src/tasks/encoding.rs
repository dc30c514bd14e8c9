//! Decode the numbers of files that hold them one behind the other, each in as many bytes.

use super::TaskError;
use std::fmt;
use std::io::{self, Read};

/// More values than this in one file are refused.
const MOST: u64 = u32::MAX as u64;
/// Values read together.
const BLOCK: usize = 1 << 12;

/// What numbers are, whatever their width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberKind {
    Float,
    Signed,
    Unsigned,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    pub kind: NumberKind,
    /// Bytes of a number: 1, 2, 4 or 8; of a floating-point number 4 or 8.
    pub width: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

impl Encoding {
    /// Whether numbers are unsigned bytes.
    pub fn is_bytes(self) -> bool {
        (self.kind, self.width) == (NumberKind::Unsigned, 1)
    }

    /// The number of as many bytes. Whole numbers beyond `2^53` are rounded.
    fn number(self, bytes: &[u8]) -> f64 {
        let mut little = [0; 8];
        little[..self.width].copy_from_slice(bytes);
        if self.big_endian {
            little[..self.width].reverse();
        }
        let word = u64::from_le_bytes(little);
        let unused = 64 - 8 * self.width as u32;
        match (self.kind, self.width) {
            (NumberKind::Float, 4) => f64::from(f32::from_bits(word as u32)),
            (NumberKind::Float, _) => f64::from_bits(word),
            // the shifts keep the sign
            (NumberKind::Signed, _) => (((word << unused) as i64) >> unused) as f64,
            (NumberKind::Unsigned, _) => word as f64,
        }
    }

    /// Hands `count` numbers to `take`, each with its place; a block of them is in memory at a time. `failed` says what a failure to
    /// read means.
    pub fn read(
        self,
        mut from: impl Read,
        count: usize,
        failed: impl Fn(io::Error) -> TaskError,
        mut take: impl FnMut(usize, f64) -> Result<(), TaskError>,
    ) -> Result<(), TaskError> {
        let mut buffer = vec![0; BLOCK * self.width];
        for first in (0..count).step_by(BLOCK) {
            let block = &mut buffer[..(count - first).min(BLOCK) * self.width];
            from.read_exact(block).map_err(&failed)?;
            for (place, bytes) in block.chunks_exact(self.width).enumerate() {
                take(first + place, self.number(bytes))?;
            }
        }
        Ok(())
    }
}

/// How many values an array of these sizes has, or what is wrong with them.
pub(super) fn count<N: Copy + Into<u64> + fmt::Debug>(dims: &[N]) -> Result<usize, String> {
    let product = dims
        .iter()
        .try_fold(1u64, |product, &size| product.checked_mul(size.into()));
    match product {
        _ if dims.is_empty() => Err("has no dimensions".into()),
        Some(0) => Err(format!("claims a size of 0 in {dims:?}")),
        Some(count) if count <= MOST => Ok(count as usize),
        _ => Err(format!("claims {dims:?} values, more than the {MOST} that are read")),
    }
}
