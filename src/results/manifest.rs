//! Recognise results by their manifest, and check that their tables are those that it tells of.

use super::names::{COMPARISONS, EXPERIMENT, MANIFEST, TABLES};
use super::{ArmTable, Folder, MetricRow, ResultsError, RunRow, Status, table};
use crate::digest::{sha256, sha256_of};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Far above any manifest.
const LARGEST: u64 = 1 << 28;

/// The manifest of a folder in which no table has been written yet.
const UNFINISHED: &str = "unfinished";

/// What a manifest tells of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// Rows below the header; nothing for what is no table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
    /// The SHA-256 of its bytes.
    pub sha256: String,
}

impl FileContent {
    /// That of a file of this name.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self {
            rows: TABLES.contains(&name).then(|| rows(bytes)),
            sha256: sha256(bytes),
        }
    }

    /// That of a file in a results folder, read a piece at a time; nothing if there is none.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn in_folder(folder: &Folder, name: &str) -> Result<Option<Self>, ResultsError> {
        let Some(sha256) = digest(folder, name)? else {
            return Ok(None);
        };
        let rows = folder.file(name)?.map(rows);
        Ok(Some(Self { rows, sha256 }))
    }
}

/// The SHA-256 of a file in a results folder, read a piece at a time; nothing if there is none.
pub(super) fn digest(folder: &Folder, name: &str) -> Result<Option<String>, ResultsError> {
    let path = folder.path().join(name);
    let file = folder.file(name)?;
    file.map(sha256_of).transpose().map_err(ResultsError::io("read", &path))
}

fn rows(table: impl std::io::Read) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(table);
    // a file that cannot be read has another SHA-256 too, which is what counts
    reader.byte_records().map_while(Result::ok).count() as u64
}

/// What a manifest tells of the tables and of `experiment.ron`, by name.
pub type Contents = BTreeMap<String, FileContent>;

/// How long a run took, by the clock. Of runs kept from an earlier call it is what that call's manifest said, if it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeOfRun {
    /// The arm's slug.
    pub arm: String,
    /// The run's seed.
    pub seed: u64,
    /// Of the run; a run of the same name with other settings has another key.
    pub key: String,
    /// From its start to its end, in all calls that carried it out.
    pub seconds: f64,
}

/// `manifest.json`, as far as it tells whether a folder is a result and which.
pub struct Manifest {
    fields: BTreeMap<String, Value>,
    /// A list as long as the result has runs, which few ask for: as it stands in the file.
    times_of_runs: Option<Box<RawValue>>,
}

const PATHS_RELATIVE_TO: &str = "paths_relative_to";
/// The field of [`Manifest`] that is read when it is asked for.
const TIMES_OF_RUNS: &str = "times_of_runs";

impl Manifest {
    /// Reads it; nothing if there is none.
    ///
    /// # Errors
    /// [`ResultsError::Unfit`] if it is damaged.
    pub fn read(folder: &Folder) -> Result<Option<Self>, ResultsError> {
        let Some(bytes) = folder.read(MANIFEST, LARGEST)? else {
            return Ok(None);
        };
        let damaged = |_| unfit(folder, format!("{MANIFEST} is damaged"));
        Self::parse(&bytes).map(Some).map_err(damaged)
    }

    fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        let mut raw: BTreeMap<String, &RawValue> = serde_json::from_slice(bytes)?;
        let times_of_runs = raw.remove(TIMES_OF_RUNS).map(ToOwned::to_owned);
        let field = |(name, value): (String, &RawValue)| Ok((name, serde_json::from_str(value.get())?));
        Ok(Self {
            fields: raw.into_iter().map(field).collect::<serde_json::Result<_>>()?,
            times_of_runs,
        })
    }

    /// Writes it again.
    fn place(&self, folder: &Folder) -> Result<(), ResultsError> {
        folder.place_by(MANIFEST, |mut file| {
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")
        })
    }

    /// Marks a folder as results before there are any, of an experiment with paths that are relative to a folder which is so
    /// [far away](Folder::way_to).
    ///
    /// # Errors
    /// As [`Folder::place`].
    pub fn begin(folder: &Folder, paths_relative_to: &Path) -> Result<(), ResultsError> {
        let fields = [
            ("creditlab", env!("CARGO_PKG_VERSION").to_owned()),
            ("state", UNFINISHED.to_owned()),
            (PATHS_RELATIVE_TO, paths_relative_to.display().to_string()),
        ];
        let fields = fields.map(|(name, text)| (name.to_owned(), Value::from(text)));
        let manifest = Self {
            fields: fields.into_iter().collect(),
            times_of_runs: None,
        };
        manifest.place(folder)
    }

    /// The folder that paths in the experiment are relative to, itself relative to the results folder.
    pub fn paths_relative_to(&self) -> Option<&Path> {
        self.text(PATHS_RELATIVE_TO).map(Path::new)
    }

    /// Whether this program has written it.
    pub fn is_ours(&self) -> bool {
        self.text("creditlab").is_some()
    }

    /// Whether it was written with the tables.
    pub fn is_finished(&self) -> bool {
        self.text("state") != Some(UNFINISHED)
    }

    /// What it tells of the tables; nothing if an older version wrote it.
    pub fn contents(&self) -> Option<Contents> {
        self.field("contents")
    }

    /// A field of text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A field of this type; nothing if it is of another.
    pub fn field<T: serde::de::DeserializeOwned>(&self, field: &str) -> Option<T> {
        serde_json::from_value(self.fields.get(field)?.clone()).ok()
    }

    /// How long each run took, as far as it tells.
    pub fn times_of_runs(&self) -> Vec<TimeOfRun> {
        let times = self.times_of_runs.as_ref();
        let times = times.and_then(|times| serde_json::from_str(times.get()).ok());
        times.unwrap_or_default()
    }

    /// A field that is a whole number.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.fields.get(field)?.as_u64()
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        if let Some(times) = &self.times_of_runs {
            map.serialize_entry(TIMES_OF_RUNS, times)?;
        }
        map.end()
    }
}

