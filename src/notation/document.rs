//! Turn the bytes of a file into a syntax tree that outlives them.

use super::mistake::{Fault, Mistake, Span};
use super::{Node, brackets};
use crate::files;
use ron2::ErrorKind;
use ron2::ast::{Expr, parse_document};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Far above any experiment.
const LARGEST: u64 = 1 << 18;

/// A RON file: its name, its text and the tree of its one value.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    /// What paths in it are relative to, where it is not the file's own folder.
    folder: Option<PathBuf>,
    text: String,
    root: Expr<'static>,
}

impl Document {
    /// Reads a file of at most 256 KiB.
    ///
    /// # Errors
    /// It cannot be read, is too large, or is not RON.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let file = path.display().to_string();
        let fault = |title: String| Fault {
            file: file.clone(),
            text: String::new(),
            mistake: Box::new(Mistake::new(title)),
        };
        // The size is asked first, so that a huge file is refused without being read.
        let size = std::fs::metadata(path)
            .map_err(|error| fault(format!("cannot read this file: {error}")))?
            .len();
        if size > LARGEST {
            return Err(fault(too_large(size)));
        }
        let bytes = files::read(path, LARGEST).map_err(|error| fault(format!("cannot read this file: {error}")))?;
        Self::parse(&file, bytes)
    }

    /// Parses a text; `file` is what messages call it. A byte order mark is skipped.
    ///
    /// # Errors
    /// It is too large, not UTF-8, empty, or not RON.
    pub fn parse(file: &str, bytes: impl Into<Vec<u8>>) -> Result<Self, Fault> {
        let bytes = bytes.into();
        if bytes.len() as u64 > LARGEST {
            return Err(Fault {
                file: file.to_owned(),
                text: String::new(),
                mistake: Box::new(Mistake::new(too_large(bytes.len() as u64))),
            });
        }
        Self::parse_of_any_size(file, bytes)
    }

    /// As [`Document::parse`], of whatever size: what the program itself writes of many arms is larger than what people write.
    ///
    /// # Errors
    /// It is not UTF-8, empty, or not RON.
    pub fn parse_of_any_size(file: &str, bytes: impl Into<Vec<u8>>) -> Result<Self, Fault> {
        let whole = |text: String, mistake: Mistake| Fault {
            file: file.to_owned(),
            text,
            mistake: Box::new(mistake),
        };
        let mut text = match String::from_utf8(bytes.into()) {
            Ok(text) => text,
            Err(error) => {
                let start = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let mistake = Mistake::new("this file is not UTF-8 text").at(start..start + 1);
                return Err(whole(text, mistake.help("save it as UTF-8")));
            }
        };
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        match tree(&text) {
            Ok(root) => Ok(Self {
                file: file.to_owned(),
                folder: None,
                text,
                root,
            }),
            Err(mistake) => Err(whole(text, mistake)),
        }
    }

    /// The file's one value.
    pub fn root(&self) -> Node<'_> {
        Node::Value(&self.root)
    }

    pub(super) fn expr(&self) -> &Expr<'static> {
        &self.root
    }

    /// What messages call the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The same, with paths in it that are relative to another folder than the file's own.
    pub fn relative_to(self, folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
            ..self
        }
    }

    /// The folder that paths in it are relative to.
    pub fn folder(&self) -> &Path {
        let own = || Path::new(&self.file).parent().unwrap_or(Path::new(""));
        self.folder.as_deref().unwrap_or_else(own)
    }

    /// Its text, without byte order mark; spans are ranges of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole value as a `T`.
    ///
    /// # Errors
    /// The text does not describe a `T`.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        self.root().read().map_err(|mistake| self.fault(mistake))
    }

    /// The same file with ranges of its text replaced; they must not overlap.
    ///
    /// # Errors
    /// The new text is not RON.
    pub fn edited(&self, mut edits: Vec<(Span, String)>) -> Result<Self, Fault> {
        edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.text.clone();
        for (span, new) in edits {
            text.replace_range(span, &new);
        }
        let folder = self.folder.clone();
        Self::parse(&self.file, text).map(|edited| Self { folder, ..edited })
    }

    /// Joins a mistake with the text it is in.
    pub fn fault(&self, mistake: Mistake) -> Fault {
        Fault {
            file: self.file.clone(),
            text: self.text.clone(),
            mistake: Box::new(mistake),
        }
    }
}

