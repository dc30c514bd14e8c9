//! Hold out one fold of several, another one for each seed.

use super::{Sizes, TEST, remaining, share};
use crate::files;
use crate::random::{Purpose, Stream, shuffle};
use crate::tasks::{DataSet, Samples, TaskError};
use schemars::JsonSchema;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// A file of folds is not read if it is larger.
const MOST_BYTES: u64 = 1 << 28;

/// All samples in `k` folds, drawn once per experiment, whose sizes differ by at most one. Runs with seed `s` are tested on
/// fold `s mod k` and learn from the others; an experiment's default seeds are one for each fold. Written `Folds(5)`,
/// `Folds(k: 5, validation: 0.1)` or `Folds(file: "folds.csv")`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FoldsSplit {
    /// Number of folds, 2 or more, and no more than there are samples; 0 where a file tells them.
    #[schemars(default)]
    pub k: u32,
    /// Path of a CSV file that tells the folds, relative to the experiment file; empty for none. Its first line is
    /// `row,fold,position`; each further line has a sample's row in the data (from 0), its fold (from 0) and its place within the
    /// fold (from 0). The training part then has the order of folds and places.
    #[schemars(default)]
    pub file: String,
    /// Share of the other folds held out to choose settings, drawn by the run's seed; at least 0 and less than 1.
    #[schemars(default)]
    pub validation: f64,
    /// Whether each fold, and the validation part, has all classes in equal shares.
    #[schemars(default)]
    pub stratified: bool,
    /// Chooses the folds, for all runs.
    #[schemars(default)]
    pub seed: u64,
}

/// Folds by name: the samples of each, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition(Vec<Vec<u32>>);

impl FoldsSplit {
    /// The folds of the file, whose rows must be those of `total` samples; absent where no file tells them.
    pub(super) fn read(&self, total: u32, folder: &Path) -> Result<Option<Partition>, TaskError> {
        if self.file.is_empty() {
            return Ok(None);
        }
        let path = folder.join(&self.file);
        let partition = read(&path)?;
        let rows: usize = partition.0.iter().map(Vec::len).sum();
        if rows != total as usize {
            let reason = format!("names {rows} rows where the task has {total} samples");
            return Err(wrong(&path, reason));
        }
        Ok(Some(partition))
    }

    /// Number of folds.
    pub(super) fn count(&self, folder: &Path) -> Result<u64, TaskError> {
        if self.file.is_empty() {
            return Ok(self.k.into());
        }
        Ok(read(&folder.join(&self.file))?.0.len() as u64)
    }

    pub(super) fn sizes(&self, samples: Samples, folder: &Path) -> Result<Sizes, TaskError> {
        let total = samples.total();
        let largest = match self.read(total, folder)? {
            Some(Partition(folds)) => folds.iter().map(Vec::len).max().unwrap_or(0) as u32,
            None => {
                if self.k < 2 || self.k > total {
                    let reason = format!("{} folds of {total} samples cannot be", self.k);
                    return Err(TaskError::field(
                        "split.k",
                        reason,
                        "use 2 or more, and no more than there are samples",
                    ));
                }
                total.div_ceil(self.k)
            }
        };
        let validation = share("split.validation", self.validation, total - largest)?;
        Ok(remaining(total, validation, largest)?)
    }

    /// The other folds, and the fold that runs with this seed are tested on.
    pub(super) fn held_out(&self, data: &DataSet, seed: u64) -> Result<(Vec<u32>, Vec<u32>), TaskError> {
        if let Some(Partition(folds)) = data.partition() {
            let held = (seed % folds.len() as u64) as usize;
            let others = folds.iter().enumerate().filter(|(fold, _)| *fold != held);
            return Ok((others.flat_map(|(_, rows)| rows.clone()).collect(), folds[held].clone()));
        }
        if !self.file.is_empty() || self.k < 2 {
            let reason = "the folds have not been read with the data";
            return Err(TaskError::field("split", reason, "load the data with `Plan::load`"));
        }
        let mut order: Vec<u32> = (0..data.samples().total()).collect();
        let stream = Stream::new(self.seed, Purpose::Split, TEST, 0);
        shuffle(&mut order, &mut stream.generator());
        if let Some(classes) = data.labels().filter(|_| self.stratified) {
            order.sort_by_key(|&sample| classes[sample as usize]);
        }
        // dealt like cards, class by class, so that neither sizes nor classes differ by more than one
        let held = (seed % u64::from(self.k)) as usize;
        let dealt = order.iter().enumerate();
        let (test, train): (Vec<_>, Vec<_>) = dealt.partition(|(i, _)| i % self.k as usize == held);
        let ascending = |part: Vec<(usize, &u32)>| {
            let mut part: Vec<u32> = part.into_iter().map(|(_, &sample)| sample).collect();
            part.sort_unstable();
            part
        };
        Ok((ascending(train), ascending(test)))
    }
}