/// Writes one table of a result anew, and what the manifest tells of it, if it tells of any. Equal bytes change nothing.
///
/// # Errors
/// The file system refuses, or the manifest is damaged.
pub fn replace(folder: &Folder, name: &str, bytes: &[u8]) -> Result<(), ResultsError> {
    let mut manifest = Manifest::read(folder)?;
    folder.place(name, bytes)?;
    let content = serde_json::to_value(FileContent::of(name, bytes)).expect("plain data");
    let Some(manifest) = &mut manifest else {
        return Ok(());
    };
    let contents = manifest.fields.get_mut("contents");
    let Some(contents) = contents.and_then(Value::as_object_mut) else {
        return Ok(());
    };
    if contents.get(name) == Some(&content) {
        return Ok(());
    }
    contents.insert(name.to_owned(), content);
    manifest.place(folder)
}

fn unfit(folder: &Folder, problem: String) -> ResultsError {
    ResultsError::Unfit {
        folder: folder.path().to_owned(),
        problem,
    }
}

/// Checks that the tables of a result are whole and belong together, before anything is read from them. Returns a warning where
/// the manifest does not tell, so that only the tables themselves could be set against each other.
///
/// # Errors
/// [`ResultsError::Unfit`] if they are not.
pub fn check(folder: &Folder) -> Result<Option<String>, ResultsError> {
    let manifest = Manifest::read(folder)?;
    if manifest.as_ref().is_some_and(|manifest| !manifest.is_finished()) {
        return Err(unfit(
            folder,
            "its runs have not all finished, so it has no tables yet".into(),
        ));
    }
    let Some(contents) = manifest.and_then(|manifest| manifest.contents()) else {
        check_each_other(folder)?;
        return Ok(Some(format!(
            "{}: no {MANIFEST} tells what its tables were when they were written, so some of their rows may be missing; run the \
             experiment again to know",
            folder.path().display()
        )));
    };
    for (name, content) in &contents {
        let read = |error| ResultsError::io("read", &folder.path().join(name))(error);
        let file = match folder.file(name)? {
            Some(file) => file,
            // it is made from the others
            None if name == COMPARISONS => continue,
            None => return Err(unfit(folder, format!("{name} is missing"))),
        };
        if sha256_of(file).map_err(read)? == content.sha256 {
            continue;
        }
        let found = folder.file(name)?.map(rows);
        return Err(unfit(
            folder,
            match (content.rows, found) {
                (Some(then), Some(now)) if then != now => format!(
                    "{name} holds {now} in place of the {then} rows that {MANIFEST} tells of: it was cut or changed, or a run was \
                 stopped while it wrote its tables"
                ),
                _ => format!(
                    "{name} is not the file that {MANIFEST} tells of: it was changed, or a run was stopped while it wrote its tables"
                ),
            },
        ));
    }
    for name in TABLES.into_iter().chain([EXPERIMENT]) {
        if !contents.contains_key(name) && folder.file(name)?.is_some() {
            return Err(unfit(
                folder,
                format!("{MANIFEST} does not tell of {name}, so it belongs to another run"),
            ));
        }
    }
    Ok(None)
}

/// Sets the tables against each other: every arm has runs, every run values, and every finished run those of its last step.
fn check_each_other(folder: &Folder) -> Result<(), ResultsError> {
    let path = |name: &str| folder.path().join(name);
    for name in ["arms.csv", "runs.csv", "metrics.csv"] {
        folder.file(name)?;
    }
    let arms = ArmTable::read(&path("arms.csv"))?.rows;
    let runs: Vec<RunRow> = table::read(&path("runs.csv"))?;
    let slugs: BTreeSet<&str> = arms.iter().map(|arm| &*arm.arm).collect();
    // the last step of each run, and whether it has values there
    let mut ends: BTreeMap<&str, BTreeMap<u64, (u64, bool)>> = BTreeMap::new();
    for run in &runs {
        if !slugs.contains(&*run.arm) {
            return Err(unfit(
                folder,
                format!("runs.csv has runs of an arm `{}`, and arms.csv has none", run.arm),
            ));
        }
        ends.entry(&run.arm).or_default().insert(run.seed, (run.steps, false));
    }
    if let Some(arm) = slugs.iter().find(|arm| !ends.contains_key(*arm)) {
        return Err(unfit(
            folder,
            format!("arms.csv has an arm `{arm}`, and runs.csv has no run of it"),
        ));
    }
    for row in table::rows::<MetricRow>(&path("metrics.csv"))? {
        let MetricRow { arm, seed, step, .. } = row?;
        let Some((last, reached)) = ends.get_mut(&*arm).and_then(|seeds| seeds.get_mut(&seed)) else {
            return Err(unfit(
                folder,
                format!("metrics.csv has values of arm `{arm}`, seed {seed}, and runs.csv has no such run"),
            ));
        };
        *reached |= step >= *last;
    }
    let lost = |run: &&RunRow| run.status == Status::Finished && !ends[&*run.arm][&run.seed].1;
    match runs.iter().find(lost) {
        None => Ok(()),
        Some(run) => Err(unfit(
            folder,
            format!(
                "metrics.csv has no value of arm `{}`, seed {}, at its last step {}, and runs.csv says that it finished: \
             metrics.csv was cut",
                run.arm, run.seed, run.steps
            ),
        )),
    }
}
