//! Compare every optimizer with an independent program, and hold them to what must be so whatever the numbers.

use crate::common;
mod stepper;

use crate::common::*;
use creditlab::experiment::Plan;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network};
use creditlab::notation::Document;
use creditlab::rules::{self, Bind};
use creditlab::runner::{Batch, Training};
use creditlab::update::{Change, Duration, Factor, Optimizer, Proposal, Recipe, Schedule, Stepper};

/// What an experiment file states.
fn recipe(text: &str) -> Recipe {
    let document = Document::parse("optimizer", text).expect("RON");
    document
        .root()
        .read()
        .unwrap_or_else(|mistake| panic!("{text}: {}", document.fault(mistake)))
}

/// Small numbers that `tests/reference/optimizers.py` writes down the same way.
fn grid(rows: usize, columns: usize, shift: usize) -> Matrix<f64> {
    Matrix::from_fn(rows, columns, |i, j| {
        ((7 * i + 3 * j + shift) % 11) as f64 / 8.0 - 5.0 / 8.0
    })
}

fn cast<T: Bind>(matrix: &Matrix<f64>) -> Matrix<T> {
    Matrix::from_iterator(matrix.nrows(), matrix.ncols(), matrix.iter().map(|&x| T::of(x)))
}

fn start<T: Bind>(rule_text: &str, optimizer: &Recipe) -> OnBatch<T> {
    let layer = |weight: Matrix<f64>, bias: Matrix<f64>, activation| Layer {
        weight: cast(&weight),
        bias: Vector::from_column_slice(cast::<T>(&bias).as_slice()),
        ..Layer::zeros(weight.nrows(), weight.ncols(), true, activation)
    };
    let network = Network {
        layers: vec![
            layer(grid(4, 3, 1), grid(4, 1, 2), Activation::Tanh),
            layer(grid(2, 4, 3), grid(2, 1, 4), Activation::Identity),
        ],
    };
    let training = Training::new(
        1,
        network,
        Loss::HALF_SQUARES,
        optimizer.in_steps(3),
        4,
        &[rule(rule_text)],
    );
    let training = training.unwrap_or_else(|(_, refusal)| panic!("{rule_text}: {refusal}"));
    OnBatch {
        training,
        batch: Batch::default(),
    }
}

/// Gives the batch of step `t`.
fn give<T: Bind>(training: &mut OnBatch<T>, t: u64) {
    let first = 4 * (t % 3) as usize;
    let columns = |all: Matrix<f64>| cast::<T>(&all.columns(first, 4).into_owned());
    fill(training, &columns(grid(3, 12, 5)), &columns(grid(2, 12, 6) * 2.0));
}

fn go<T: Bind>(training: &mut OnBatch<T>, steps: u64) {
    for t in 0..steps {
        give(training, t);
        training.step().expect("finite");
    }
}

fn numbers<T: Bind>(network: &Network<T>) -> Vec<f64> {
    let layer = |layer: &Layer<T>| -> Vec<f64> {
        let numbers = layer.weight.iter().chain(layer.bias.iter());
        numbers.map(|x| x.to_f64()).collect()
    };
    network.layers.iter().flat_map(layer).collect()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Each line of the reference: an optimizer and the parameters after 25 steps.
fn reference() -> Vec<(&'static str, Vec<f64>)> {
    let line = |line: &'static str| {
        let (text, numbers) = line.split_once('\t').expect("a tab");
        (text, numbers.split(' ').map(|x| x.parse().expect("a number")).collect())
    };
    include_str!("../../reference/optimizers.txt")
        .lines()
        .map(line)
        .collect()
}

#[test]
fn optimizers_take_the_steps_of_an_independent_program() {
    let reference = reference();
    for (i, (text, expected)) in reference.iter().enumerate() {
        let mut training = start::<f64>("Backprop", &recipe(text));
        go(&mut training, 25);
        let reached = numbers(&training.network);
        assert!(
            distance(&reached, expected) <= 1e-9,
            "{text}: {:e}",
            distance(&reached, expected)
        );
        let mut single = start::<f32>("Backprop", &recipe(text));
        go(&mut single, 25);
        let off = distance(&numbers(&single.network), expected);
        // beta2 of 0 makes a step of the sign alone, which single precision may see otherwise
        assert!(
            off <= 2e-4 || text.contains("beta2: 0)"),
            "{text} in single precision: {off:e}"
        );
        // negative control: no two optimizers lead to the same place, but for the two places of the rate, if it is constant
        for (other, elsewhere) in reference.iter().skip(i + 1) {
            let constant = "(learning_rate: 0.1, momentum: 0.8)";
            let same = [text, other]
                .iter()
                .all(|text| text.ends_with(constant) && !text.starts_with("Nes"))
                || [text, other]
                    .iter()
                    .all(|text| text.contains("clip: 0.3") && text.contains("momentum: 0.8, clip"));
            assert!(same || distance(&reached, elsewhere) > 1e-4, "{text} and {other}");
        }
    }
}

