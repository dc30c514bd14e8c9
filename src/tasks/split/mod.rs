//! Split the samples of a task into a training, a validation and a test part.

mod folds;
#[cfg(test)]
mod tests;

pub use folds::FoldsSplit;
pub(super) use folds::Partition;

use super::{DataSet, Facts, Kind, Samples, TaskError};
use crate::random::{Purpose, Stream, shuffle};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Index of the stream, keyed by the split's own seed, that draws the test part or the folds.
const TEST: u64 = 0;
/// Index of the stream, keyed by the run's seed, that draws the validation part.
const VALIDATION: u64 = 1;

/// How samples are split.
///
/// A share of `n` samples is `share * n` rounded to the nearest whole number, halves up; that may be none. A `stratified` part
/// has of each class its share of the samples drawn from, to within one sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Split {
    /// By drawing a test part and a validation part.
    Random(RandomSplit),
    /// By the source's own test set.
    Fixed(FixedSplit),
    /// By holding out one of several folds, another one for each seed. Short: `Folds(5)`.
    Folds(FoldsSplit),
}

/// The test part is drawn once per experiment; training and validation parts differ from one run's seed to the next.
/// Drawn from are all samples of the source: the two parts of a source with a test set of its own are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomSplit {
    /// Share of all samples held out to choose settings; at least 0 and less than 1.
    pub validation: f64,
    /// Share of all samples held out to judge by; at least 0 and less than 1.
    pub test: f64,
    /// Chooses the test part, for all runs.
    pub seed: u64,
    /// Whether each part has all classes in equal shares.
    pub stratified: bool,
}

impl Default for RandomSplit {
    fn default() -> Self {
        Self {
            validation: 0.1,
            test: 0.2,
            seed: 0,
            stratified: false,
        }
    }
}

/// The test part is the source's own test set; the validation part is taken from the rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FixedSplit {
    /// Share of the source's training samples held out to choose settings, at least 0 and less than 1; with 0 all
    /// of them train.
    pub validation: f64,
    /// Which of them are held out.
    pub held_out: HeldOut,
    /// Whether the validation part has all classes in equal shares.
    pub stratified: bool,
}

/// Which samples a validation part has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HeldOut {
    /// Drawn by the run's seed.
    #[default]
    Drawn,
    /// The last ones of the source, for all runs: its first 50,000 of 60,000 train, say.
    Last,
}

impl Default for FixedSplit {
    fn default() -> Self {
        Self {
            validation: 0.1,
            held_out: HeldOut::Drawn,
            stratified: false,
        }
    }
}

/// How many samples each part has. Where folds differ in size, those of the seed with the smallest training part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Samples of an epoch.
    pub train: u32,
    /// May be 0.
    pub validation: u32,
    /// May be 0.
    pub test: u32,
}

/// Which samples each part has, in ascending order: the order of the source. The training part of folds from a file has the
/// file's order: fold by fold, each by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Learned from.
    pub train: Vec<u32>,
    /// For choosing settings; may be empty.
    pub validation: Vec<u32>,
    /// For judging; may be empty.
    pub test: Vec<u32>,
}

impl Split {
    /// How many samples each part has. `folder` is what paths in the split are relative to.
    ///
    /// # Errors
    /// If a share is not in `[0, 1)`, nothing is left to train on, the source has no test set of its own, classes are needed
    /// where there are none, a stream is to be split by drawing, or a file of folds is wrong.
    pub fn sizes(&self, facts: &Facts, folder: &Path) -> Result<Sizes, TaskError> {
        self.check(facts)?;
        match self {
            Split::Folds(folds) => folds.sizes(facts.samples, folder),
            _ => Ok(self.shares(facts.samples)?),
        }
    }

    fn check(&self, facts: &Facts) -> Result<(), Refusal> {
        let stratified = match self {
            Split::Random(split) => split.stratified,
            Split::Fixed(split) => split.stratified,
            Split::Folds(split) => split.stratified,
        };
        let last = matches!(self, Split::Fixed(split) if split.held_out == HeldOut::Last);
        let leave_out = |option, reason| Err(Refusal::new(option, reason, "leave it out"));
        match self {
            _ if stratified && (matches!(facts.kind, Kind::Values(_)) || facts.streams) => leave_out(
                "split.stratified",
                "there are no classes to be balanced: targets are values, or samples are drawn as they come",
            ),
            _ if last && stratified => leave_out(
                "split.stratified",
                "has no effect: the last samples are held out, whatever their classes",
            ),
            _ if last && facts.streams => leave_out("split.held_out", "a stream has no last samples"),
            Split::Random(_) | Split::Folds(_) if facts.streams => Err(Refusal::new(
                "split",
                "the samples of a stream are fresh for ever, so none of them is held out",
                "use `Fixed`: the test set is drawn once from the same source",
            )),
            _ => Ok(()),
        }
    }

    /// The number of seeds that an experiment has if it does not say: one for each fold, else 10.
    ///
    /// # Errors
    /// If a file of folds is wrong.
    pub fn default_seeds(&self, folder: &Path) -> Result<u64, TaskError> {
        match self {
            Split::Folds(folds) => folds.count(folder),
            _ => Ok(10),
        }
    }

