//! Draw a made-up but realistic result and check what a reader of the figures relies on.

use creditlab::report;
use creditlab::results::{
    ArmRow, ArmTable, MetricRow, Prediction, RunRow, Score, Scores, Status, encode, files, in_file_order, summary,
};
use resvg::usvg;
use std::fs;
use std::path::{Path, PathBuf};

const EPOCHS: u64 = 20;
const STEPS_PER_EPOCH: u64 = 45;

/// How much there is of a result.
#[derive(Clone, Copy)]
struct Size {
    seeds: u64,
    layers: u64,
    /// Whether there is an accuracy.
    classes: bool,
}

/// Ten seeds of a network of three layers that tells classes apart.
const USUAL: Size = Size {
    seeds: 10,
    layers: 3,
    classes: true,
};

/// How the runs of an arm go.
#[derive(Clone)]
struct Course {
    label: String,
    rule: &'static str,
    prediction: Prediction,
    /// Accuracy at the end.
    accuracy: f64,
    /// Epochs after which most is learnt.
    pace: f64,
    /// Angle to the gradient at the end, of the first layer; `None` where hidden layers are not trained.
    angle: Option<f64>,
    /// Angle of the feedback weights at the end.
    feedback: Option<f64>,
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

fn courses() -> Vec<Course> {
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
fn noise(parts: &[u64]) -> f64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15u64;
    for part in parts {
        hash = (hash ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
    }
    (hash >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn slug(label: &str) -> String {
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
fn write_result(folder: &Path, courses: &[Course], size: Size) {
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
                multiply_adds: Some(1),
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

/// A folder for the figures of a test, which stays to be looked at.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn parse(svg: &str) -> usvg::Tree {
    let mut options = usvg::Options::default();
    options.fontdb_mut().load_font_data(dejavu::sans::regular().to_vec());
    options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
    usvg::Tree::from_str(svg, &options).unwrap()
}

fn texts(group: &usvg::Group, found: &mut Vec<(String, usvg::Rect)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => texts(group, found),
            usvg::Node::Text(text) => {
                let content = text.chunks().iter().map(|chunk| chunk.text().trim()).collect();
                found.push((content, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

/// Millimetres of an attribute of the SVG's first line.
fn millimetres(svg: &str, attribute: &str) -> f64 {
    let (_, rest) = svg.split_once(&format!(" {attribute}=\"")).unwrap();
    rest.split_once("mm\"").unwrap().0.parse().unwrap()
}

/// What every figure must be: a size for print, text that is text and inside, and does not cover other text, no number
/// that is none.
fn check(folder: &Path, name: &str) -> Vec<String> {
    let svg = fs::read_to_string(folder.join(format!("figures/{name}.svg"))).unwrap();
    let (width, height) = (millimetres(&svg, "width"), millimetres(&svg, "height"));
    assert!(
        [89.0, 183.0].contains(&width) && height > 20.0 && height <= 170.0,
        "{name}: {width} x {height} mm"
    );
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
    assert!(svg.contains("font-family=\"DejaVu Sans, Arial, Helvetica, sans-serif\""));

    let tree = parse(&svg);
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    let size = tree.size();
    for (i, (text, area)) in found.iter().enumerate() {
        let inside =
            area.left() >= 0.0 && area.top() >= 0.0 && area.right() <= size.width() && area.bottom() <= size.height();
        assert!(inside, "{name}: `{text}` reaches out of the sheet");
        for (other, taken) in &found[..i] {
            let apart = area.left() >= taken.right()
                || taken.left() >= area.right()
                || area.top() >= taken.bottom()
                || taken.top() >= area.bottom();
            assert!(apart, "{name}: `{text}` lies on `{other}`");
        }
    }

    let png = fs::read(folder.join(format!("figures/{name}.png"))).unwrap();
    let number = |at: usize| f64::from(u32::from_be_bytes(png[at..at + 4].try_into().unwrap()));
    assert!((number(16) - width / 25.4 * 300.0).abs() < 1.0 && (number(20) - height / 25.4 * 300.0).abs() < 1.0);
    assert_eq!(&png[37..41], b"pHYs");
    assert!(resvg::tiny_skia::Pixmap::decode_png(&png).is_ok());
    found.into_iter().map(|(text, _)| text).collect()
}

fn caption(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(format!("figures/{name}.txt"))).unwrap()
}

#[test]
fn a_full_experiment_makes_four_figures_for_print() {
    let folder = folder("classification");
    write_result(&folder, &courses(), USUAL);
    let written = report::draw(&folder).unwrap();
    assert_eq!(written.len(), 12);
    let drawn_in = |name: &str| {
        let texts = check(&folder, name);
        courses()
            .into_iter()
            .filter(|course| texts.contains(&course.label))
            .count()
    };
    assert_eq!(drawn_in("convergence"), 12);
    assert_eq!(drawn_in("alignment"), 10, "all but the two that train no hidden layer");
    assert_eq!(drawn_in("feedback"), 6);
    assert_eq!(drawn_in("final"), 12);
    assert!(check(&folder, "final").contains(&"1 of 10".to_owned()));
    assert!(check(&folder, "alignment").contains(&"All hidden layers".to_owned()));
    let caption = caption(&folder, "convergence");
    for part in [
        "n = 10 seeds, but n = 9 for NodePerturbation",
        "95 % Student t",
        "test accuracy",
        "ForwardForward",
        "1 of 10",
    ] {
        assert!(caption.contains(part), "{part}: {caption}");
    }
}

#[test]
fn values_without_classes_have_a_loss_and_nothing_empty_is_drawn() {
    let folder = folder("regression");
    write_result(
        &folder,
        &[courses().remove(0), courses().remove(11)],
        Size {
            seeds: 5,
            layers: 2,
            classes: false,
        },
    );
    fs::create_dir_all(folder.join("figures")).unwrap();
    fs::write(folder.join("figures/feedback.svg"), "of an older run").unwrap();
    report::draw(&folder).unwrap();
    for name in ["convergence", "alignment", "final"] {
        check(&folder, name);
    }
    assert!(check(&folder, "final").contains(&"Final test loss".to_owned()));
    assert!(!folder.join("figures/feedback.svg").exists());
}

#[test]
fn a_single_seed_has_no_interval() {
    let folder = folder("single");
    write_result(&folder, &courses()[..3], Size { seeds: 1, ..USUAL });
    report::draw(&folder).unwrap();
    let svg = fs::read_to_string(folder.join("figures/convergence.svg")).unwrap();
    let bands = |svg: &str| {
        svg.lines()
            .filter(|line| line.starts_with("<polygon") && line.contains("0.15"))
            .count()
    };
    assert_eq!(bands(&svg), 0);
    check(&folder, "final");
    assert!(caption(&folder, "convergence").contains("n = 1 seed for every arm"));
    write_result(&folder, &courses()[..3], Size { seeds: 2, ..USUAL });
    report::draw(&folder).unwrap();
    let svg = fs::read_to_string(folder.join("figures/convergence.svg")).unwrap();
    assert_eq!(bands(&svg), 6, "three arms in two plots");
}

#[test]
fn many_arms_long_labels_and_deep_networks_stay_on_the_sheet() {
    let folder = folder("large");
    let label =
        |i: usize| format!("SignSymmetry <{i}> & \"βeta\" rule.feedback.scale=0.{i} optimizer.learning_rate=1e-{i}");
    let many: Vec<Course> = (0..45)
        .map(|i| Course {
            label: label(i),
            ..courses()[i % 12].clone()
        })
        .collect();
    write_result(
        &folder,
        &many,
        Size {
            seeds: 2,
            layers: 3,
            ..USUAL
        },
    );
    report::draw(&folder).unwrap();
    for name in ["convergence", "alignment", "feedback", "final"] {
        check(&folder, name);
    }
    assert!(caption(&folder, "final").contains("Of 45 arms, the first 40 are drawn."));

    let folder = crate::folder("deep");
    write_result(
        &folder,
        &courses(),
        Size {
            seeds: 2,
            layers: 60,
            ..USUAL
        },
    );
    report::draw(&folder).unwrap();
    let texts = check(&folder, "alignment");
    for title in ["Layer 1", "Layer 60", "All hidden layers"] {
        assert!(texts.iter().any(|text| text == title), "{title}");
    }
    assert!(caption(&folder, "alignment").contains("37 layers between those shown are left out."));
}

#[test]
fn equal_tables_make_equal_figures() {
    let folders = [folder("once"), folder("again")];
    for folder in &folders {
        write_result(folder, &courses(), Size { seeds: 3, ..USUAL });
        report::draw(folder).unwrap();
    }
    for file in fs::read_dir(folders[0].join("figures")).unwrap() {
        let file = file.unwrap().file_name();
        let bytes = folders
            .each_ref()
            .map(|folder| fs::read(folder.join("figures").join(&file)).unwrap());
        assert!(bytes[0] == bytes[1], "{file:?}");
    }
}

#[test]
fn untuned_arms_are_named_where_others_were_tuned() {
    let folder = folder("tuned");
    write_result(&folder, &courses()[..3], Size { seeds: 2, ..USUAL });
    report::draw(&folder).unwrap();
    assert!(!caption(&folder, "final").contains("Untuned"));
    fs::write(
        folder.join("tuning.csv"),
        "arm,trial\nbackprop,0\nfeedbackalignment,0\n",
    )
    .unwrap();
    report::draw(&folder).unwrap();
    assert!(caption(&folder, "final").contains("Untuned: DirectFeedbackAlignment."));
}

#[test]
fn a_damaged_table_is_named_with_its_line() {
    let folder = folder("damaged");
    write_result(&folder, &courses()[..2], Size { seeds: 2, ..USUAL });
    let path = folder.join("runs.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\nfeedbackalignment", "\nstranger", 1)).unwrap();
    let error = report::draw(&folder).unwrap_err().to_string();
    assert!(
        error.contains("runs.csv:4: column `arm`: `stranger` is not an arm of arms.csv"),
        "{error}"
    );
    fs::remove_file(&path).unwrap();
    let error = report::draw(&folder).unwrap_err().to_string();
    assert!(error.contains("cannot read") && error.contains("runs.csv"), "{error}");
}
