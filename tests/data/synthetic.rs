//! Check what synthetic tasks draw against theory and against published data.

use crate::data_support::{Folder, all, carry_out, of_run, published};
use creditlab::linalg::Matrix;
use creditlab::tasks::{DataFolders, DataSet, Kind};
use std::f64::consts::TAU;

fn open(task: &str) -> (DataSet, Matrix<f64>, Matrix<f64>) {
    let (_, data) = Folder::new().open(&format!("task: {task}"));
    let (x, y) = all(&data);
    (data, x, y)
}

/// With `seed: PerRun` a run with seed s has the samples of `seed: s`.
#[test]
fn every_run_can_have_samples_of_its_own() {
    for task in [
        "Xor(samples: 12, test: 4, noise: 0.1, seed: 0)",
        "Parity(bits: 3, samples: 12, test: 4, seed: 0)",
        "Spirals(samples: 12, test: 4, seed: 0)",
        "Blobs(samples: 12, test: 4, seed: 0)",
        "Blobs(samples: 12, test: 4, stream: true, seed: 0)",
        "Mnist1d(samples: 12, test: 4, seed: 0)",
        "LinearTeacher(samples: 12, test: 4, seed: 0)",
        "LinearTeacher(samples: 12, test: 4, stream: true, seed: 0)",
        "NonlinearTeacher(samples: 12, test: 4, seed: 0)",
    ] {
        let of = |task: &str, run: u64| {
            let (plan, data) = Folder::new().open(&format!("task: {task}"));
            all(&of_run(&plan, &data, run).1)
        };
        let per_run = task.replace("seed: 0", "seed: PerRun");
        for run in [3, 4] {
            let fixed = task.replace("seed: 0", &format!("seed: {run}"));
            assert_eq!(of(&per_run, run), of(&fixed, run), "{task}");
        }
        assert_ne!(of(&per_run, 3), of(&per_run, 4), "{task}");
        // negative control: else all runs have the same; of a stream, the same test set
        let test = |(x, _): (Matrix<f64>, Matrix<f64>)| x.columns(12, 4).into_owned();
        assert_eq!(test(of(task, 3)), test(of(task, 4)), "{task}");
    }
}

#[test]
fn runs_with_samples_of_their_own_are_the_runs_of_those_seeds() {
    let run = |seed: &str| {
        let task = format!("task: Blobs(samples: 20, test: 10, seed: {seed}), network: [4], stop: Epochs(2)");
        let (plan, data) = Folder::new().open(&task);
        carry_out(&plan, &data, 0, 3)
    };
    assert_eq!(run("PerRun").metrics, run("3").metrics);
    assert_ne!(run("PerRun").metrics, run("0").metrics);
}