    /// The data with what the split's own file says.
    ///
    /// # Errors
    /// If a file of folds is wrong.
    pub(crate) fn prepare(&self, data: DataSet, folder: &Path) -> Result<DataSet, TaskError> {
        Ok(match self {
            Split::Folds(folds) => match folds.read(data.samples().total(), folder)? {
                Some(partition) => data.with_partition(partition),
                None => data,
            },
            _ => data,
        })
    }

    /// Sizes of the parts of a split by shares.
    fn shares(&self, samples: Samples) -> Result<Sizes, Refusal> {
        let (validation, test, total) = match self {
            Split::Random(split) => {
                let total = samples.total();
                (
                    share("split.validation", split.validation, total)?,
                    share("split.test", split.test, total)?,
                    total,
                )
            }
            Split::Fixed(split) if samples.test > 0 => {
                let validation = share("split.validation", split.validation, samples.training)?;
                (validation, samples.test, samples.total())
            }
            _ => {
                return Err(Refusal::new(
                    "split",
                    "the task has no test set of its own",
                    "use `Random(test: 0.2)`",
                ));
            }
        };
        remaining(total, validation, test)
    }

    /// Which samples each part has in the runs with this seed.
    ///
    /// # Errors
    /// As [`Split::sizes`], and if folds stand in a file that has not been read with the data.
    pub fn parts(&self, data: &DataSet, seed: u64) -> Result<Parts, TaskError> {
        let samples = data.samples();
        let classes = |stratified: bool| data.labels().filter(|_| stratified);
        let validation_stream = Stream::new(seed, Purpose::Split, VALIDATION, 0);
        let (mut train, test, validation, classes) = match self {
            Split::Random(split) => {
                let Sizes { validation, test, .. } = self.shares(samples)?;
                let mut pool = (0..samples.total()).collect();
                let classes = classes(split.stratified);
                let test = draw(
                    &mut pool,
                    test,
                    classes,
                    Stream::new(split.seed, Purpose::Split, TEST, 0),
                );
                (pool, test, validation, classes)
            }
            Split::Fixed(split) => {
                let Sizes { validation, .. } = self.shares(samples)?;
                let test = (samples.training..samples.total()).collect();
                let mut pool: Vec<u32> = (0..samples.training).collect();
                if split.held_out == HeldOut::Last {
                    let validation = pool.split_off((samples.training - validation) as usize);
                    return Ok(Parts {
                        train: pool,
                        validation,
                        test,
                    });
                }
                (pool, test, validation, classes(split.stratified))
            }
            Split::Folds(split) => {
                let (train, test) = split.held_out(data, seed)?;
                let validation = share("split.validation", split.validation, train.len() as u32)?;
                (train, test, validation, classes(split.stratified))
            }
        };
        let validation = draw(&mut train, validation, classes, validation_stream);
        Ok(Parts {
            train,
            validation,
            test,
        })
    }
}

/// What is left of `total` samples to train on.
fn remaining(total: u32, validation: u32, test: u32) -> Result<Sizes, Refusal> {
    match total.checked_sub(validation).and_then(|rest| rest.checked_sub(test)) {
        Some(train) if train > 0 => Ok(Sizes {
            train,
            validation,
            test,
        }),
        _ => Err(Refusal::new(
            "split",
            format!("of {total} samples, {validation} for validation and {test} for test leave none to train on"),
            "use smaller shares",
        )),
    }
}

/// `share * n`, rounded.
fn share(field: &'static str, share: f64, n: u32) -> Result<u32, Refusal> {
    if !(0.0..1.0).contains(&share) {
        return Err(Refusal::new(
            field,
            format!("{share} is no share of the samples"),
            "use a number from 0 to below 1",
        ));
    }
    Ok((share * f64::from(n)).round() as u32)
}

/// Takes `size` random members out of `pool`, which keeps its order; the part is in ascending order. Without classes, a larger
/// part from the same stream and pool contains a smaller one. With `classes`, the class of every sample, each class gives its
/// share, to within one member; where shares have to be rounded, those with the largest remainders give one more.
fn draw(pool: &mut Vec<u32>, size: u32, classes: Option<&[u32]>, stream: Stream) -> Vec<u32> {
    let mut shuffled = pool.clone();
    shuffle(&mut shuffled, &mut stream.generator());
    let mut part = match classes {
        None => shuffled.split_off(shuffled.len() - size as usize),
        Some(classes) => {
            let mut wanted = quotas(&shuffled, size, classes);
            shuffled.retain(|&sample| {
                let wanted = &mut wanted[classes[sample as usize] as usize];
                let taken = *wanted > 0;
                *wanted -= u32::from(taken);
                taken
            });
            shuffled
        }
    };
    part.sort_unstable();
    pool.retain(|sample| part.binary_search(sample).is_err());
    part
}

/// How many members of each class a part of `size` has.
fn quotas(pool: &[u32], size: u32, classes: &[u32]) -> Vec<u32> {
    let mut members = vec![0u64; classes.iter().max().map_or(0, |&class| class as usize + 1)];
    pool.iter()
        .for_each(|&sample| members[classes[sample as usize] as usize] += 1);
    let (size, all) = (u64::from(size), pool.len().max(1) as u64);
    let mut quotas: Vec<u32> = members.iter().map(|n| (size * n / all) as u32).collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&class| (std::cmp::Reverse(size * members[class] % all), class));
    let missing = size as u32 - quotas.iter().sum::<u32>();
    order
        .iter()
        .take(missing as usize)
        .for_each(|&class| quotas[class] += 1);
    quotas
}
