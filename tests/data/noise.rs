//! Check samples that are changed one by one: scaled to unit length, or given another label.

use crate::data_support::{Folder, all, of_run};
use creditlab::linalg::{Matrix, empty};
use creditlab::tasks::{DataFolders, DataSet};

fn gathered(data: &DataSet, samples: &[u32]) -> (Matrix<f64>, Matrix<f64>) {
    let (mut x, mut y) = (empty(), empty());
    data.gather(samples, &mut x, &mut y);
    (x, y)
}

fn lengths(x: &Matrix<f64>) -> Vec<f64> {
    x.column_iter().map(|sample| sample.norm()).collect()
}

#[test]
fn unit_length_keeps_the_direction_of_each_sample_and_nothing_else() {
    for task in ["Iris", "Digits", "Blobs(samples: 20, test: 10, stream: true)"] {
        let (plan, data) = Folder::new().open(&format!("task: {task}, scale: (inputs: UnitLength)"));
        let (raw, _) = all(&data);
        let (scaled, _) = all(&of_run(&plan, &data, 0).1);
        let (before, after) = (lengths(&raw), lengths(&scaled));
        assert!(after.iter().all(|length| (length - 1.0).abs() < 1e-14), "{task}");
        assert!(before.iter().any(|length| (length - 1.0).abs() > 0.1), "the control");
        // a stream's samples are another run's, but of equal seed
        if task != "Iris" && task != "Digits" {
            continue;
        }
        for ((raw, scaled), length) in raw.column_iter().zip(scaled.column_iter()).zip(&before) {
            assert!((scaled * *length - raw).norm() <= 1e-14 * length);
        }
        // another sample of the batch changes nothing
        let (_, scaled_data) = of_run(&plan, &data, 0);
        assert_eq!(gathered(&scaled_data, &[7]).0, scaled.columns(7, 1).into_owned());
    }
    let table = "3,4,a\n0,0,b\n3e200,-4e200,a\n3e-200,4e-200,b\n";
    let task = "task: Csv(path: \"t.csv\", target: 3, header: false), split: Random(validation: 0, test: 0)";
    let folder = Folder::new().with("t.csv", table);
    let (plan, data) = folder.open(&format!("{task}, scale: (inputs: UnitLength)"));
    let (x, _) = all(&of_run(&plan, &data, 0).1);
    let expected = [0.6, 0.8, 0.0, 0.0, 0.6, -0.8, 0.6, 0.8];
    assert!(x.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-15), "{x}");
}

/// An autoencoder's targets are the scaled inputs: probabilities where no input is negative.
#[test]
fn unit_length_and_the_logistic_loss_want_inputs_that_are_not_negative() {
    let load = |table: &str| {
        let folder = Folder::new().with("t.csv", table);
        let plan = folder.plan(
            "task: Csv(path: \"t.csv\", target: Input, header: false), loss: LogisticCrossEntropy, \
             split: Random(validation: 0, test: 0), scale: (inputs: UnitLength)",
        );
        plan.expect("a plan").load(&DataFolders::none())
    };
    assert!(load("3,4\n30,0\n1,2\n").is_ok());
    let message = load("3,4\n-1,2\n1,2\n").unwrap_err().to_string();
    assert!(message.contains("-1 is no probability"), "{message}");
}

/// The class of each column.
fn classes(y: &Matrix<f64>) -> Vec<usize> {
    let class = |column: Vec<f64>| {
        assert_eq!(column.iter().sum::<f64>(), 1.0);
        column.iter().position(|y| *y == 1.0).unwrap()
    };
    y.column_iter().map(|y| class(y.iter().copied().collect())).collect()
}

#[test]
fn label_noise_gives_a_share_of_the_training_part_another_class() {
    let labels = |noise: &str, seed: u64| {
        let (plan, data) = Folder::new().open(&format!("task: Digits, label_noise: {noise}"));
        let (parts, data) = of_run(&plan, &data, seed);
        let of = |part: &[u32]| classes(&gathered(&data, part).1);
        (of(&parts.train), of(&parts.validation), of(&parts.test))
    };
    let clean = labels("0", 1);
    let changed = |noisy: &[usize]| -> Vec<usize> { (0..noisy.len()).filter(|&i| noisy[i] != clean.0[i]).collect() };
    let n = clean.0.len() as f64;
    let tenth = labels("0.1", 1);
    assert_eq!(changed(&tenth.0).len() as f64, (0.1 * n).round());
    assert_eq!(
        (&tenth.1, &tenth.2),
        (&clean.1, &clean.2),
        "what is judged by stays clean"
    );
    // a larger share holds the smaller one, and the same seed comes back
    let half = labels("0.5", 1);
    assert_eq!(changed(&half.0).len() as f64, (0.5 * n).round());
    assert!(changed(&tenth.0).iter().all(|&i| half.0[i] == tenth.0[i]));
    assert_eq!(labels("0.1", 1), tenth);
    let (other, clean_other) = (labels("0.1", 2), labels("0", 2));
    let places = |noisy: &[usize], clean: &[usize]| -> Vec<usize> {
        (0..noisy.len()).filter(|&i| noisy[i] != clean[i]).collect()
    };
    assert_ne!(places(&other.0, &clean_other.0), changed(&tenth.0));
    // every other class as likely: chi-square with 8 degrees of freedom is above 26.1 with probability 0.001
    let all = labels("1", 1).0;
    let mut counts = [0.0; 10];
    (0..all.len()).for_each(|i| counts[(10 + all[i] - clean.0[i]) % 10] += 1.0);
    assert_eq!(counts[0], 0.0, "never its own");
    let expected = n / 9.0;
    let chi_square: f64 = counts[1..]
        .iter()
        .map(|count| (count - expected).powi(2) / expected)
        .sum();
    assert!(chi_square < 26.1, "{counts:?}");
}

#[test]
fn label_noise_is_refused_where_there_are_no_labels_to_change() {
    for (fields, part) in [
        ("task: Digits, label_noise: 1.5", "`label_noise`: is a share"),
        ("task: Digits, label_noise: -0.1", "`label_noise`: is a share"),
        (
            "task: LinearTeacher, label_noise: 0.1",
            "the targets of this task are values",
        ),
        ("task: Blobs(stream: true), label_noise: 0.1", "fresh for ever"),
    ] {
        let message = Folder::new().plan(fields).err().expect(fields);
        assert!(message.contains(part) && message.contains("help:"), "{message}");
    }
    let (plan, data) = Folder::new().open("task: Xor(targets: Single, samples: 40), label_noise: 0.25");
    let (parts, noisy) = of_run(&plan, &data, 0);
    let (_, clean) = gathered(&data, &parts.train);
    let (_, noisy) = gathered(&noisy, &parts.train);
    let sum: f64 = noisy.iter().zip(&clean).map(|(a, b)| (a - b).abs()).sum();
    assert_eq!(sum, (0.25 * parts.train.len() as f64).round());
}
