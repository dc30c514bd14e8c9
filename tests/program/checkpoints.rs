//! Stop runs after any step, damage what they have written down, and hold what they come to when they go on to what they would have
//! come to anyway.

use crate::damage::{self, damaged, numbers};
use crate::data_support::of_run;
use creditlab::arrays::{self, Array};
use creditlab::experiment::{Plan, Precision};
use creditlab::network::{Activation, Layer, Trace};
use creditlab::results::checkpoints::Checkpoint;
use creditlab::results::{ResultsError, encode, in_file_order};
use creditlab::rules::{self, Bind};
use creditlab::runner::{Observer, Stage};
use creditlab::runner::{Outcome, Run, RunError, Session};
use creditlab::tasks::{DataFolders, DataSet, Parts};
use creditlab::update::{Epsilon, Optimizer, Proposal, Stepper};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// An experiment of one arm, with its data as seed 0 sees them.
struct Trial {
    plan: Plan,
    data: DataSet,
    parts: Parts,
}

impl Trial {
    fn new(text: &str) -> Result<Self, String> {
        let plan = Plan::from_text(text, &rules::builtin()).map_err(|fault| fault.to_string())?;
        let data = plan.load(&DataFolders::none()).map_err(|fault| fault.to_string())?;
        let (parts, data) = of_run(&plan, &data, 0);
        let trial = Self { plan, data, parts };
        Run::<f64>::new(&trial.plan.arms[0], 0, &trial.data, &trial.parts).map_err(|refusal| refusal.to_string())?;
        Ok(trial)
    }

    fn start<T: Bind>(&self) -> Run<'_, T> {
        let run = Run::new(&self.plan.arms[0], 0, &self.data, &self.parts);
        run.unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    fn restored<T: Bind>(&self, checkpoint: &[u8]) -> Run<'_, T> {
        let restored = self.start().restored(checkpoint);
        restored.unwrap_or_else(|problem| panic!("the checkpoint {problem}"))
    }

    fn whole<T: Bind>(&self) -> Outcome {
        self.start::<T>().finish(&()).expect("nobody interrupts")
    }

    /// Stops after every step, and goes on from each time anew; says after how many.
    fn chained<T: Bind>(&self) -> usize {
        let whole = self.whole::<T>();
        let (mut run, mut stops) = (self.start::<T>(), 0);
        while run.advance() {
            run = self.restored(&run.checkpoint());
            stops += 1;
        }
        assert_same(&whole, &run.finish(&()).expect("over"), "stopped after every step");
        stops
    }

    /// Stops after each step in turn, and goes on to the end from there; says after how many.
    fn exhausted<T: Bind>(&self) -> usize {
        let whole = self.whole::<T>();
        let (mut run, mut stops) = (self.start::<T>(), 0);
        loop {
            let restored = self.restored::<T>(&run.checkpoint()).finish(&());
            assert_same(
                &whole,
                &restored.expect("nobody interrupts"),
                &format!("stopped after {stops} steps"),
            );
            if !run.advance() {
                break;
            }
            stops += 1;
        }
        // nor has it changed anything to be written down
        assert_same(&whole, &run.finish(&()).expect("over"), "written down after every step");
        stops
    }
}

/// The same rows, weights, predictions and costs, to the bit.
fn assert_same(a: &Outcome, b: &Outcome, when: &str) {
    let tables = |outcome: &Outcome| {
        let rows = in_file_order(outcome.metrics.clone());
        [encode(std::slice::from_ref(&outcome.run)), encode(&rows)].map(|bytes| String::from_utf8(bytes).unwrap())
    };
    assert_eq!(tables(a), tables(b), "{when}");
    assert_eq!(format!("{:?}", a.predictions), format!("{:?}", b.predictions), "{when}");
    assert!(a.weights == b.weights, "{when}: other weights");
    let rest = |outcome: &Outcome| (outcome.cost, outcome.samples, outcome.state_per_weight.to_bits());
    assert_eq!(rest(a), rest(b), "{when}");
}

/// 30 training samples in batches of 8: four steps an epoch, the last of six samples.
const SIZES: &str =
    "task: Xor(samples: 40, test: 12, noise: 0.2), split: Random(validation: 0.2, test: 0.0), batch: 8, seeds: 1";

