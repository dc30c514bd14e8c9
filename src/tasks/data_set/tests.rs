//! Check that batches hold what was asked for, and that checksums tell data apart.

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
    let Targets::Classes { labels, names } = base.stored.targets.clone() else {
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
