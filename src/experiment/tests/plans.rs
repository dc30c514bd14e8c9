//! Check defaults, replaced fields, names of arms, and that what is written reads back as the same plan.

use super::{parse, plan};
use crate::experiment::{BatchSize, Duration, LastBatch, Moment, Order, PerLayer, Plan, Precision, Stop, When};
use crate::loss::Loss;
use crate::network::{Activation, Init};
use crate::tasks::Split;
use crate::update::Optimizer;
use insta::assert_snapshot;
use proptest::prelude::*;

const SMALLEST: &str = "(task: Digits, network: [64, 64], arms: [Backprop, FeedbackAlignment, OutputOnly])";

const EVERYTHING: &str = r#"(
    name: "wheat",
    task: Xor(samples: 400, targets: Single),
    split: Random(validation: 0.2),
    network: (hidden: [8, 4], activation: Logistic, output: Logistic, init: Glorot(gain: 0.5), bias: false),
    loss: HalfSquares,
    optimizer: Sgd(learning_rate: 0.1, momentum: 0.9, decay: 1e-4),
    batch: (size: Full, order: AsGiven),
    stop: Steps(500),
    warm_up: Epochs(1),
    precision: F64,
    seeds: [3, 5, 8],
    measure: (every: Steps(10), against: [Backprop, (label: "wide", rule: FeedbackAlignment(feedback: (scale: 2)))], probe: 16),
    save: (weights: [Steps(0), End]),
    arms: [
        (rule: Backprop, optimizer: Sgd(learning_rate: 0.3)),
        FeedbackAlignment(feedback: (scale: 0.5)),
        FeedbackAlignment,
        (rule: KolenPollack, shadows: [FeedbackAlignment, OutputOnly()], network: [8]),
        (label: "DFA, slow", rule: DirectFeedbackAlignment, batch: 10, stop: Epochs(0), save: ()),
    ],
)"#;

#[test]
fn defaults() {
    let plan = plan(SMALLEST);
    assert_eq!((plan.name.as_str(), plan.folder.to_str()), ("x", Some("experiments")));
    assert_eq!(plan.seeds, (0..10).collect::<Vec<_>>());
    assert_eq!(plan.precision, Precision::F32);
    assert!(matches!(plan.split, Split::Random(split) if split.validation == 0.1 && split.test == 0.2));
    assert!(plan.paths.is_empty(), "{:?}", plan.paths);
    let slugs: Vec<_> = plan.arms.iter().map(|arm| arm.slug.as_str()).collect();
    assert_eq!(slugs, ["backprop", "feedback-alignment", "output-only"]);
    for arm in &plan.arms {
        let settings = &arm.settings;
        assert_eq!(settings.network.hidden, [64, 64]);
        assert_eq!(
            (&settings.network.activation, settings.network.output),
            (&PerLayer::Same(Activation::Tanh), Activation::Identity)
        );
        assert_eq!(
            (&settings.network.init, &settings.network.bias),
            (&PerLayer::Same(Init::default()), &PerLayer::Same(true))
        );
        assert_eq!(
            (settings.loss, settings.optimizer.clone()),
            (Loss::CROSS_ENTROPY, Optimizer::default().into())
        );
        assert_eq!(settings.batch.size, BatchSize::Samples(32));
        assert_eq!(
            (settings.batch.order, settings.batch.last),
            (Order::Shuffled, LastBatch::Keep)
        );
        assert_eq!(
            (settings.stop, settings.warm_up),
            (Stop::Epochs(20), Duration::Epochs(0))
        );
        assert_eq!(
            (settings.measure.when.clone(), settings.measure.probe),
            (When::Every(Duration::Epochs(1)), 256)
        );
        assert_eq!(settings.measure.against[0].label, "Backprop");
        assert!(settings.save.weights.is_empty() && arm.shadows.is_empty());
    }
}

#[test]
fn defaults_that_depend_on_the_task() {
    let loss = |text: &str| plan(text).arms[0].settings.loss;
    assert_eq!(loss("(task: LinearTeacher, arms: [Backprop])"), Loss::HALF_SQUARES);
    assert_eq!(loss("(task: Xor, arms: [Backprop])"), Loss::CROSS_ENTROPY);
    assert_eq!(
        loss("(task: Xor(targets: Single), arms: [Backprop])"),
        Loss::LOGISTIC_CROSS_ENTROPY
    );
    let output = |loss: &str| {
        plan(&format!("(task: Xor, loss: {loss}, arms: [Backprop])")).arms[0]
            .settings
            .network
            .output
    };
    assert_eq!(output("LogisticCrossEntropy"), Activation::Logistic);
    assert_eq!(output("HalfSquares"), Activation::Identity);
    assert!(matches!(plan("(task: Xor, arms: [Backprop])").split, Split::Fixed(_)));
}

