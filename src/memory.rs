//! Tell how much memory may still be taken, and refuse in a sentence what asks for more.

/// Bytes that this process may still take, as far as the system tells: the least of what the machine has left, what its group of
/// processes may have, and what the process may address.
pub fn available() -> Option<u64> {
    let system = std::fs::read_to_string("/proc/meminfo").ok();
    let machine = system.and_then(|text| Some(kibibytes(&text, "MemAvailable")? + kibibytes(&text, "SwapFree")?));
    [machine, group(), addresses()].into_iter().flatten().min()
}

/// Why `bytes` cannot be had: `about 80 GB of memory are needed, and 16 GB are free`; nothing where they can, or nobody knows.
pub fn lacking(bytes: u64) -> Option<String> {
    let free = available().filter(|free| *free < bytes)?;
    Some(format!(
        "about {} of memory are needed, and {} are free",
        size(bytes),
        size(free)
    ))
}

fn size(bytes: u64) -> String {
    let (unit, name) = if bytes < 1_000_000_000 {
        (1e6, "MB")
    } else {
        (1e9, "GB")
    };
    let number = bytes as f64 / unit;
    format!("{number:.*} {name}", usize::from(number < 10.0))
}

/// A line such as `MemAvailable:   21000 kB`, in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// What a container or a batch system lets all its processes have together.
fn group() -> Option<u64> {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse().ok();
    number("/sys/fs/cgroup/memory.max").or_else(|| number("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
}

/// What `ulimit -v` leaves.
#[cfg(unix)]
fn addresses() -> Option<u64> {
    let most = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    let taken = std::fs::read_to_string("/proc/self/status").ok();
    let taken = taken.and_then(|text| kibibytes(&text, "VmSize")).unwrap_or(0);
    Some(most.saturating_sub(taken))
}

#[cfg(not(unix))]
fn addresses() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_has_is_refused() {
        assert_eq!(lacking(0), None);
        if available().is_some() {
            let reason = lacking(1 << 60).unwrap();
            assert!(
                reason.starts_with("about 1152921505 GB of memory are needed, and "),
                "{reason}"
            );
        }
    }

    #[test]
    fn lines_of_the_system_are_read() {
        let text = "MemTotal:       24000000 kB\nMemAvailable:   21000000 kB\nSwapFree:              0 kB\n";
        assert_eq!(kibibytes(text, "MemAvailable"), Some(21_504_000_000));
        assert_eq!(kibibytes(text, "SwapFree"), Some(0));
        assert_eq!(kibibytes(text, "Mem"), None);
    }

    #[test]
    fn sizes_have_a_unit() {
        for (bytes, text) in [
            (5_000_000, "5.0 MB"),
            (123_456_789, "123 MB"),
            (4_300_000_000, "4.3 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
