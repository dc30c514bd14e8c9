//! Split and scale data as experiments say, and draw streams of fresh samples.

use crate::data_support::{Folder, all, carry_out, of_run, published};
use creditlab::linalg::{Matrix, empty};
use creditlab::random::Purpose;
use creditlab::tasks::DataSet;

/// Source (e)'s baseline: 30.95, 23.81, 30.95, 30.95, 23.81 percent, mean 28.095.
#[test]
fn the_zero_rule_on_published_folds_has_the_published_accuracies() {
    let Some(seeds) = published("wheat-seeds") else { return };
    let file = std::fs::read(seeds.join("brownlee-folds.csv")).unwrap();
    let folder = Folder::new().with("folds.csv", file);
    let (plan, data) =
        folder.open("task: WheatSeeds, split: Folds(file: \"folds.csv\"), stop: Epochs(1), arms: [MajorityClass]");
    assert_eq!(plan.seeds, [0, 1, 2, 3, 4], "a seed for each fold");
    let accuracy = |seed: &u64| carry_out(&plan, &data, 0, *seed).run.last.test.accuracy.unwrap();
    let found: Vec<f64> = plan.seeds.iter().map(accuracy).collect();
    for (found, right) in found.iter().zip([13.0, 10.0, 13.0, 13.0, 10.0]) {
        assert!((found - right / 42.0).abs() < 1e-12, "{found} is not {right} of 42");
    }
    assert!((found.iter().sum::<f64>() / 5.0 * 100.0 - 28.095).abs() < 5e-4);
    let again = folder
        .plan(plan.text.trim().trim_start_matches('(').trim_end_matches(')'))
        .unwrap();
    assert_eq!(
        (&again.split, &again.seeds),
        (&plan.split, &plan.seeds),
        "what is written reads back"
    );
}

#[test]
fn folds_from_a_file_are_trained_on_in_their_order() {
    let table = "x,y\n0,a\n1,b\n2,a\n3,b\n4,a\n5,b\n";
    let folds = "row,fold,position\n0,1,1\n1,0,0\n2,2,0\n3,1,0\n4,0,1\n5,2,1\n";
    let open = |folds: &str, options: &str| {
        let folder = Folder::new().with("t.csv", table).with("f.csv", folds);
        folder.open(&format!(
            "task: Csv(path: \"t.csv\", target: \"y\"), split: Folds(file: \"f.csv\"{options})"
        ))
    };
    let (plan, data) = open(folds, "");
    let (parts, _) = of_run(&plan, &data, 1);
    assert_eq!(
        (parts.train, parts.test, parts.validation),
        (vec![1, 4, 2, 5], vec![3, 0], vec![])
    );
    let (parts, _) = of_run(&plan, &data, 5);
    assert_eq!((parts.train, parts.test), (vec![1, 4, 3, 0], vec![2, 5]));
    let (other, with_validation) = open(folds, ", validation: 0.25");
    let (parts, _) = of_run(&other, &with_validation, 1);
    let order = |part: &[u32]| {
        [1, 4, 2, 5]
            .into_iter()
            .filter(|row| part.contains(row))
            .collect::<Vec<_>>()
    };
    assert_eq!((parts.train.len(), parts.validation.len()), (3, 1));
    assert_eq!(order(&parts.train), parts.train, "what is left keeps its order");
    // other folds of the same name are other data: finished runs are not taken for theirs
    let (_, swapped) = open("row,fold,position\n0,1,0\n1,0,0\n2,2,0\n3,1,1\n4,0,1\n5,2,1\n", "");
    assert_ne!(swapped.checksum(), data.checksum());

    for (folds, part) in [
        ("", "does not begin with the line"),
        ("row,fold,position\n0,0,0\n0,1,0\n", "row 0 stands in it twice"),
        (
            "row,fold,position\n0,0,0\n1,0,0\n",
            "two rows have position 0 in fold 0",
        ),
        ("row,fold,position\n0,0,0\n2,1,0\n", "not all from 0 to 1"),
        ("row,fold,position\n0,0,0\n1,2,0\n", "has a fold 2, but no fold 1"),
        ("row,fold,position\n0,0,0\n1,0,1\n", "fewer than two folds"),
        ("row,fold,position\n0,0\n", "line 2: `0,0` is not three numbers"),
        (
            "row,fold,position\n0,0,0\n1,1,0\n",
            "names 2 rows where the task has 6 samples",
        ),
    ] {
        let folder = Folder::new().with("t.csv", table).with("f.csv", folds);
        let fields = "task: Csv(path: \"t.csv\", target: \"y\"), split: Folds(file: \"f.csv\")";
        let message = folder.plan(fields).err().unwrap();
        assert!(
            message.contains("f.csv") && message.contains(part),
            "{part:?} is not in {message}"
        );
    }
}

