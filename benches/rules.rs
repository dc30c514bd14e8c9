//! Print what a step of each rule takes beside what its counted multiply-adds would take at the rate of `Backprop`.
//!
//! `cargo bench --bench rules`. On one thread, in CPU time where the system tells it; the median of several rounds, in which the
//! rules take turns. A ratio above 1 is time that the count does not show: elementwise work, random numbers, many small products, calls.

mod nets;

use creditlab::loss::Loss;
use creditlab::network::Activation;
use creditlab::rules;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use nets::{MIDDLE, Net, step_times};

/// Rules that nets of every kind can be trained with.
const RULES: [&str; 39] = [
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
    "TargetPropagation",
    "DifferenceTargetPropagation",
    "DirectDifferenceTargetPropagation",
    "LocalDifferenceReconstruction",
    "GaitPropagation",
    "PredictiveCoding",
    "ContrastiveHebbian",
    "DeepFeedbackControl",
    "DendriticMicrocircuit",
    "DualPropagation",
    "Pepita",
    "ForwardForward",
    "SignalPropagation",
    "CounterCurrent",
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

/// Those that need bounded units or layers that are not large, units that are never negative, squared errors, or few parameters.
const OF_THE_MIDDLE: [&str; 2] = ["PseudoInverse", "EquilibriumPropagation"];
const NEVER_NEGATIVE: &str = "Burstprop";
const OF_SQUARES: &str = "AttentionGated";
const SMALL: [&str; 3] = ["FiniteDifference", "ForwardMode", "GaussNewton"];

/// Nets with the rules that are timed on them, `Backprop` first.
fn trials() -> Vec<(Net, Vec<&'static str>)> {
    let beside = |rules: &[&'static str]| [&RULES[..1], rules].concat();
    vec![
        (MIDDLE, [&RULES[..], &OF_THE_MIDDLE].concat()),
        (
            Net {
                name: "784-512-512-10 relu, batch 100",
                sizes: &[784, 512, 512, 10],
                batch: 100,
                hidden: Activation::Relu,
                ..MIDDLE
            },
            RULES.to_vec(),
        ),
        (
            Net {
                name: "64-64-64-10 logistic, batch 32",
                hidden: Activation::Logistic,
                ..MIDDLE
            },
            beside(&[NEVER_NEGATIVE]),
        ),
        (
            Net {
                name: "64-64-64-10 tanh, half squares, batch 32",
                loss: Loss::HALF_SQUARES,
                ..MIDDLE
            },
            beside(&[OF_SQUARES]),
        ),
        (
            Net {
                name: "12-20-20-10 tanh, batch 32",
                sizes: &[12, 20, 20, 10],
                ..MIDDLE
            },
            beside(&SMALL),
        ),
    ]
}

const ROUNDS: usize = 7;
/// A turn lasts so many seconds at least.
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
    let trials = trials();
    for entry in rules::builtin().entries() {
        let mut timed = trials.iter().flat_map(|(_, rules)| rules);
        let is_this = |rule: &&str| rule.split('(').next() == Some(entry.name);
        assert!(timed.any(is_this), "{} is not timed", entry.name);
    }
    for (net, rules) in &trials {
        let mut trainings: Vec<(Training<f32>, Batch<f32>)> = rules.iter().map(|rule| start(net, rule)).collect();
        let taken = step_times(&mut trainings, ROUNDS, TURN);
        let work = |training: &Training<f32>| training.cost.multiply_adds as f64 / training.step as f64;
        let usual = taken[0] / work(&trainings[0].0);
        println!("\n{}", net.name);
        println!("{:34}{:>14}{:>18}{:>8}", "rule", "us a step", "multiply-adds", "ratio");
        for ((rule, (training, _)), taken) in rules.iter().zip(&trainings).zip(taken) {
            let ratio = taken / (usual * work(training));
            println!("{rule:34}{:14.1}{:18.0}{ratio:8.2}", 1e6 * taken, work(training));
        }
    }
}
