//! Write down a run under way, and let a run go on from where another was written down.

use super::kept::Measured;
use super::record::Record;
use super::{Owner, Run, Training};
use crate::arrays::{self, Array};
use crate::cost::Cost;
use crate::linalg::Scalar;
use crate::rules::Bind;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

/// All of a run but its arrays.
#[derive(Serialize, Deserialize)]
struct Standing<'a> {
    /// Of the training.
    step: u64,
    /// Of the training.
    cost: Cost,
    record: Cow<'a, Record>,
    /// What was measured so far.
    measured: Measured,
    /// The steps at which weights to be kept were taken, with the names of their arrays; the best are last, if there are any.
    weights: Vec<(u64, Vec<String>)>,
    has_best: bool,
}

/// What the arrays to be kept are called in a checkpoint: those taken at the moment `i`.
fn kept_name(i: usize, name: &str) -> String {
    format!("kept{i}.{name}")
}

/// What an array of a training is called in a checkpoint.
fn name_in(owner: Owner, name: &str) -> String {
    match owner {
        Owner::Network => format!("network.{name}"),
        Owner::Optimizer => format!("optimizer.{name}"),
        Owner::Rule(seat) => format!("rule{seat}.{name}"),
    }
}

impl<T: Scalar> Training<T> {
    /// Every array that the training consists of, bit for bit, as [`Training::visit`] shows them. With `step` and `cost` they are all
    /// that it has to save.
    pub fn arrays(&mut self) -> Vec<Array> {
        let mut arrays = Vec::new();
        self.visit(|owner, name, shape, values| arrays.push(Array::new(name_in(owner, name), shape, values)));
        arrays
    }

    /// Puts arrays of another training back that was started as this one was.
    ///
    /// # Errors
    /// Some array is missing, too many, or of another shape or precision; the training is then good for nothing.
    pub fn restore(&mut self, arrays: Vec<Array>) -> Result<(), String> {
        let mut left: BTreeMap<String, Array> = by_name(arrays);
        let mut wrong = None;
        self.visit(|owner, name, shape, values| {
            let name = name_in(owner, name);
            let put = left.remove(&name).is_some_and(|array| array.restore(shape, values));
            if !put {
                wrong = Some(format!("has no `{name}` of shape {shape:?}"));
            }
        });
        match (wrong, left.into_keys().next()) {
            (Some(wrong), _) => Err(wrong),
            (None, Some(name)) => Err(format!("has `{name}`, and nothing is called so")),
            (None, None) => Ok(()),
        }
    }
}

fn by_name(arrays: Vec<Array>) -> BTreeMap<String, Array> {
    arrays.into_iter().map(|array| (array.name.clone(), array)).collect()
}

impl<T: Bind> Run<'_, T> {
    /// All that decides how the run goes on, between two steps. Nothing of the run changes.
    pub fn checkpoint(&mut self) -> Vec<u8> {
        let mut arrays = self.training.arrays();
        let record = &self.record;
        let moments = record.outcome.weights.iter().chain(&record.best_weights);
        let mut weights = Vec::new();
        for (i, (step, kept)) in moments.enumerate() {
            weights.push((*step, kept.iter().map(|array| array.name.clone()).collect()));
            arrays.extend(kept.iter().map(|array| {
                let mut array = array.clone();
                array.name = kept_name(i, &array.name);
                array
            }));
        }
        let standing = Standing {
            step: self.training.step,
            cost: self.training.cost,
            record: Cow::Borrowed(record),
            measured: Measured::of(&record.outcome.metrics),
            weights,
            has_best: record.best_weights.is_some(),
        };
        let text = ron::to_string(&standing).expect("plain data");
        let encoded = arrays::encode(&arrays).expect("every array has a name of its own");
        // of large arrays there are never more than two copies
        drop(arrays);
        [&(text.len() as u64).to_le_bytes(), text.as_bytes(), &encoded].concat()
    }

    /// The run as another one had written it down that was started with the same arm, seed and data.
    ///
    /// # Errors
    /// The bytes are of another run, as the end of a sentence that begins with what they are.
    pub fn restored(mut self, checkpoint: &[u8]) -> Result<Self, String> {
        let mut arrays = checkpoint;
        let standing = text(&mut arrays).ok_or("holds no run")?;
        let standing: Standing<'_> = ron::from_str(&standing).map_err(|error| format!("holds no run: {error}"))?;
        let mut left = by_name(arrays::decode(arrays).map_err(|error| format!("holds no arrays: {error}"))?);
        let mut moment = |(i, (step, names)): (usize, (u64, Vec<String>))| -> Result<(u64, Vec<Array>), String> {
            let array = |name: String| match left.remove(&kept_name(i, &name)) {
                Some(mut array) => {
                    array.name = name;
                    Ok(array)
                }
                None => Err(format!("lacks `{name}`, taken at step {step}")),
            };
            Ok((step, names.into_iter().map(array).collect::<Result<_, _>>()?))
        };
        let moments = standing.weights.into_iter().enumerate();
        let mut weights = moments.map(&mut moment).collect::<Result<Vec<_>, _>>()?;
        let mut record = standing.record.into_owned();
        if standing.has_best {
            record.best_weights = weights.pop();
        }
        record.outcome.weights = weights;
        // the arm may have been given another name
        record.outcome.run.arm.clone_from(&self.arm.slug);
        let rows = standing.measured.rows(&record.outcome.run);
        record.outcome.metrics = rows.ok_or("holds values of nothing")?;
        self.record = record;
        self.training.restore(left.into_values().collect())?;
        self.training.step = standing.step;
        self.training.cost = standing.cost;
        Ok(self)
    }
}

/// How far a run under way has come, as a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunUnderWay {
    /// The arm's slug.
    pub arm: String,
    /// The run's seed.
    pub seed: u64,
    /// Steps it has taken.
    pub step: u64,
    /// Steps it takes at most.
    pub of: u64,
}

impl RunUnderWay {
    /// Reads it from the start of a checkpoint, without its arrays; nothing where there is no run.
    pub fn read(mut checkpoint: impl Read) -> Option<Self> {
        let standing: Standing<'_> = ron::from_str(&text(&mut checkpoint)?).ok()?;
        Some(Self {
            arm: standing.record.outcome.run.arm.clone(),
            seed: standing.record.outcome.run.seed,
            step: standing.step,
            of: standing.record.last_step,
        })
    }
}

/// The text that a checkpoint begins with; its arrays come next.
fn text(checkpoint: &mut impl Read) -> Option<String> {
    let (mut length, mut text) = ([0; 8], String::new());
    checkpoint.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    checkpoint.take(length).read_to_string(&mut text).ok()?;
    (text.len() as u64 == length).then_some(text)
}