#[test]
fn an_arm_replaces_fields_whole() {
    let plan = plan(EVERYTHING);
    let sgd = |learning_rate, momentum, decay| Optimizer::Sgd {
        learning_rate,
        momentum,
        decay,
        l2: 0.0,
    };
    assert_eq!(
        plan.arms[0].settings.optimizer,
        sgd(0.3, 0.0, 0.0).into(),
        "an omitted momentum is 0, not the experiment's"
    );
    assert_eq!(plan.arms[1].settings.optimizer, sgd(0.1, 0.9, 1e-4).into());
    assert_eq!(plan.arms[3].settings.network.hidden, [8]);
    assert_eq!(
        plan.arms[3].settings.network.activation,
        PerLayer::Same(Activation::Tanh)
    );
    assert_eq!(plan.arms[4].settings.batch.size, BatchSize::Samples(10));
    assert_eq!(plan.arms[4].settings.batch.order, Order::Shuffled);
    assert_eq!(plan.arms[0].settings.save.weights, [Moment::Steps(0), Moment::End]);
    assert_eq!(plan.arms[0].settings.measure.against[1].label, "wide");
    assert_eq!(
        (plan.seeds.as_slice(), plan.precision),
        (&[3, 5, 8][..], Precision::F64)
    );
}

#[test]
fn names_of_arms() {
    let names: Vec<_> = plan(EVERYTHING)
        .arms
        .into_iter()
        .map(|arm| format!("{} | {}", arm.slug, arm.label))
        .collect();
    assert_snapshot!(names.join("\n"), @r"
    backprop | Backprop
    feedback-alignment-rule.feedback.scale-0.5 | FeedbackAlignment rule.feedback.scale=0.5
    feedback-alignment-rule.feedback.scale-1.0 | FeedbackAlignment rule.feedback.scale=1.0
    kolen-pollack | KolenPollack
    dfa-slow | DFA, slow
    ");
}

#[test]
fn columns_of_what_arms_differ_in() {
    let plan = plan(
        "(task: Xor, arms: [
        Backprop,
        FeedbackAlignment(feedback: (scale: 0.5)),
        (rule: FeedbackAlignment, stop: Steps(7), optimizer: Sgd(learning_rate: 0.1, momentum: 0.9)),
    ])",
    );
    assert_eq!(plan.paths, ["rule.feedback.scale", "stop"]);
    let values: Vec<_> = plan
        .arms
        .iter()
        .map(|arm| arm.values.iter().map(Option::as_deref).collect::<Vec<_>>())
        .collect();
    assert_eq!(values[0], [None, Some("Epochs(20)")]);
    assert_eq!(values[1], [Some("0.5"), Some("Epochs(20)")]);
    assert_eq!(values[2], [Some("1.0"), Some("Steps(7)")]);
}

/// All of a plan as text.
fn shown(plan: &Plan) -> String {
    let arm =
        |arm: &crate::experiment::Arm| format!("{} {} {} {:?}\n", arm.slug, arm.label, arm.fingerprint, arm.values);
    let Plan {
        name,
        task,
        split,
        paths,
        seeds,
        precision,
        text,
        ..
    } = plan;
    let arms: String = plan.arms.iter().map(arm).collect();
    format!("{name} {task:?} {split:?} {paths:?} {seeds:?} {precision:?}\n{arms}{text}")
}

#[test]
fn what_is_written_reads_back_as_the_same_plan() {
    for text in [
        SMALLEST,
        EVERYTHING,
        "(task: LinearTeacher(weights: Normal(2)), batch: 1, arms: [Backprop])",
    ] {
        let first = plan(text);
        assert_eq!(shown(&plan(&first.text)), shown(&first));
    }
    let seeds = plan(SMALLEST).with_seeds(vec![7]);
    assert_eq!(plan(&seeds.unwrap().text).seeds, [7]);
}