const EVERYTHING: &str = "measure: (every: Steps(3), probe: 9), \
     save: (weights: [Steps(5), Every(Epochs(2)), Best, End], predictions: [Best, End])";

/// Settings in which rules work: the first that one accepts.
const SETTINGS: [&str; 5] = [
    "network: (hidden: [6, 5], dropout: 0.25)",
    "network: [6, 5]",
    "network: (hidden: [6, 5], output: Logistic), loss: HalfSquares",
    "network: (hidden: [6, 5], activation: Logistic, output: Logistic), loss: HalfSquares",
    "network: (hidden: [6, 5], activation: Logistic)",
];

/// A rule with a shadow of its own kind and one that learns, a warm-up of one and a half epochs, an optimizer that counts.
fn of_rule(rule: &str, stop: &str) -> Trial {
    let optimizer = "optimizer: Adam(learning_rate: 0.01, schedule: Exponential(every: Steps(2), factor: 0.97))";
    let spec = |settings: &str, shadows: &str| {
        format!(
            "({SIZES}, {settings}, warm_up: Steps(6), {optimizer}, {EVERYTHING}, stop: {stop}, \
             arms: [(rule: {rule}{shadows})])"
        )
    };
    let shadows = format!(", shadows: [(label: \"again\", rule: {rule}), (label: \"mirror\", rule: KolenPollack)]");
    let mut refusals = Vec::new();
    for shadows in [&*shadows, ""] {
        for settings in SETTINGS {
            match Trial::new(&spec(settings, shadows)) {
                Ok(trial) => return trial,
                Err(refusal) => refusals.push(refusal),
            }
        }
    }
    panic!("{rule}: {}", refusals.join("\n"));
}

#[test]
fn every_rule_goes_on_after_every_step() {
    for entry in rules::builtin().entries() {
        let trial = of_rule(entry.name, "Epochs(5)");
        let stops = [trial.chained::<f32>(), trial.chained::<f64>()];
        // some diverge
        assert!(stops.iter().all(|stops| *stops > 10), "{}: {stops:?}", entry.name);
    }
}

#[test]
fn five_rules_go_on_to_the_end_from_each_step() {
    for rule in [
        "KolenPollack",
        "DifferenceTargetPropagation",
        "NodePerturbation",
        "ForwardForward",
        "DirectKolenPollack",
    ] {
        let trial = of_rule(rule, "Epochs(16)");
        assert!(trial.exhausted::<f32>() >= 60, "{rule}");
        assert!(trial.exhausted::<f64>() >= 60, "{rule}");
    }
}

#[test]
fn a_run_of_two_hundred_steps_goes_on_from_each() {
    let trial = of_rule("WeightMirror", "Steps(200)");
    assert_eq!(trial.exhausted::<f32>(), 206);
}

#[test]
fn every_optimizer_goes_on_after_every_step() {
    for optimizer in [
        "Sgd(learning_rate: 0.1)",
        "Sgd(learning_rate: 0.1, momentum: 0.9, decay: 1e-3, l2: 1e-3, clip: 0.5)",
        "HeavyBall(learning_rate: 0.1, momentum: 0.8)",
        "Nesterov(learning_rate: 0.1, momentum: 0.8)",
        "RmsProp(learning_rate: 0.01)",
        "Adam(learning_rate: 0.01, clip: 1.0)",
        "AdamW(learning_rate: 0.01, decay: 0.1, groups: [(match: \"layer1.*\", learning_rate: 0.02)])",
        "Sgd(learning_rate: 0.1, momentum: 0.9, schedule: [WarmUp(over: Steps(7)), Cosine(over: Epochs(6))])",
    ] {
        for rule in ["Backprop", "DifferenceTargetPropagation"] {
            let spec = format!(
                "({SIZES}, network: [6, 5], warm_up: Steps(3), optimizer: {optimizer}, {EVERYTHING}, stop: Epochs(6), \
                 arms: [{rule}])"
            );
            let trial = Trial::new(&spec).unwrap_or_else(|refusal| panic!("{refusal}"));
            assert!(trial.exhausted::<f32>() > 24, "{optimizer}");
            assert!(trial.exhausted::<f64>() > 24, "{optimizer}");
        }
    }
}