fn wrong(path: &Path, reason: impl Into<String>) -> TaskError {
    let remedy =
        "give each sample one line `row,fold,position`, rows and folds counted from 0, below a line with these names";
    TaskError::file(path, reason, remedy)
}

/// Reads a file of folds.
fn read(path: &Path) -> Result<Partition, TaskError> {
    let unreadable = |error: std::io::Error| {
        TaskError::file(
            path,
            format!("cannot be read: {error}"),
            "name a file of folds beside the experiment file",
        )
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MOST_BYTES {
        return Err(wrong(path, format!("has {size} bytes, too many for a file of folds")));
    }
    let bytes = files::read(path, MOST_BYTES).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| wrong(path, "is no text"))?;
    let places = places(&text).map_err(|reason| wrong(path, reason))?;
    partition(places).map_err(|reason| wrong(path, reason))
}

/// Reads `row,fold,position` lines, in any order: the places in ascending order, each fold, position, row.
fn places(text: &str) -> Result<Vec<[u32; 3]>, String> {
    let mut lines = text.lines().enumerate();
    let header = lines.next().map(|(_, line)| line.trim_start_matches('\u{feff}').trim());
    if header != Some("row,fold,position") {
        return Err("does not begin with the line `row,fold,position`".into());
    }
    let mut places = Vec::new();
    for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let numbers: Vec<u32> = line.split(',').filter_map(|cell| cell.trim().parse().ok()).collect();
        let [row, fold, position] = numbers[..] else {
            return Err(format!("line {}: `{}` is not three numbers", i + 1, line.trim()));
        };
        places.push([fold, position, row]);
    }
    places.sort_unstable();
    Ok(places)
}

/// The folds, if every row from 0 on has one place, and every fold from 0 on has rows.
fn partition(places: Vec<[u32; 3]>) -> Result<Partition, String> {
    if let Some(pair) = places.windows(2).find(|pair| pair[0][..2] == pair[1][..2]) {
        let [fold, position, _] = pair[0];
        return Err(format!("two rows have position {position} in fold {fold}"));
    }
    let mut rows: Vec<u32> = places.iter().map(|&[_, _, row]| row).collect();
    rows.sort_unstable();
    if let Some(pair) = rows.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("row {} stands in it twice", pair[0]));
    }
    if rows.last().is_some_and(|&last| last as usize + 1 != rows.len()) {
        let count = rows.len();
        return Err(format!("names {count} rows, but not all from 0 to {}", count - 1));
    }
    let mut folds: Vec<Vec<u32>> = Vec::new();
    for [fold, _, row] in places {
        if fold as usize > folds.len() || (fold as usize) + 1 < folds.len() {
            return Err(format!("has a fold {fold}, but no fold {}", folds.len()));
        }
        if fold as usize == folds.len() {
            folds.push(Vec::new());
        }
        folds[fold as usize].push(row);
    }
    match folds.len() {
        2.. => Ok(Partition(folds)),
        _ => Err("has fewer than two folds".into()),
    }
}

/// The options of [`FoldsSplit`] by name.
#[derive(Deserialize)]
#[serde(rename = "FoldsSplit", deny_unknown_fields)]
struct WrittenFolds {
    k: Option<u32>,
    file: Option<String>,
    #[serde(default)]
    validation: f64,
    #[serde(default)]
    stratified: bool,
    #[serde(default)]
    seed: u64,
}

impl<'de> Deserialize<'de> for FoldsSplit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyFolds)
    }
}

/// `5`, or options by name.
struct AnyFolds;

impl<'de> Visitor<'de> for AnyFolds {
    type Value = FoldsSplit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of folds, or options such as `k: 5`")
    }

    fn visit_u64<E: de::Error>(self, k: u64) -> Result<FoldsSplit, E> {
        let k = u32::try_from(k).map_err(|_| E::custom("more folds than there can be samples"))?;
        Ok(FoldsSplit {
            k,
            file: String::new(),
            validation: 0.0,
            stratified: false,
            seed: 0,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FoldsSplit, A::Error> {
        use de::Error;
        let WrittenFolds {
            k,
            file,
            validation,
            stratified,
            seed,
        } = WrittenFolds::deserialize(MapAccessDeserializer::new(map))?;
        // written out, the one that does not apply stands as 0 or ""
        let (k, file) = (k.unwrap_or(0), file.unwrap_or_default());
        if (k == 0) == file.is_empty() {
            return Err(A::Error::custom("folds need either a number `k`, or a `file`"));
        }
        if !file.is_empty() && (stratified && validation == 0.0 || seed != 0) {
            return Err(A::Error::custom(
                "a file tells the folds: leave out `seed`, and `stratified` where nothing is drawn",
            ));
        }
        Ok(FoldsSplit {
            k,
            file,
            validation,
            stratified,
            seed,
        })
    }
}
