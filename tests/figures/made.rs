//! Draw results whose values are hard to draw, and hold every mark to the tables.

use super::made_up::{Course, Size, USUAL, courses, noise, slug, write_result};
use super::truth::hold_to_tables;
use super::{caption, folder};
use creditlab::report;
use creditlab::results::{self, MetricRow, RunRow, Score, Scores, Status, encode, files, in_file_order, summary};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::fs;
use std::path::Path;

/// A value of `metrics.csv` that is made up anew.
struct Made<'a> {
    /// `accuracy`, `loss`, `gradient_angle`, `feedback_angle`, or another.
    metric: &'a str,
    arm: u64,
    seed: u64,
    /// From 0 to 20.
    epoch: u64,
    /// What it was.
    value: f64,
}

impl Made<'_> {
    /// From -1 to 1.
    fn noise(&self) -> f64 {
        noise(&[self.arm, self.seed, self.epoch, self.metric.len() as u64])
    }
}

/// Writes a result whose values are replaced or, for `None`, removed. What is no number is written, too.
fn write(folder: &Path, courses: &[Course], size: Size, value: impl Fn(&Made) -> Option<f64>) {
    write_result(folder, courses, size);
    let slugs: Vec<String> = courses.iter().map(|course| slug(&course.label)).collect();
    let path = folder.join("metrics.csv");
    let mut rows: Vec<MetricRow> = in_file_order(results::read(&path).unwrap());
    rows.retain_mut(|row| {
        let made = Made {
            metric: row.metric.trim_start_matches("own_"),
            arm: slugs.iter().position(|slug| *slug == row.arm).unwrap() as u64,
            seed: row.seed,
            epoch: row.epoch as u64,
            value: row.value,
        };
        value(&made).is_some_and(|value| {
            row.value = value;
            true
        })
    });
    let mut runs: Vec<RunRow> = results::read(&folder.join("runs.csv")).unwrap();
    for run in runs.iter_mut().filter(|run| run.status == Status::Finished) {
        let at_end = |split: &str, metric: &str| {
            let of_run = |row: &&MetricRow| row.arm == run.arm && row.seed == run.seed && row.step == run.steps;
            let named = |row: &&MetricRow| row.split == split && row.metric.trim_start_matches("own_") == metric;
            rows.iter().find(|row| of_run(row) && named(row)).map(|row| row.value)
        };
        let score = |split| Score {
            loss: at_end(split, "loss"),
            accuracy: at_end(split, "accuracy"),
        };
        run.last = Scores {
            test: score("test"),
            train: score("train"),
            validation: score("validation"),
        };
    }
    let finite = in_file_order(rows.clone());
    for (name, bytes) in [
        ("metrics.csv", encode(&rows)),
        ("summary.csv", encode(&summary(&finite, &runs))),
        ("runs.csv", encode(&runs)),
    ] {
        files::place(&folder.join(name), &bytes).unwrap();
    }
}

const THREE: Size = Size { seeds: 3, ..USUAL };
const LOSSES: Size = Size {
    classes: false,
    ..THREE
};

/// Draws such a result and holds it to its tables; returns the figures.
fn draw(name: &str, arms: usize, size: Size, value: impl Fn(&Made) -> Option<f64>) -> Vec<&'static str> {
    let courses: Vec<Course> = (0..arms)
        .map(|arm| Course {
            label: format!("{} {arm}", courses()[arm % 12].label),
            ..courses()[arm % 12].clone()
        })
        .collect();
    let folder = folder(name);
    write(&folder, &courses, size, value);
    report::draw(&folder).unwrap();
    hold_to_tables(&folder)
}

/// Accuracies by arm, equal for all seeds and epochs.
fn accuracies(of_arm: fn(u64) -> f64) -> impl Fn(&Made) -> Option<f64> {
    move |made| {
        Some(if made.metric == "accuracy" {
            of_arm(made.arm)
        } else {
            made.value
        })
    }
}

