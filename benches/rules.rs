//! Print what a step of each rule takes beside what its counted multiply-adds would take at the rate of `Backprop`.
//!
//! `cargo bench --bench rules`. On one thread, in CPU time where the system tells it; the median of several rounds, in which the
//! rules take turns. A ratio above 1 is time that the count does not show: elementwise work, random numbers, many small products, calls.

use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Network};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
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

struct Net {
    name: &'static str,
    sizes: &'static [usize],
    batch: usize,
    hidden: Activation,
}

const NETS: [Net; 2] = [
    Net {
        name: "64-64-64-10 tanh, batch 32",
        sizes: &[64, 64, 64, 10],
        batch: 32,
        hidden: Activation::Tanh,
    },
    Net {
        name: "784-512-512-10 relu, batch 100",
        sizes: &[784, 512, 512, 10],
        batch: 100,
        hidden: Activation::Relu,
    },
];
const ROUNDS: usize = 7;
/// A turn lasts so many seconds at least: systems tell CPU time in milliseconds.
const TURN: f64 = 0.1;

/// Seconds: the CPU time of this thread, or where the system does not tell it, what a clock on the wall shows.
fn seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = told.ok().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |count| 1e-9 * count)
}

fn start(net: &Net, rule: &str) -> (Training<f32>, Batch<f32>) {
    let top = net.sizes.len() - 2;
    let layer = |(l, size): (usize, &[usize])| {
        let activation = if l == top { Activation::Identity } else { net.hidden };
        let stream = Stream::new(1, Purpose::Weights, l as u64, 0);
        Init::default().layer(size[1], size[0], true, activation, stream)
    };
    let network = Network {
        layers: net.sizes.windows(2).enumerate().map(layer).collect(),
    };
    let rule = rules::builtin().rule(rule).expect("a built-in rule");
    let momentum = Optimizer::Sgd {
        learning_rate: 1e-5,
        momentum: 0.9,
        decay: 0.0,
        l2: 0.0,
    };
    let training = Training::new(1, network, Loss::CrossEntropy, momentum, net.batch, &[rule]).expect("a fitting rule");
    let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
    let input = Matrix::from_fn(net.sizes[0], net.batch, |_, _| random::uniform(&mut generator) as f32);
    let mut targets = Matrix::zeros(net.sizes[top + 1], net.batch);
    for mut column in targets.column_iter_mut() {
        column[random::below(net.sizes[top + 1] as u64, &mut generator) as usize] = 1.0;
    }
    let samples = (0..net.batch as u32).collect();
    let batch = Batch {
        input,
        targets,
        samples,
    };
    (training, batch)
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
        let median = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        };
        let taken: Vec<f64> = times.iter_mut().map(median).collect();
        let work = |training: &Training<f32>| training.cost.multiply_adds as f64 / training.step as f64;
        let usual = taken[0] / work(&trainings[0].0);
        println!("\n{}", net.name);
        println!("{:34}{:>14}{:>18}{:>8}", "rule", "us a step", "multiply-adds", "ratio");
        for ((rule, training), taken) in RULES.iter().zip(&trainings).zip(taken) {
            let ratio = taken / (usual * work(&training.0));
            println!("{rule:34}{:14.1}{:18.0}{ratio:8.2}", 1e6 * taken, work(&training.0));
        }
    }
}
