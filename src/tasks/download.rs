//! Download files of known length and checksum: continued where it ended, and placed only when whole.

use super::PublishedFile;
use crate::digest::sha256_of;
use crate::files;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Bytes read together.
const BLOCK: usize = 1 << 16;
/// How long to wait for a connection, for an answer, and for more bytes of a file.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one transfer may take in all: a published file comes in it at 10 kB/s.
const TRANSFER: Duration = Duration::from_secs(3600);

/// Why a file could not be had.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// The file system refused.
    #[error("{}: cannot be written: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// An archive could not be unpacked.
    #[error("{}: cannot be unpacked: {}; remove it, and start again", .0.display(), .1)]
    Unpacked(PathBuf, io::Error),
    /// Another process is at work on the file.
    #[error("{}: another process is downloading it; wait until it ends", .0.display())]
    Busy(PathBuf),
    /// A file of this name is there, and is another one.
    #[error("{}: is not the published file; move it away, and start again", .0.display())]
    Foreign(PathBuf),
    /// The server could not be reached, or does not have the file.
    #[error("{url}: {reason}\ncheck the connection, or name another address with --from")]
    Refused {
        /// The address asked.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The connection ended early; what has come is kept.
    #[error("{url}: ended after {found} of {of} bytes ({reason})\nthe same command continues from there")]
    Short {
        /// The address asked.
        url: String,
        /// Bytes that have come.
        found: u64,
        /// Bytes of the whole file.
        of: u64,
        /// What ended it.
        reason: String,
    },
    /// What came is not the published file; it has been thrown away.
    #[error("{url}: is not the published file: {reason}\nname another address with --from; nothing was kept")]
    Wrong {
        /// The address asked.
        url: String,
        /// What is different.
        reason: String,
    },
}

/// What asks servers for files.
pub struct Downloader {
    agent: ureq::Agent,
    /// After which a transfer ends, however steadily its bytes drip.
    at_most: Duration,
}

impl Default for Downloader {
    fn default() -> Self {
        Self::new()
    }
}

impl Downloader {
    /// One that speaks HTTP, and HTTPS where the crate's feature `https` is on.
    pub fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .http_status_as_error(false);
        #[cfg(feature = "https")]
        let config = if can_encrypt() {
            let provider = std::sync::Arc::new(rustls_graviola::default_provider());
            let tls = ureq::tls::TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
            config.tls_config(tls.build())
        } else {
            // a redirection could lead to HTTPS
            config.max_redirects(0)
        };
        Self {
            agent: config.build().into(),
            at_most: TRANSFER,
        }
    }

    /// The same, with another limit than an hour for each transfer as a whole.
    #[must_use]
    pub fn at_most(self, at_most: Duration) -> Self {
        Self { at_most, ..self }
    }

    /// Brings `file` from the address `from` into `folder`, and tells `progress` how many bytes are there. A file that is there
    /// is checked and kept. What an earlier call left half done, in `<name>.part`, is continued.
    ///
    /// # Errors
    /// See [`DownloadError`]: in no case is there a file of this name that is not the published one.
    pub fn fetch(
        &self,
        file: &PublishedFile,
        from: &str,
        folder: &Path,
        mut progress: impl FnMut(u64),
    ) -> Result<PathBuf, DownloadError> {
        fs::create_dir_all(folder).map_err(|error| DownloadError::Io(folder.to_path_buf(), error))?;
        let path = folder.join(file.name);
        let io = |error| DownloadError::Io(path.clone(), error);
        if path.exists() {
            // what is no plain file is another one, too
            let Ok(there) = files::open(&path) else {
                return Err(DownloadError::Foreign(path));
            };
            let is_whole = there.metadata().map_err(io)?.len() == file.bytes;
            return match is_whole && sha256_of(there).map_err(io)? == file.sha256 {
                true => Ok(path),
                false => Err(DownloadError::Foreign(path)),
            };
        }
        let part = folder.join(format!("{}.part", file.name));
        if part.exists() && files::open(&part).is_err() {
            return Err(DownloadError::Foreign(part));
        }
        let mut to = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .map_err(io)?;
        to.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => DownloadError::Busy(path.clone()),
            TryLockError::Error(error) => io(error),
        })?;
        let url = format!("{}/{}", from.trim_end_matches('/'), file.name);
        let mut transfer = Transfer {
            downloader: self,
            file,
            url: &url,
            to: &mut to,
            progress: &mut progress,
        };
        transfer.complete().map_err(|error| match error {
            TransferError::Io(error) => io(error),
            TransferError::Download(error) => error,
        })?;
        to.sync_all().map_err(io)?;
        fs::rename(&part, &path).map_err(io)?;
        // not every system lets a folder be opened; where one does, the new name survives a power cut too
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(path)
    }
}

