//! Read one metric of a result: the values of its arms by seed, and what must be known to set them beside another result's.

use super::manifest::Manifest;
use super::{
    ArmRow, ArmTable, At, Folder, MetricRow, Question, ResultsError, RunRow, Status, ValuesBySeed, at_moments,
    experiment, table,
};
use crate::metrics::own;
use crate::notation::Document;
use std::collections::{BTreeMap, BTreeSet};

/// One metric of the arms of a result.
pub struct Loaded {
    /// The arms, in the experiment's order.
    pub arms: Vec<ArmRow>,
    /// How many runs of each arm diverged.
    pub diverged: BTreeMap<String, u64>,
    /// Every metric that the result has, and the splits it was measured on.
    pub metrics: BTreeMap<String, BTreeSet<String>>,
    /// The task as the experiment says it, the split, and the checksum of the data, where they are known.
    pub task: Option<String>,
    /// See [`Loaded::task`].
    pub split: Option<String>,
    /// See [`Loaded::task`].
    pub checksum: Option<String>,
    rows: Vec<MetricRow>,
    runs: Vec<RunRow>,
}

impl Loaded {
    /// Reads the result in a folder, of `metrics.csv` only the rows of `metric` and of the rule's own.
    ///
    /// # Errors
    /// A table that is missing or damaged is named, with line and column.
    pub fn read(folder: &Folder, metric: &str) -> Result<Self, ResultsError> {
        let runs: Vec<RunRow> = table::read(&folder.path().join("runs.csv"))?;
        let mut diverged = BTreeMap::new();
        for run in runs.iter().filter(|run| run.status == Status::Diverged) {
            *diverged.entry(run.arm.clone()).or_default() += 1;
        }
        let own = own(metric);
        let mut metrics: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut rows = Vec::new();
        for row in table::rows::<MetricRow>(&folder.path().join("metrics.csv"))? {
            let row = row?;
            let splits = match metrics.get_mut(&row.metric) {
                Some(splits) => splits,
                None => metrics.entry(row.metric.clone()).or_default(),
            };
            if !splits.contains(&row.split) {
                splits.insert(row.split.clone());
            }
            if row.metric == metric || row.metric == own {
                rows.push(row);
            }
        }
        // what is damaged tells nothing
        let document = experiment(folder).ok().flatten();
        let [task, split] =
            ["task", "split"].map(|field| document.as_ref().and_then(|document| field_of(document, field)));
        let manifest = Manifest::read(folder).ok().flatten();
        Ok(Self {
            arms: ArmTable::read(&folder.path().join("arms.csv"))?.rows,
            diverged,
            metrics,
            task,
            split,
            checksum: manifest.and_then(|manifest| manifest.text("data_sha256").map(str::to_owned)),
            rows,
            runs,
        })
    }

    /// The values of each arm by seed.
    pub fn values(&self, question: &Question<'_>) -> Vec<ValuesBySeed> {
        let moments: Vec<(&MetricRow, At)> = at_moments(&self.rows, &self.runs).collect();
        self.arms.iter().map(|arm| question.values(arm, &moments)).collect()
    }

    /// The values of each arm by seed after so many changes, of runs that finished; the question's own moment does not count.
    pub fn values_at_step(&self, question: &Question<'_>, step: u64) -> Vec<ValuesBySeed> {
        let finished = self.runs.iter().filter(|run| run.status == Status::Finished);
        let finished: BTreeSet<_> = finished.map(|run| (&*run.arm, run.seed)).collect();
        let there = |row: &&MetricRow| row.step == step && finished.contains(&(&*row.arm, row.seed));
        let moments: Vec<(&MetricRow, At)> = self.rows.iter().filter(there).map(|row| (row, question.at)).collect();
        self.arms.iter().map(|arm| question.values(arm, &moments)).collect()
    }

    /// Number of its runs.
    pub fn runs(&self) -> u64 {
        self.runs.len() as u64
    }

    /// The splits on which a metric, or the rule's own one, was measured.
    pub fn splits(&self, metric: &str) -> impl Iterator<Item = &str> {
        let own = self.metrics.get(&own(metric));
        let splits = self.metrics.get(metric).into_iter().chain(own).flatten();
        splits.map(String::as_str)
    }
}

/// A field of `experiment.ron` as text. There every default is written out in one way, so equal texts are equal values.
fn field_of(document: &Document, field: &str) -> Option<String> {
    let value = document.root().locate(field)?;
    Some(document.text()[value.span()].to_owned())
}
