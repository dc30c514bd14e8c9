//! Split the samples of a task into a training, a validation and a test part.

use super::{Samples, TaskError};
use crate::random::{Purpose, Stream, shuffle};
use serde::{Deserialize, Serialize};

/// Index of the stream, keyed by the split's own seed, that draws the test part.
const TEST: u64 = 0;
/// Index of the stream, keyed by the run's seed, that draws the validation part.
const VALIDATION: u64 = 1;

/// How samples are split.
///
/// A share of `n` samples is `share * n` rounded to the nearest whole number, halves up; that may be none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Split {
    /// By drawing a test part and a validation part.
    Random(RandomSplit),
    /// By the source's own test set.
    Fixed(FixedSplit),
}

/// The test part is drawn once per experiment; training and validation parts differ from one run's seed to the next.
/// Drawn from are all samples of the source: the two parts of a source with a test set of its own are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomSplit {
    /// Share of all samples held out to choose settings; may be 0.
    pub validation: f64,
    /// Share of all samples held out to judge by; may be 0.
    pub test: f64,
    /// Chooses the test part, for all runs.
    pub seed: u64,
}

impl Default for RandomSplit {
    fn default() -> Self {
        Self {
            validation: 0.1,
            test: 0.2,
            seed: 0,
        }
    }
}

/// The test part is the source's own test set; the validation part is drawn from the rest by the run's seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FixedSplit {
    /// Share of the source's training samples held out to choose settings; may be 0, and then all of them train.
    pub validation: f64,
}

impl Default for FixedSplit {
    fn default() -> Self {
        Self { validation: 0.1 }
    }
}

/// How many samples each part has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Samples of an epoch.
    pub train: u32,
    /// May be 0.
    pub validation: u32,
    /// May be 0.
    pub test: u32,
}

/// Which samples each part has, in ascending order: the order of the source.
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
    /// How many samples each part has, the same for every seed.
    ///
    /// # Errors
    /// If a share is not in `[0, 1)`, nothing is left to train on, or the source has no test set of its own.
    pub fn sizes(&self, samples: Samples) -> Result<Sizes, TaskError> {
        let (validation, test, total) = match self {
            Split::Random(split) => {
                let total = samples.total();
                (
                    share("split.validation", split.validation, total)?,
                    share("split.test", split.test, total)?,
                    total,
                )
            }
            Split::Fixed(_) if samples.test == 0 => {
                return Err(TaskError::field(
                    "split",
                    "the task has no test set of its own",
                    "use `Random(test: 0.2)`",
                ));
            }
            Split::Fixed(split) => {
                let validation = share("split.validation", split.validation, samples.training)?;
                (validation, samples.test, samples.total())
            }
        };
        match total.checked_sub(validation).and_then(|rest| rest.checked_sub(test)) {
            Some(train) if train > 0 => Ok(Sizes {
                train,
                validation,
                test,
            }),
            _ => Err(TaskError::field(
                "split",
                format!("of {total} samples, {validation} for validation and {test} for test leave none to train on"),
                "use smaller shares",
            )),
        }
    }

    /// Which samples each part has in the runs with this seed.
    ///
    /// # Errors
    /// As [`Split::sizes`].
    pub fn parts(&self, samples: Samples, seed: u64) -> Result<Parts, TaskError> {
        let sizes = self.sizes(samples)?;
        let (mut train, test) = match self {
            Split::Random(split) => {
                let mut pool = (0..samples.total()).collect();
                let test = draw(&mut pool, sizes.test, Stream::new(split.seed, Purpose::Split, TEST, 0));
                (pool, test)
            }
            Split::Fixed(_) => (
                (0..samples.training).collect(),
                (samples.training..samples.total()).collect(),
            ),
        };
        let validation = draw(
            &mut train,
            sizes.validation,
            Stream::new(seed, Purpose::Split, VALIDATION, 0),
        );
        Ok(Parts {
            train,
            validation,
            test,
        })
    }
}

/// `share * n`, rounded.
fn share(field: &'static str, share: f64, n: u32) -> Result<u32, TaskError> {
    if !(0.0..1.0).contains(&share) {
        return Err(TaskError::field(
            field,
            format!("{share} is no share of the samples"),
            "use a number from 0 to below 1",
        ));
    }
    Ok((share * f64::from(n)).round() as u32)
}