/// Early stopping, fresh samples for ever, images that are moved, epochs of one batch, and a run that diverges.
#[test]
fn every_way_to_train_goes_on_after_every_step() {
    let images = "task: Blobs(samples: 30, test: 9, inputs: 9, image: (1, 3, 3)), augment: (shift: 1, mirror: true), \
                  network: (hidden: [Conv(channels: 2, kernel: 2), 4])";
    let stream = "task: LinearTeacher(inputs: 5, outputs: 2, samples: 12, test: 6, stream: true), network: [4], \
                  label_noise: 0.0, batch: 5";
    for settings in [
        format!(
            "{SIZES}, network: [6], stop: Early(patience: 4, at_most: Epochs(40)), optimizer: Sgd(learning_rate: 0.5)"
        ),
        format!("{images}, batch: 7, stop: Epochs(5)"),
        stream.replace("label_noise: 0.0, ", "") + ", stop: Steps(20)",
        format!("{SIZES}, network: [6], stop: Steps(20)").replace("batch: 8", "batch: Full"),
        format!(
            "{SIZES}, network: (hidden: [6], activation: Identity), optimizer: Sgd(learning_rate: 1e3), stop: Epochs(60)"
        ),
    ] {
        let spec = format!(
            "({settings}, measure: (every: Steps(3), probe: 9), save: (weights: [Steps(3), End]), arms: [FeedbackAlignment])"
        );
        let trial = Trial::new(&spec).unwrap_or_else(|refusal| panic!("{spec}: {refusal}"));
        assert!(trial.exhausted::<f32>() > 3, "{spec}");
        assert!(trial.exhausted::<f64>() > 3, "{spec}");
    }
}

/// The text of a checkpoint and its arrays.
fn opened(checkpoint: &[u8]) -> (Vec<u8>, Vec<Array>) {
    let length = u64::from_le_bytes(checkpoint[..8].try_into().unwrap()) as usize;
    let (text, stored) = checkpoint[8..].split_at(length);
    (text.to_vec(), arrays::decode(stored).unwrap())
}

fn closed(text: &[u8], stored: &[Array]) -> Vec<u8> {
    let length = (text.len() as u64).to_le_bytes();
    [&length, text, &*arrays::encode(stored).unwrap()].concat()
}

/// The control of the tests above: nothing is in a checkpoint that does not matter.
#[test]
fn a_checkpoint_with_another_number_in_any_array_comes_to_something_else() {
    let trial = of_rule("DifferenceTargetPropagation", "Epochs(4)");
    let whole = trial.whole::<f64>();
    let mut run = trial.start::<f64>();
    (0..15).for_each(|_| assert!(run.advance()));
    let (text, stored) = opened(&run.checkpoint());
    assert!(stored.len() > 40, "{} arrays", stored.len());
    let outcome = |stored: &[Array]| {
        let restored = trial.start::<f64>().restored(&closed(&text, stored));
        restored.map(|run| run.finish(&()).expect("nobody interrupts"))
    };
    assert_same(&whole, &outcome(&stored).unwrap(), "as it was");
    for i in 0..stored.len() {
        let name = &stored[i].name;
        let mut other = stored.clone();
        let mut values = stored[i].values::<f64>();
        values[0] += 1.0;
        other[i] = Array::new(name, &stored[i].shape[..], &values);
        let changed = outcome(&other).unwrap();
        let same = (&changed.run, &changed.metrics, &changed.weights) == (&whole.run, &whole.metrics, &whole.weights);
        // what a schedule's clock counts is the same for all layers, and the last of them says it
        let counted = name.ends_with(".clock");
        // and a later measurement may be better than the best so far
        let outdone = name.starts_with("kept1.");
        assert!(!same || counted || outdone, "{name} does not matter");
        other.remove(i);
        assert!(outcome(&other).is_err(), "{name} is not missed");
        if name.starts_with("kept") {
            continue;
        }
        other.push(Array::new(
            name,
            &stored[i].shape[..],
            &values.iter().map(|x| *x as f32).collect::<Vec<_>>(),
        ));
        assert!(outcome(&other).is_err(), "{name} may be of another precision");
    }
    let mut more = stored.clone();
    more.push(Array::new("network.layer9.bias", &[1], &[0.0]));
    assert!(outcome(&more).unwrap_err().contains("network.layer9.bias"));
}

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn every_damage_of_a_checkpoint_is_found() {
    let trial = of_rule("KolenPollack", "Epochs(4)");
    let mut run = trial.start::<f32>();
    (0..15).for_each(|_| assert!(run.advance()));
    let checkpoint = Checkpoint {
        generation: 7,
        seconds: 0.5,
        body: run.checkpoint(),
    };
    let encoded = |checkpoint: &Checkpoint| {
        let mut bytes = Vec::new();
        checkpoint.write(KEY, &mut bytes).unwrap();
        bytes
    };
    let bytes = encoded(&checkpoint);
    let trials = damage::trials();
    let (mut random, mut found) = (numbers(), 0);
    for trial in 0..trials {
        let damaged = damaged(&bytes, &mut random);
        if damaged != bytes {
            assert!(
                Checkpoint::decode(damaged, KEY).is_err(),
                "damage {trial} is taken for a checkpoint"
            );
            found += 1;
        }
    }
    println!("{found} damaged checkpoints of {} bytes, each found", bytes.len());
    assert!(found > trials * 9 / 10);
    assert_eq!(encoded(&Checkpoint::decode(bytes.clone(), KEY).unwrap()), bytes);
    (0..bytes.len())
        .step_by(7)
        .for_each(|length| assert!(Checkpoint::decode(bytes[..length].to_vec(), KEY).is_err()));
}