/// The experiment of which two arms were drawn at 33.6 %.
#[test]
fn a_hundred_percent_beside_chance_stands_at_a_hundred_percent() {
    let found = draw("perfect", 3, THREE, accuracies(|arm| if arm < 2 { 1.0 } else { 0.334 }));
    assert_eq!(found, ["convergence", "alignment", "feedback", "final", "work"]);
}

/// A mark a pixel away from its value, or a tick with another label, is found.
#[test]
fn a_mark_that_stands_elsewhere_is_found() {
    draw("moved", 3, THREE, |made| Some(made.value));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures/moved");
    let path = folder.join("figures/final.svg");
    let svg = fs::read_to_string(&path).unwrap();
    let seeds = svg.find("class=\"seeds\"").unwrap();
    let from = seeds + svg[seeds..].find("cx=\"").unwrap() + 4;
    let to = from + svg[from..].find('"').unwrap();
    let place: i32 = svg[from..to].parse().unwrap();
    let holds = |svg: &str| {
        fs::write(&path, svg).unwrap();
        std::panic::catch_unwind(|| hold_to_tables(&folder)).is_ok()
    };
    let moved = |by: i32| format!("{}{}{}", &svg[..from], place + by, &svg[to..]);
    assert!(holds(&moved(0)) && holds(&moved(1)));
    assert!(!holds(&moved(6)));
    let tick = svg.find("class=\"tick\"").unwrap();
    let end = tick + svg[tick..].find("</text>").unwrap();
    let begin = svg[..end].rfind('>').unwrap() + 1;
    assert!(!holds(&format!("{}−7{}", &svg[..begin], &svg[end..])));
}

#[test]
fn equal_and_extreme_accuracies_stand_where_they_are() {
    let all = ["convergence", "alignment", "feedback", "final", "work", "families"];
    assert_eq!(draw("equal", 12, THREE, accuracies(|_| 1.0 / 3.0)), all);
    assert_eq!(draw("none", 12, THREE, accuracies(|_| 0.0)), all);
    assert_eq!(draw("whole", 12, THREE, accuracies(|_| 1.0)), all);
    assert_eq!(
        draw("none or whole", 12, THREE, accuracies(|arm| (arm % 2) as f64)),
        all
    );
    assert_eq!(
        draw("nearly equal", 12, THREE, accuracies(|arm| 0.5 + 1e-15 * arm as f64)),
        all
    );
    assert_eq!(
        draw("one seed", 12, Size { seeds: 1, ..USUAL }, |made| Some(made.value)),
        all
    );
    draw("one arm", 1, THREE, accuracies(|_| 0.25));
    assert_eq!(draw("usual", 12, USUAL, |made| Some(made.value)), all);
}

#[test]
fn errors_of_nothing_stand_apart_from_small_errors() {
    let of = |arm| [1.0, 0.1, 0.999, 0.97, 0.5][arm as usize % 5];
    draw("chance beside perfect", 12, THREE, accuracies(of));
    for name in ["convergence", "final", "work", "families"] {
        let text = caption(
            &Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures/chance beside perfect"),
            name,
        );
        assert!(
            text.contains("(100, whose error of 0 has none, stands apart at the end)"),
            "{name}: {text}"
        );
    }
}

#[test]
fn sixty_arms_stand_where_they_are() {
    draw("sixty", 60, THREE, accuracies(|arm| 0.21 + 0.54 * arm as f64 / 59.0));
}

#[test]
fn missing_values_leave_gaps_and_no_marks() {
    // rows that are missing, runs with few moments, arms without scores or angles
    draw("missing", 12, THREE, |made| match made.noise() {
        x if x.abs() > 0.8 => None,
        _ if made.arm == 2 && made.metric == "accuracy" => None,
        _ if made.arm == 3 && made.metric == "gradient_angle" => None,
        _ if made.arm == 4 && made.epoch > 0 && made.seed > 0 => None,
        _ => Some(made.value),
    });
    draw("one moment", 12, THREE, |made| (made.epoch == 20).then_some(made.value));
    draw("start", 12, THREE, |made| (made.epoch == 0).then_some(made.value));
}