/// A file on its way.
struct Transfer<'a> {
    downloader: &'a Downloader,
    file: &'a PublishedFile,
    url: &'a str,
    to: &'a mut File,
    progress: &'a mut dyn FnMut(u64),
}

/// Why a transfer failed: as [`DownloadError`], without the path that the file system refused.
#[derive(Debug, Error)]
enum TransferError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Download(DownloadError),
}

impl Transfer<'_> {
    /// Makes `to` the whole file.
    fn complete(&mut self) -> Result<(), TransferError> {
        if self.to.metadata()?.len() > self.file.bytes {
            self.to.set_len(0)?;
        }
        let before = self.to.metadata()?.len();
        if before < self.file.bytes {
            self.append()?;
        }
        self.to.seek(SeekFrom::Start(0))?;
        let found = sha256_of(&mut *self.to)?;
        if found != self.file.sha256 {
            self.to.set_len(0)?;
            // a half file of another source is not what the server is to blame for
            if before > 0 {
                return self.complete();
            }
            return Err(self.wrong(format!("its SHA-256 is {found}, not {}", self.file.sha256)));
        }
        Ok(())
    }

    /// Asks for what `to` lacks.
    fn append(&mut self) -> Result<(), TransferError> {
        if self.url.starts_with("https:") && !can_encrypt() {
            let reason = "this build, or this processor, cannot speak HTTPS; an http address will do, since checksums make it safe";
            return Err(self.refused(reason.into()));
        }
        let there = self.to.seek(SeekFrom::End(0))?;
        let begun = Instant::now();
        let agent = &self.downloader.agent;
        let mut request = agent.get(self.url).header("accept-encoding", "identity");
        if there > 0 {
            request = request.header("range", format!("bytes={there}-"));
        }
        let mut response = request.call().map_err(|error| self.refused(error.to_string()))?;
        let there = match response.status().as_u16() {
            206 if there > 0 => {
                let range = response.headers().get("content-range");
                let range = range.and_then(|range| range.to_str().ok()).unwrap_or("none");
                if !range.starts_with(&format!("bytes {there}-")) {
                    let reason = format!("the server was asked for bytes from {there} on, and sent `{range}`");
                    return Err(self.refused(reason));
                }
                there
            }
            // the whole file: this server does not continue
            200 => {
                self.to.set_len(0)?;
                self.to.seek(SeekFrom::Start(0))?
            }
            416 if there > 0 => {
                self.to.set_len(0)?;
                return self.append();
            }
            status => return Err(self.refused(format!("the server answers {status}"))),
        };
        self.receive(response.body_mut().as_reader(), there, begun)
    }

    /// Writes what comes behind the bytes that are `there`.
    fn receive(&mut self, mut body: impl Read, mut there: u64, begun: Instant) -> Result<(), TransferError> {
        let (whole, at_most) = (self.file.bytes, self.downloader.at_most);
        let mut block = vec![0; BLOCK];
        loop {
            let read = match body.read(&mut block) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.short(there, error.to_string())),
            };
            if there + read as u64 > whole {
                self.to.set_len(0)?;
                return Err(self.wrong(format!("it has more than {whole} bytes")));
            }
            self.to.write_all(&block[..read])?;
            there += read as u64;
            (self.progress)(there);
            if there < whole && begun.elapsed() >= at_most {
                return Err(self.short(there, format!("it took longer than {} s", at_most.as_secs())));
            }
        }
        if there < whole {
            return Err(self.short(there, "the server sent no more".into()));
        }
        Ok(())
    }

    fn refused(&self, reason: String) -> TransferError {
        let url = self.url.to_string();
        TransferError::Download(DownloadError::Refused { url, reason })
    }

    fn wrong(&self, reason: String) -> TransferError {
        let url = self.url.to_string();
        TransferError::Download(DownloadError::Wrong { url, reason })
    }

    fn short(&self, found: u64, reason: String) -> TransferError {
        TransferError::Download(DownloadError::Short {
            url: self.url.to_string(),
            found,
            of: self.file.bytes,
            reason,
        })
    }
}

/// Whether HTTPS can be spoken: by this build, and on this processor, without whose instructions the cryptography would panic.
fn can_encrypt() -> bool {
    #[cfg(all(feature = "https", target_arch = "x86_64"))]
    {
        use std::arch::is_x86_feature_detected as has;
        let vectors = has!("avx") && has!("avx2") && has!("ssse3");
        vectors && has!("aes") && has!("pclmulqdq") && has!("bmi1") && has!("bmi2") && has!("adx")
    }
    #[cfg(all(feature = "https", target_arch = "aarch64"))]
    {
        use std::arch::is_aarch64_feature_detected as has;
        has!("neon") && has!("aes") && has!("pmull") && has!("sha2")
    }
    #[cfg(not(all(feature = "https", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    false
}
