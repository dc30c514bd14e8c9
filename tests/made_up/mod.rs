//! Make up a result that looks like a real one: arms that learn at their own pace, seeds that differ, a run that diverges.

use creditlab::results::{
    ArmRow, ArmTable, MetricRow, Prediction, RunRow, Score, Scores, Status, encode, files, in_file_order, summary,
};
use std::path::Path;

const EPOCHS: u64 = 20;
const STEPS_PER_EPOCH: u64 = 45;

/// How much there is of a result.
#[derive(Clone, Copy)]
pub struct Size {
    pub seeds: u64,
    pub layers: u64,
    /// Whether there is an accuracy.
    pub classes: bool,
}

/// Ten seeds of a network of three layers that tells classes apart.
pub const USUAL: Size = Size {
    seeds: 10,
    layers: 3,
    classes: true,
};

/// How the runs of an arm go.
#[derive(Clone)]
pub struct Course {
    pub label: String,
    pub rule: &'static str,
    pub prediction: Prediction,
    /// Accuracy at the end.
    pub accuracy: f64,
    /// Epochs after which most is learnt.
    pub pace: f64,
    /// Angle to the gradient at the end, of the first layer; `None` where hidden layers are not trained.
    pub angle: Option<f64>,
    /// Angle of the feedback weights at the end.
    pub feedback: Option<f64>,
}

fn course(label: &str, rule: &'static str, accuracy: f64, pace: f64) -> Course {
    Course {
        label: label.to_owned(),
        rule,
        prediction: Prediction::Forward,
        accuracy,
        pace,
        angle: None,
        feedback: None,
    }
}

pub fn courses() -> Vec<Course> {
    let with = |course: Course, angle, feedback| Course {
        angle: Some(angle),
        feedback,
        ..course
    };
    vec![
        with(course("Backprop", "Backprop", 0.975, 1.5), 0.0, None),
        with(
            course("FeedbackAlignment", "FeedbackAlignment", 0.966, 2.2),
            52.0,
            Some(63.0),
        ),
        with(
            course("DirectFeedbackAlignment", "DirectFeedbackAlignment", 0.961, 2.4),
            61.0,
            Some(70.0),
        ),
        with(
            course("SignSymmetry magnitude=BatchRandom", "SignSymmetry", 0.969, 1.8),
            33.0,
            Some(38.0),
        ),
        with(
            course("SignSymmetry magnitude=One", "SignSymmetry", 0.970, 1.7),
            29.0,
            Some(36.0),
        ),
        with(course("KolenPollack", "KolenPollack", 0.973, 1.6), 4.0, Some(3.0)),
        with(course("WeightMirror", "WeightMirror", 0.971, 1.7), 12.0, Some(15.0)),
        with(course("NodePerturbation", "NodePerturbation", 0.71, 9.0), 86.0, None),
        with(
            course("DifferenceTargetPropagation", "DifferenceTargetPropagation", 0.948, 3.0),
            47.0,
            None,
        ),
        Course {
            prediction: Prediction::Own,
            ..course("ForwardForward", "ForwardForward", 0.921, 4.0)
        },
        with(course("Pepita", "Pepita", 0.934, 3.5), 78.0, None),
        course("OutputOnly", "OutputOnly", 0.882, 2.0),
    ]
}