#[test]
fn a_seed_is_a_number_or_per_run() {
    let folder = Folder::new();
    let plan = folder.plan("task: Blobs(seed: PerRun)").unwrap();
    assert!(plan.text.contains("stream: false, seed: PerRun)"), "{}", plan.text);
    let again = folder.plan(plan.text.trim().trim_matches(['(', ')'])).unwrap();
    assert_eq!(again.text, plan.text);
    for (task, part) in [
        ("Blobs(seed: PerSeed)", "`PerRun`"),
        ("Blobs(seed: \"PerRun\")", "a whole number or `PerRun`"),
        ("Blobs(seed: -1)", "a whole number or `PerRun`"),
        ("Xor(seed: PerRun)", "without noise nothing is drawn"),
    ] {
        let message = folder.refusal(task);
        assert!(message.contains(part), "{message}");
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

#[test]
fn parity_goes_through_all_patterns_and_has_an_odd_number_of_ones() {
    let (data, x, _) = open("Parity(bits: 4, samples: 16, test: 33)");
    let patterns: Vec<usize> = x
        .column_iter()
        .map(|bits| bits.iter().fold(0, |all, &bit| 2 * all + bit as usize))
        .collect();
    let labels = data.labels().unwrap();
    assert!(
        patterns
            .iter()
            .zip(labels)
            .all(|(pattern, &label)| pattern.count_ones() % 2 == label)
    );
    let count = |part: &[usize], pattern| part.iter().filter(|&&p| p == pattern).count();
    assert!((0..16).all(|pattern| count(&patterns[..16], pattern) == 1), "the table");
    assert!((0..16).all(|pattern| [2, 3].contains(&count(&patterns[16..], pattern))));
    assert_ne!(patterns[..16], patterns[16..32], "each time in another order");
    let (data, _, y) = open("Parity(bits: 2, samples: 4, test: 1, targets: Single)");
    assert_eq!((data.kind(), y.nrows()), (Kind::Single, 1));
}

#[test]
fn spirals_without_noise_lie_on_their_arms() {
    let (data, x, _) = open("Spirals(classes: 3, turns: 1.5, noise: 0)");
    for (point, &class) in x.column_iter().zip(data.labels().unwrap()) {
        let radius = point[0].hypot(point[1]);
        let turns = point[1].atan2(point[0]) / TAU - (1.5 * radius + f64::from(class) / 3.0);
        assert!((turns - turns.round()).abs() * radius < 1e-12 && radius <= 1.0 + 1e-12);
    }
    let n = x.ncols() as f64;
    let radius = mean(
        x.column_iter()
            .map(|point| point.norm())
            .collect::<Vec<_>>()
            .into_iter(),
    );
    assert!(
        (radius - 0.5).abs() < 5.0 / (12.0 * n).sqrt(),
        "the mean of a uniform radius: {radius}"
    );
    let count = |class| data.labels().unwrap().iter().filter(|&&label| label == class).count();
    assert!((0..3).all(|class| (count(class) as f64 - n / 3.0).abs() < 2.0));
    // with noise, the squared distance from the arm's point has mean 2 sd^2: the same seed draws the same radii
    let (_, noisy, _) = open("Spirals(classes: 3, turns: 1.5, noise: 0.1)");
    let squares = (&noisy - &x).norm_squared() / (2.0 * n);
    assert!((squares / 0.01 - 1.0).abs() < 5.0 / n.sqrt(), "{squares}");
}

#[test]
fn blobs_have_their_spread_about_their_centres() {
    let (data, x, _) = open("Blobs(classes: 4, inputs: 3, noise: 0.5, range: 2, samples: 4000, test: 4000)");
    let labels = data.labels().unwrap();
    for class in 0..4 {
        for row in 0..3 {
            let of = |from: usize| -> Vec<f64> {
                (from..from + 4000)
                    .filter(|&i| labels[i] == class)
                    .map(|i| x[(row, i)])
                    .collect()
            };
            let (training, test) = (of(0), of(4000));
            let n = training.len() as f64;
            let (centre, other) = (mean(training.iter().copied()), mean(test.iter().copied()));
            assert!(
                (centre - other).abs() < 5.0 * 0.5 * (2.0 / n).sqrt(),
                "one centre for both parts"
            );
            assert!(centre.abs() < 2.0 + 5.0 * 0.5 / n.sqrt());
            let variance = mean(training.iter().map(|x| (x - centre).powi(2)));
            assert!((variance / 0.25 - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{variance}");
        }
    }
    assert_ne!(open("Blobs(seed: 1)").1, open("Blobs").1);
}

/// With `W` of variance 1, `x` of variance `1/N` and output weights 1 the variance of `y = sum_m w_m x` is that of `M` normal
/// numbers, to within what `N` weights leave to chance.
#[test]
fn a_nonlinear_teacher_s_numbers_have_their_scales() {
    let task = "NonlinearTeacher(inputs: 500, hidden: 2, outputs: 1, activation: Identity, weights: Normal(1.0), \
                output_weights: Constant(1.0), input_scale: InverseRoot, samples: 2000, test: 2000)";
    let (_, x, y) = open(task);
    let (n, count) = (4000.0f64, x.len() as f64);
    let variance = x.norm_squared() / count;
    assert!(
        (variance * 500.0 - 1.0).abs() < 5.0 * (2.0 / count).sqrt(),
        "{variance}"
    );
    let variance = y.norm_squared() / n;
    assert!(
        (variance / 2.0 - 1.0).abs() < 5.0 * (2.0f64 / 500.0 + 2.0 / n).sqrt(),
        "{variance}"
    );
    // uniform weights have a third of the variance
    let (_, _, y) = open(&task.replace("weights: Normal(1.0), output", "weights: Uniform(1.0), output"));
    let variance = y.norm_squared() / n;
    assert!(
        (variance / (2.0 / 3.0) - 1.0).abs() < 5.0 * (2.0f64 / 500.0 + 2.0 / n).sqrt(),
        "{variance}"
    );
}

/// With the identity, the map is linear: three samples tell all others. With tanh it is not, and is bounded by the sum of the
/// output weights.
#[test]
fn a_nonlinear_teacher_is_one_fixed_network() {
    let task = "NonlinearTeacher(inputs: 2, hidden: 5, outputs: 1, output_weights: Constant(0.5), input_scale: Unit, activation: ";
    let miss = |activation: &str| {
        let (_, x, y) = open(&format!("{task}{activation})"));
        let determinant = x[(0, 0)] * x[(1, 1)] - x[(1, 0)] * x[(0, 1)];
        let slope = [
            (y[0] * x[(1, 1)] - y[1] * x[(1, 0)]) / determinant,
            (y[1] * x[(0, 0)] - y[0] * x[(0, 1)]) / determinant,
        ];
        assert!(activation == "Identity" || y.iter().all(|y| y.abs() <= 2.5));
        let misses = (0..2000).map(|i| (y[i] - slope[0] * x[(0, i)] - slope[1] * x[(1, i)]).abs());
        misses.fold(0.0, f64::max)
    };
    assert!(miss("Identity") < 1e-9);
    assert!(miss("Tanh") > 0.1, "the control");
    assert_ne!(
        open(&format!("{task}Tanh, seed: 1)")).2,
        open(&format!("{task}Tanh)")).2
    );
}

#[test]
fn impossible_options_are_refused_with_their_field() {
    for (task, field) in [
        ("Parity(bits: 0)", "task.bits"),
        ("Parity(bits: 21)", "task.bits"),
        ("Parity(noise: -1)", "task.noise"),
        ("Spirals(classes: 1)", "task.classes"),
        ("Spirals(turns: 1e9)", "task.turns"),
        ("Spirals(samples: 0)", "task.samples"),
        ("Blobs(inputs: 0)", "task.inputs"),
        ("Blobs(range: 0)", "task.range"),
        ("Blobs(inputs: 18446744073709551615)", "task.inputs"),
        ("Blobs(classes: 1000000000000, samples: 10)", "task.classes"),
        ("NonlinearTeacher(hidden: 0)", "task.hidden"),
        ("NonlinearTeacher(hidden: 1000000000000)", "task.hidden"),
        ("NonlinearTeacher(weights: Normal(0))", "task.weights"),
        ("NonlinearTeacher(output_weights: Constant(0))", "task.output_weights"),
        ("NonlinearTeacher(input_scale: Times(-1))", "task.input_scale"),
        ("Mnist1d(samples: 0)", "task.samples"),
        ("Mnist1d(samples: 4294967295)", "task.samples"),
    ] {
        let message = Folder::new().refusal(task);
        assert!(message.contains(&format!("`{field}`")), "{task}: {message}");
    }
}

/// Statistics of a class at a point whose means the two sets are compared by: value, square, cube, product with the next point.
const STATISTICS: usize = 4;

/// For each class, point and statistic: the mean over the class's samples, and the mean's squared standard error.
fn statistics(x: &Matrix<f64>, labels: &[u32]) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    for class in 0..10 {
        let columns: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == class).collect();
        for point in 0..40 {
            for statistic in 0..STATISTICS {
                let of = |&i: &usize| {
                    let value = x[(point, i)];
                    match statistic {
                        0..=2 => value.powi(statistic as i32 + 1),
                        _ => value * x[((point + 1) % 40, i)],
                    }
                };
                let values: Vec<f64> = columns.iter().map(of).collect();
                let n = values.len() as f64;
                let centre = mean(values.iter().copied());
                let variance = values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (n - 1.0);
                all.push((centre, variance / n));
            }
        }
    }
    all
}

/// Mean and largest square of differences in standard errors.
fn differences(a: &[(f64, f64)], b: &[(f64, f64)]) -> (f64, f64) {
    let squares: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a.0 - b.0).powi(2) / (a.1 + b.1))
        .collect();
    (
        mean(squares.iter().copied()),
        squares.iter().copied().fold(0.0, f64::max),
    )
}