fn too_large(size: u64) -> String {
    format!("this file is too large: {size} bytes, at most {LARGEST}")
}

fn tree(text: &str) -> Result<Expr<'static>, Mistake> {
    brackets::check(text)?;
    let document = parse_document(text).map_err(|error| syntax(text, &error))?;
    if let Some(attribute) = document.attributes.first() {
        let span = attribute.span.start_offset..attribute.span.end_offset;
        return Err(Mistake::new("attributes have no effect here")
            .at(span)
            .help("remove it"));
    }
    let root = document.value.ok_or_else(|| {
        Mistake::new("this file is empty")
            .at(text.len()..text.len())
            .help("the smallest experiment is `(task: Digits, arms: [Backprop])`")
    })?;
    Ok(root.into_owned())
}

/// The dots of a range such as `0..10`, where they stand at `place` or just before or behind it.
fn dots_about(text: &str, place: usize) -> Option<Span> {
    let start = text.floor_char_boundary(place.saturating_sub(2));
    let end = text.ceil_char_boundary((place + 3).min(text.len()));
    let dots = start + text.get(start..end)?.find("..")?;
    text[..dots]
        .ends_with(|c: char| c.is_ascii_digit())
        .then_some(dots..dots + 2)
}

/// The parser's complaint in plain words.
fn syntax(text: &str, error: &ron2::Error) -> Mistake {
    let span: Span = error.span().start_offset..error.span().end_offset;
    let next = text.get(span.start..).and_then(|rest| rest.chars().next());
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let digit = |c: char| c.is_ascii_digit();
    let mistake = |title: &str| Mistake::new(title).at(span.clone());
    if let Some(dots) = dots_about(text, span.start) {
        let mistake = Mistake::new("a range cannot stand here").at(dots);
        return mistake.help("a number of seeds, `seeds: 10`, is 0 to 9; other values are listed: `[3, 5, 8]`");
    }
    if next == Some('.') && (before.ends_with(digit) || after.starts_with(digit)) {
        return mistake("unexpected `.`").help("write a digit on both sides of the point");
    }
    match (error.kind(), next) {
        (ErrorKind::TrailingCharacters, _) => {
            mistake("unexpected text after the end").label("a file holds one value, which ended before this")
        }
        (ErrorKind::Expected { .. }, Some('=')) => mistake("unexpected `=`").help("an option is written `name: value`"),
        (ErrorKind::Expected { .. }, Some(':')) => {
            mistake("unexpected `:`").help("in one bracket either all values have a name or none has")
        }
        (ErrorKind::Expected { expected, .. }, Some(_)) if expected == "comma" => {
            mistake("expected a comma").label("a comma is missing before this")
        }
        (ErrorKind::Expected { expected, .. }, Some(_)) if expected.starts_with("closing") => {
            mistake("expected a comma or a closing bracket").label("found this")
        }
        (ErrorKind::Expected { expected, .. }, Some(c)) if expected == "identifier" => {
            let mistake = mistake("expected the name of a field").label("in these brackets values have names");
            let number = before.strip_suffix(',').is_some_and(|before| before.ends_with(digit));
            if number && c.is_ascii_digit() {
                mistake.help("decimals are written with a point")
            } else {
                mistake
            }
        }
        (ErrorKind::Expected { expected, .. }, _) if expected.starts_with("`:`") => {
            let mistake = mistake("expected `:` and a value after this name");
            if after.trim_start().starts_with('=') {
                mistake.help("an option is written `name: value`")
            } else {
                mistake
            }
        }
        (ErrorKind::Expected { expected, .. }, _) => mistake(&format!("expected a {expected}")),
        (ErrorKind::UnexpectedChar(c), _) => mistake(&format!("unexpected `{}`", c.escape_debug())),
        (ErrorKind::Eof, _) => mistake("the file ends where a value is expected"),
        (kind, _) => {
            let words = kind.to_string();
            let mut letters = words.chars();
            let first = letters.next().map(|c| c.to_ascii_lowercase());
            mistake(&first.into_iter().chain(letters).collect::<String>())
        }
    }
}