#[test]
fn the_rate_inside_the_velocity_differs_from_outside_under_a_schedule_alone() {
    let reached = |text: &str| {
        let mut training = start::<f64>("Backprop", &recipe(text));
        go(&mut training, 25);
        numbers(&training.network)
    };
    let options = "learning_rate: 0.1, momentum: 0.8, decay: 0.01";
    let (outside, inside) = (
        reached(&format!("Sgd({options})")),
        reached(&format!("HeavyBall({options})")),
    );
    assert!(distance(&outside, &inside) <= 1e-12);
    let options = format!("{options}, schedule: Exponential(every: Epochs(1), factor: 0.7)");
    let (outside, inside) = (
        reached(&format!("Sgd({options})")),
        reached(&format!("HeavyBall({options})")),
    );
    assert!(distance(&outside, &inside) > 1e-3);
}

#[test]
fn schedules_have_their_formulas() {
    let factor = |text: &str, t: u64| {
        let document = Document::parse("schedule", text).expect("RON");
        let schedule: Schedule = document.root().read().expect("a schedule");
        schedule.in_steps(10).factor(t)
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-15, "{a} and {b}");
    let piecewise = "Piecewise([(Epochs(6), 0.1), (Epochs(9), 0.01)])";
    for (t, expected) in [(0, 1.0), (59, 1.0), (60, 0.1), (89, 0.1), (90, 0.01), (u64::MAX, 0.01)] {
        assert_eq!(factor(piecewise, t), expected, "{t}");
    }
    for t in [0, 1, 9, 10, 11, 19, 20, 345] {
        let stairs = factor("Exponential(every: Epochs(1), factor: 0.95)", t);
        assert!((stairs / 0.95f64.powi((t / 10) as i32) - 1.0).abs() <= 1e-14, "{t}");
        let fine = factor("Exponential(every: Steps(1), factor: 0.95)", t);
        assert!((fine / 0.95f64.powi(t as i32) - 1.0).abs() <= 1e-13, "{t}");
    }
    for t in 0..130 {
        let angle = std::f64::consts::PI * t as f64 / 100.0;
        let half = (1.0 + angle.cos()) / 2.0;
        near(factor("Cosine(over: Epochs(10))", t), if t < 100 { half } else { 0.0 });
        let expected = if t < 100 { 0.2 + 0.8 * half } else { 0.2 };
        near(factor("Cosine(over: Steps(100), to: 0.2)", t), expected);
        near(factor("WarmUp(over: Steps(100))", t), ((t + 1) as f64 / 100.0).min(1.0));
        let both = factor("[WarmUp(over: Steps(50)), Cosine(over: Steps(100), to: 0.2)]", t);
        near(both, ((t + 1) as f64 / 50.0).min(1.0) * expected);
    }
    // both ends of the cosine, exactly
    assert_eq!(factor("Cosine(over: Steps(100))", 0), 1.0);
    assert_eq!(factor("Cosine(over: Steps(100), to: 0.2)", 100), 0.2);
    assert_eq!(Schedule::default().factor(3), 1.0);
}

#[test]
fn a_recipe_is_written_as_it_is_read() {
    let experiment = |optimizer: &str| {
        let text = format!("(task: Xor, network: [4], batch: Full, optimizer: {optimizer}, arms: [Backprop])");
        let document = Document::parse("x.ron", text).expect("RON");
        let plan = Plan::parse(&document, &rules::builtin());
        plan.unwrap_or_else(|fault| panic!("{fault}"))
    };
    for (text, _) in reference() {
        let plan = experiment(text);
        assert_eq!(plan.arms[0].settings.optimizer, recipe(text));
        let again = Plan::parse(
            &Document::parse("x.ron", plan.text.clone()).expect("RON"),
            &rules::builtin(),
        );
        let again = again.unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(again.arms[0].settings.optimizer, recipe(text), "{}", plan.text);
        assert_eq!(again.text, plan.text);
    }
    let written = experiment(
        "Adam(groups: [(match: \"*.bias\", learning_rate: 0.1)], schedule: [WarmUp(over: Steps(9))], clip: 2)",
    );
    let line = "Adam(learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: Outside(1e-8), l2: 0.0, \
                groups: [(match: \"*.bias\", learning_rate: 0.1)], schedule: WarmUp(over: Steps(9)), clip: 2.0)";
    assert!(written.text.contains(line), "{}", written.text);
}

