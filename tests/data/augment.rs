//! Hold changed images to what was asked for: which changes, how often, of which samples, and what never sees them.

use crate::data_support::{Folder, all, carry_out, npy, of_run};
use creditlab::experiment::Plan;
use creditlab::linalg::{Matrix, empty};
use creditlab::random::Purpose;
use creditlab::tasks::{DataSet, Parts};

const SAMPLES: usize = 400;
/// Two channels of 4 rows of 5 columns.
const SHAPE: [usize; 3] = [2, 4, 5];
const PIXELS: usize = 40;

/// Pixels from 1 to 255, drawn by a multiplier, so that no image is a change of another, and none of its own but one.
fn pixels() -> Vec<u8> {
    let number = |i: usize| (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    (0..SAMPLES * PIXELS).map(|i| (1 + number(i) % 255) as u8).collect()
}

fn folder() -> Folder {
    let labels: Vec<u8> = (0..SAMPLES).map(|i| (i % 2) as u8).collect();
    Folder::new()
        .with("x.npy", npy("|u1", false, &format!("({SAMPLES}, 2, 4, 5)"), &pixels()))
        .with("y.npy", npy("|u1", false, &format!("({SAMPLES},)"), &labels))
}

fn open(fields: &str) -> (Plan, DataSet) {
    let split = "split: Random(validation: 0, test: 0.25)";
    folder().open(&format!(
        "task: Npy(x: \"x.npy\", y: \"y.npy\"), {split}, precision: F64, {fields}"
    ))
}

/// The samples to train on of an epoch, and their inputs.
fn epoch(plan: &Plan, data: &DataSet, seed: u64, purpose: Purpose, epoch: u64) -> (Parts, Matrix<f64>) {
    let (parts, data) = of_run(plan, data, seed);
    let mut x = empty();
    data.gather_in_epoch(purpose, epoch, &parts.train, &mut x, &mut empty());
    (parts, x)
}

/// Image `from` mirrored, then `down` rows down and `right` columns to the right.
fn changed(from: &[f64], mirrored: bool, down: isize, right: isize) -> Vec<f64> {
    let [_, rows, columns] = SHAPE.map(|size| size as isize);
    let pixel = |i: usize| {
        let (channel, y, x) = (
            i as isize / (rows * columns),
            i as isize / columns % rows,
            i as isize % columns,
        );
        let (y, x) = (y - down, x - right);
        if !(0..rows).contains(&y) || !(0..columns).contains(&x) {
            return 0.0;
        }
        let x = if mirrored { columns - 1 - x } else { x };
        from[((channel * rows + y) * columns + x) as usize]
    };
    (0..PIXELS).map(pixel).collect()
}

/// The change that makes `image` of `original`, if there is one by at most so many pixels.
fn find(original: &[f64], image: &[f64], most: isize) -> Option<(bool, isize, isize)> {
    let shifts = move || -most..=most;
    let all = [false, true]
        .into_iter()
        .flat_map(move |mirrored| shifts().flat_map(move |down| shifts().map(move |right| (mirrored, down, right))));
    all.into_iter()
        .find(|&(mirrored, down, right)| changed(original, mirrored, down, right) == image)
}

/// The changes of the training part over some epochs.
fn changes(fields: &str, seed: u64, epochs: u64) -> Vec<(bool, isize, isize)> {
    let (plan, data) = open(fields);
    let (original, _) = all(&data);
    let mut found = Vec::new();
    for number in 0..epochs {
        let (parts, x) = epoch(&plan, &data, seed, Purpose::Order, number);
        for (column, &sample) in parts.train.iter().enumerate() {
            let (original, image) = (original.column(sample as usize), x.column(column));
            let change = find(original.as_slice(), image.as_slice(), 3);
            found.push(change.expect("an image of the training part is a changed original"));
        }
    }
    found
}

/// Chi-square of counts that are equal in expectation.
fn chi_square(counts: &[usize]) -> f64 {
    let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    counts.iter().map(|&count| (count as f64 - mean).powi(2) / mean).sum()
}

#[test]
fn every_change_is_as_likely_and_no_other_occurs() {
    let found = changes("augment: (shift: 2, mirror: true)", 0, 20);
    let mut counts = [0; 50];
    for (mirrored, down, right) in &found {
        assert!(down.abs() <= 2 && right.abs() <= 2);
        counts[usize::from(*mirrored) * 25 + ((down + 2) * 5 + right + 2) as usize] += 1;
    }
    // 49 degrees of freedom: mean 49, standard deviation 9.9; 99.9 % lie below 85.4
    let fit = chi_square(&counts);
    println!("chi-square of 49 degrees of freedom: {fit:.1}");
    assert!((22.0..85.4).contains(&fit), "{fit}");
    // the control: shifts alone are no such counts
    let plain = changes("augment: (shift: 2)", 0, 20);
    assert!(plain.iter().all(|(mirrored, ..)| !mirrored));
    // none of the three numbers moves another
    assert!(
        plain
            .iter()
            .zip(&found)
            .all(|(plain, found)| (plain.1, plain.2) == (found.1, found.2))
    );
    let mirrored = changes("augment: (mirror: true)", 0, 20);
    assert!(
        mirrored
            .iter()
            .zip(&found)
            .all(|(mirrored, found)| *mirrored == (found.0, 0, 0))
    );
}

#[test]
fn a_change_depends_on_seed_sample_and_epoch_and_on_nothing_else() {
    let fields = "augment: (shift: 3, mirror: true)";
    let (plan, data) = open(fields);
    let (parts, whole) = epoch(&plan, &data, 5, Purpose::Order, 3);
    let (_, of_run) = of_run(&plan, &data, 5);
    let (mut x, mut y, mut single) = (empty::<f64>(), empty(), empty::<f32>());
    for size in [1, 7, 64] {
        for (batch, samples) in parts.train.chunks(size).enumerate() {
            of_run.gather_in_epoch(Purpose::Order, 3, samples, &mut x, &mut y);
            let same = whole.columns(batch * size, samples.len());
            assert!(x == same.clone_owned(), "a batch of {size}");
        }
    }
    let backwards: Vec<u32> = parts.train.iter().rev().copied().collect();
    of_run.gather_in_epoch(Purpose::Order, 3, &backwards, &mut x, &mut y);
    assert_eq!(x.column(0), whole.column(whole.ncols() - 1));
    of_run.gather_in_epoch(Purpose::Order, 3, &parts.train, &mut single, &mut empty());
    assert!(
        single
            .iter()
            .zip(whole.iter())
            .all(|(single, double)| *single == *double as f32)
    );
    // another optimizer, batch or rule: the same images
    let (other, _) = open(&format!(
        "{fields}, batch: 5, optimizer: Adam(learning_rate: 0.1), arms: [OutputOnly]"
    ));
    assert!(epoch(&other, &data, 5, Purpose::Order, 3).1 == whole);
    // controls: each of these is another key
    let differs = |seed, purpose, number| {
        let (parts, x) = epoch(&plan, &data, seed, purpose, number);
        let (original, _) = all(&data);
        let one = |x: &Matrix<f64>, parts: &Parts| -> Vec<_> {
            let columns = parts.train.iter().enumerate();
            let change = |(column, &sample): (usize, &u32)| {
                (
                    sample,
                    find(
                        original.column(sample as usize).as_slice(),
                        x.column(column).as_slice(),
                        3,
                    )
                    .unwrap(),
                )
            };
            columns.map(change).collect()
        };
        let (before, after) = (one(&whole, &self::parts(&plan, &data, 5)), one(&x, &parts));
        let common = before
            .iter()
            .filter(|(sample, _)| after.iter().any(|(other, _)| other == sample));
        let common: Vec<_> = common.collect();
        let equal = common.iter().filter(|change| after.contains(change)).count();
        // of 98 changes one is the same by chance
        assert!(equal * 10 < common.len(), "{equal} of {}", common.len());
    };
    differs(6, Purpose::Order, 3);
    differs(5, Purpose::Order, 4);
    differs(5, Purpose::WarmUpOrder, 3);
}

fn parts(plan: &Plan, data: &DataSet, seed: u64) -> Parts {
    of_run(plan, data, seed).0
}

/// What moves in is 0 in the units of the data, and scaled as any pixel.
#[test]
fn images_are_changed_before_they_are_scaled() {
    let (raw, data) = open("augment: (shift: 3, mirror: true)");
    for (scale, of) in [
        ("Channels(mean: [100, 3], sd: [50, 0.1])", true),
        ("Standard", true),
        ("UnitLength", true),
        ("MinMax(low: -1, high: 1)", true),
        // the control: unscaled images are other ones
        ("AsIs", false),
    ] {
        let (plan, _) = open(&format!("augment: (shift: 3, mirror: true), scale: (inputs: {scale})"));
        let (parts, moved) = epoch(&raw, &data, 1, Purpose::Order, 0);
        let (_, found) = epoch(&plan, &data, 1, Purpose::Order, 0);
        let (_, scaled) = of_run(&plan, &data, 1);
        let mut expected = moved.clone();
        if let Some(fitted) = scaled.fitted() {
            for mut column in expected.column_iter_mut() {
                let mut x: Vec<f64> = column.iter().copied().collect();
                fitted.scale_inputs(&mut x);
                column.copy_from_slice(&x);
            }
        }
        assert!(found == expected, "{scale}");
        assert_eq!(found != moved, of, "{scale}");
        assert_eq!(parts.train.len(), 300);
        // the scaling is that of the images as they are
        let (still, _) = open(&format!("scale: (inputs: {scale})"));
        assert_eq!(of_run(&still, &data, 1).1.fitted(), scaled.fitted(), "{scale}");
    }
    let (plan, data) = open("augment: (shift: 3), scale: (inputs: Channels(mean: [100, 3], sd: [50, 0.1]))");
    let (_, x) = epoch(&plan, &data, 1, Purpose::Order, 0);
    let corner = |channel: usize, value: f64| (0..x.ncols()).filter(|&i| x[(channel * 20, i)] == value).count();
    // 1 − (4/7)² of 300 images go down or right, about 202, and leave the corner black: 0 − 100 over 50 in the first channel
    let black = corner(0, -2.0);
    assert!(black > 150 && black == corner(1, -3.0 / 0.1), "{black}");
}

#[test]
fn what_is_measured_sees_images_as_they_are() {
    let (plan, data) = open("augment: (shift: 3, mirror: true), stop: Epochs(1), seeds: 2");
    let (still, _) = open("stop: Epochs(1), seeds: 2");
    let (_, of_run) = of_run(&plan, &data, 0);
    assert!(all(&of_run).0 == all(&data).0);
    let [one, other] = [&plan, &still].map(|plan| carry_out(plan, &data, 0, 0).metrics);
    let at = |rows: &[creditlab::results::MetricRow], start: bool| -> Vec<String> {
        let rows = rows.iter().filter(|row| (row.step == 0) == start);
        rows.map(|row| format!("{row:?}")).collect()
    };
    // before the first step nothing differs: no loss, no accuracy, no angle of the probe batch
    assert!(!at(&one, true).is_empty());
    assert_eq!(at(&one, true), at(&other, true));
    assert_ne!(at(&one, false), at(&other, false), "training sees other images");
}

#[test]
fn an_autoencoder_gives_back_the_changed_image() {
    let folder = folder();
    let (plan, data) = folder.open("task: Npy(x: \"x.npy\", target: Input), augment: (shift: 2, mirror: true)");
    let (parts, data) = of_run(&plan, &data, 0);
    let (mut x, mut y, mut still) = (empty::<f32>(), empty(), empty());
    data.gather_in_epoch(Purpose::Order, 0, &parts.train, &mut x, &mut y);
    data.gather(&parts.train, &mut still, &mut empty());
    assert!(x == y && x != still);
}

/// A signal has one row, which stays in sight.
#[test]
fn signals_move_along_their_only_row() {
    let folder = Folder::new();
    let (plan, data) = folder.open("task: Mnist1d(samples: 100, test: 0), augment: (shift: 5), precision: F64");
    let (original, _) = all(&data);
    let (parts, x) = epoch(&plan, &data, 0, Purpose::Order, 0);
    let mut seen = [0; 11];
    for (column, &sample) in parts.train.iter().enumerate() {
        let was = original.column(sample as usize);
        let by = (-5isize..=5).find(|by| {
            (0..40isize).all(|i| {
                let from = i - by;
                let expected = if (0..40).contains(&from) {
                    was[from as usize]
                } else {
                    0.0
                };
                x[(i as usize, column)] == expected
            })
        });
        seen[(by.expect("a signal that moved") + 5) as usize] += 1;
    }
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
}

#[test]
fn what_cannot_be_changed_is_refused_and_what_changes_nothing_is_warned_of() {
    let refusal = |fields: &str| Folder::new().plan(fields).map(|plan| plan.text).expect_err(fields);
    for (task, augment, parts) in [
        (
            "WheatSeeds",
            "(shift: 1)",
            &["the inputs are 7 numbers", "`image: (1, 1, 7)`", "spec.ron:1:29"][..],
        ),
        (
            "Blobs(inputs: 64, image: (1, 8, 8), stream: true)",
            "(shift: 1)",
            &["fresh for ever", "stream: false"],
        ),
        (
            "Digits",
            "(shift: 8)",
            &[
                "`augment.shift`: 8 pixels move all 8 rows out of the image",
                "at most 7",
                "spec.ron:1:33",
            ],
        ),
        (
            "Mnist1d",
            "(shift: 40)",
            &["move all 40 columns out of the image", "at most 39"],
        ),
        (
            "Blobs(inputs: 6, image: (2, 3, 1))",
            "(mirror: true)",
            &["`augment.mirror`: has no effect", "one column"],
        ),
        (
            "Blobs(inputs: 2, image: (2, 1, 1))",
            "(shift: 1)",
            &["`augment.shift`: has no effect", "one pixel"],
        ),
        ("Digits", "(shift: -1)", &["expected a whole number from 0"]),
        ("Digits", "(shfit: 1)", &["did you mean `shift`?"]),
        (
            "Digits",
            "Each([(shift: 1), (shift: 2)])",
            &["`Each` cannot stand in `augment`"],
        ),
    ] {
        let message = refusal(&format!("task: {task}, augment: {augment}"));
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    let message = refusal("task: Digits, data_augmentation: (shift: 1)");
    assert!(message.contains("did you mean `augment`?"), "{message}");
    let idle = "augment: without `shift` and without `mirror` images stay as they are; leave it out";
    for (augment, changes) in [
        ("(shift: 0, mirror: false)", false),
        ("()", false),
        ("(shift: 1)", true),
    ] {
        let plan = Folder::new()
            .plan(&format!("task: Digits, augment: {augment}"))
            .unwrap();
        let expected: &[&str] = if changes { &[] } else { &[idle] };
        assert_eq!(plan.warnings().collect::<Vec<_>>(), expected, "{augment}");
        assert_eq!(plan.text.contains("augment"), changes, "{}", plan.text);
    }
    let plan = Folder::new().plan("task: Digits, augment: (mirror: true)").unwrap();
    assert!(
        plan.text.contains("    augment: (shift: 0, mirror: true),\n"),
        "{}",
        plan.text
    );
}