/// A body that the seal does not cover is no reason to panic either.
#[test]
fn a_body_of_anything_is_refused_or_taken_but_never_a_panic() {
    let trial = of_rule("KolenPollack", "Epochs(4)");
    let mut run = trial.start::<f32>();
    (0..15).for_each(|_| assert!(run.advance()));
    let body = run.checkpoint();
    let (mut random, mut refused) = (numbers(), 0);
    for _ in 0..1000 {
        refused += usize::from(trial.start::<f32>().restored(&damaged(&body, &mut random)).is_err());
    }
    assert!(refused > 300, "{refused}");
    assert!(trial.start::<f64>().restored(&body).is_err(), "of another precision");
}

/// Interrupts after so many looks.
struct Impatient {
    looks: AtomicU64,
    most: u64,
    stages: Mutex<Vec<Stage>>,
    said: Mutex<Vec<String>>,
}

impl Impatient {
    fn new(most: u64) -> Self {
        Self {
            looks: AtomicU64::new(0),
            most,
            stages: Mutex::default(),
            said: Mutex::default(),
        }
    }
}

impl Observer for Impatient {
    fn begins(&self, stage: &Stage) {
        self.stages.lock().unwrap().push(*stage);
    }

    fn warns(&self, warning: &str) {
        self.said.lock().unwrap().push(warning.to_owned());
    }

    fn interrupted(&self) -> bool {
        self.looks.fetch_add(1, Ordering::Relaxed) >= self.most
    }
}

/// Opens a folder; a program that another test starts holds its lock for a moment, until it has become that program.
fn alone<'a>(open: impl Fn() -> Result<Session<'a>, RunError>) -> Session<'a> {
    loop {
        match open() {
            Err(RunError::Results(ResultsError::Busy(..))) => std::thread::sleep(std::time::Duration::from_millis(5)),
            session => return session.unwrap_or_else(|error| panic!("{error}")),
        }
    }
}

