//! Notice that the user, or the system, asks the program to end.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The exit status of what was interrupted.
const STATUS: i32 = 130;

/// The first signal asks runs to end, by the flag; the second ends the process.
///
/// # Errors
/// The system refuses.
pub fn watch() -> io::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM].into_iter().chain(hang_up()) {
        // in this order, or the first would end the process
        flag::register_conditional_shutdown(signal, STATUS, Arc::clone(&interrupted))?;
        flag::register(signal, Arc::clone(&interrupted))?;
    }
    Ok(interrupted)
}

/// The signal of a terminal that goes away, unless whoever started the program had it ignored, as `nohup` does. Where the system
/// does not tell, it is left as it is.
fn hang_up() -> Option<i32> {
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        (!ignores(&status, signal_hook::consts::SIGHUP)?).then_some(signal_hook::consts::SIGHUP)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Whether a process ignores a signal, by its line `SigIgn`: a bit for each signal, from 1, in hexadecimal.
#[cfg(any(target_os = "linux", test))]
fn ignores(status: &str, signal: i32) -> Option<bool> {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let ignored = u64::from_str_radix(line.trim(), 16).ok()?;
    Some(ignored >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::ignores;

    #[test]
    fn what_is_ignored_is_read() {
        let status =
            "Name:\tcreditlab\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n";
        assert_eq!(ignores(status, 1), Some(true), "SIGHUP");
        assert_eq!(ignores(status, 2), Some(false), "SIGINT");
        assert_eq!(ignores(status, 13), Some(true), "SIGPIPE");
        assert_eq!(ignores("Name:\tcreditlab\n", 1), None);
    }
}
