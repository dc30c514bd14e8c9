//! Hold the samples of a task once, whatever precision runs use, and fill batches from them.

use super::{Kind, Samples};
use crate::linalg::{Matrix, Scalar, reshape};
use sha2::{Digest, Sha256};

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
}

/// The samples of a task: first those for training, then the source's own test set, if it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSet {
    inputs: Inputs,
    n_in: usize,
    targets: Targets,
    samples: Samples,
    checksum: String,
}

impl DataSet {
    /// A data set of `samples.total()` samples with `n_in` inputs each.
    ///
    /// # Panics
    /// If the lengths do not fit, a label has no class, or there is nothing in it.
    pub fn new(inputs: Inputs, n_in: usize, targets: Targets, samples: Samples) -> Self {
        let total = samples.total() as usize;
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
        };
        assert!(outputs > 0, "a target has at least one number");
        assert_eq!(target_count, outputs * total, "targets are {outputs} x {total}");
        let checksum = checksum(&inputs, n_in, &targets, samples);
        Self {
            inputs,
            n_in,
            targets,
            samples,
            checksum,
        }
    }

    /// Inputs a sample.
    pub fn inputs(&self) -> usize {
        self.n_in
    }

    /// What the network answers, and with how many units.
    pub fn kind(&self) -> Kind {
        match &self.targets {
            Targets::Classes { names, .. } => Kind::Classes(names.len()),
            Targets::Single { .. } => Kind::Single,
            Targets::Values { outputs, .. } => Kind::Values(*outputs),
        }
    }

    /// How many samples there are.
    pub fn samples(&self) -> Samples {
        self.samples
    }

    /// The class of every sample; absent for value targets.
    pub fn labels(&self) -> Option<&[u32]> {
        match &self.targets {
            Targets::Classes { labels, .. } | Targets::Single { labels, .. } => Some(labels),
            Targets::Values { .. } => None,
        }
    }

    /// What the classes are called; absent for value targets.
    pub fn class_names(&self) -> Option<&[String]> {
        match &self.targets {
            Targets::Classes { names, .. } => Some(names),
            Targets::Single { names, .. } => Some(names),
            Targets::Values { .. } => None,
        }
    }

    /// SHA-256, in hexadecimal, of all that was loaded: the same for a file and its compressed form, another one whenever a
    /// sample, their order, a class name or the test set is another.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// Fills a batch: `x` becomes `n_in × samples`, `y` becomes `n_out × samples`, column `i` from sample `samples[i]`.
    /// Allocates only where a matrix never was as large before.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn gather<T: Scalar>(&self, samples: &[u32], x: &mut Matrix<T>, y: &mut Matrix<T>) {
        reshape(x, self.n_in, samples.len());
        match &self.inputs {
            Inputs::Bytes { values, divisor } => {
                let divisor = T::of(f64::from(*divisor));
                fill(x, samples, values, |byte| T::of(f64::from(byte)) / divisor);
            }
            Inputs::Numbers(values) => fill(x, samples, values, T::of),
        }
        reshape(y, self.kind().outputs(), samples.len());
        match &self.targets {
            Targets::Classes { labels, names } => {
                let y = y.as_mut_slice();
                y.fill(T::ZERO);
                for (column, &sample) in y.chunks_exact_mut(names.len()).zip(samples) {
                    column[labels[sample as usize] as usize] = T::ONE;
                }
            }
            Targets::Single { labels, .. } => fill(y, samples, labels, |label| T::of(f64::from(label))),
            Targets::Values { values, .. } => fill(y, samples, values, T::of),
        }
    }
}

