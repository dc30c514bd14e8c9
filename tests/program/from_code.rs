//! Carry out experiments by the library, and hold what comes back to the files that the program writes.

use crate::support::Lab;
use creditlab::experiment::Plan;
use creditlab::rules;
use creditlab::runner::{Observer, Results, Run, RunError, Session, Stage};
use creditlab::tasks::DataFolders;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something of everything: trials, shadows, a comparison, predictions, a warm-up, a run that diverges.
const SPEC: &str = "(
    name: \"a\",
    task: Xor(samples: 60, test: 20),
    network: [6],
    batch: 8,
    stop: Steps(20),
    warm_up: Steps(3),
    seeds: 2,
    save: (weights: [End], predictions: [End]),
    tune: (seeds: 2),
    compare: (to: \"exact\", metrics: [\"accuracy\"]),
    arms: [
        (label: \"exact\", rule: Backprop),
        (label: \"tuned\", rule: FeedbackAlignment, optimizer: Sgd(learning_rate: Tune([0.01, 0.1]))),
        (label: \"mirror\", rule: WeightMirror, shadows: [Backprop]),
        (label: \"wild\", rule: Backprop, network: (hidden: [6], activation: Identity), optimizer: Sgd(learning_rate: 1e30)),
    ],
)";

fn plan() -> Plan {
    Plan::from_text(SPEC, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn results_in_memory_are_what_the_program_writes() {
    let results = creditlab::run(&plan(), &()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((results.runs.len(), results.overview.diverged), (8, 2));
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    assert_files(&lab.path("results/a"), &results);
}

/// The tables in a folder are those of results in memory.
fn assert_files(folder: &Path, results: &Results) {
    let files = results.files();
    assert_eq!(files.len(), 7);
    for (name, bytes) in files {
        let written = fs::read(folder.join(name)).unwrap();
        assert_eq!(String::from_utf8(bytes), String::from_utf8(written), "{name}");
    }
}

/// Counts, and interrupts after so many steps.
#[derive(Default)]
struct Watch {
    most: Option<u64>,
    steps: AtomicU64,
    stages: Mutex<Vec<Stage>>,
}

impl Observer for Watch {
    fn begins(&self, stage: &Stage) {
        self.stages.lock().unwrap().push(*stage);
    }

    fn advanced(&self, steps: u64) {
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }

    fn interrupted(&self) -> bool {
        self.most.is_some_and(|most| self.steps.load(Ordering::Relaxed) >= most)
    }
}

#[test]
fn an_observer_sees_all_steps_and_can_end_the_runs() {
    let plan = plan();
    let watch = Watch::default();
    creditlab::run(&plan, &watch).unwrap_or_else(|error| panic!("{error}"));
    let stage = |tuning, runs| Stage {
        tuning,
        runs,
        kept: 0,
        begun: 0,
        steps: 20 * runs as u64,
    };
    assert_eq!(*watch.stages.lock().unwrap(), [stage(true, 4), stage(false, 8)]);
    // ten runs take all their steps; two diverge
    let steps = watch.steps.load(Ordering::Relaxed);
    assert!((10 * 20..10 * 20 + 2 * 20).contains(&steps), "{steps}");

    let most = Some(30);
    let watch = Watch {
        most,
        ..Watch::default()
    };
    assert!(matches!(creditlab::run(&plan, &watch), Err(RunError::Stopped)));
}

#[test]
fn a_session_continues_where_another_was_interrupted() {
    let plan = plan();
    let data = plan
        .load(&DataFolders::none())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch {
        most: Some(110),
        ..Watch::default()
    };
    let open = || Session::open(&plan, &data, folder.path(), false).unwrap_or_else(|error| panic!("{error}"));
    // one run after the other, so that the first has ended by then
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let Err(RunError::Interrupted { finished, total }) = alone.install(|| open().run(&watch)) else {
        panic!("not interrupted");
    };
    assert!((1..total).contains(&finished), "{finished} of {total}");
    let watch = Watch::default();
    let overview = open().run(&watch).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((overview.total, overview.diverged), (8, 2));
    let kept: usize = watch.stages.lock().unwrap().iter().map(|stage| stage.kept).sum();
    assert!(kept > 0);
    let whole = creditlab::run(&plan, &()).unwrap_or_else(|error| panic!("{error}"));
    assert_files(folder.path(), &whole);
}

/// One run, step by step: a warm-up of 3, then 20 steps, and a look at the last moment.
#[test]
fn a_run_is_taken_step_by_step() {
    let plan = plan();
    let data = plan
        .load(&DataFolders::none())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let (parts, data) = plan.of_run(&data, 1).unwrap();
    let start = || Run::<f32>::new(&plan.arms[0], 1, &data, &parts).unwrap();
    let mut run = start();
    let mut advances = 1;
    while run.advance() {
        advances += 1;
    }
    assert_eq!(advances, 3 + 20 + 1);
    let outcome = run.finish(&()).expect("nobody interrupts");
    assert_eq!(outcome, start().finish(&()).expect("nobody interrupts"));
    let [(20, arrays)] = &outcome.weights[..] else {
        panic!("weights at the end");
    };
    let names: Vec<_> = arrays.iter().map(|array| &*array.name).collect();
    assert_eq!(names, ["layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"]);
}