/// An even spread over -1..1 made of the arguments: no two sequences alike, the same everywhere.
pub fn noise(parts: &[u64]) -> f64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15u64;
    for part in parts {
        hash = (hash ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
    }
    (hash >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

pub fn slug(label: &str) -> String {
    label
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect()
}

/// Writes the CSV files of a result. The second seed of one arm diverges.
pub fn write_result(folder: &Path, courses: &[Course], size: Size) {
    let mut metrics = Vec::new();
    let mut runs = Vec::new();
    for (place, course) in (0..).zip(courses) {
        for seed in 0..size.seeds {
            let diverges = course.rule == "NodePerturbation" && seed == 1;
            let epochs = if diverges { 7 } else { EPOCHS };
            let mut last = Scores::default();
            for epoch in 0..=epochs {
                let row = |split: &str, metric: &str, rule: &str, layer: &str, reference: &str, value: f64| MetricRow {
                    arm: slug(&course.label),
                    seed,
                    step: epoch * STEPS_PER_EPOCH,
                    epoch: epoch as f64,
                    split: split.into(),
                    metric: metric.into(),
                    rule: rule.into(),
                    layer: layer.into(),
                    reference: reference.into(),
                    value,
                };
                let jitter = |of: u64| noise(&[place, seed, epoch, of]) + 2.0 * noise(&[place, seed, of]);
                let left = (-(epoch as f64) / course.pace).exp();
                for (of, split) in (0..).zip(["test", "train", "validation"]) {
                    let accuracy = course.accuracy - (course.accuracy - 0.1) * left + 0.002 * jitter(of);
                    let loss = (2.3 * left + 3.0 * (1.0 - course.accuracy)) * (0.05 * jitter(of + 3)).exp();
                    let score = Score {
                        loss: Some(loss),
                        accuracy: size.classes.then_some(accuracy),
                    };
                    match split {
                        "test" => last.test = score,
                        "train" => last.train = score,
                        _ => last.validation = score,
                    }
                    let own = course.prediction == Prediction::Own;
                    let (prefix, rule) = if own { ("own_", course.rule) } else { ("", "none") };
                    metrics.push(row(split, &format!("{prefix}loss"), rule, "none", "none", loss));
                    if size.classes {
                        metrics.push(row(split, &format!("{prefix}accuracy"), rule, "none", "none", accuracy));
                    }
                }
                let layers = (1..=size.layers).map(|layer| (layer, format!("layer{layer}")));
                let others = ["hidden", "all"].map(|layer| (0, layer.to_owned()));
                for (number, layer) in layers.chain(others) {
                    let depth = if number == size.layers {
                        0.12
                    } else {
                        0.4 + 0.6 / number.max(1) as f64
                    };
                    if let Some(end) = course.angle {
                        let angle = depth * (end + (89.0 - end) * left + 1.5 * jitter(number + 10));
                        let angle = if course.rule == "Backprop" { 0.0 } else { angle };
                        metrics.push(row("probe", "gradient_angle", course.rule, &layer, "Backprop", angle));
                        let cosine = angle.to_radians().cos();
                        metrics.push(row("probe", "gradient_cosine", course.rule, &layer, "Backprop", cosine));
                    }
                    if let Some(end) = course.feedback.filter(|_| number > 1) {
                        let angle = end + (89.0 - end) * left + 2.0 * jitter(number + 20);
                        metrics.push(row("none", "feedback_angle", course.rule, &layer, "none", angle));
                    }
                    for metric in ["weight_norm", "update_norm", "activity_mean", "activity_saturation"] {
                        metrics.push(row("none", metric, "none", &layer, "none", left));
                    }
                }
            }
            runs.push(RunRow {
                arm: slug(&course.label),
                seed,
                status: if diverges { Status::Diverged } else { Status::Finished },
                diverged_step: diverges.then_some(epochs * STEPS_PER_EPOCH + 3),
                steps: epochs * STEPS_PER_EPOCH,
                epochs: epochs as f64,
                best_step: None,
                multiply_adds: Some((1e9 * course.pace * course.pace) as u64),
                last: if diverges { Scores::default() } else { last },
                best: Scores::default(),
            });
        }
    }
    let arms = courses.iter().map(|course| ArmRow {
        arm: slug(&course.label),
        label: course.label.clone(),
        rule: course.rule.into(),
        prediction: course.prediction,
        parameters: Some(9000),
        multiply_adds_per_sample: None,
        forward_passes_per_sample: None,
        random_numbers_per_sample: None,
        state_per_weight: None,
        settings: Vec::new(),
    });
    let metrics = in_file_order(metrics);
    let table = ArmTable {
        paths: Vec::new(),
        rows: arms.collect(),
    };
    let tables = [
        ("arms.csv", table.encode()),
        ("runs.csv", encode(&runs)),
        ("summary.csv", encode(&summary(&metrics, &runs))),
        ("metrics.csv", encode(&metrics)),
    ];
    for (name, bytes) in tables {
        files::place(&folder.join(name), &bytes).unwrap();
    }
}
