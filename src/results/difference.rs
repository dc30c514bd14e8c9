//! Find where the runs of one result differ from the same runs in another.

use super::manifest::digest;
use super::names::{WEIGHTS_FOLDER, weights_folder};
use super::{EntryKind, Folder, MetricRow, ResultsError, Row, RunRow, encode, rows, table};
use std::collections::BTreeSet;
use std::fmt;

/// The first place at which a stored result is not what its runs leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// Arm, seed and line of the stored table, where it is a table of runs.
    pub run: Option<(String, u64, u64)>,
    /// What is stored there; nothing where something is missing.
    pub stored: Option<String>,
    /// What the runs leave now.
    pub now: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((arm, seed, line)) = &self.run {
            write!(f, ":{line}: arm {arm}, seed {seed}")?;
        }
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
        write!(f, "\n  stored: {}\n  now:    {}", said(&self.stored), said(&self.now))
    }
}

/// A row that belongs to a run.
trait OfRun: Row {
    fn run(&self) -> (&str, u64);
}

impl OfRun for RunRow {
    fn run(&self) -> (&str, u64) {
        (&self.arm, self.seed)
    }
}

impl OfRun for MetricRow {
    fn run(&self) -> (&str, u64) {
        (&self.arm, self.seed)
    }
}

/// The first difference in what the runs of `now` have left in both results: their rows of `runs.csv` and `metrics.csv`, and their
/// weights. Rows of other runs do not count.
///
/// # Errors
/// A table is missing or damaged, or the file system refuses.
pub fn of_runs(stored: &Folder, now: &Folder) -> Result<Option<Difference>, ResultsError> {
    let runs: Vec<RunRow> = table::read(&now.path().join("runs.csv"))?;
    let runs: BTreeSet<(String, u64)> = runs.into_iter().map(|run| (run.arm, run.seed)).collect();
    if let Some(found) = in_rows::<RunRow>("runs.csv", stored, now, &runs)? {
        return Ok(Some(found));
    }
    if let Some(found) = in_rows::<MetricRow>("metrics.csv", stored, now, &runs)? {
        return Ok(Some(found));
    }
    for (arm, seed) in &runs {
        if let Some(found) = in_weights(&weights_folder(arm, *seed), stored, now)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether a file of both results has the same bytes; two that are missing have.
///
/// # Errors
/// The file system refuses.
pub fn of_file(file: &str, stored: &Folder, now: &Folder) -> Result<Option<Difference>, ResultsError> {
    let (stored, now) = (digest(stored, file)?, digest(now, file)?);
    let told = |digest: Option<String>| digest.map(|digest| format!("SHA-256 {digest}"));
    Ok((stored != now).then(|| Difference {
        file: file.to_owned(),
        run: None,
        stored: told(stored),
        now: told(now),
    }))
}

fn in_rows<R: OfRun>(
    file: &str,
    stored: &Folder,
    now: &Folder,
    runs: &BTreeSet<(String, u64)>,
) -> Result<Option<Difference>, ResultsError> {
    let mut line = 1;
    let mut before = rows::<R>(&stored.path().join(file))?;
    let mut next_stored = || -> Result<Option<(R, u64)>, ResultsError> {
        for row in before.by_ref() {
            let row = row?;
            line += 1;
            let (arm, seed) = row.run();
            if runs.contains(&(arm.to_owned(), seed)) {
                return Ok(Some((row, line)));
            }
        }
        Ok(None)
    };
    let mut after = rows::<R>(&now.path().join(file))?;
    loop {
        let (old, new) = (next_stored()?, after.next().transpose()?);
        let text = |row: &R| {
            let bytes = encode(std::slice::from_ref(row));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            text.lines().nth(1).unwrap_or_default().to_owned()
        };
        let stored = old.as_ref().map(|(row, _)| text(row));
        let now = new.as_ref().map(text);
        if stored != now {
            let row = old.as_ref().map(|(row, _)| row).or(new.as_ref());
            let line = old.as_ref().map_or(0, |(_, line)| *line);
            let run = row.map(|row| (row.run().0.to_owned(), row.run().1, line));
            let file = file.to_owned();
            return Ok(Some(Difference { file, run, stored, now }));
        }
        if stored.is_none() {
            return Ok(None);
        }
    }
}

fn in_weights(folder: &str, stored: &Folder, now: &Folder) -> Result<Option<Difference>, ResultsError> {
    let mut files = files(folder, stored)?;
    files.extend(self::files(folder, now)?);
    for file in files {
        if let Some(found) = of_file(&format!("{folder}/{file}"), stored, now)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The files in a folder of a result; none if there is no such folder.
fn files(at: &str, folder: &Folder) -> Result<BTreeSet<String>, ResultsError> {
    let top = folder.entries("")?;
    if !top.iter().any(|(name, _)| name == WEIGHTS_FOLDER) {
        return Ok(BTreeSet::new());
    }
    let files = folder.entries(at)?.into_iter();
    Ok(files
        .filter(|(_, kind)| *kind == EntryKind::File)
        .map(|(name, _)| name)
        .collect())
}
