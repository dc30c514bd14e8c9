//! Hold the samples of a task once, whatever precision runs use, and fill batches from them.

mod numbers;
mod origin;
#[cfg(test)]
mod tests;

use super::fresh::{Draw, Fresh};
use super::scale::Fitted;
use super::split::Partition;
use super::{Kind, LabelNoise, Parts, Reading, Samples, Scale};
use crate::digest::hexadecimal;
use crate::linalg::{Matrix, Scalar, reshape};
use crate::random::Purpose;
use numbers::{convert, fill};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Inputs of all samples, `n_in × samples`, column-major.
///
/// Pixels stay bytes and are divided when a batch is filled: one exactly rounded division in the run's own precision, so that
/// a run in `f32` sees the nearest `f32` to `pixel / 255` and a run in `f64` the nearest `f64`, in an eighth of the memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Whole numbers from 0 to 255, each to be divided by `divisor`.
    Bytes {
        /// `n_in × samples`.
        values: Vec<u8>,
        /// What an input is divided by.
        divisor: u8,
    },
    /// Numbers, rounded to the run's precision when a batch is filled.
    Numbers(Vec<f64>),
}

/// What the network should answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One of several classes; the target of an output unit is 1 for the sample's class and 0 for others.
    Classes {
        /// A sample's class, counted from 0.
        labels: Vec<u32>,
        /// What the classes are called.
        names: Vec<String>,
    },
    /// One of two classes, told by one output unit whose target is 0 or 1.
    Single {
        /// A sample's class, 0 or 1.
        labels: Vec<u32>,
        /// What the classes are called.
        names: [String; 2],
    },
    /// Numbers, `outputs × samples`, column-major.
    Values {
        /// The numbers.
        values: Vec<f64>,
        /// Numbers a sample.
        outputs: usize,
    },
    /// The inputs themselves, scaled as they are.
    Inputs,
}

/// What is stored: the same for all runs.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    inputs: Inputs,
    n_in: usize,
    targets: Targets,
}

/// The samples of a task: first those for training, then the source's own test set, if it has one.
///
/// Clones share the samples. [`DataSet::for_run`] gives a run its scaling, fitted on its own training part, and, where the task
/// is a stream, its own fresh samples.
#[derive(Clone, Debug)]
pub struct DataSet {
    content: Arc<Content>,
    samples: Samples,
    checksum: String,
    reading: Arc<Reading>,
    partition: Option<Arc<Partition>>,
    fitted: Option<Arc<Fitted>>,
    /// The labels that a run is given in place of the source's.
    noisy: Option<Arc<Vec<u32>>>,
    fresh: Option<Arc<Fresh>>,
}

impl DataSet {
    /// A data set of `samples.total()` samples with `n_in` inputs each.
    ///
    /// # Panics
    /// If the lengths do not fit, a label has no class, or there is nothing in it.
    pub fn new(inputs: Inputs, n_in: usize, targets: Targets, samples: Samples) -> Self {
        Self::storing(inputs, n_in, targets, samples, samples.total())
    }

    /// A data set whose training samples are drawn when they are needed: what is stored is the test set alone. `seed` is the
    /// task's.
    pub(super) fn stream(
        draw: Arc<dyn Draw>,
        seed: u64,
        inputs: Vec<f64>,
        n_in: usize,
        targets: Targets,
        samples: Samples,
    ) -> Self {
        let data = Self::storing(Inputs::Numbers(inputs), n_in, targets, samples, samples.test);
        let fresh = Fresh::new(draw, seed, 0, n_in, data.kind().outputs());
        Self {
            fresh: Some(Arc::new(fresh)),
            ..data
        }
    }

    fn storing(inputs: Inputs, n_in: usize, targets: Targets, samples: Samples, stored: u32) -> Self {
        let total = stored as usize;
        assert!(
            n_in > 0 && samples.training > 0,
            "a data set has inputs and training samples"
        );
        let input_count = match &inputs {
            Inputs::Bytes { values, divisor } => {
                assert!(*divisor > 0, "inputs cannot be divided by 0");
                values.len()
            }
            Inputs::Numbers(values) => values.len(),
        };
        assert_eq!(input_count, n_in * total, "inputs are {n_in} x {total}");
        let in_range = |labels: &[u32], classes: usize| labels.iter().all(|&label| (label as usize) < classes);
        let (target_count, outputs) = match &targets {
            Targets::Classes { labels, names } => {
                assert!(in_range(labels, names.len()), "every label has a class");
                (labels.len(), 1)
            }
            Targets::Single { labels, .. } => {
                assert!(in_range(labels, 2), "there are two classes");
                (labels.len(), 1)
            }
            Targets::Values { values, outputs } => (values.len(), *outputs),
            Targets::Inputs => (input_count, n_in),
        };
        assert!(outputs > 0, "a target has at least one number");
        assert_eq!(target_count, outputs * total, "targets are {outputs} x {total}");
        let checksum = checksum(&inputs, n_in, &targets, samples);
        Self {
            content: Arc::new(Content { inputs, n_in, targets }),
            samples,
            checksum,
            reading: Arc::default(),
            partition: None,
            fitted: None,
            noisy: None,
            fresh: None,
        }
    }

