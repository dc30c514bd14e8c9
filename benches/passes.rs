//! Draw what the gradient costs one parameter at a time, over the number of parameters: a step's time beside its counted multiply-adds.
//!
//! `cargo bench --bench passes` prints a table and draws `target/passes/figures/theory.svg`. On one thread, in CPU time where the system
//! tells it; the median of several rounds, in which the rules take turns. Nielsen, "Neural Networks and Deep Learning" (2015), chapter 2,
//! and Olah, "Calculus on Computational Graphs" (2015): a pass for each parameter, where reverse mode takes one up and one down.

mod nets;

use creditlab::report::{Overlay, OverlayAxis, OverlaySeries, draw_theory};
use creditlab::results::Folder;
use creditlab::runner::Training;
use creditlab::update::Optimizer;
use nets::{MIDDLE, Net, step_times};
use std::path::Path;

/// The first is what the others are measured by.
const RULES: [&str; 3] = ["Backprop", "ForwardMode", "FiniteDifference(scheme: Forward)"];
/// Networks with 19 to 1,923 parameters.
const SIZES: [&[usize]; 8] = [
    &[4, 2, 3],
    &[4, 5, 3],
    &[4, 10, 3],
    &[4, 20, 3],
    &[4, 40, 3],
    &[4, 80, 3],
    &[4, 160, 3],
    &[4, 240, 3],
];
/// So many samples that what does not grow with them is little.
const BATCH: usize = 120;
const ROUNDS: usize = 5;
/// A turn lasts so many seconds at least.
const TURN: f64 = 0.05;

fn main() {
    // `cargo test --benches` asks for no measurement
    if std::env::args().all(|argument| argument != "--bench") {
        return;
    }
    let mut series: Vec<OverlaySeries> = RULES[1..].iter().map(|rule| empty(rule)).collect();
    println!(
        "{:>10}  {:34}{:>12}{:>18}{:>18}",
        "parameters", "rule", "us a step", "times as long", "times the work"
    );
    for sizes in SIZES {
        let net = Net {
            sizes,
            batch: BATCH,
            batches: 1,
            ..MIDDLE
        };
        let batch = net.batches().pop().expect("one batch");
        let start = |rule: &&str| (net.training(rule, Optimizer::sgd(1e-5)), batch.clone());
        let mut trainings: Vec<_> = RULES.iter().map(start).collect();
        let taken = step_times(&mut trainings, ROUNDS, TURN);
        let parameters: usize = sizes.windows(2).map(|size| size[1] * (size[0] + 1)).sum();
        let work = |(training, _): &(Training<f32>, _)| training.cost.multiply_adds as f64 / training.step as f64;
        for (place, (training, seconds)) in trainings.iter().zip(&taken).enumerate() {
            let (longer, more) = (seconds / taken[0], work(training) / work(&trainings[0]));
            println!(
                "{parameters:10}  {:34}{:12.1}{longer:18.1}{more:18.1}",
                RULES[place],
                1e6 * seconds
            );
            if let Some(series) = place.checked_sub(1).map(|place| &mut series[place]) {
                series.measured.push((parameters as f64, longer));
                series.theory.push((parameters as f64, more));
                series.gap = series.gap.max((longer / more - 1.0).abs());
            }
        }
    }
    draw(series);
}

fn empty(rule: &str) -> OverlaySeries {
    OverlaySeries {
        name: rule.to_owned(),
        measured: Vec::new(),
        theory: Vec::new(),
        gap: 0.0,
    }
}

fn draw(series: Vec<OverlaySeries>) {
    let overlay = Overlay {
        title: "Gradients one parameter at a time: the time of a step (marks) beside its counted multiply-adds (lines)",
        x: OverlayAxis {
            title: "Parameters",
            logarithmic: true,
        },
        y: OverlayAxis {
            title: "Cost, in steps of Backprop",
            logarithmic: true,
        },
        series,
        gap_means: "|time / multiply-adds − 1|, both relative to those of Backprop",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/passes");
    std::fs::create_dir_all(&folder).expect("the folder of builds can be written");
    let folder = Folder::open(&folder).expect("it is there");
    for file in draw_theory(&folder, &overlay).expect("positive numbers") {
        println!("{}", file.display());
    }
}