/// Trials, several arms and seeds, a warm-up, a run that diverges.
const SEVERAL: &str = "(
    name: \"a\",
    task: Xor(samples: 60, test: 20),
    network: [6],
    batch: 8,
    stop: Steps(20),
    warm_up: Steps(3),
    seeds: 2,
    save: (weights: [End], predictions: [End]),
    tune: (seeds: 2),
    arms: [
        (label: \"tuned\", rule: FeedbackAlignment, optimizer: Sgd(learning_rate: Tune([0.01, 0.1]))),
        (label: \"mirror\", rule: WeightMirror, shadows: [Backprop]),
        (label: \"wild\", rule: Backprop, network: (hidden: [6], activation: Identity), optimizer: Sgd(learning_rate: 1e30)),
    ],
)";

#[test]
fn a_session_that_is_interrupted_again_and_again_comes_to_the_same_files() {
    let plan = Plan::from_text(SEVERAL, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"));
    let data = plan
        .load(&DataFolders::none())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let whole = creditlab::run(&plan, &()).unwrap_or_else(|error| panic!("{error}"));
    // a look before each run, one before each step, and at last one that ends it
    for most in [2, 3, 9, 17] {
        let folder = tempfile::tempdir().unwrap();
        let (mut calls, mut begun) = (0, 0);
        loop {
            let session = alone(|| Session::open(&plan, &data, folder.path(), false));
            let observer = Impatient::new(most);
            let done = session.run(&observer);
            begun += observer
                .stages
                .lock()
                .unwrap()
                .iter()
                .map(|stage| stage.begun)
                .sum::<usize>();
            let said = observer.said.lock().unwrap();
            assert!(!said.iter().any(|said| said.contains("checkpoint")), "{said:?}");
            calls += 1;
            match done {
                Ok(_) => break,
                Err(RunError::Interrupted { .. }) => assert!(calls < 400, "it does not get on"),
                Err(error) => panic!("{error}"),
            }
        }
        for (name, bytes) in whole.files() {
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), bytes, "{name}");
        }
        assert!(begun > 0 && calls > 4, "{calls} calls, {begun} runs that went on");
        assert!(!folder.path().join(".runs/.checkpoints").exists());
    }
}

#[test]
fn without_checkpoints_a_run_begins_again() {
    let text = format!(
        "({SIZES}, network: [6], stop: Steps(20), precision: {:?}, arms: [Backprop])",
        Precision::F32
    );
    let plan = Plan::from_text(&text.replacen('(', "(name: \"a\", ", 1), &rules::builtin())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let data = plan
        .load(&DataFolders::none())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::open(&plan, &data, folder.path(), false).unwrap_or_else(|error| panic!("{error}"));
    session.checkpoint_every(None);
    assert!(matches!(
        session.run(&Impatient::new(9)),
        Err(RunError::Interrupted { .. })
    ));
    assert!(!folder.path().join(".runs/.checkpoints").exists());
}

/// Single precision holds whole numbers up to 2^24: a longer run must not lose count.
#[test]
fn counts_beyond_the_precision_are_restored_to_the_last_step() {
    const MOST: f32 = 16_777_216.0;
    let mut layers = [Layer::<f32>::zeros(1, 1, false, Activation::Identity)];
    let adam = || Optimizer::Adam {
        learning_rate: 0.1,
        beta1: 0.9,
        beta2: 0.99,
        epsilon: Epsilon::default(),
        l2: 0.0,
    };
    let names = || std::iter::once("layer1".to_owned());
    let seen = |stepper: &mut Stepper<f32>| {
        let mut seen = BTreeMap::new();
        stepper.visit(names(), &mut |name, _, values| {
            _ = seen.insert(name.to_owned(), values.to_vec())
        });
        seen
    };
    let put = |stepper: &mut Stepper<f32>, saved: &BTreeMap<String, Vec<f32>>| {
        stepper.visit(names(), &mut |name, _, values| {
            if let Some(saved) = saved.get(name) {
                values.copy_from_slice(saved);
            }
        });
    };
    let mut proposal = Proposal::default();
    proposal.begin(&layers, 1);
    proposal.dense(0, &layers[0]).weight.fill(1.0);
    let trace = Trace::default();
    let mut long = Stepper::new(adam(), &layers);
    assert!(!seen(&mut long).contains_key("layer1.clock_rest"));
    put(&mut long, &BTreeMap::from([("layer1.clock".to_owned(), vec![MOST; 2])]));
    for _ in 0..3 {
        long.apply(&mut layers, &proposal, &trace);
    }
    // 2^24 + 3 lies between two numbers of single precision, and goes to the even one
    let saved = seen(&mut long);
    assert_eq!(saved["layer1.clock"], [MOST + 4.0; 2]);
    assert_eq!(saved["layer1.clock_rest"], [-1.0; 2]);
    let mut restored = Stepper::new(adam(), &layers);
    put(&mut restored, &saved);
    for _ in 0..5 {
        assert_eq!(seen(&mut restored), seen(&mut long));
        long.apply(&mut layers, &proposal, &trace);
        restored.apply(&mut layers.clone(), &proposal, &trace);
    }
    assert_eq!(seen(&mut restored)["layer1.clock"], [MOST + 8.0; 2]);
    assert_eq!(seen(&mut restored)["layer1.clock_rest"], [0.0; 2]);
}