    /// Inputs a sample.
    pub fn inputs(&self) -> usize {
        self.content.n_in
    }

    /// What the network answers, and with how many units.
    pub fn kind(&self) -> Kind {
        match &self.content.targets {
            Targets::Classes { names, .. } => Kind::Classes(names.len()),
            Targets::Single { .. } => Kind::Single,
            Targets::Values { outputs, .. } => Kind::Values(*outputs),
            Targets::Inputs => Kind::Values(self.content.n_in),
        }
    }

    /// How many samples there are; of a stream, how many an epoch has.
    pub fn samples(&self) -> Samples {
        self.samples
    }

    /// The class of every sample that is stored, as the source says, without label noise: all of them, or the test set of a stream.
    /// Absent for value targets.
    pub fn labels(&self) -> Option<&[u32]> {
        match &self.content.targets {
            Targets::Classes { labels, .. } | Targets::Single { labels, .. } => Some(labels),
            Targets::Values { .. } | Targets::Inputs => None,
        }
    }

    /// What the classes are called; absent for value targets.
    pub fn class_names(&self) -> Option<&[String]> {
        match &self.content.targets {
            Targets::Classes { names, .. } => Some(names),
            Targets::Single { names, .. } => Some(names),
            Targets::Values { .. } | Targets::Inputs => None,
        }
    }

    /// SHA-256, in hexadecimal, of all that was loaded: the same for a file and its compressed form, another one whenever a
    /// sample, their order, a class name, the test set or a file of folds is another.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// The same samples, and what was read as what.
    pub(super) fn described(self, reading: Reading) -> Self {
        Self {
            reading: Arc::new(reading),
            ..self
        }
    }

    /// Whether training samples are drawn as they are needed.
    pub(super) fn is_stream(&self) -> bool {
        self.fresh.is_some()
    }

    /// Which columns of the user's own files were read as what, and what in them looks like a slip.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The same inputs, each of which is its own target.
    pub(super) fn reconstructing(self) -> Self {
        let content = Arc::unwrap_or_clone(self.content);
        Self {
            reading: self.reading,
            ..Self::new(content.inputs, content.n_in, Targets::Inputs, self.samples)
        }
    }

    /// The same samples with folds that a file names.
    pub(super) fn with_partition(self, partition: Partition) -> Self {
        let mut sha = Sha256::new();
        sha.update(&self.checksum);
        sha.update(format!("{partition:?}"));
        Self {
            checksum: hexadecimal(&sha.finalize()),
            partition: Some(Arc::new(partition)),
            ..self
        }
    }

    /// The folds that a file names.
    pub(super) fn partition(&self) -> Option<&Partition> {
        self.partition.as_deref()
    }

    /// The samples as runs with this seed see them: scaled, the scaling fitted on the training part of `parts` where it does
    /// not say otherwise; and, from a stream, fresh ones of their own.
    pub fn for_run(&self, seed: u64, scale: Scale, parts: &Parts) -> Self {
        let mut data = self.clone();
        if let Some(fresh) = &self.fresh {
            data.fresh = Some(Arc::new(fresh.for_run(seed)));
        }
        data.fitted = Fitted::new(scale, &data, parts).map(Arc::new);
        data
    }

    /// The samples with the labels of a run with this seed, some of them noisy in the training part of `parts`.
    pub fn with_label_noise(self, noise: LabelNoise, seed: u64, parts: &Parts) -> Self {
        let labels = self.labels().filter(|_| noise.0 > 0.0);
        let noisy = labels.map(|labels| Arc::new(noise.apply(labels, self.kind(), &parts.train, seed)));
        Self { noisy, ..self }
    }

    /// The same samples without scaling.
    pub fn unscaled(&self) -> Self {
        Self {
            fitted: None,
            ..self.clone()
        }
    }

