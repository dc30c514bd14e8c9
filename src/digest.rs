//! Tell contents apart by their SHA-256.

use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The SHA-256 of all that a reader gives.
///
/// # Errors
/// Those of the reader.
pub fn sha256_of(mut reader: impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hexadecimal(&digest.finalize())),
            Ok(read) => digest.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes on, and takes the SHA-256 of what it has written.
pub struct Digesting<W> {
    out: W,
    digest: Sha256,
}

impl<W> Digesting<W> {
    /// Of nothing so far.
    pub fn new(out: W) -> Self {
        let digest = Sha256::new();
        Self { out, digest }
    }

    /// Where it wrote to, and the digest of that as 64 hexadecimal digits.
    pub fn finish(self) -> (W, String) {
        (self.out, hexadecimal(&self.digest.finalize()))
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Two digits a byte, as checksums are published.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
