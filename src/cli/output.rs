//! Write to standard output and standard error, whose readers may be gone.

use super::Failure;
use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

/// Prints lines to standard output. A reader that has seen enough, such as `head`, is no failure.
pub fn print(lines: &[String]) -> Result<(), Failure> {
    let mut text = lines.join("\n");
    text.push('\n');
    let mut output = stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Execution(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says one line on standard error. Runs go on where nobody listens.
pub fn say(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// A number of things: `1 run`, `2 runs`.
pub fn count(number: u64, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// Numbers in their order, three or more that follow each other as a range: `0 to 9, 12, 15`; after some of these, how many more.
pub fn ranges(numbers: &[u64]) -> String {
    const MOST: usize = 20;
    let mut runs: Vec<&[u64]> = Vec::new();
    for run in numbers.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        match run.len() {
            1 | 2 => runs.extend(run.chunks(1)),
            _ => runs.push(run),
        }
    }
    let text = |run: &&[u64]| match run {
        [one] => one.to_string(),
        run => format!("{} to {}", run[0], run[run.len() - 1]),
    };
    let mut texts: Vec<_> = runs.iter().take(MOST).map(text).collect();
    let left: usize = runs.iter().skip(MOST).map(|run| run.len()).sum();
    if left > 0 {
        texts.push(format!("and {left} more"));
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{count, ranges};

    #[test]
    fn what_follows_each_other_is_a_range() {
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[0, 1]), "0, 1");
        assert_eq!(ranges(&[3, 5, 6, 7, 9, 2]), "3, 5 to 7, 9, 2");
        assert_eq!(ranges(&(0..10_000).collect::<Vec<_>>()), "0 to 9999");
        assert_eq!(ranges(&[u64::MAX, 0]), format!("{}, 0", u64::MAX));
        let odd: Vec<u64> = (0..1000).map(|i| 2 * i + 1).collect();
        assert!(ranges(&odd).ends_with("37, 39, and 980 more"), "{}", ranges(&odd));
    }

    #[test]
    fn one_is_singular() {
        assert_eq!([0, 1, 2].map(|n| count(n, "run")), ["0 runs", "1 run", "2 runs"]);
    }
}