const ADAPTIVE: [&str; 5] = [
    "RmsProp(learning_rate: 0.1)",
    "RmsProp(learning_rate: 0.1, epsilon: Inside(1e-37))",
    "Adam(learning_rate: 0.1, epsilon: 1e-37)",
    "Adam(learning_rate: 0.1, epsilon: Inside(1e-8))",
    "AdamW(learning_rate: 0.1, decay: 0.0)",
];

/// Zero weights and zero input: only the output biases have a gradient.
#[test]
fn where_the_gradient_is_zero_nothing_moves() {
    fn check<T: Bind>() {
        for text in ADAPTIVE {
            let mut training = start::<T>("Backprop", &recipe(text));
            training
                .network
                .layers
                .iter_mut()
                .for_each(|layer| layer.weight.fill(T::ZERO));
            training.network.layers[0].bias.fill(T::ZERO);
            for t in 0..5 {
                give(&mut training, t);
                training.batch.input.fill(T::ZERO);
                training.step().expect("finite");
            }
            let [below, top] = &training.network.layers[..] else {
                panic!("two layers")
            };
            let still = below.weight.iter().chain(below.bias.iter()).chain(top.weight.iter());
            assert!(still.copied().all(|w| w == T::ZERO), "{text}");
            // negative control: the output biases move
            assert!(
                top.bias
                    .iter()
                    .zip(grid(2, 1, 4).iter())
                    .all(|(b, start)| b.to_f64() != *start)
            );
        }
    }
    check::<f32>();
    check::<f64>();
}

/// A first step of Adam has the length of the rate, whatever the gradient's scale: `m̂ / √ŝ` is its sign.
#[test]
fn the_bias_corrections_make_the_first_step_as_long_as_the_rate() {
    let mut training = start::<f64>("Backprop", &recipe("Adam(learning_rate: 0.1, epsilon: 1e-37)"));
    let before = numbers(&training.network);
    go(&mut training, 1);
    for (after, before) in numbers(&training.network).iter().zip(before) {
        assert!(((after - before).abs() - 0.1).abs() <= 1e-12);
    }
}

/// The change of the first step is the proposal itself, so that its norm can be seen.
#[test]
fn clipping_bounds_the_norm_over_all_layers() {
    let change = |optimizer: &str| {
        let mut training = start::<f64>("Backprop", &recipe(optimizer));
        let before = numbers(&training.network);
        go(&mut training, 1);
        let after = numbers(&training.network);
        let change: Vec<f64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        change
    };
    let norm = |change: &[f64]| change.iter().map(|x| x * x).sum::<f64>().sqrt();
    let free = change("Sgd(learning_rate: 1.0)");
    let bound = norm(&free) / 3.0;
    let clipped = change(&format!("Sgd(learning_rate: 1.0, clip: {bound})"));
    assert!((norm(&clipped) - bound).abs() <= 1e-14);
    assert!(
        free.iter()
            .zip(&clipped)
            .all(|(free, clipped)| (free - 3.0 * clipped).abs() <= 1e-14)
    );
    // a bound that is not reached does nothing
    let loose = change(&format!("Sgd(learning_rate: 1.0, clip: {})", 4.0 * bound));
    assert!(distance(&free, &loose) <= 1e-15);
}

/// What weights keep at the change after `t` others.
type Keep = fn(u64) -> f64;

/// Every way in which the weights can change, with what they keep.
fn ways() -> Vec<(&'static str, Keep)> {
    vec![
        ("Sgd(learning_rate: 0.1, momentum: 0.5, decay: 0.01)", |_| 0.99),
        (
            "HeavyBall(learning_rate: 0.1, momentum: 0.5, decay: 0.01, schedule: Cosine(over: Steps(40)))",
            |_| 0.99,
        ),
        (
            "Nesterov(learning_rate: 0.1, momentum: 0.5, decay: 0.01, clip: 0.2)",
            |_| 0.99,
        ),
        ("RmsProp(learning_rate: 0.01, decay: 0.01)", |_| 0.99),
        ("Adam(learning_rate: 0.01)", |_| 1.0),
        ("AdamW(learning_rate: 0.01, decay: 1.0)", |_| 0.99),
        (
            "AdamW(learning_rate: 0.01, decay: 1.0, clip: 0.2, schedule: Exponential(every: Steps(5), factor: 0.5))",
            |t| 1.0 - 0.01 * 0.5f64.powi((t / 5) as i32),
        ),
        (
            "Sgd(learning_rate: 0.1, decay: 0.3, clip: 0.2, groups: [(match: \"layer2.*\", decay: 0.01, learning_rate: 0.3)])",
            |_| 0.99,
        ),
        (
            "Adam(learning_rate: 0.01, groups: [(match: \"layer2.weight\", learning_rate: 0)])",
            |_| 1.0,
        ),
    ]
}