#[test]
fn folds_are_written_in_three_ways() {
    let plan = |split: &str| Folder::new().plan(&format!("task: Iris, split: {split}"));
    let (short, long) = (plan("Folds(5)").unwrap(), plan("Folds(k: 5)").unwrap());
    assert_eq!((short.split, &short.seeds), (long.split, &vec![0, 1, 2, 3, 4]));
    assert_eq!(plan("Folds(k: 3), seeds: 2").unwrap().seeds, [0, 1]);
    for (split, part) in [
        ("Folds", "either a number `k`, or a `file`"),
        ("Folds(k: 5, file: \"f.csv\")", "either a number `k`, or a `file`"),
        ("Folds(1)", "1 folds of 150 samples cannot be"),
        ("Folds(k: 5, folds: 3)", "unknown field `folds`"),
        ("Folds(\"5\")", "expected a number of folds"),
    ] {
        let message = plan(split).err().unwrap();
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
}

fn column(matrix: &Matrix<f64>, row: usize) -> Vec<f64> {
    matrix.row(row).iter().copied().collect()
}

fn gathered(data: &DataSet, samples: &[u32]) -> (Matrix<f64>, Matrix<f64>) {
    let (mut x, mut y) = (empty(), empty());
    data.gather(samples, &mut x, &mut y);
    (x, y)
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (
        mean,
        (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt(),
    )
}

fn range(values: &[f64]) -> (f64, f64) {
    let most = |sign: f64| values.iter().map(|x| sign * x).fold(f64::NEG_INFINITY, f64::max);
    (-most(-1.0), most(1.0))
}

#[test]
fn scaling_is_fitted_on_each_run_s_training_part_or_by_name_on_all() {
    let open = |scale: &str| Folder::new().open(&format!("task: WheatSeeds, scale: (inputs: {scale})"));
    let (plan, data) = open("Standard");
    for seed in 0..3 {
        let (parts, scaled) = of_run(&plan, &data, seed);
        let (train, _) = gathered(&scaled, &parts.train);
        let (test, _) = gathered(&scaled, &parts.test);
        for row in 0..7 {
            let (mean, sd) = moments(&column(&train, row));
            assert!(mean.abs() < 1e-12 && (sd - 1.0).abs() < 1e-12, "{mean} {sd}");
            let (mean, sd) = moments(&column(&test, row));
            assert!(
                mean.abs() > 1e-6 && (sd - 1.0).abs() > 1e-6,
                "the test part is scaled by the training part"
            );
        }
    }
    let (plan, data) = open("MinMax(low: -1)");
    let (parts, scaled) = of_run(&plan, &data, 0);
    let (train, _) = gathered(&scaled, &parts.train);
    assert!((0..7).all(|row| range(&column(&train, row)) == (-1.0, 1.0)));

    // Source (e): minimum and maximum of the whole set.
    let (plan, data) = open("MinMax(fitted_on: All)");
    let (raw, _) = all(&data);
    let (scaled, _) = all(&of_run(&plan, &data, 0).1);
    for row in 0..7 {
        let (least, most) = range(&column(&raw, row));
        for (scaled, raw) in column(&scaled, row).into_iter().zip(column(&raw, row)) {
            assert_eq!(scaled, (raw - least) / (most - least), "to the last bit");
        }
    }
    assert_eq!(
        plan.text
            .matches("scale: (inputs: MinMax(low: 0.0, high: 1.0, fitted_on: All), targets: AsIs)")
            .count(),
        1
    );
}

#[test]
fn nothing_of_the_test_part_leaks_into_training_unless_asked_for() {
    let table = |last: &str| format!("1,2,a\n2,3,b\n4,1,a\n3,5,b\n6,7,a\n{last},9,b\n");
    let train = |last: &str, scale: &str| {
        let folder = Folder::new()
            .with("t.csv", table(last))
            .with("f.csv", "row,fold,position\n0,0,0\n1,0,1\n2,0,2\n3,0,3\n4,1,0\n5,1,1\n");
        let (plan, data) = folder.open(&format!(
            "task: Csv(path: \"t.csv\", target: 3, header: false), split: Folds(file: \"f.csv\"), scale: (inputs: {scale})"
        ));
        let (parts, scaled) = of_run(&plan, &data, 1);
        assert_eq!(parts.test, [4, 5]);
        gathered(&scaled, &parts.train).0
    };
    for scale in ["Standard", "MinMax"] {
        assert_eq!(train("8", scale), train("80", scale));
        let leaky = format!("{scale}(fitted_on: All)");
        assert_ne!(train("8", &leaky), train("80", &leaky), "the control");
    }
}

#[test]
fn a_column_without_spread_is_no_division_by_zero() {
    for scale in ["Standard", "MinMax", "MinMax(low: -2, high: 3)"] {
        let folder = Folder::new().with("t.csv", "x,c,y\n1,7,a\n2,7,b\n3,7,a\n4,7,b\n");
        let (plan, data) = folder.open(&format!(
            "task: Csv(path: \"t.csv\", target: \"y\"), split: Random(validation: 0, test: 0), scale: (inputs: {scale})"
        ));
        let (x, _) = all(&of_run(&plan, &data, 0).1);
        let constant = column(&x, 1);
        let expected = if scale.contains("-2") { -2.0 } else { 0.0 };
        assert_eq!(constant, [expected; 4], "{scale}");
        assert!(column(&x, 0).iter().all(|x| x.is_finite()));
    }
}

#[test]
fn targets_can_be_scaled_too() {
    let (plan, data) =
        Folder::new().open("task: Iris, loss: HalfSquares, scale: (inputs: Standard, targets: Levels(low: 0.1, high: 0.9)), optimizer: Sgd(learning_rate: 0.1)");
    let (_, y) = all(&of_run(&plan, &data, 0).1);
    assert_eq!(y.column(0).as_slice(), [0.9, 0.1, 0.1]);
    assert_eq!(
        carry_out(&plan, &data, 0, 0)
            .run
            .last
            .test
            .accuracy
            .map(|accuracy| accuracy > 0.5),
        Some(true)
    );
    let (plan, data) = Folder::new().open("task: LinearTeacher(outputs: 2), scale: (targets: Standard)");
    let (parts, scaled) = of_run(&plan, &data, 0);
    let (_, y) = gathered(&scaled, &parts.train);
    let (mean, sd) = moments(&column(&y, 1));
    assert!(mean.abs() < 1e-12 && (sd - 1.0).abs() < 1e-12);
    let (plan, data) = Folder::new().open("task: Digits(target: Input), scale: (inputs: Standard)");
    let (x, y) = all(&of_run(&plan, &data, 0).1);
    assert!(
        x == y && x.iter().all(|x| x.is_finite()),
        "the target is the scaled input; some pixels are always 0"
    );

    for (fields, part) in [
        ("task: Iris, scale: (targets: Standard)", "classes have no mean"),
        (
            "task: Iris, scale: (targets: Levels(low: 0.1, high: 0.9))",
            "`CrossEntropy`",
        ),
        (
            "task: Iris, loss: LogisticCrossEntropy, scale: (targets: Levels(low: -1, high: 1))",
            "no probabilities",
        ),
        ("task: Iris, scale: (targets: Levels(low: 1, high: 0))", "no range"),
        (
            "task: Xor(targets: Single), loss: HalfSquares, scale: (targets: Levels(low: -1, high: 1))",
            "threshold 0.5",
        ),
        (
            "task: LinearTeacher, scale: (targets: Levels(low: 0, high: 1))",
            "levels are for classes",
        ),
        ("task: Iris(target: Input), scale: (targets: Standard)", "no effect"),
        ("task: Iris, scale: (inputs: MinMax(low: 1, high: 1))", "no range"),
        ("task: Iris, scale: (inputs: Levels(low: 0, high: 1))", "unknown"),
        ("task: Iris, scale: (input: Standard)", "`inputs`"),
    ] {
        let message = Folder::new().plan(fields).err().unwrap_or_else(|| panic!("{fields}"));
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    // smoothed labels add up to 1
    let smoothed = "task: Iris, scale: (targets: Levels(low: 0.1, high: 0.8))";
    assert!(Folder::new().plan(smoothed).is_ok());
}

const STREAMS: [&str; 6] = [
    "LinearTeacher(inputs: 4, outputs: 2",
    "NonlinearTeacher(inputs: 4, hidden: 3, outputs: 2",
    "Xor(noise: 0.1",
    "Parity(bits: 3, noise: 0.5",
    "Spirals(classes: 3",
    "Blobs(inputs: 5",
];

fn in_epoch(data: &DataSet, purpose: Purpose, epoch: u64, samples: &[u32]) -> (Matrix<f64>, Matrix<f64>) {
    let (mut x, mut y) = (empty(), empty());
    data.gather_in_epoch(purpose, epoch, samples, &mut x, &mut y);
    (x, y)
}

#[test]
fn a_stream_is_the_same_for_equal_seeds_and_never_repeats() {
    for task in STREAMS {
        let (plan, data) = Folder::new().open(&format!("task: {task}, samples: 20, test: 10, stream: true)"));
        assert_eq!(
            (plan.sizes.train, plan.sizes.validation, plan.sizes.test),
            (20, 0, 10),
            "{task}"
        );
        let of = |seed| of_run(&plan, &data, seed).1;
        let rows: Vec<u32> = (0..20).collect();
        let first = in_epoch(&of(3), Purpose::Order, 0, &rows);
        assert_eq!(
            first,
            in_epoch(&of(3), Purpose::Order, 0, &rows),
            "arms with equal seeds see the same"
        );
        assert_eq!(first, gathered(&of(3), &rows), "what is measured is the first epoch");
        let others = [
            in_epoch(&of(4), Purpose::Order, 0, &rows),
            in_epoch(&of(3), Purpose::Order, 1, &rows),
            in_epoch(&of(3), Purpose::Order, u64::from(u32::MAX), &rows),
            in_epoch(&of(3), Purpose::WarmUpOrder, 0, &rows),
        ];
        for (other, _) in &others {
            let repeated = first
                .0
                .column_iter()
                .filter(|column| other.column_iter().any(|other| *column == other));
            assert_eq!(repeated.count(), 0, "{task}");
        }
        // a sample does not depend on the batch that it is in
        let (x, y) = in_epoch(&of(3), Purpose::Order, 0, &[7, 2]);
        assert_eq!((x.column(0), y.column(1)), (first.0.column(7), first.1.column(2)));
        // the test set is one for all runs
        let tests: Vec<u32> = (20..30).collect();
        assert_eq!(gathered(&of(3), &tests), gathered(&of(4), &tests));
        assert!(gathered(&of(3), &tests).0 != gathered(&of(3), &rows[..10]).0);
    }
}

#[test]
fn streams_are_drawn_from_the_task_s_own_source() {
    // the same teacher answers fresh and stored samples
    let (plan, data) =
        Folder::new().open("task: LinearTeacher(inputs: 2, outputs: 1, samples: 2000, stream: true), precision: F64");
    let run = of_run(&plan, &data, 0).1;
    let (x, y) = all(&run);
    let (a, b) = ((x[(0, 2000)], x[(1, 2000)]), (x[(0, 2001)], x[(1, 2001)]));
    let determinant = a.0 * b.1 - a.1 * b.0;
    let slope = (
        (y[2000] * b.1 - y[2001] * a.1) / determinant,
        (y[2001] * a.0 - y[2000] * b.0) / determinant,
    );
    assert!((0..2000).all(|i| (y[i] - slope.0 * x[(0, i)] - slope.1 * x[(1, i)]).abs() < 1e-10));
    let (mean, sd) = moments(&x.as_slice()[..4000]);
    assert!(
        mean.abs() < 5.0 / 4000f64.sqrt() && (sd - 1.0).abs() < 5.0 / 8000f64.sqrt(),
        "{mean} {sd}"
    );
    assert_eq!(carry_out(&plan, &data, 0, 0), carry_out(&plan, &data, 0, 0));
    assert!(carry_out(&plan, &data, 0, 0).run.last.test.loss.unwrap() < 0.01);
}

#[test]
fn a_stream_can_hold_samples_out_and_says_what_it_cannot() {
    let (plan, _) = Folder::new().open("task: Blobs(stream: true), split: Fixed(validation: 0.2)");
    assert_eq!((plan.sizes.train, plan.sizes.validation), (800, 200));
    for (fields, part) in [
        ("task: Blobs(stream: true), split: Random", "fresh for ever"),
        ("task: Blobs(stream: true), split: Folds(5)", "fresh for ever"),
        (
            "task: Blobs(stream: true), split: Fixed(stratified: true)",
            "no classes to be balanced",
        ),
        ("task: Blobs(stream: true, test: 0)", "judged on a test set"),
        ("task: Xor(stream: true)", "without noise"),
    ] {
        let message = Folder::new().plan(fields).err().unwrap_or_else(|| panic!("{fields}"));
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
}
