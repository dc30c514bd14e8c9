//! Check brackets, quotes and comments before anything is parsed, so that a missing one is reported where it was opened and
//! nesting is bounded.

use super::mistake::{Mistake, Result, Span};

/// Deeper than any experiment, and shallow enough for every stack.
const DEEPEST: usize = 64;

/// Refuses brackets that do not match or nest too deeply, and strings and comments that do not end.
pub fn check(text: &str) -> Result<()> {
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let here = at..at + first.len_utf8();
        at += match first {
            '"' => string(rest).ok_or_else(|| unclosed("string", here, "\""))?,
            'r' | 'b' if raw_string(rest).is_some() => raw_string(rest)
                .flatten()
                .ok_or_else(|| unclosed("string", here, "\""))?,
            '\'' => character(rest).ok_or_else(|| {
                Mistake::new("a character in single quotes does not end")
                    .at(here)
                    .help("a string stands in double quotes: `\"..\"`")
            })?,
            '#' if !rest.starts_with("#![") => {
                let mistake = Mistake::new("`#` begins no comment").at(here);
                return Err(mistake.help("a comment begins with `//`"));
            }
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => {
                comment(rest).ok_or_else(|| unclosed("comment", here.start..here.end + 1, "*/"))?
            }
            '{' => {
                let mistake = Mistake::new("curly brackets have no meaning here").at(here);
                return Err(mistake.help("named options stand in round brackets: `(name: value)`"));
            }
            '(' | '[' => {
                open.push((first, at));
                if open.len() > DEEPEST {
                    return Err(Mistake::new(format!("brackets are nested more than {DEEPEST} deep")).at(here));
                }
                1
            }
            ')' | ']' | '}' => {
                close(&mut open, first, here)?;
                1
            }
            letter if is_word(letter) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
    }
    match open.last() {
        None => Ok(()),
        Some((bracket, start)) => Err(Mistake::new(format!("`{bracket}` is never closed")).at(*start..start + 1)),
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn unclosed(what: &str, opened: Span, end: &str) -> Mistake {
    Mistake::new(format!("a {what} does not end"))
        .at(opened)
        .label(format!("it begins here; expected `{end}`"))
}

fn close(open: &mut Vec<(char, usize)>, found: char, here: Span) -> Result<()> {
    let Some((opened, start)) = open.pop() else {
        return Err(Mistake::new(format!("`{found}` closes nothing"))
            .at(here)
            .help("remove it, or open it before"));
    };
    let expected = if opened == '(' { ')' } else { ']' };
    if found == expected {
        return Ok(());
    }
    let mistake = Mistake::new(format!("expected `{expected}`, found `{found}`")).at(here);
    Err(mistake.mark(start..start + 1, format!("this `{opened}` is still open")))
}

/// Length of the string at the start of `text`.
fn string(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(i + 1),
            _ => {}
        }
    }
    None
}

/// `None` if no raw string (or string of bytes) starts here; else its length, if it ends.
fn raw_string(text: &str) -> Option<Option<usize>> {
    let after_b = text.strip_prefix('b').unwrap_or(text);
    let before = text.len() - after_b.len();
    let Some(after_r) = after_b.strip_prefix('r') else {
        return after_b
            .starts_with('"')
            .then(|| string(after_b).map(|length| before + length));
    };
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let inside = after_r[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(
        inside
            .find(&end)
            .map(|length| before + 1 + hashes + 1 + length + end.len()),
    )
}

/// Length of the character literal at the start of `text`.
fn character(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    let end = match first {
        '\\' => {
            let (_, kind) = chars.next()?;
            match kind {
                'x' => chars.nth(2)?,
                'u' => chars.find(|(_, c)| *c == '}').and_then(|_| chars.next())?,
                _ => chars.next()?,
            }
        }
        '\'' => return None,
        _ => chars.next()?,
    };
    (end.1 == '\'').then_some(end.0 + 1)
}

/// Length of the comment at the start of `text`; comments nest.
fn comment(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}