/// A line that falls below the cut and comes back has two pieces.
#[test]
fn curves_are_cut_at_the_frame_and_nowhere_else() {
    draw("dips", 12, THREE, |made| {
        let dips = made.metric == "accuracy" && (made.arm + made.epoch) % 5 == 1 && made.epoch < 19;
        Some(if dips { 0.3 } else { made.value.max(0.96) })
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures/dips");
    let text = caption(&folder, "convergence");
    assert!(
        text.contains("Curves come from below the axis: accuracies under 90 % are not drawn."),
        "{text}"
    );
    let svg = fs::read_to_string(folder.join("figures/convergence.svg")).unwrap();
    let pieces = &super::svg::plots(&svg)[0].lines[0].1;
    assert_eq!(pieces.len(), 5, "before, between and after four dips");
}

#[test]
fn losses_of_every_size_and_sign_stand_where_they_are() {
    let of_losses = |name: &str, value: fn(&Made) -> f64| {
        draw(&format!("{name} losses"), 12, LOSSES, |made| {
            Some(if made.metric == "loss" { value(made) } else { made.value })
        });
    };
    of_losses("tiny", |made| 1e-300 * (2.0 + made.noise()));
    of_losses("huge", |made| 1e299 * (2.0 + made.noise()));
    of_losses("tiny and huge", |made| 10f64.powf(200.0 * made.noise()));
    of_losses("close", |made| 0.7 + 1e-13 * made.noise());
    of_losses("zero", |_| 0.0);
    of_losses("some zero", |made| if made.arm % 3 == 0 { 0.0 } else { made.value });
    of_losses("sometimes zero", |made| {
        made.value * f64::from(u8::from(made.noise() > -0.5))
    });
    of_losses("negative", |made| -made.value);
    of_losses("of both signs", |made| 1e6 * made.noise());
    of_losses("wide intervals", |made| 10f64.powf(3.0 * made.noise()));
}

/// A number that no experiment leaves is refused where it stands, before anything is drawn from it.
#[test]
fn numbers_that_cannot_be_are_refused_at_their_place() {
    for (number, problem) in [
        (f64::NAN, "`NaN` is not finite"),
        (f64::INFINITY, "`inf` is not finite"),
        (-0.25, "`-0.25` is no share from 0 to 1"),
        (-1e298, "is no share from 0 to 1"),
    ] {
        let folder = folder("impossible");
        write(&folder, &courses(), THREE, |made| {
            let is_wrong = made.arm == 3 && made.metric == "accuracy";
            Some(if is_wrong { number } else { made.value })
        });
        let message = report::draw(&folder).unwrap_err().to_string();
        assert!(message.contains(problem) && message.contains(".csv:"), "{message}");
    }
}

#[test]
fn every_angle_there_can_be_stands_where_it_is() {
    draw("all angles", 12, THREE, |made| {
        Some(if made.metric.ends_with("angle") {
            90.0 + 90.0 * made.noise()
        } else {
            made.value
        })
    });
}

/// The same ones each time, unless `PROPTEST_RNG_SEED` asks for others.
fn twelve_cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: 12,
        failure_persistence: None,
        rng_seed: match usual.rng_seed {
            RngSeed::Random => RngSeed::Fixed(12),
            fixed => fixed,
        },
        ..usual
    }
}

proptest! {
    #![proptest_config(twelve_cases())]

    /// Values around a middle, as far as the spread says, of any size.
    #[test]
    fn whatever_the_values_every_mark_stands_where_its_value_is(
        arms in 1..15usize,
        seeds in 1..4u64,
        classes: bool,
        middle in 0.0..1.0f64,
        spread in 0.0..1.0f64,
        size in -12..12i32,
        rounded: bool,
    ) {
        let bounded = |x: f64| if rounded { (x.clamp(0.0, 1.0) * 20.0).round() / 20.0 } else { x.clamp(0.0, 1.0) };
        draw("any", arms, Size { seeds, classes, layers: 3 }, |made| {
            let x = middle + spread * made.noise();
            Some(match made.metric {
                "accuracy" => bounded(x),
                "loss" => x * 10f64.powi(size),
                "gradient_angle" | "feedback_angle" => 180.0 * bounded(x),
                _ => made.value,
            })
        });
    }
}