/// Takes `size` random members out of `pool`; both stay in ascending order. A larger part from the same stream and pool
/// contains a smaller one.
fn draw(pool: &mut Vec<u32>, size: u32, stream: Stream) -> Vec<u32> {
    shuffle(pool, &mut stream.generator());
    let mut part = pool.split_off(pool.len() - size as usize);
    pool.sort_unstable();
    part.sort_unstable();
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOURCE: Samples = Samples {
        training: 100,
        test: 20,
    };

    fn random(validation: f64, test: f64, seed: u64) -> Split {
        Split::Random(RandomSplit { validation, test, seed })
    }

    fn fixed(validation: f64) -> Split {
        Split::Fixed(FixedSplit { validation })
    }

    #[test]
    fn the_random_test_part_is_one_for_all_seeds_and_moves_with_its_own() {
        let at = |own, run| random(0.1, 0.2, own).parts(SOURCE, run).unwrap();
        let (first, second, other) = (at(0, 0), at(0, 1), at(1, 0));
        assert_eq!(first.test, second.test);
        assert_ne!(first.validation, second.validation);
        assert_ne!(first.test, other.test);
        assert_eq!(first, at(0, 0));
    }

    #[test]
    fn equal_seeds_of_split_and_run_draw_from_different_streams() {
        let pool = Samples::without_test(100);
        let test = random(0.0, 0.2, 5).parts(pool, 0).unwrap().test;
        let validation = random(0.2, 0.0, 0).parts(pool, 5).unwrap().validation;
        assert_ne!(test, validation);
    }

    #[test]
    fn the_fixed_test_part_is_the_source_s_own() {
        let parts = fixed(0.1).parts(SOURCE, 3).unwrap();
        assert_eq!(parts.test, (100..120).collect::<Vec<_>>());
        assert_eq!((parts.train.len(), parts.validation.len()), (90, 10));
        assert_ne!(parts.validation, fixed(0.1).parts(SOURCE, 4).unwrap().validation);
        assert_eq!(fixed(0.0).parts(SOURCE, 3).unwrap().train, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn shares_round_to_the_nearest_halves_up_and_may_be_none() {
        let sizes = |validation, n| {
            let Sizes { train, validation, .. } = random(validation, 0.0, 0).sizes(Samples::without_test(n)).unwrap();
            (train, validation)
        };
        assert_eq!(sizes(0.1, 4), (4, 0));
        assert_eq!(sizes(0.125, 4), (3, 1));
        assert_eq!(sizes(0.1, 14), (13, 1));
        assert_eq!(sizes(0.1, 16), (14, 2));
        let digits = Split::Random(RandomSplit::default())
            .sizes(Samples::without_test(1797))
            .unwrap();
        assert_eq!(
            digits,
            Sizes {
                train: 1258,
                validation: 180,
                test: 359
            }
        );
    }

    #[test]
    fn impossible_shares_are_refused_with_their_field() {
        for (split, field) in [
            (random(-0.1, 0.2, 0), "split.validation"),
            (random(0.1, 1.0, 0), "split.test"),
            (random(f64::NAN, 0.2, 0), "split.validation"),
            (fixed(f64::INFINITY), "split.validation"),
            (random(0.5, 0.5, 0), "split"),
            (fixed(0.999), "split"),
        ] {
            let message = split.parts(SOURCE, 0).unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field}: ")), "{message}");
        }
        let message = fixed(0.1).sizes(Samples::without_test(10)).unwrap_err().to_string();
        assert!(
            message.contains("no test set of its own") && message.contains("Random"),
            "{message}"
        );
    }

    proptest! {
        #[test]
        fn parts_hold_every_sample_once_in_the_promised_sizes(
            training in 1..500u32, test in 0..100u32, validation in 0.0..0.6, tested in 0.0..0.6, seed: u64, own: u64, is_fixed: bool,
        ) {
            let samples = Samples { training, test };
            let split = if is_fixed { fixed(validation) } else { random(validation, tested, own) };
            if let Ok(parts) = split.parts(samples, seed) {
                let sizes = split.sizes(samples).unwrap();
                prop_assert_eq!(parts.train.len() as u32, sizes.train);
                prop_assert_eq!(parts.validation.len() as u32, sizes.validation);
                prop_assert_eq!(parts.test.len() as u32, sizes.test);
                for part in [&parts.train, &parts.validation, &parts.test] {
                    prop_assert!(part.is_sorted());
                }
                let mut all = [parts.train, parts.validation, parts.test].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..samples.total()).collect::<Vec<_>>());
            }
        }

        #[test]
        fn a_larger_validation_part_contains_a_smaller_one(small in 0.0..0.4, more in 0.0..0.4, seed: u64) {
            let of = |validation| fixed(validation).parts(SOURCE, seed).unwrap().validation;
            let (small, large) = (of(small), of(small + more));
            prop_assert!(small.iter().all(|sample| large.contains(sample)));
        }
    }
}
