//! Hold the samples of a task once, whatever precision runs use, and fill batches from them.

mod numbers;
mod origin;
mod stored;
#[cfg(test)]
mod tests;

use super::fresh::{Fresh, Sampler};
use super::scale::Fitted;
use super::split::Partition;
use super::{Kind, LabelNoise, Parts, Reading, Samples, Scale};
use crate::digest::hexadecimal;
use crate::linalg::{Matrix, Scalar, reshape};
use crate::network::Map;
use crate::random::Purpose;
use numbers::{convert, fill};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use stored::StoredSamples;
pub use stored::{Inputs, Targets};

/// The samples of a task: first those for training, then the source's own test set, if it has one.
///
/// Clones share the samples. [`DataSet::for_run`] gives a run its scaling, fitted on its own training part, and, where the task
/// is a stream, its own fresh samples.
#[derive(Clone, Debug)]
pub struct DataSet {
    stored: Arc<StoredSamples>,
    image: Option<Map>,
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
        sampler: Arc<dyn Sampler>,
        seed: u64,
        inputs: Vec<f64>,
        n_in: usize,
        targets: Targets,
        samples: Samples,
    ) -> Self {
        let data = Self::storing(Inputs::Numbers(inputs), n_in, targets, samples, samples.test);
        let fresh = Fresh::new(sampler, seed, 0, n_in, data.kind().outputs());
        Self {
            fresh: Some(Arc::new(fresh)),
            ..data
        }
    }

    fn storing(inputs: Inputs, n_in: usize, targets: Targets, samples: Samples, count: u32) -> Self {
        assert!(samples.training > 0, "a data set has training samples");
        let stored = StoredSamples::new(inputs, n_in, targets, count);
        Self {
            checksum: stored.checksum(samples),
            stored: Arc::new(stored),
            image: None,
            samples,
            reading: Arc::default(),
            partition: None,
            fitted: None,
            noisy: None,
            fresh: None,
        }
    }

    /// Inputs a sample.
    pub fn inputs(&self) -> usize {
        self.stored.n_in
    }

    /// Their channels, rows and columns; absent where they are a plain row of numbers.
    pub fn image(&self) -> Option<Map> {
        self.image
    }

    /// The same samples, which are images, or none.
    pub(super) fn shaped(self, image: impl Into<Option<Map>>) -> Self {
        let image = image.into();
        Self { image, ..self }
    }

    /// What the network answers, and with how many units.
    pub fn kind(&self) -> Kind {
        self.stored.kind()
    }

    /// How many samples there are; of a stream, how many an epoch has.
    pub fn samples(&self) -> Samples {
        self.samples
    }

    /// The class of every sample that is stored, as the source says, without label noise: all of them, or the test set of a stream.
    /// Absent for value targets.
    pub fn labels(&self) -> Option<&[u32]> {
        self.stored.targets.labels()
    }

    /// What the classes are called; absent for value targets.
    pub fn class_names(&self) -> Option<&[String]> {
        self.stored.targets.class_names()
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
        let stored = Arc::unwrap_or_clone(self.stored);
        Self {
            image: self.image,
            reading: self.reading,
            ..Self::new(stored.inputs, stored.n_in, Targets::Inputs, self.samples)
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
        match &self.stored.targets {
            Targets::Classes { .. } => self.write_class(class, y),
            Targets::Single { .. } => y[0] = self.single(class),
            Targets::Values { .. } | Targets::Inputs => fill(y, &[0], from_y, values, |value| value),
        }
    }

    /// What is stored, columns of `x` and `y` one after the other.
    fn gather_stored<T: Scalar>(&self, samples: &[u32], x: &mut [T], y: &mut [T]) {
        let StoredSamples { inputs, targets, n_in } = &*self.stored;
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