    /// Fills a batch: `x` becomes `n_in × samples`, `y` becomes `n_out × samples`, column `i` from sample `samples[i]`; of a
    /// stream, from that sample of its first epoch. Allocates only where a matrix never was as large before.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn gather<T: Scalar>(&self, samples: &[u32], x: &mut Matrix<T>, y: &mut Matrix<T>) {
        self.gather_in_epoch(Purpose::Order, 0, samples, x, y);
    }

    /// As [`DataSet::gather`], in an epoch of training (`purpose` is [`Purpose::Order`]) or of the warm-up
    /// ([`Purpose::WarmUpOrder`]). Only a stream has other samples in other epochs: every one is seen once.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn gather_in_epoch<T: Scalar>(
        &self,
        purpose: Purpose,
        epoch: u64,
        samples: &[u32],
        x: &mut Matrix<T>,
        y: &mut Matrix<T>,
    ) {
        let n_out = self.kind().outputs();
        reshape(x, self.inputs(), samples.len());
        reshape(y, n_out, samples.len());
        let Some(fresh) = &self.fresh else {
            return self.gather_stored(samples, x.as_mut_slice(), y.as_mut_slice());
        };
        // what is stored begins behind the training samples, which are drawn one by one
        let columns = x.as_mut_slice().chunks_exact_mut(self.inputs());
        for ((x, y), &sample) in columns.zip(y.as_mut_slice().chunks_exact_mut(n_out)).zip(samples) {
            match sample.checked_sub(self.samples.training) {
                Some(stored) => self.gather_stored(&[stored], x, y),
                None => {
                    let number = epoch * u64::from(self.samples.training) + u64::from(sample);
                    fresh.draw(purpose, number, |from_x, from_y, class| {
                        self.write_fresh(from_x, from_y, class, x, y);
                    });
                }
            }
        }
    }

    /// A drawn sample in the run's precision, scaled.
    fn write_fresh<T: Scalar>(&self, from_x: &[f64], from_y: &[f64], class: u32, x: &mut [T], y: &mut [T]) {
        let fitted = self.fitted.as_deref();
        let inputs = fitted.and_then(|fitted| fitted.inputs.as_ref());
        let values = fitted.and_then(|fitted| fitted.values.as_ref());
        fill(x, &[0], from_x, inputs, |value| value);
        match &self.content.targets {
            Targets::Classes { .. } => self.write_class(class, y),
            Targets::Single { .. } => y[0] = self.single(class),
            Targets::Values { .. } | Targets::Inputs => fill(y, &[0], from_y, values, |value| value),
        }
    }

    /// What is stored, columns of `x` and `y` one after the other.
    fn gather_stored<T: Scalar>(&self, samples: &[u32], x: &mut [T], y: &mut [T]) {
        let Content { inputs, targets, n_in } = &*self.content;
        let fitted = self.fitted.as_deref();
        let of_inputs = fitted.and_then(|fitted| fitted.inputs.as_ref());
        let write_inputs = |to: &mut [T]| match (inputs, of_inputs) {
            (Inputs::Bytes { values, divisor }, None) => {
                let divisor = T::of(f64::from(*divisor));
                convert(to, *n_in, samples, values, |byte| T::of(f64::from(byte)) / divisor);
            }
            (Inputs::Bytes { values, divisor }, columns) => {
                let divisor = f64::from(*divisor);
                fill(to, samples, values, columns, |byte| f64::from(byte) / divisor);
            }
            (Inputs::Numbers(values), columns) => fill(to, samples, values, columns, |value| value),
        };
        write_inputs(x);
        let noisy = |labels| self.noisy.as_deref().unwrap_or(labels);
        match targets {
            Targets::Classes { labels, names } => {
                let labels = noisy(labels);
                for (column, &sample) in y.chunks_exact_mut(names.len()).zip(samples) {
                    self.write_class(labels[sample as usize], column);
                }
            }
            Targets::Single { labels, .. } => {
                let labels = noisy(labels);
                for (y, &sample) in y.iter_mut().zip(samples) {
                    *y = self.single(labels[sample as usize]);
                }
            }
            Targets::Values { values, .. } => {
                fill(
                    y,
                    samples,
                    values,
                    fitted.and_then(|fitted| fitted.values.as_ref()),
                    |value| value,
                );
            }
            Targets::Inputs => write_inputs(y),
        }
    }

    /// The targets for the own class and for the others: 1 and 0, where the scaling does not say otherwise.
    fn levels(&self) -> (f64, f64) {
        self.fitted.as_deref().map_or((0.0, 1.0), |fitted| fitted.levels)
    }

    fn write_class<T: Scalar>(&self, class: u32, y: &mut [T]) {
        let (low, high) = self.levels();
        y.fill(T::of(low));
        y[class as usize] = T::of(high);
    }

    fn single<T: Scalar>(&self, class: u32) -> T {
        let (low, high) = self.levels();
        T::of(if class == 0 { low } else { high })
    }
}

/// SHA-256 of a line that says what follows, the inputs and the targets; numbers are little-endian.
fn checksum(inputs: &Inputs, n_in: usize, targets: &Targets, samples: Samples) -> String {
    let mut sha = Sha256::new();
    let Samples { training, test } = samples;
    sha.update(format!("inputs {n_in}, training {training}, test {test}, "));
    match inputs {
        Inputs::Bytes { divisor, .. } => sha.update(format!("bytes / {divisor}, ")),
        Inputs::Numbers(_) => sha.update("numbers, "),
    }
    match targets {
        Targets::Classes { names, .. } => sha.update(format!("classes {names:?}\n")),
        Targets::Single { names, .. } => sha.update(format!("single {names:?}\n")),
        Targets::Values { outputs, .. } => sha.update(format!("values {outputs}\n")),
        Targets::Inputs => sha.update("inputs\n"),
    }
    match inputs {
        Inputs::Bytes { values, .. } => sha.update(values),
        Inputs::Numbers(values) => values.iter().for_each(|value| sha.update(value.to_le_bytes())),
    }
    match targets {
        Targets::Classes { labels, .. } | Targets::Single { labels, .. } => {
            labels.iter().for_each(|label| sha.update(label.to_le_bytes()));
        }
        Targets::Values { values, .. } => values.iter().for_each(|value| sha.update(value.to_le_bytes())),
        Targets::Inputs => {}
    }
    hexadecimal(&sha.finalize())
}