/// Column `i` of `to` becomes column `samples[i]` of `from`, converted.
fn fill<T: Scalar, S: Copy>(to: &mut Matrix<T>, samples: &[u32], from: &[S], convert: impl Fn(S) -> T) {
    let rows = to.nrows();
    for (column, &sample) in to.as_mut_slice().chunks_exact_mut(rows).zip(samples) {
        let start = sample as usize * rows;
        for (to, &value) in column.iter_mut().zip(&from[start..start + rows]) {
            *to = convert(value);
        }
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
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::empty;
    use proptest::prelude::*;

    const SAMPLES: Samples = Samples { training: 2, test: 1 };

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|name| name.to_string()).collect()
    }

    fn pixels() -> DataSet {
        let inputs = Inputs::Bytes {
            values: vec![0, 51, 102, 153, 204, 255],
            divisor: 255,
        };
        let targets = Targets::Classes {
            labels: vec![2, 0, 1],
            names: names(&["a", "b", "c"]),
        };
        DataSet::new(inputs, 2, targets, SAMPLES)
    }

    #[test]
    fn a_batch_holds_the_named_samples_in_the_named_order() {
        let (mut x, mut y) = (empty::<f64>(), empty::<f64>());
        pixels().gather(&[2, 0, 2], &mut x, &mut y);
        assert_eq!((x.shape(), y.shape()), ((2, 3), (3, 3)));
        assert_eq!(x.as_slice(), [0.8, 1.0, 0.0, 0.2, 0.8, 1.0]);
        assert_eq!(y.as_slice(), [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn what_a_smaller_batch_leaves_behind_is_gone() {
        let (mut x, mut y) = (empty::<f32>(), empty::<f32>());
        let data = pixels();
        data.gather(&[0, 1, 2], &mut x, &mut y);
        let memory = x.as_slice().as_ptr();
        data.gather(&[1], &mut x, &mut y);
        assert_eq!((x.as_slice(), y.as_slice()), (&[0.4, 0.6][..], &[1.0, 0.0, 0.0][..]));
        data.gather(&[0, 1, 2], &mut x, &mut y);
        assert_eq!(y.as_slice(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(x.as_slice().as_ptr(), memory, "memory is kept");
    }

    /// Each precision has its own nearest number: in `f32` the quotient is as exact as 24 bits can be.
    #[test]
    fn every_pixel_is_the_nearest_number_in_both_precisions() {
        let inputs = Inputs::Bytes {
            values: (0..=255).collect(),
            divisor: 255,
        };
        let data = DataSet::new(
            inputs,
            256,
            Targets::Values {
                values: vec![0.0],
                outputs: 1,
            },
            Samples::without_test(1),
        );
        let (mut single, mut double, mut y) = (empty::<f32>(), empty::<f64>(), empty::<f32>());
        data.gather(&[0], &mut single, &mut y);
        data.gather(&[0], &mut double, &mut empty());
        for pixel in 0..256 {
            let exact = pixel as f64 / 255.0;
            assert_eq!(double[pixel], exact);
            let (below, above) = (single[pixel].next_down(), single[pixel].next_up());
            let error = |x: f32| (f64::from(x) - exact).abs();
            assert!(error(single[pixel]) <= error(below) && error(single[pixel]) <= error(above));
        }
    }

    #[test]
    fn one_unit_or_numbers_can_be_the_target() {
        let one = Targets::Single {
            labels: vec![1, 0, 1],
            names: ["no".into(), "yes".into()],
        };
        let data = DataSet::new(Inputs::Numbers(vec![1.0, 2.0, 3.0]), 1, one, SAMPLES);
        let (mut x, mut y) = (empty::<f32>(), empty::<f32>());
        data.gather(&[0, 1], &mut x, &mut y);
        assert_eq!((x.as_slice(), y.as_slice()), (&[1.0, 2.0][..], &[1.0, 0.0][..]));
        assert_eq!((data.kind(), data.labels()), (Kind::Single, Some(&[1, 0, 1][..])));

        let two = Targets::Values {
            values: vec![1.0, -1.0, 2.0, -2.0, 0.1, -0.1],
            outputs: 2,
        };
        let data = DataSet::new(Inputs::Numbers(vec![1.0, 2.0, 3.0]), 1, two, SAMPLES);
        data.gather(&[2, 0], &mut x, &mut y);
        assert_eq!(y.as_slice(), [0.1, -0.1, 1.0, -1.0]);
        assert_eq!((data.kind(), data.labels()), (Kind::Values(2), None));
    }

    #[test]
    fn every_difference_changes_the_checksum() {
        let base = pixels();
        let Targets::Classes { labels, names } = base.targets.clone() else {
            unreachable!()
        };
        let with = |values: [u8; 6], divisor, labels: &[u32], names: &[String], samples| {
            let targets = Targets::Classes {
                labels: labels.to_vec(),
                names: names.to_vec(),
            };
            DataSet::new(
                Inputs::Bytes {
                    values: values.to_vec(),
                    divisor,
                },
                2,
                targets,
                samples,
            )
            .checksum
        };
        let values = [0, 51, 102, 153, 204, 255];
        assert_eq!(with(values, 255, &labels, &names, SAMPLES), base.checksum);
        let others = [
            with([1, 51, 102, 153, 204, 255], 255, &labels, &names, SAMPLES),
            with(values, 16, &labels, &names, SAMPLES),
            with(values, 255, &[2, 1, 0], &names, SAMPLES),
            with(values, 255, &labels, &["a, b".into(), "c".into(), "d".into()], SAMPLES),
            with(values, 255, &labels, &names, Samples::without_test(3)),
        ];
        let mut all: Vec<_> = others.iter().chain([&base.checksum]).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert!(base.checksum.len() == 64 && base.checksum.bytes().all(|c| c.is_ascii_hexdigit()));
    }

    proptest! {
        #[test]
        fn a_column_is_its_sample_and_does_not_depend_on_the_batch(
            values in prop::collection::vec(any::<u8>(), 60), samples in prop::collection::vec(0..20u32, 1..40),
        ) {
            let labels: Vec<u32> = (0..20).map(|i| i % 4).collect();
            let targets = Targets::Classes { labels, names: names(&["a", "b", "c", "d"]) };
            let inputs = Inputs::Bytes { values: values.clone(), divisor: 16 };
            let data = DataSet::new(inputs, 3, targets, Samples::without_test(20));
            let (mut x, mut y) = (empty::<f32>(), empty::<f32>());
            data.gather(&samples, &mut x, &mut y);
            for (column, &sample) in samples.iter().enumerate() {
                for row in 0..3 {
                    prop_assert_eq!(x[(row, column)] * 16.0, f32::from(values[sample as usize * 3 + row]));
                }
                for class in 0..4 {
                    prop_assert_eq!(y[(class, column)], if class as u32 == sample % 4 { 1.0 } else { 0.0 });
                }
            }
        }
    }
}
