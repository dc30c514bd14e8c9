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

/// Characters of a line of text: 100, or fewer where the terminal has fewer.
pub fn width() -> usize {
    let columns = console::Term::stdout().size_checked();
    columns.map_or(100, |(_, columns)| usize::from(columns).clamp(40, 100))
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

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn one_is_singular() {
        assert_eq!([0, 1, 2].map(|n| count(n, "run")), ["0 runs", "1 run", "2 runs"]);
    }
}
