//! Write to standard output and standard error, whose readers may be gone.

use super::Failure;
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether terminals are written to as files are; set once, before anything is written.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// Says whether terminals get lines of text alone: no colours, no progress bars, no drawn characters.
pub fn set_plain(plain: bool) {
    PLAIN.store(plain, Ordering::Relaxed);
}

/// Whether terminals get lines of text alone.
pub fn is_plain() -> bool {
    PLAIN.load(Ordering::Relaxed)
}

/// Prints lines to standard output. A reader that has seen enough, such as `head`, is no failure.
pub fn print(lines: &[String]) -> Result<(), Failure> {
    put((escape(&lines.join("\n")) + "\n").as_bytes())
}

/// Writes the bytes of a file to standard output: as they are, but for a terminal, which they must not steer.
pub fn print_file(bytes: &[u8]) -> Result<(), Failure> {
    put(&for_reader(bytes, stdout().is_terminal()))
}

fn for_reader(file: &[u8], is_terminal: bool) -> Cow<'_, [u8]> {
    match is_terminal {
        true => escape(&String::from_utf8_lossy(file)).into_bytes().into(),
        false => file.into(),
    }
}

fn put(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
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
    let _ = writeln!(stderr(), "{}", escape(&line.to_string()));
}

/// Says what is wrong with the arguments, or prints the help or version that they ask for, without colours if `plain` or where
/// `NO_COLOR` is set; gives the exit status.
pub fn usage(error: &clap::Error, plain: bool) -> u8 {
    if error.use_stderr() {
        say(error.render().to_string().trim_end());
    } else if plain {
        let _ = put(error.render().to_string().as_bytes());
    } else {
        let _ = error.print();
    }
    error.exit_code() as u8
}

/// A text without what would steer a terminal: control characters but line ends and tabs, and characters that turn the direction
/// of writing, are written as `\u{1b}`. All output passes here but files that go to a file or a program.
fn escape(text: &str) -> String {
    let steers = |c: char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || c.is_control() && !matches!(c, '\n' | '\t')
    };
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A text as the cell of a table: one line of at most 100 characters.
pub fn cell(text: &str) -> String {
    const MOST: usize = 100;
    let line = text.replace('\n', "\\n").replace('\t', " ");
    let line = escape(&line);
    match line.char_indices().nth(MOST) {
        Some(_) => line.chars().take(MOST - 3).chain("...".chars()).collect(),
        None => line,
    }
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
    use super::{cell, count, escape, for_reader, ranges};

    #[test]
    fn nothing_steers_a_terminal() {
        // clear the screen, set a title, the same as one character, delete, turn the writing
        let hostile = "a\u{1b}[2Jb\u{1b}]0;t\u{7}c\u{9b}2Jd\u{7f}e\u{202e}f\r\0";
        assert_eq!(
            escape(hostile),
            "a\\u{1b}[2Jb\\u{1b}]0;t\\u{7}c\\u{9b}2Jd\\u{7f}e\\u{202e}f\\u{d}\\u{0}"
        );
        let plain = "line\n\ttab, \u{3b7} = 0.1, \u{540d}\u{524d}";
        assert_eq!(escape(plain), plain);
    }

    /// The name of a class in what `predict` prints may be anything.
    #[test]
    fn a_file_steers_no_terminal_and_is_exact_elsewhere() {
        let file = "row,predicted\n0,a\u{1b}[2J\n".as_bytes();
        assert_eq!(&*for_reader(file, false), file);
        assert_eq!(&*for_reader(file, true), b"row,predicted\n0,a\\u{1b}[2J\n");
    }

    #[test]
    fn a_cell_is_one_short_line() {
        assert_eq!(cell("a\nb\u{1b}"), "a\\nb\\u{1b}");
        assert_eq!(cell(&"x".repeat(100)), "x".repeat(100));
        assert_eq!(cell(&"\u{e9}".repeat(70_000)), "\u{e9}".repeat(97) + "...");
    }

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
