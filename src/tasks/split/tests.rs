//! Check that every sample is in one part, in the promised shares.

use super::*;
use crate::tasks::{Inputs, Targets};
use proptest::prelude::*;

const SOURCE: Samples = Samples::new(100, 20);

fn random(validation: f64, test: f64, seed: u64) -> Split {
    Split::Random(RandomSplit {
        validation,
        test,
        seed,
        ..RandomSplit::default()
    })
}

fn fixed(validation: f64) -> Split {
    Split::Fixed(FixedSplit {
        validation,
        ..FixedSplit::default()
    })
}

fn folds(k: u32, validation: f64, stratified: bool, seed: u64) -> Split {
    Split::Folds(FoldsSplit {
        k,
        file: String::new(),
        validation,
        stratified,
        seed,
    })
}

/// Samples of two classes: three of four are of class 0.
fn data(samples: Samples) -> DataSet {
    let labels = (0..samples.total()).map(|i| u32::from(i % 4 == 3)).collect();
    let names = vec!["0".to_string(), "1".to_string()];
    let inputs = Inputs::Numbers(vec![0.0; samples.total() as usize]);
    DataSet::new(inputs, 1, Targets::Classes { labels, names }, samples)
}

fn parts(split: &Split, samples: Samples, seed: u64) -> Result<Parts, TaskError> {
    split.parts(&data(samples), seed)
}

fn sizes(split: &Split, samples: Samples) -> Result<Sizes, TaskError> {
    split.sizes(&Facts::new(1, Kind::Classes(2), samples, 0), Path::new(""))
}

#[test]
fn the_random_test_part_is_one_for_all_seeds_and_moves_with_its_own() {
    let at = |own, run| parts(&random(0.1, 0.2, own), SOURCE, run).unwrap();
    let (first, second, other) = (at(0, 0), at(0, 1), at(1, 0));
    assert_eq!(first.test, second.test);
    assert_ne!(first.validation, second.validation);
    assert_ne!(first.test, other.test);
    assert_eq!(first, at(0, 0));
}

#[test]
fn equal_seeds_of_split_and_run_draw_from_different_streams() {
    let pool = Samples::without_test(100);
    let test = parts(&random(0.0, 0.2, 5), pool, 0).unwrap().test;
    let validation = parts(&random(0.2, 0.0, 0), pool, 5).unwrap().validation;
    assert_ne!(test, validation);
}

#[test]
fn the_fixed_test_part_is_the_source_s_own() {
    let found = parts(&fixed(0.1), SOURCE, 3).unwrap();
    assert_eq!(found.test, (100..120).collect::<Vec<_>>());
    assert_eq!((found.train.len(), found.validation.len()), (90, 10));
    assert_ne!(found.validation, parts(&fixed(0.1), SOURCE, 4).unwrap().validation);
    assert_eq!(
        parts(&fixed(0.0), SOURCE, 3).unwrap().train,
        (0..100).collect::<Vec<_>>()
    );
}

#[test]
fn the_last_training_samples_can_be_held_out() {
    let last = |stratified| {
        Split::Fixed(FixedSplit {
            validation: 0.1,
            held_out: HeldOut::Last,
            stratified,
        })
    };
    let found = parts(&last(false), SOURCE, 3).unwrap();
    assert_eq!(found.train, (0..90).collect::<Vec<_>>());
    assert_eq!(found.validation, (90..100).collect::<Vec<_>>());
    assert_eq!(found.test, (100..120).collect::<Vec<_>>());
    assert_eq!(found, parts(&last(false), SOURCE, 4).unwrap());
    let message = sizes(&last(true), SOURCE).unwrap_err().to_string();
    assert!(message.starts_with("split.stratified: has no effect"), "{message}");
}

