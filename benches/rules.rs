//! Print what a step of each rule takes beside what its counted multiply-adds would take at the rate of `Backprop`.
//!
//! `cargo bench --bench rules`. On one thread, in CPU time where the system tells it; the median of several rounds, in which the
//! rules take turns. A ratio above 1 is time that the count does not show: elementwise work, random numbers, many small products, calls.

mod nets;

use creditlab::loss::Loss;
use creditlab::network::Activation;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use nets::{MIDDLE, Net, median, seconds};
use std::time::Instant;

const RULES: [&str; 29] = [
    "Backprop",
    "SunsAndPlanets",
    "FeedbackAlignment",
    "DirectFeedbackAlignment",
    "SignSymmetry",
    "RandomTargetProjection",
    "KolenPollack",
    "DirectKolenPollack",
    "ProductFeedback",
    "WeightMirror",
    "PhaselessAlignment",
    "DifferenceTargetPropagation",
    "PredictiveCoding",
    "Pepita",
    "ForwardForward",
    "NodePerturbation",
    "WeightPerturbation",
    "ForwardGradient(space: Weights)",
    "ForwardGradient(space: Activity)",
    "ThreeFactor",
    "LocalLoss(kind: Prediction)",
    "LocalLoss(kind: Similarity)",
    "LocalLoss(kind: Both)",
    "Hebbian(kind: Sanger)",
    "Hebbian(kind: SoftCompetition)",
    "LastLayers(count: 2)",
    "OutputOnly",
    "RandomDirection",
    "MajorityClass",
];

const NETS: [Net; 2] = [
    MIDDLE,
    Net {
        name: "784-512-512-10 relu, batch 100",
        image: None,
        filters: &[],
        sizes: &[784, 512, 512, 10],
        batch: 100,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 1,
    },
];
const ROUNDS: usize = 7;
/// A turn lasts so many seconds at least: systems tell CPU time in milliseconds.
const TURN: f64 = 0.1;

fn start(net: &Net, rule: &str) -> (Training<f32>, Batch<f32>) {
    let momentum = Optimizer::Sgd {
        learning_rate: 1e-5,
        momentum: 0.9,
        decay: 0.0,
        l2: 0.0,
    };
    let batch = net.batches().pop().expect("one batch");
    (net.training(rule, momentum), batch)
}

fn main() {
    // `cargo test --benches` asks for no measurement
    if std::env::args().all(|argument| argument != "--bench") {
        return;
    }
    let clock = Instant::now();
    for net in &NETS {
        let mut trainings: Vec<(Training<f32>, Batch<f32>)> = RULES.iter().map(|rule| start(net, rule)).collect();
        let mut times = vec![Vec::new(); RULES.len()];
        for round in 0..=ROUNDS {
            for ((training, batch), times) in trainings.iter_mut().zip(&mut times) {
                let (before, mut steps, mut taken) = (seconds(clock), 0, 0.0);
                while taken < TURN {
                    for _ in 0..10 {
                        training.step(batch).expect("finite numbers");
                    }
                    steps += 10;
                    taken = seconds(clock) - before;
                }
                // the first round warms up
                if round > 0 {
                    times.push(taken / f64::from(steps));
                }
            }
        }
        let taken: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
        let work = |training: &Training<f32>| training.cost.multiply_adds as f64 / training.step as f64;
        let usual = taken[0] / work(&trainings[0].0);
        println!("\n{}", net.name);
        println!("{:34}{:>14}{:>18}{:>8}", "rule", "us a step", "multiply-adds", "ratio");
        for ((rule, (training, _)), taken) in RULES.iter().zip(&trainings).zip(taken) {
            let ratio = taken / (usual * work(training));
            println!("{rule:34}{:14.1}{:18.0}{ratio:8.2}", 1e6 * taken, work(training));
        }
    }
}
