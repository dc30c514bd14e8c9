//! Frame records of bytes as TensorFlow's TFRecord files do.
//!
//! A record is its length in 8 bytes, the masked CRC-32C of these, its bytes, and their masked CRC-32C, all numbers with the lowest byte first
//! (TensorFlow, *TFRecord and tf.train.Example*, "TFRecords format details").

use std::io::{self, Write};

/// Castagnoli's polynomial, lowest bit first (RFC 3720, section 12.1).
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// What each byte does to a checksum.
const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// The CRC-32C of some bytes.
pub fn crc32c(bytes: &[u8]) -> u32 {
    let add = |crc: u32, byte: &u8| crc >> 8 ^ TABLE[(crc as u8 ^ byte) as usize];
    !bytes.iter().fold(!0, add)
}

/// The checksum as it is stored, so that a record of records does not hold the checksum of itself.
fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Writes a record.
///
/// # Errors
/// Those of `out`.
pub fn write(record: &[u8], out: &mut impl Write) -> io::Result<()> {
    let length = (record.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked(&length).to_le_bytes())?;
    out.write_all(record)?;
    out.write_all(&masked(record).to_le_bytes())
}

/// The records of a file, whose lengths and checksums must fit.
#[cfg(test)]
pub(super) fn records(mut file: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while !file.is_empty() {
        let (length, rest) = file.split_at(8);
        let (check, rest) = rest.split_at(4);
        assert_eq!(check, masked(length).to_le_bytes());
        let (record, rest) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
        let (check, rest) = rest.split_at(4);
        assert_eq!(check, masked(record).to_le_bytes());
        records.push(record.to_vec());
        file = rest;
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_published_ones() {
        // the check value of CRC-32/ISCSI, and RFC 3720, appendix B.4
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
        assert_eq!(crc32c(b""), 0);
    }

    #[test]
    fn masks_can_be_taken_off() {
        for bytes in [&b"123456789"[..], b"", &[0; 32]] {
            let rotated = masked(bytes).wrapping_sub(0xa282_ead8);
            assert_eq!(rotated.rotate_left(15), crc32c(bytes));
        }
    }

    #[test]
    fn records_are_read_back_and_stand_one_after_the_other() {
        let written = [&b"first"[..], b"", b"third"];
        let mut file = Vec::new();
        written.iter().for_each(|record| write(record, &mut file).unwrap());
        assert_eq!(file.len(), 3 * 16 + 10);
        assert_eq!(file[..8], [5, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(records(&file), written);
    }

    #[test]
    #[should_panic]
    fn a_changed_byte_is_seen() {
        let mut file = Vec::new();
        write(b"record", &mut file).unwrap();
        file[13] ^= 1;
        records(&file);
    }
}