#[test]
fn shares_round_to_the_nearest_halves_up_and_may_be_none() {
    let two = |validation, n| {
        let split = random(validation, 0.0, 0);
        let Sizes { train, validation, .. } = sizes(&split, Samples::without_test(n)).unwrap();
        (train, validation)
    };
    assert_eq!(two(0.1, 4), (4, 0));
    assert_eq!(two(0.125, 4), (3, 1));
    assert_eq!(two(0.1, 14), (13, 1));
    assert_eq!(two(0.1, 16), (14, 2));
    let digits = sizes(&Split::Random(RandomSplit::default()), Samples::without_test(1797)).unwrap();
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
        let message = parts(&split, SOURCE, 0).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
    let message = sizes(&fixed(0.1), Samples::without_test(10)).unwrap_err().to_string();
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
        let samples = Samples::new(training, test);
        let split = if is_fixed { fixed(validation) } else { random(validation, tested, own) };
        if let Ok(parts) = parts(&split, samples, seed) {
            let sizes = sizes(&split, samples).unwrap();
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
        let of = |validation| parts(&fixed(validation), SOURCE, seed).unwrap().validation;
        let (small, large) = (of(small), of(small + more));
        prop_assert!(small.iter().all(|sample| large.contains(sample)));
    }
}

fn of_class(part: &[u32], class: u32) -> usize {
    part.iter()
        .filter(|&&sample| u32::from(sample % 4 == 3) == class)
        .count()
}

#[test]
fn folds_are_held_out_in_turn_and_hold_every_sample_once() {
    for stratified in [false, true] {
        let split = folds(5, 0.0, stratified, 0);
        let samples = Samples::without_test(103);
        let held: Vec<Parts> = (0..5).map(|seed| parts(&split, samples, seed).unwrap()).collect();
        let mut all: Vec<u32> = held.iter().flat_map(|parts| parts.test.clone()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..103).collect::<Vec<_>>());
        for fold in &held {
            assert!([20, 21].contains(&fold.test.len()) && fold.train.len() == 103 - fold.test.len());
            assert!(fold.train.iter().all(|sample| !fold.test.contains(sample)) && fold.train.is_sorted());
        }
        assert_eq!(
            parts(&split, samples, 7).unwrap(),
            held[2],
            "seed 7 of 5 folds is seed 2"
        );
        assert_ne!(parts(&folds(5, 0.0, stratified, 1), samples, 0).unwrap(), held[0]);
        assert_eq!(sizes(&split, samples).unwrap().train, 82);
        assert_eq!(split.default_seeds(Path::new("")).unwrap(), 5);
    }
}

/// 78 samples of class 0 and 25 of class 1.
#[test]
fn stratified_parts_have_each_class_s_share_to_within_one() {
    let samples = Samples::without_test(103);
    let shares = |part: &[u32]| [of_class(part, 0), of_class(part, 1)];
    let near = |found: [usize; 2], total: usize| {
        let share = |class: usize| [78.0, 25.0][class] * total as f64 / 103.0;
        (0..2).all(|class| (found[class] as f64 - share(class)).abs() < 1.0)
    };
    let mut unbalanced = 0;
    for seed in 0..20 {
        let balanced = RandomSplit {
            stratified: true,
            seed,
            ..RandomSplit::default()
        };
        let drawn = parts(&Split::Random(balanced), samples, seed).unwrap();
        assert_eq!((drawn.test.len(), drawn.validation.len()), (21, 10));
        assert!(
            near(shares(&drawn.test), 21) && near(shares(&drawn.validation), 10),
            "{drawn:?}"
        );
        let fold = parts(&folds(5, 0.1, true, 0), samples, seed).unwrap();
        assert!(near(shares(&fold.test), fold.test.len()) && near(shares(&fold.validation), fold.validation.len()));
        // the control: without the option some draw is not balanced
        unbalanced += usize::from(!near(
            shares(&parts(&random(0.1, 0.2, seed), samples, seed).unwrap().test),
            21,
        ));
    }
    assert!(unbalanced > 0);
    let values = Facts::new(1, Kind::Values(1), samples, 0);
    let message = folds(5, 0.0, true, 0)
        .sizes(&values, Path::new(""))
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("split.stratified: "), "{message}");
}

#[test]
fn folds_that_cannot_be_are_refused() {
    for k in [1, 11] {
        let message = sizes(&folds(k, 0.0, false, 0), Samples::without_test(10))
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("split.k: "), "{message}");
    }
    let stream = Facts {
        streams: true,
        ..Facts::new(1, Kind::Classes(2), SOURCE, 0)
    };
    let message = random(0.1, 0.2, 0)
        .sizes(&stream, Path::new(""))
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("split: ") && message.contains("Fixed"), "{message}");
    assert!(fixed(0.0).sizes(&stream, Path::new("")).is_ok());
}