#[test]
fn written_out() {
    assert_snapshot!(plan(EVERYTHING).text, @r#"
    (
        name: "wheat",
        task: Xor(samples: 400, test: 1000, targets: Single, noise: 0.0, stream: false, seed: 0),
        split: Random(validation: 0.2, test: 0.2, seed: 0, stratified: false),
        scale: (inputs: AsIs, targets: AsIs),
        label_noise: 0.0,
        precision: F64,
        seeds: [3, 5, 8],
        loss: HalfSquares(over: Sum),
        warm_up: Epochs(1),
        measure: (every: Steps(10), against: [Backprop, (label: "wide", rule: FeedbackAlignment(feedback: (distribution: Normal, scale: 2.0, file: "", symmetry: 0.0, rank: 0, sparsity: 0.0, sign: Free, levels: 0, noise: 0.0, error: Full, delay: 0)))], probe: 16, draws: 0, metrics: ["default"]),
        arms: [
            (label: "Backprop", rule: Backprop, shadows: [], network: (hidden: [8, 4], activation: Logistic, output: Logistic, init: Glorot(gain: 0.5, distribution: Normal), bias: false, dropout: 0.0), optimizer: Sgd(learning_rate: 0.3, momentum: 0.0, decay: 0.0, l2: 0.0), batch: (size: Full, order: AsGiven, last: Keep), stop: Steps(500), save: (weights: [Steps(0), End], predictions: [])),
            (label: "FeedbackAlignment rule.feedback.scale=0.5", rule: FeedbackAlignment(feedback: (distribution: Normal, scale: 0.5, file: "", symmetry: 0.0, rank: 0, sparsity: 0.0, sign: Free, levels: 0, noise: 0.0, error: Full, delay: 0)), shadows: [], network: (hidden: [8, 4], activation: Logistic, output: Logistic, init: Glorot(gain: 0.5, distribution: Normal), bias: false, dropout: 0.0), optimizer: Sgd(learning_rate: 0.1, momentum: 0.9, decay: 0.0001, l2: 0.0), batch: (size: Full, order: AsGiven, last: Keep), stop: Steps(500), save: (weights: [Steps(0), End], predictions: [])),
            (label: "FeedbackAlignment rule.feedback.scale=1.0", rule: FeedbackAlignment(feedback: (distribution: Normal, scale: 1.0, file: "", symmetry: 0.0, rank: 0, sparsity: 0.0, sign: Free, levels: 0, noise: 0.0, error: Full, delay: 0)), shadows: [], network: (hidden: [8, 4], activation: Logistic, output: Logistic, init: Glorot(gain: 0.5, distribution: Normal), bias: false, dropout: 0.0), optimizer: Sgd(learning_rate: 0.1, momentum: 0.9, decay: 0.0001, l2: 0.0), batch: (size: Full, order: AsGiven, last: Keep), stop: Steps(500), save: (weights: [Steps(0), End], predictions: [])),
            (label: "KolenPollack", rule: KolenPollack(feedback: (distribution: Normal, scale: 1.0, file: "", symmetry: 0.0, rank: 0, sparsity: 0.0, sign: Free, levels: 0, noise: 0.0, error: Full, delay: 0)), shadows: [FeedbackAlignment(feedback: (distribution: Normal, scale: 1.0, file: "", symmetry: 0.0, rank: 0, sparsity: 0.0, sign: Free, levels: 0, noise: 0.0, error: Full, delay: 0)), OutputOnly], network: (hidden: [8], activation: Tanh, output: Identity, init: LeCun(gain: 1.0, distribution: Normal), bias: true, bias_init: Zeros, dropout: 0.0), optimizer: Sgd(learning_rate: 0.1, momentum: 0.9, decay: 0.0001, l2: 0.0), batch: (size: Full, order: AsGiven, last: Keep), stop: Steps(500), save: (weights: [Steps(0), End], predictions: [])),
            (label: "DFA, slow", rule: DirectFeedbackAlignment(feedback: (distribution: Normal, scale: 1.0, file: "", symmetry: 0.0, rank: 0, sparsity: 0.0, sign: Free, levels: 0, noise: 0.0, error: Full, delay: 0)), shadows: [], network: (hidden: [8, 4], activation: Logistic, output: Logistic, init: Glorot(gain: 0.5, distribution: Normal), bias: false, dropout: 0.0), optimizer: Sgd(learning_rate: 0.1, momentum: 0.9, decay: 0.0001, l2: 0.0), batch: (size: 10, order: Shuffled, last: Keep), stop: Epochs(0), save: (weights: [], predictions: [])),
        ],
    )
    "#);
}

#[test]
fn the_quickstart_experiment_is_valid_and_reads_back() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/quickstart.ron");
    let rules = crate::rules::builtin();
    let first = Plan::read(&path, &rules).unwrap_or_else(|fault| panic!("{fault}"));
    let document = crate::notation::Document::parse("experiments/x.ron", first.text.as_str()).unwrap();
    let second = Plan::parse(&document, &rules).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(shown(&second), shown(&first));
}

#[test]
fn three_ways_are_one_plan() {
    let with = |task: &str, rule: &str| shown(&plan(&format!("(task: {task}, arms: [{rule}])")));
    let first = with("Xor", "FeedbackAlignment");
    for (task, rule) in [
        ("Xor()", "FeedbackAlignment()"),
        ("Xor(noise: 0)", "FeedbackAlignment(feedback: ())"),
        (
            "Xor(samples: 1_000)",
            "(rule: FeedbackAlignment(feedback: (scale: 1, distribution: Normal)))",
        ),
    ] {
        assert_eq!(with(task, rule), first);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn a_spoilt_experiment_never_panics(
        start in 0..EVERYTHING.len(),
        length in 0..15usize,
        middle in "[(){}\\[\\],:'\"/*#=.\\\\a-z0-9-]{0,3}|0|-1|1e9|99999999999999999999|inf|Full|[A-Z][a-z]{2}",
    ) {
        let end = (start + length).min(EVERYTHING.len());
        if let Err(message) = parse(&format!("{}{middle}{}", &EVERYTHING[..start], &EVERYTHING[end..])) {
            prop_assert!(message.starts_with("error: "), "{message}");
        }
    }
}