#[test]
fn generated_mnist_1d_has_the_published_moments() {
    let (data, x, _) = open("Mnist1d");
    assert_eq!((x.nrows(), x.ncols()), (40, 5000));
    let whole = mean(x.as_slice().iter().copied());
    assert!(
        whole.abs() < 1e-12 && (x.norm_squared() / 200_000.0 - 1.0).abs() < 1e-12,
        "standardised"
    );
    let labels = data.labels().unwrap();
    assert!((0..10).all(|class| labels.iter().filter(|&&label| label == class).count() == 500));

    let Some(folder) = published("mnist1d") else { return };
    let place = |file: &str| folder.join(file).display().to_string();
    let task = format!(
        "Npy(x: {:?}, y: {:?}, test_x: {:?}, test_y: {:?})",
        place("train-x.npy"),
        place("train-y.npy"),
        place("test-x.npy"),
        place("test-y.npy")
    );
    let (theirs, their_x, _) = open(&task);
    assert_eq!(
        (theirs.inputs(), theirs.kind(), theirs.samples()),
        (40, Kind::Classes(10), data.samples())
    );
    let (ours, published) = (statistics(&x, labels), statistics(&their_x, theirs.labels().unwrap()));
    let (typical, largest) = differences(&ours, &published);
    println!(
        "squared difference in standard errors: mean {typical:.3}, largest {largest:.1} of {}",
        ours.len()
    );
    // the mean of 1,600 squares that are 1 in expectation; neighbouring points are correlated, so about 150 count
    assert!((0.7..1.3).contains(&typical) && largest < 30.0, "{typical} {largest}");
    // controls: another class, and noise that is a tenth larger, are told apart
    let shifted: Vec<u32> = labels.iter().map(|label| (label + 1) % 10).collect();
    assert!(differences(&statistics(&x, &shifted), &published).0 > 10.0);
    let louder = &x * 1.1;
    assert!(differences(&statistics(&louder, labels), &published).0 > 1.6);
}

#[test]
fn named_sets_that_are_missing_say_where_they_were_looked_for() {
    for (task, folder) in [("Mnist", "mnist"), ("FashionMnist", "fashion-mnist")] {
        let plan = Folder::new().plan(&format!("task: {task}")).unwrap();
        let empty = tempfile::tempdir().unwrap();
        let folders = DataFolders::with_variables(Some(empty.path()), |_| None);
        let message = plan.load(&folders).unwrap_err().to_string();
        assert!(
            message.contains(&empty.path().join(folder).display().to_string()),
            "{message}"
        );
    }
}
