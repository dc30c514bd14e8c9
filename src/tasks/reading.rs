//! Tell what was read from a user's own files, and what in it looks like a slip.

/// Which columns of a table were read as what, and what looks like a slip. Empty where nothing was to be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What the columns of inputs are called; their numbers where they have no names.
    pub inputs: Vec<String>,
    /// Columns of targets.
    pub targets: Vec<String>,
    /// Columns that are left out.
    pub ignored: Vec<String>,
    /// A line each: the file, the place, what is odd there, and what helps.
    pub warnings: Vec<String>,
}

/// A text from a file as messages show it: its beginning, control characters escaped.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let escaped = |c: char| match c {
        '\'' | '"' => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    let beginning: String = text.chars().take(MOST).map(escaped).collect();
    match text.chars().nth(MOST) {
        Some(_) => beginning + "..",
        None => beginning,
    }
}

/// The first few of many things, and how many more there are.
pub(super) fn few(things: impl IntoIterator<Item = String>) -> String {
    const MOST: usize = 5;
    let mut things = things.into_iter();
    let first: Vec<String> = things.by_ref().take(MOST).collect();
    match (&first[..], things.count()) {
        (first, more) if more > 0 => format!("{} and {more} more", first.join(", ")),
        ([all @ .., last], _) if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        (first, _) => first.concat(),
    }
}
