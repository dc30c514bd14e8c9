//! Write what is kept of a finished run in few bytes, and read it back to the bit.

use super::Outcome;
use crate::cost::Cost;
use crate::digest::sha256;
use crate::results::{MetricRow, RunRow};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};

/// Far above any record of a run.
pub const LARGEST: u64 = 1 << 30;

/// What is kept of a finished run beside its weights and predictions.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// What the record is called; the oldest versions did not write it, and their records are not taken.
    pub key: Option<String>,
    pub task: String,
    pub state_per_weight: f64,
    pub cost: Cost,
    pub samples: u64,
    /// How long it took; earlier versions wrote it into the manifest alone.
    #[serde(default)]
    pub seconds: Option<f64>,
    pub run: RunRow,
    /// As earlier versions wrote what was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<MetricRow>,
    /// What was measured.
    #[serde(default)]
    measured: Measured,
    pub weights: Checksums,
    /// Checksum of the file of predictions, where there is one.
    #[serde(default)]
    pub predictions: Option<String>,
}

/// Checksums of files of weights, by name.
pub type Checksums = BTreeMap<String, String>;

/// Rows of `metrics.csv` of one run, in their order.
#[derive(Default, Serialize, Deserialize)]
pub struct Measured {
    /// Split, metric, rule, layer and reference of what was measured again and again.
    series: Vec<[String; 5]>,
    steps: Vec<MeasuredStep>,
}

/// What was measured at one step.
#[derive(Serialize, Deserialize)]
struct MeasuredStep {
    step: u64,
    epoch: f64,
    /// Which series each of the values is of.
    series: Vec<usize>,
    values: Vec<f64>,
}

impl Measured {
    pub fn of(rows: &[MetricRow]) -> Self {
        let mut measured = Self::default();
        let mut places: HashMap<[&str; 5], usize> = HashMap::new();
        for row in rows {
            let names = [&*row.split, &*row.metric, &*row.rule, &*row.layer, &*row.reference];
            let place = *places.entry(names).or_insert_with(|| {
                measured.series.push(names.map(str::to_owned));
                measured.series.len() - 1
            });
            let (step, epoch) = (row.step, row.epoch);
            if measured
                .steps
                .last()
                .is_none_or(|last| (last.step, last.epoch) != (step, epoch))
            {
                let (series, values) = (Vec::new(), Vec::new());
                measured.steps.push(MeasuredStep {
                    step,
                    epoch,
                    series,
                    values,
                });
            }
            let last = measured.steps.last_mut().expect("it has just been added");
            last.series.push(place);
            last.values.push(row.value);
        }
        measured
    }

    /// Whether every value is of some series.
    fn is_whole(&self) -> bool {
        let mut places = self.steps.iter().flat_map(|at| &at.series);
        places.all(|place| *place < self.series.len())
    }

    /// The rows of this run; nothing if a value is of no series.
    pub fn rows(&self, run: &RunRow) -> Option<Vec<MetricRow>> {
        let mut rows = Vec::with_capacity(self.steps.iter().map(|at| at.values.len()).sum());
        for at in &self.steps {
            for (place, value) in at.series.iter().zip(&at.values) {
                let [split, metric, rule, layer, reference] = self.series.get(*place)?.clone();
                rows.push(MetricRow {
                    arm: run.arm.clone(),
                    seed: run.seed,
                    step: at.step,
                    epoch: at.epoch,
                    split,
                    metric,
                    rule,
                    layer,
                    reference,
                    value: *value,
                });
            }
        }
        Some(rows)
    }
}

impl Kept {
    /// Of a run that has finished; its weights and predictions have these checksums.
    pub fn new(key: &str, task: &str, outcome: &Outcome, weights: Checksums, predictions: Option<String>) -> Self {
        Self {
            key: Some(key.to_owned()),
            task: task.to_owned(),
            state_per_weight: outcome.state_per_weight,
            cost: outcome.cost,
            samples: outcome.samples,
            seconds: outcome.seconds,
            run: outcome.run.clone(),
            metrics: Vec::new(),
            measured: Measured::of(&outcome.metrics),
            weights,
            predictions,
        }
    }

    /// The run as it was, but for its weights and predictions; nothing if the record makes no sense.
    pub fn outcome(mut self) -> Option<Outcome> {
        let metrics = match self.metrics.is_empty() {
            true => self.measured.rows(&self.run)?,
            false => std::mem::take(&mut self.metrics),
        };
        Some(self.outcome_with(metrics))
    }

    /// [`Kept::outcome`] without its rows, which are not made.
    pub fn ending(self) -> Option<Outcome> {
        self.measured.is_whole().then(|| self.outcome_with(Vec::new()))
    }

    fn outcome_with(self, metrics: Vec<MetricRow>) -> Outcome {
        Outcome {
            run: self.run,
            metrics,
            weights: Vec::new(),
            predictions: Vec::new(),
            seconds: self.seconds,
            state_per_weight: self.state_per_weight,
            cost: self.cost,
            samples: self.samples,
        }
    }

    /// The body of a record.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        let text = serde_json::to_vec(self).expect("finite numbers and text");
        let written = encoder.write_all(&text).and_then(|()| encoder.finish());
        written.expect("memory takes every byte")
    }

    /// Reads the body of a record.
    pub fn decode(body: &[u8]) -> Option<Self> {
        let mut text = Vec::new();
        DeflateDecoder::new(body).take(LARGEST).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Reads a file of earlier versions, which had one for each run; its last line is the checksum of what stands before it.
    pub fn decode_file(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().rposition(|byte| *byte == b'\n')?;
        let (body, checksum) = (&bytes[..end], &bytes[end + 1..]);
        (sha256(body).as_bytes() == checksum).then(|| serde_json::from_slice(body).ok())?
    }
}
