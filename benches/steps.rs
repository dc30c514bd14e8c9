//! Print what whole training steps take, as scripts of other systems print it: CPU time of one thread, medians of rounds in which
//! the nets take turns.
//!
//! `cargo bench --bench steps`; words after `--` choose, each of them has to stand in the name of the net or of the rule:
//! `cargo bench --bench steps -- 784 Backprop`, or `-- 5x5`.

mod nets;

use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use nets::{CONVOLUTIONS, NETS, Net, epoch, median, seconds};
use std::time::Instant;

/// The sweeps, and the inference that other systems are timed on: 20 steps of all layers at once.
const RULES: [&str; 4] = [
    "Backprop",
    "FeedbackAlignment",
    "DirectFeedbackAlignment",
    "PredictiveCoding(schedule: Equilibrium(steps: 20, rate: 0.1))",
];
const ROUNDS: usize = 5;
/// A turn lasts so many seconds at least.
const TURN: f64 = 0.25;

struct Case {
    net: &'static Net,
    rule: &'static str,
    training: Training<f32>,
    batches: Vec<Batch<f32>>,
    /// Seconds a step, one for each round.
    times: Vec<f64>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` asks for no measurement
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let all = NETS
        .iter()
        .chain(&CONVOLUTIONS)
        .flat_map(|net| RULES.map(|rule| (net, rule)));
    let chosen = all.filter(|(net, rule)| words.iter().all(|word| net.name.contains(word) || rule.contains(word)));
    let start = |(net, rule): (&'static Net, &'static str)| Case {
        net,
        rule,
        training: net.training(rule, Optimizer::sgd(0.01)),
        batches: net.batches(),
        times: Vec::new(),
    };
    let mut cases: Vec<Case> = chosen.map(start).collect();
    let clock = Instant::now();
    for round in 0..=ROUNDS {
        for case in &mut cases {
            let (before, mut steps, mut taken) = (seconds(clock), 0, 0.0);
            while taken < TURN {
                epoch(&mut case.training, &case.batches);
                steps += case.batches.len();
                taken = seconds(clock) - before;
            }
            // the first round warms up
            if round > 0 {
                case.times.push(taken / steps as f64);
            }
        }
    }
    println!("{:64}{:64}{:>12}", "net", "rule", "us a step");
    for case in &mut cases {
        println!(
            "{:64}{:64}{:12.3}",
            case.net.name,
            case.rule,
            1e6 * median(&mut case.times)
        );
    }
}