/// `W − B` shrinks by what `W` keeps, for each of the two rules whose `B` goes through what `W` goes through.
#[test]
fn feedback_receives_the_change_of_the_weights_from_every_optimizer() {
    let gap = |training: &Training<f64>, rule: &str| match rule {
        "KolenPollack" => &training.network.layers[1].weight - feedback(training, 0, 1),
        _ => training.network.layers[1].weight.transpose() - feedback(training, 0, 0),
    };
    for rule in ["KolenPollack", "DirectKolenPollack"] {
        for (text, keep) in ways() {
            let mut training = start::<f64>(rule, &recipe(text));
            let mut expected = gap(&training, rule);
            let weights = training.network.layers[1].weight.clone();
            assert!(expected.norm() > 0.1);
            for t in 0..50 {
                give(&mut training, t);
                training.step().expect("finite");
                expected *= keep(t);
                let error = (gap(&training, rule) - &expected).norm();
                assert!(error <= 1e-12, "{rule}, {text}, step {t}: {error:e}");
            }
            // negative control: the weights themselves do something else
            let still = text.contains("learning_rate: 0)");
            assert_eq!(
                (&training.network.layers[1].weight - weights).norm() > 0.01,
                !still,
                "{text}"
            );
        }
    }
}

/// `R − Pᵀ W` likewise: the change alone, without the decay, goes through `P`.
#[test]
fn the_paths_of_product_feedback_receive_the_change_from_every_optimizer() {
    let gap = |training: &mut Training<f64>| {
        let fixed = learned(training, "layer2.feedback.fixed");
        learned(training, "layer2.feedback.learned") - fixed.transpose() * &training.network.layers[1].weight
    };
    for (text, keep) in ways() {
        let mut training = start::<f64>("ProductFeedback", &recipe(text));
        let mut expected = gap(&mut training);
        for t in 0..50 {
            give(&mut training, t);
            training.step().expect("finite");
            expected *= keep(t);
            let error = (gap(&mut training) - &expected).norm();
            assert!(error <= 1e-12, "{text}, step {t}: {error:e}");
        }
    }
}

#[test]
fn rules_that_follow_refuse_l2_and_warn_of_a_lasting_gap_wherever_it_is_said() {
    let group = "groups: [(match: \"layer2.*\", l2: 0.1)]";
    let refused = [
        "Sgd(learning_rate: 0.1, l2: 0.1)".to_string(),
        "Adam(l2: 0.1)".to_string(),
        format!("Nesterov(learning_rate: 0.1, momentum: 0.5, {group})"),
    ];
    let network = || common::network::<f64>(&[3, 4, 2], Activation::Tanh, Activation::Identity, 1);
    for text in refused {
        let started = Training::new(
            1,
            network(),
            Loss::HALF_SQUARES,
            recipe(&text),
            4,
            &[rule("KolenPollack")],
        );
        assert!(started.err().expect("a refusal").1.reason.contains("l2"), "{text}");
    }
    for (text, warns) in [
        ("Adam", true),
        ("AdamW(decay: 0.0)", true),
        ("AdamW(decay: 0.1)", false),
        (
            "Sgd(learning_rate: 0.1, groups: [(match: \"*.weight\", decay: 0.1)])",
            false,
        ),
    ] {
        for name in ["KolenPollack", "DirectKolenPollack", "ProductFeedback"] {
            assert_eq!(rule(name).warning(&recipe(text)).is_some(), warns, "{name}, {text}");
        }
    }
}

#[test]
fn options_left_out_have_their_defaults() {
    assert_eq!(recipe("Sgd(learning_rate: 0.1)"), Optimizer::sgd(0.1).into());
    assert_eq!(
        recipe("Adam"),
        recipe("Adam(learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: Outside(1e-8), l2: 0)")
    );
    assert_eq!(recipe("Adam(epsilon: 1)"), recipe("Adam(epsilon: Outside(1))"));
    let schedule = recipe("Adam(schedule: Cosine(over: Epochs(2)))").schedule;
    let over = Duration::Epochs(2);
    assert_eq!(schedule, Schedule(vec![Factor::Cosine { over, to: 0.0 }]));
}
